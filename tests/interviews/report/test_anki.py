"""Missed questions as an Anki package, read back as Anki reads it."""

import io
import json
import re
import sqlite3
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from interviews.report import anki
from interviews.sitting.models import Interview
from questions.models import QuestionVersion
from tests.factories import CODE_ANSWER, NOON, load_shipped_catalog, make_interview, write
from tests.interviews.report.test_report_parts import answer_again, sit
from tests.questions.factories import make_version

pytestmark = pytest.mark.django_db


def notes(package: bytes, folder) -> list[dict]:
    """What stands in the collection: guid, front, back, tags."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        images = json.loads(archive.read("media"))
        assert set(archive.namelist()) == {"collection.anki2", "media", *images}
        path = archive.extract("collection.anki2", folder)
    collection = sqlite3.connect(path)
    found = collection.execute("SELECT guid, flds, tags, mid FROM notes").fetchall()
    assert len(found) == collection.execute("SELECT count(*) FROM cards").fetchone()[0]
    collection.close()
    return [
        {
            "guid": guid,
            "front": text.split("\x1f")[0],
            "back": text.split("\x1f")[1],
            "tags": tags.split(),
            "model": mid,
        }
        for guid, text, tags, mid in found
    ]


def card(folder, **own) -> dict:
    version = make_version(**own)
    (note,) = notes(
        anki.package([QuestionVersion.objects.with_content().get(pk=version.pk)], anki.MISSED, now=NOON), folder
    )
    return note


def test_missed_questions_are_a_package_of_the_newest_misses(candidate_client, candidate, tmp_path):
    interview = sit(candidate, days_ago=40, scores=(0, 0, 1))
    put_right = interview.questions.get(position=2).version
    answer_again(candidate, put_right, right=True, days_ago=2)
    response = candidate_client.get(reverse("interviews:missed_questions"))
    assert response["Content-Disposition"] == 'attachment; filename="holdout-missed-questions.apkg"'
    (note,) = notes(response.content, tmp_path)
    missed = interview.questions.get(position=1).version
    assert f"Prompt of {missed.question.slug}." in note["front"]
    assert "secret model answer" not in note["front"]
    assert f"The secret model answer of {missed.question.slug}." in note["back"]
    assert note["tags"] == ["holdout", "evaluation", "intermediate"]


def test_old_address_leads_to_the_package(candidate_client):
    response = candidate_client.get("/report/missed.txt")
    assert (response.status_code, response.url) == (301, reverse("interviews:missed_questions"))


def test_package_without_a_miss_is_empty(candidate_client, tmp_path):
    assert notes(candidate_client.get(reverse("interviews:missed_questions")).content, tmp_path) == []


def test_an_open_question_is_exported_only_once_its_model_answer_was_shown(candidate, tmp_path):
    interview = make_interview(candidate=candidate, formats=("free_text",), now=NOON)
    write(interview, 1, "Not much.", act="submit_answer", now=NOON + timedelta(seconds=5))
    with Interview.objects.under_lock(interview.public_id, now=NOON + timedelta(seconds=6)) as locked:
        locked.score(now=NOON + timedelta(seconds=6))
    answer = interview.questions.get()
    answer.grade("coach", 0.1, {}, now=NOON + timedelta(hours=1))
    assert notes(anki.missed_questions(candidate, now=NOON), tmp_path) == []
    answer.reveal(now=NOON + timedelta(hours=2))
    assert len(notes(anki.missed_questions(candidate, now=NOON), tmp_path)) == 1


def test_maths_code_tables_and_soft_line_ends_come_as_anki_shows_them(tmp_path):
    parts = ["One\nsentence with $x_1 < y$.", "$$\n\\frac{a}{b}\n$$", "|a|b|\n|-|-|\n|1|2|", "```\nx = 1\ny = 2\n```"]
    prompt = "\n\n".join([*parts, "![t](/static/t.png)"])
    front = card(tmp_path, format="free_text", prompt=prompt)["front"]
    assert r"One sentence with \(x_1 &lt; y\)." in front
    assert r"\[\frac{a}{b}\]" in front
    assert "<td>1</td> <td>2</td>" in front
    assert "x = 1<br>y = 2" in front
    assert re.search(r'src="https?://[^/"]+/static/t.png"', front)
    assert "\n" not in front
    assert "$" not in front


def test_choice_shows_its_options_in_front_and_why_behind(tmp_path):
    note = card(tmp_path, format="multiple_choice")
    assert re.findall("<li>(.*?)</li>", note["front"]) == ["right", "wrong", "right too", "also wrong"]
    assert "Correct:" not in note["front"]
    assert "So it is." not in note["front"]
    assert note["back"].count("<strong>Correct:</strong>") == 2
    assert note["back"].count("So it is.") == 4
    assert "Because." in note["back"]
    assert "A book" in note["back"]


def test_order_is_never_given_away_and_always_mixed_alike(tmp_path):
    note = card(tmp_path, format="ordering")
    steps = ["first", "second", "third", "fourth"]
    shown = re.findall("<li>(.*?)</li>", note["front"])
    assert sorted(shown) == sorted(steps)
    assert shown != steps
    assert re.findall("<li>(.*?)</li>", note["back"])[:4] == steps
    for key in range(50):
        assert anki.shuffled(steps, str(key)) != steps
        assert anki.shuffled(steps, str(key)) == anki.shuffled(steps, str(key))


@pytest.mark.parametrize(
    ("format", "in_front", "behind"),
    [
        ("sql", "CREATE TABLE views", "SELECT surface, count(*)"),
        ("numeric", "In %.", "22.2%"),
        ("staged", "Clarify (4 min): What is asked?", "States point 0"),
        ("free_text", "Which one", "It is so."),
    ],
)
def test_card_has_what_is_needed_to_answer_in_front_and_the_answer_behind(tmp_path, format, in_front, behind):
    note = card(tmp_path, format=format)
    assert in_front in note["front"]
    assert behind not in note["front"]
    assert behind in note["back"]


def test_lines_of_a_case_stay_lines(tmp_path):
    case = {"name": "twice", "operations": ["x = double(1)", "double(x)"], "expected": [None, 4], "shown": True}
    note = card(tmp_path, format="code", answer=CODE_ANSWER | {"cases": [case]})
    assert "x = double(1)<br>double(x)" in note["front"]


def test_later_version_of_a_question_is_the_same_note(tmp_path):
    first = card(tmp_path, slug="a", prompt="Old")
    second = card(tmp_path, slug="a", number=2, prompt="New")
    assert (first["guid"], first["model"]) == (second["guid"], second["model"])
    assert "New" in second["front"]
    assert card(tmp_path, slug="b")["guid"] != first["guid"]


def test_whole_catalog_makes_whole_cards(tmp_path):
    load_shipped_catalog()
    versions = list(QuestionVersion.objects.published().with_content())
    found = notes(anki.package(versions, anki.MISSED, now=NOON), tmp_path)
    assert len({note["guid"] for note in found}) == len(versions)
    for note in found:
        text = re.sub(r"<pre.*?</pre>|<code>.*?</code>", "", note["front"] + note["back"], flags=re.DOTALL)
        assert 'class="math' not in text
        assert not re.search(r"\$[^$\s][^$]*[^$\s]\$(?!\d)", text), note
        assert "\n" not in note["front"] + note["back"]
        assert note["front"].count("<table") == note["front"].count("</table")
    assert sum("\\(" in note["front"] + note["back"] for note in found) > 100
