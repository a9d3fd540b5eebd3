"""benchmarks/grading: the answers that the grader is measured on. `./dev bench grading` measures."""

from pathlib import Path

import pytest

from questions import catalog_files, strict_yaml
from questions.matching.text import words

FOLDER = Path("benchmarks/grading")
FILES = {(path.parent.name, path.stem): strict_yaml.read(path) for path in FOLDER.glob("*/*.yaml")}


@pytest.fixture(scope="module")
def rubrics():
    return {entry["slug"]: entry["rubric"] for entry in catalog_files.read().questions if "rubric" in entry}


def runs(text, length=6):
    said = [word.text for word in words(text) if len(word.text) > 1]  # a formula can be written in one way only
    return {tuple(said[at : at + length]) for at in range(len(said) - length + 1)}


def test_there_are_sixty_answers_to_fifteen_questions_that_the_fit_has_not_seen():
    reported = {slug: file for (part, slug), file in FILES.items() if part == "report"}
    assert len(reported) >= 15
    assert sum(len(file["answers"]) for file in reported.values()) >= 60
    assert not set(reported) & {slug for part, slug in FILES if part == "fit"}


def test_every_label_is_of_a_point_that_there_is(rubrics):
    for (_, slug), file in FILES.items():
        assert file["question"] == slug
        for answer in [*file["answers"], *file.get("elsewhere", [])]:
            labels = [*answer["said"], *answer.get("partly", []), *answer.get("wrong", [])]
            assert len(labels) == len(set(labels))
            assert set(labels) <= set(range(1, len(rubrics[slug]) + 1))


def test_no_paraphrase_of_a_reported_question_has_six_words_in_a_row_of_a_blind_answer(rubrics):
    for (part, slug), file in FILES.items():
        if part == "report":
            blind = set().union(*(runs(answer["text"]) for answer in file["answers"] if answer.get("blind")))
            for point in rubrics[slug]:
                for says in point["says"]:
                    assert not runs(says) & blind, says
