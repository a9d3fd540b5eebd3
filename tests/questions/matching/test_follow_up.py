"""questions.matching.follow_up: which follow-up is asked, and why."""

from hypothesis import given
from hypothesis import strategies as st

from questions.matching.follow_up import After, Choice, FollowUp, choose_follow_up
from questions.matching.lexical import Findings, Point, Suggestion, Verdict

POINTS = [Point("States the cause"), Point("Names a remedy")]
WRONG = ["It is the learning rate"]
ALL = [
    FollowUp(After.ALWAYS),
    FollowUp(After.HIT, 0),
    FollowUp(After.MISCONCEPTION, 0),
    FollowUp(After.MISSED, 1),
    FollowUp(After.MISSED, 0),
]


def findings(*confidences, wrong=False):
    verdicts = [Verdict.FOUND if p >= 0.8 else Verdict.CHECK if p >= 0.5 else Verdict.NOT_FOUND for p in confidences]
    points = [
        Suggestion(index, verdict, p) for index, (verdict, p) in enumerate(zip(verdicts, confidences, strict=True))
    ]
    return Findings(points, [Suggestion(0, Verdict.CHECK, 0.9)] if wrong else [])


def chosen(found, **own):
    choice = choose_follow_up(ALL, found, POINTS, WRONG, **own)
    return choice and choice.index


def test_a_gap_comes_first_then_a_misconception_then_going_deeper_then_the_one_for_everybody():
    assert chosen(findings(0.1, 0.1, wrong=True)) == 3
    assert chosen(findings(0.9, 0.9, wrong=True)) == 2
    assert chosen(findings(0.9, 0.9)) == 1
    assert chosen(findings(0.6, 0.6)) == 0


def test_only_a_real_gap_counts_as_one():
    assert chosen(findings(0.19, 0.9)) == 4
    assert chosen(findings(0.2, 0.6)) == 0


def test_without_a_text_only_the_one_for_everybody_fits():
    assert chosen(None) == 0
    assert choose_follow_up(ALL[1:], None, POINTS, WRONG) is None


def test_one_that_was_met_before_comes_only_where_no_other_fits():
    assert chosen(findings(0.1, 0.1), met={3}) == 4
    assert chosen(findings(0.1, 0.1), met={0, 3, 4}) == 3


def test_what_was_asked_in_this_interview_never_comes_again():
    assert chosen(findings(0.1, 0.1), spent={3}) == 4
    assert chosen(findings(0.1, 0.1), spent={0, 3, 4}) is None


def test_the_reason_names_the_point_and_accuses_nobody():
    choice = choose_follow_up(ALL, findings(0.9, 0.1), POINTS, WRONG)
    assert choice == Choice(3, "Asked because we found no sentence about this point: “Names a remedy”.")


@given(
    confidences=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    wrong=st.booleans(),
    spent=st.sets(st.integers(0, 4)),
    met=st.sets(st.integers(0, 4)),
)
def test_the_choice_is_the_same_each_time_has_a_reason_and_was_not_spent(confidences, wrong, spent, met):
    found = findings(*confidences, wrong=wrong)
    choice = choose_follow_up(ALL, found, POINTS, WRONG, spent=spent, met=met)
    assert choice == choose_follow_up(ALL, found, POINTS, WRONG, spent=spent, met=met)
    if choice is None:
        assert 0 in spent
    else:
        assert choice.index not in spent
        assert choice.reason.startswith("Asked ")
        fresh = choose_follow_up(ALL, found, POINTS, WRONG, spent=spent | met)
        assert choice.index not in met or fresh is None
