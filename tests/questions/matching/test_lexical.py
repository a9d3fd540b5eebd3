"""questions.matching.lexical: what is found in an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.matching.lexical import GAP, LexicalGrader, Point, Verdict
from questions.matching.weights import Weights

QUESTION = "Bias and variance. What is the trade-off?"
POINTS = [
    Point(
        "States that high variance leads to overfitting of the training sample", ("it learns the noise of its sample",)
    ),
    Point("Names bagging or more data as a remedy", ("get more data", "average several bootstrapped models")),
    Point("Names noise that no model can remove"),
]
WRONG = ["High bias leads to overfitting of the training sample"]
SENTENCES = st.sampled_from(
    [
        "A flexible model learns the noise of its own sample.",
        "I would average several bootstrapped models.",
        "Then I would go home and have dinner.",
        "High bias leads to overfitting of the training sample.",
        "Some of the noise can never be removed by any model.",
        "Dropout, bagging, boosting, ridge, lasso.",
        "Yes.",
        "«Quoted», 0.5 % – and so on …",
    ]
)
ANSWERS = st.one_of(st.text(max_size=200), st.lists(SENTENCES, max_size=6).map(" ".join))


GRADER = LexicalGrader(Weights.of([f"{QUESTION} {point.text} {' '.join(point.says)}" for point in POINTS]))


def found(answer, points=POINTS):
    return GRADER.suggest(QUESTION, points, WRONG, answer)


@given(ANSWERS)
def test_every_point_gets_one_suggestion_whose_place_is_in_the_answer(answer):
    findings = found(answer)
    assert [suggestion.index for suggestion in findings.points] == [0, 1, 2]
    for suggestion in [*findings.points, *findings.misconceptions]:
        assert 0 <= suggestion.confidence <= 1
        assert 0 <= suggestion.start <= suggestion.end <= len(answer)
        if suggestion.verdict != Verdict.NOT_FOUND:
            assert answer[suggestion.start : suggestion.end].strip()


@given(ANSWERS)
def test_the_same_answer_gets_the_same_suggestions(answer):
    assert found(answer) == LexicalGrader(GRADER.weights).suggest(QUESTION, POINTS, WRONG, answer)


@given(st.lists(SENTENCES, max_size=5))
def test_case_white_space_and_apostrophes_change_nothing(sentences):
    answer = " ".join(sentences)
    loud = "  ".join(sentences).upper().replace("'", "’")
    assert [point.verdict for point in found(answer).points] == [point.verdict for point in found(loud).points]


@given(st.lists(SENTENCES, max_size=5), SENTENCES)
def test_saying_more_never_makes_a_point_look_less_said(sentences, more):
    before, after = found("\n".join(sentences)), found("\n".join([*sentences, more]))
    for one, other in zip(before.points, after.points, strict=True):
        assert not (one.is_gap is False and other.is_gap)


def test_a_paraphrase_is_found_and_a_blank_answer_is_a_gap_everywhere():
    said = found("I would average several bootstrapped models.").points[1]
    assert (said.verdict, said.reason) == (Verdict.FOUND, "")
    assert all(point.verdict == Verdict.NOT_FOUND and point.confidence < GAP for point in found(" \n").points)


def test_a_slip_of_a_key_is_forgiven():
    assert found("I would averge several bootstraped modles there.").points[1].verdict != Verdict.NOT_FOUND


@pytest.mark.parametrize(
    ("answer", "index", "reason"),
    [
        ("You should never average several bootstrapped models.", 1, "negation"),
        ("Average, several, bootstrapped, models, noise.", 1, "list"),
        ("High bias leads to overfitting of the training sample.", 0, "misconception"),
    ],
)
def test_a_sign_of_the_opposite_makes_it_a_matter_to_check(answer, index, reason):
    suggestion = found(answer).points[index]
    assert (suggestion.verdict, suggestion.reason) == (Verdict.CHECK, reason)


def test_a_paraphrase_of_two_stems_is_never_enough():
    points = [Point("Names bagging", ("weight decay",))]
    assert found("I would use plain weight decay here.", points).points[0].reason == "few words"


def test_what_the_question_says_is_no_evidence():
    assert found("The trade-off of bias and variance is what it is.").points[0].is_gap


def test_a_misconception_is_near_only_where_no_point_is_nearer():
    assert [
        wrong.index for wrong in found("High bias leads to overfitting of the training sample.").misconceptions
    ] == [0]
    assert found("High variance leads to overfitting of the training sample.").misconceptions == []
