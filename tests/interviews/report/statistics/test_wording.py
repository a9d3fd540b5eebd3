"""interviews.wording: what the report says, and what it must not say."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report import wording
from interviews.report.statistics.confidence import StatedAnswer, gap
from interviews.report.statistics.fitting import Posterior
from interviews.report.statistics.leniency import Pairs, leniency
from interviews.report.statistics.pacing import TimedAnswer, pacing
from interviews.report.statistics.trend import Direction, Trend
from interviews.report.statistics.weakness import Estimate, Label, describe
from tests.interviews.report.statistics.test_leniency import NINE


def estimate(low, high, *, mastery=0.5, p_weak=0.5, label=Label.UNCLEAR):
    return Estimate(mastery, low, high, p_weak, label)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.332, 0.668, (33, 67)), (0.339, 0.661, (33, 67)), (0.07, 0.29, (7, 29)), (0.001, 0.999, (0, 100))],
)
def test_ranges_are_rounded_outwards(low, high, expected):
    assert wording.outward(low, high) == expected


@given(st.floats(-4, 4), st.floats(0.01, 1.17), st.floats(-2, 2), st.floats(0, 1))
def test_stated_score_lies_in_the_stated_range(mean, variance, beta, s2):
    stated = describe(Posterior(mean, variance, 5), beta, s2)
    low, high = wording.outward(stated.low, stated.high)
    assert low <= round(100 * stated.mastery) <= high


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [(3.0, "about 3 recent answers"), (6.4, "about 6 recent answers")],
)
def test_evidence_that_suffices_in_words(evidence, expected):
    assert wording.about_answers(evidence) == expected


@pytest.mark.parametrize(
    ("evidence", "expected"), [(2.96, "2.9"), (2.999, "2.9"), (0.1, "0.1"), (0.3, "0.3"), (0.09, "less than 0.1")]
)
def test_evidence_that_does_not_suffice_is_rounded_down(evidence, expected):
    assert wording.evidence_worth(evidence) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"evidence": 2.8, "answers": 6, "has_own": True, "has_shared": True},
            "evidence worth 2.8 of the 3 answers needed, from 6 answers "
            "(own scores count half, shared questions in part)",
        ),
        (
            {"evidence": 0.5, "answers": 1, "has_own": True},
            "evidence worth 0.5 of the 3 answers needed, from 1 answer (own scores count half)",
        ),
        (
            {"evidence": 0.35, "answers": 1, "has_shared": True},
            "evidence worth 0.3 of the 3 answers needed, from 1 answer (shared questions count in part)",
        ),
        ({"evidence": 2.96, "answers": 3}, "evidence worth 2.9 of the 3 answers needed, from 3 answers"),
        ({"evidence": 0, "answers": 0}, "not tested yet"),
    ],
)
def test_thin_evidence_stands_against_what_is_needed_with_its_answers(facts, expected):
    assert wording.thin_evidence(**facts) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((1, 3.2, 5), "the first question of this drill is enough"),
        ((2, 3.05, 5), "the first 2 questions of this drill are enough"),
        ((None, 2.66, 5), "these 5 bring it to 2.6"),
        ((None, 0.5, 1), "its one question brings it to 0.5"),
    ],
)
def test_what_a_drill_brings(found, expected):
    assert wording.drill_note(*found) == expected


@pytest.mark.parametrize(
    ("p_weak", "expected"),
    [
        (0.90, "very likely below your 70% target"),
        (0.80, "probably below your 70% target"),
        (0.79, "could be either side of your target"),
        (0.21, "could be either side of your target"),
        (0.20, "probably at or above your 70% target"),
        (0.10, "very likely at or above your 70% target"),
    ],
)
def test_words_by_probability(p_weak, expected):
    assert wording.probability_phrase(p_weak) == expected


def test_phrase_names_the_candidates_own_target():
    assert wording.probability_phrase(0.95, 0.6) == "very likely below your 60% target"


def test_number_stands_with_its_range_and_its_evidence():
    metrics = estimate(0.332, 0.668, p_weak=0.95, label=Label.WEAK)
    assert wording.topic_sentence("Metrics", metrics, 6.2, "intermediate") == (
        "Metrics: about 50% expected on a typical intermediate question (80% range 33–67%), "
        "from about 6 recent answers; very likely below your 70% target."
    )


def test_too_few_answers_state_how_many_of_how_many():
    assert wording.not_enough(5) == "Not enough evidence yet: 5 of 8 answers."


def test_every_label_has_a_name_and_weak_comes_first():
    assert set(wording.LABEL_NAMES) == set(Label)
    ordered = sorted(Label, key=wording.LABEL_ORDER.__getitem__)
    assert (ordered[0], ordered[-1]) == (Label.WEAK, Label.NOT_ENOUGH_EVIDENCE)


@pytest.mark.parametrize(("self_graded", "says_so"), [(5, False), (6, True)])
def test_banner_above_half_self_graded(self_graded, says_so):
    assert bool(wording.self_graded_banner(self_graded, 10)) == says_so


SINCE = date(2026, 5, 12)


def change(kind, **fields) -> dict:
    plain = {"kind": kind, "is_clear": False, "new_answers": 6, "questions": [], "said": None, "causes": []}
    return plain | {"before": 0.522, "after": 0.611, "low": 0.455, "high": 0.749} | fields


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            change("up", questions=["AUC by counting pairs", "Log loss"]),
            "Metrics: up from about 52% to about 61% since 12 May (80% range now 45–75%), by 6 new answers, "
            "most by “AUC by counting pairs” and “Log loss”.",
        ),
        (
            change("down", is_clear=True, new_answers=1, questions=["A", "B", "C"]),
            "Metrics: clearly down from about 52% to about 61% since 12 May (80% range now 45–75%), by 1 new answer, "
            "most by “A”, “B” and “C”.",
        ),
        (change("no clear change"), "Metrics: no clear change since 12 May, by 6 new answers."),
        (change("no clear change", new_answers=0), "Metrics: no new answers since 12 May."),
        (change("first estimate"), "Metrics: first estimate, by 6 new answers."),
    ],
)
def test_a_change_in_words(found, expected):
    assert wording.change_sentence("Metrics", found, SINCE) == expected


def test_all_topics_together_are_better_less_good_or_not_spoken_of():
    assert wording.overall_change("better", SINCE) == (
        "Over all topics your new answers were better than this report would have expected on 12 May."
    )
    assert "less good than this report" in wording.overall_change("worse", SINCE)
    assert wording.overall_change(None, SINCE) == ""


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        (["difficulties"], "since then difficulties were estimated anew."),
        (["regraded 3"], "since then 3 older answers were graded anew."),
        (["model", "regraded 1"], "since then the model was improved and 1 older answer was graded anew."),
        (["faded"], "since then older answers have faded."),
    ],
)
def test_why_the_earlier_report_said_something_else(causes, expected):
    found = change("up", said=0.541, causes=causes)
    assert wording.change_note(found, SINCE) == f"The report of 12 May said 54%: {expected}"
    assert wording.change_note(change("up"), SINCE) == ""


def test_own_scores_in_words():
    assert wording.leniency_sentence(None, 0.2) == (
        "Your own scores are taken as about 4 points too kind, as is usual here."
    )
    assert "3 points too strict" in wording.leniency_sentence(None, -0.14)
    assert wording.leniency_sentence(None, 0.01) == "Your own scores are taken as they are, as is usual here."
    above = leniency(Pairs.of(NINE))
    assert wording.leniency_sentence(above, 0.2) == (
        "You score yourself about 10 points above your coach (80% range 4 to 17), from 9 answers. "
        "The report takes that off."
    )
    below = wording.leniency_sentence(leniency(Pairs.of([(y, x) for x, y in NINE * 3])), 0.2)
    assert "points below your coach (80% range " in below
    assert below.endswith("from 27 answers. The report adds that.")
    assert wording.leniency_sentence(leniency(Pairs.of([(0.5, 0.5)] * 9)), 0.2) == (
        "Your own scores and your coach’s do not clearly differ, from 9 answers."
    )
    for word in ("generous", "overrate"):
        assert word not in below


TRACK = {"name": "General phone screen", "answers": 64, "questions": 8, "share": 0.31, "width": 0.376} | {
    "score": 0.732, "low": 0.653, "high": 0.797, "sitting_low": 0.512, "sitting_high": 0.947,
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            "stated",
            "General phone screen: about 73% of the points expected (80% range 65–80%), from 64 counted answers. "
            "One sitting of 8 questions varies more: most lie between 50% and 95%.",
        ),
        ("few answers", "General phone screen: not enough evidence yet: 64 of 20 answers."),
        (
            "little known",
            "General phone screen: not enough evidence yet: 31% of it is in topics you have answered (60% needed).",
        ),
        ("too wide", "General phone screen: not enough evidence yet: the range would still be 38 points wide."),
    ],
)
def test_a_track_in_words(state, expected):
    assert wording.track_sentence(TRACK | {"state": state}) == expected


@pytest.mark.parametrize(
    ("label", "evidence", "has_estimates", "is_new", "expected"),
    [
        (Label.NOT_ENOUGH_EVIDENCE, 0, False, True, "Metrics: not tested yet."),
        (Label.NOT_ENOUGH_EVIDENCE, 1.46, True, True, "Metrics: evidence worth 1.4 of 3 answers so far."),
        (Label.NOT_ENOUGH_EVIDENCE, 4.9, False, True, "Metrics: evidence worth 4.9 answers so far."),
        (Label.PROBABLY_WEAK, 4, True, True, "Metrics: probably below your 70% target; this question is new to you."),
        (Label.WEAK, 4, True, False, "Metrics: very likely below your 70% target."),
        (
            Label.PROBABLY_ON_TARGET, 4, True, True,
            "Metrics: probably at or above your 70% target; one more makes it more certain.",
        ),
        (Label.UNCLEAR, 4, True, True, "Metrics: could be either side of your 70% target."),
    ],
)  # fmt: skip
def test_a_reason_is_one_fact(label, evidence, has_estimates, is_new, expected):
    found = wording.measuring_reason("Metrics", label, evidence, has_estimates=has_estimates, is_new=is_new, target=0.7)
    assert found == expected


def test_a_review_says_whether_it_counts():
    assert wording.review_reason(9, 0.84, counts=False) == (
        "Review: last answered 9 days ago, recalled with about 84% today; does not count in the report."
    )
    assert wording.review_reason(30, 0.62, counts=True).endswith("recalled with about 62% today.")


@pytest.mark.parametrize(
    ("counting", "expected"),
    [
        (5, "All 5 count in the report."),
        (3, "3 of these 5 count in the report; you answered the others recently."),
        (1, "1 of these 5 counts in the report; you answered the others recently."),
        (0, "None of these 5 count in the report, because you answered them recently."),
    ],
)
def test_a_drill_says_how_much_of_it_counts(counting, expected):
    assert wording.drill_counts(counting, 5) == expected


def make_trend(direction, points):
    return Trend(42, 120, points / 20, 0.1, 0.5, points, points - 3.2, points + 3.2, direction)


def test_trend_in_words():
    assert wording.trend_sentence(None).startswith("We can’t see a trend yet: it takes 20 first attempts")
    assert wording.trend_sentence(make_trend(Direction.IMPROVING, 4.1)) == (
        "Improving: up about 4 points in 30 days (80% range 0 to 8), from 42 first attempts over 120 days. "
        "The levels above follow a fast improvement only in part."
    )
    assert wording.trend_sentence(make_trend(Direction.DECLINING, -5.0)) == (
        "Declining: down about 5 points in 30 days (80% range −9 to −1), from 42 first attempts over 120 days. "
        "The levels above follow a fast decline only in part."
    )


def test_no_clear_trend_is_not_no_progress():
    sentence = wording.trend_sentence(make_trend(Direction.NO_CLEAR_TREND, 0.4))
    assert "not “no progress”" in sentence
    assert "flat" not in sentence


def test_pacing_in_words():
    assert wording.pacing_sentence(pacing([])) == "Not enough evidence yet: 0 of 10 timed answers."
    slow = pacing([TimedAnswer.of(90, 100, 0.5, 1.0)] * 20)
    assert re.fullmatch(
        r"You take about \d+% of the usual time \(80% range \d+–\d+%\), from 20 timed answers: "
        r"very likely slower than usual\.",
        wording.pacing_sentence(slow),
    )


def test_many_timeouts_turn_about_into_at_least():
    late = pacing([TimedAnswer.of(100, 100, 0.5, 1.0, is_timed_out=i < 7) for i in range(20)])
    assert "take at least" in wording.pacing_sentence(late)
    assert wording.timeouts_sentence(late).startswith("Time ran out on 7 of 20 timed answers (80% range")


def test_gap_of_ten_answers_is_chance():
    stated = [0.5, 0.6, 0.6, 0.7, 0.8, 0.8, 0.9, 0.9, 1, 1]
    scores = [0, 1, 0, 1, 1, 0, 1, 0, 1, 1]
    result = gap([StatedAnswer(f, y) for f, y in zip(stated, scores, strict=True)])
    assert wording.gap_sentence(result) == (
        "10 answers: you said 78% on average and scored 60%. A gap this size often comes by chance with 10 answers."
    )


@pytest.mark.parametrize(("confidence", "score", "word"), [(1.0, 0.6, "more"), (0.5, 0.9, "less")])
def test_clear_gap_is_stated_in_points_without_a_judging_word(confidence, score, word):
    sentence = wording.gap_sentence(gap([StatedAnswer(confidence, score)] * 60))
    assert f"You stated 40 points {word} than you scored (80% range 3" in sentence
    assert "confident" not in sentence


def test_small_but_certain_gap_is_not_called_chance():
    sentence = wording.gap_sentence(gap([StatedAnswer(0.9, 0.86)] * 2000))
    assert sentence.endswith("scored 86%. That does not show a difference of more than 5 points.")


def test_few_stated_answers_claim_nothing():
    assert wording.gap_sentence(gap([StatedAnswer(1.0, 0.0)] * 9)) == (
        "Not enough evidence yet: 9 of 10 answers with a stated confidence."
    )
