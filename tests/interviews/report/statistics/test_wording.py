"""interviews.wording: what the report says, and what it must not say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report import wording
from interviews.report.statistics.confidence import StatedAnswer, gap
from interviews.report.statistics.pacing import TimedAnswer, pacing
from interviews.report.statistics.trend import Direction, Trend
from interviews.report.statistics.weakness import Estimate, Label, Posterior, describe


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
    [
        (0.35, "less than 1 recent answer"),
        (0.996, "about 1 recent answer"),
        (2.988, "about 3 recent answers"),
        (6.4, "about 6 recent answers"),
    ],
)
def test_evidence_in_words(evidence, expected):
    assert wording.about_answers(evidence) == expected


@pytest.mark.parametrize(("evidence", "missing"), [(0, 3), (0.35, 3), (2, 1), (2.988, 1), (3, 0), (9, 0)])
def test_answers_missing(evidence, missing):
    assert wording.answers_missing(evidence) == missing


@pytest.mark.parametrize(
    ("p_weak", "expected"),
    [
        (0.90, "very likely below your 70 % target"),
        (0.80, "probably below your 70 % target"),
        (0.79, "could be either side of your target"),
        (0.21, "could be either side of your target"),
        (0.20, "probably at or above your 70 % target"),
        (0.10, "very likely at or above your 70 % target"),
    ],
)
def test_words_by_probability(p_weak, expected):
    assert wording.probability_phrase(p_weak) == expected


def test_phrase_names_the_candidates_own_target():
    assert wording.probability_phrase(0.95, 0.6) == "very likely below your 60 % target"


def test_number_stands_with_its_range_and_its_evidence():
    metrics = estimate(0.332, 0.668, p_weak=0.95, label=Label.WEAK)
    assert wording.topic_sentence("Metrics", metrics, 6.2, "intermediate") == (
        "Metrics: about 50 % expected on a typical intermediate question (80 % range 33–67 %), "
        "from about 6 recent answers; very likely below your 70 % target."
    )


def test_untested_topic_is_never_weak():
    stated = describe(Posterior(-3, 0.5, 0), 0, 0.25)
    assert stated.p_weak > 0.99
    assert wording.topic_sentence("Trees", stated, 0, "advanced") == "Trees: not tested yet."
    assert wording.label_name(stated.label, 0) == "Not tested yet"


def test_topic_with_little_evidence_gets_no_estimate():
    stated = describe(Posterior(-1, 0.6, 1.9), 0, 0.25)
    sentence = wording.topic_sentence("Trees", stated, 1.9, "advanced")
    assert sentence == ("Trees: not enough evidence yet, from about 2 recent answers; at least 2 more answers needed.")
    assert "%" not in sentence


def test_too_few_answers_state_how_many_of_how_many():
    assert wording.not_enough(5) == "Not enough evidence yet: 5 of 8 answers."


def test_every_label_has_a_name_and_weak_comes_first():
    assert set(wording.LABEL_NAMES) == set(Label)
    ordered = sorted(Label, key=wording.LABEL_ORDER.__getitem__)
    assert (ordered[0], ordered[-1]) == (Label.WEAK, Label.NOT_ENOUGH_EVIDENCE)
    assert wording.label_name(Label.PROBABLY_WEAK, 4) == "Probably weak"


@pytest.mark.parametrize(("self_graded", "says_so"), [(5, False), (6, True)])
def test_banner_above_half_self_graded(self_graded, says_so):
    assert bool(wording.self_graded_banner(self_graded, 10)) == says_so


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((0.3, 0.5), (0.35, 0.55), "within the noise"),
        ((0.3, 0.5), (0.42, 0.62), "up by 12 points, from 30–50 % to 42–62 %"),
        ((0.42, 0.62), (0.3, 0.5), "down by 12 points, from 42–62 % to 30–50 %"),
    ],
)
def test_change_is_stated_beyond_one_sd_of_the_difference(before, after, expected):
    assert wording.change_phrase(estimate(*before), estimate(*after)) == expected


def make_trend(direction, points):
    return Trend(42, 120, points / 20, 0.1, 0.5, points, points - 3.2, points + 3.2, direction)


def test_trend_in_words():
    assert wording.trend_sentence(None).startswith("No trend can be stated yet: it takes 20 first attempts")
    assert wording.trend_sentence(make_trend(Direction.IMPROVING, 4.1)) == (
        "Improving: up about 4 points in 30 days (80 % range 0 to 8), from 42 first attempts over 120 days. "
        "The levels above lag behind a fast improvement."
    )
    assert wording.trend_sentence(make_trend(Direction.DECLINING, -5.0)) == (
        "Declining: down about 5 points in 30 days (80 % range −9 to −1), from 42 first attempts over 120 days."
    )


def test_no_clear_trend_is_not_no_progress():
    sentence = wording.trend_sentence(make_trend(Direction.NO_CLEAR_TREND, 0.4))
    assert "not “no progress”" in sentence
    assert "flat" not in sentence


def test_pacing_in_words():
    assert wording.pacing_sentence(pacing([])) == "Not enough evidence yet: 0 of 10 timed answers."
    slow = pacing([TimedAnswer.of(90, 100, 0.5, 1.0)] * 20)
    assert re.fullmatch(
        r"You take about \d+ % of the usual time \(80 % range \d+–\d+ %\), from 20 timed answers: "
        r"very likely slower than usual\.",
        wording.pacing_sentence(slow),
    )


def test_many_timeouts_turn_about_into_at_least():
    late = pacing([TimedAnswer.of(100, 100, 0.5, 1.0, is_timed_out=i < 7) for i in range(20)])
    assert "take at least" in wording.pacing_sentence(late)
    assert wording.timeouts_sentence(late).startswith("Time ran out on 7 of 20 timed answers (80 % range")


def test_gap_of_ten_answers_is_chance():
    stated = [0.5, 0.6, 0.6, 0.7, 0.8, 0.8, 0.9, 0.9, 1, 1]
    scores = [0, 1, 0, 1, 1, 0, 1, 0, 1, 1]
    result = gap([StatedAnswer(f, y) for f, y in zip(stated, scores, strict=True)])
    assert wording.gap_sentence(result) == (
        "10 answers: you said 78 % on average and scored 60 %. A gap this size often comes by chance with 10 answers."
    )


@pytest.mark.parametrize(("confidence", "score", "word"), [(1.0, 0.6, "more"), (0.5, 0.9, "less")])
def test_clear_gap_is_stated_in_points_without_a_judging_word(confidence, score, word):
    sentence = wording.gap_sentence(gap([StatedAnswer(confidence, score)] * 60))
    assert f"You stated 40 points {word} than you scored (80 % range 3" in sentence
    assert "confident" not in sentence


def test_small_but_certain_gap_is_not_called_chance():
    sentence = wording.gap_sentence(gap([StatedAnswer(0.9, 0.86)] * 2000))
    assert sentence.endswith("scored 86 %. That does not show a difference of more than 5 points.")


def test_few_stated_answers_claim_nothing():
    assert wording.gap_sentence(gap([StatedAnswer(1.0, 0.0)] * 9)) == (
        "Not enough evidence yet: 9 of 10 answers with a stated confidence."
    )
