"""interviews.pacing against its published example, and its gates."""

import math

import pytest

from interviews.report.statistics.pacing import Quadrant, TimedAnswer, Verdict, pacing, quadrant


def timed(ratio: float, *, usual: float | None = 0.5, score: float = 1.0, timed_out: bool = False) -> TimedAnswer:
    return TimedAnswer.of(ratio * 1000, 1000, usual, score, is_timed_out=timed_out)


def test_published_example():
    used, allotted = [30, 45, 50, 200, 220, 90], [60, 60, 60, 300, 300, 120]
    usual = [0.7, 0.7, 0.6, 0.5, 0.5, 0.8]
    result = pacing([TimedAnswer.of(u, a, m, 1.0) for u, a, m in zip(used, allotted, usual, strict=True)])
    assert result.log_ratio * (6 + 2.7778) == pytest.approx(0.6672, abs=0.0005)
    assert result.log_ratio == pytest.approx(0.0760, abs=0.0005)
    assert result.standard_error == pytest.approx(0.1688, abs=0.0005)
    assert result.ratio == pytest.approx(1.0790, abs=0.0005)
    assert result.low == pytest.approx(0.8691, abs=0.0005)
    assert result.high == pytest.approx(1.3395, abs=0.0005)
    assert result.p_slow == pytest.approx(0.4545, abs=0.0005)
    assert result.verdict == Verdict.NOT_ENOUGH_EVIDENCE


@pytest.mark.parametrize(
    ("ratio", "count", "verdict"),
    [
        (0.9, 9, Verdict.NOT_ENOUGH_EVIDENCE),
        (0.9, 10, Verdict.SLOW),
        (0.2, 10, Verdict.FAST),
        (0.5, 10, Verdict.UNCLEAR),
        (0.54, 500, Verdict.UNCLEAR),  # 8 % slower without doubt, which is not "slow"
    ],
)
def test_verdict_needs_ten_answers_and_nine_tenths_of_probability(ratio, count, verdict):
    assert pacing([timed(ratio)] * count).verdict == verdict


def test_no_answers_are_the_usual_pace_within_the_prior():
    result = pacing([])
    assert (result.count, result.ratio) == (0, 1)
    assert result.standard_error == pytest.approx(0.3)


def test_question_that_few_answered_is_compared_with_six_tenths():
    assert pacing([timed(0.6, usual=None)]).log_ratio == pytest.approx(0)


def test_instant_answers_stay_finite():
    assert math.isfinite(pacing([TimedAnswer.of(0, 60, 0.0, 1.0)]).log_ratio)


@pytest.mark.parametrize(("timeouts", "is_lower_bound"), [(3, False), (4, True)])
def test_many_timeouts_make_the_ratio_a_lower_bound(timeouts, is_lower_bound):
    result = pacing([timed(1.0, timed_out=i < timeouts) for i in range(10)])
    assert result.is_lower_bound is is_lower_bound
    assert result.timeouts.share == pytest.approx((timeouts + 1) / 20)
    assert result.timeouts.low < result.timeouts.share < result.timeouts.high


@pytest.mark.parametrize(
    ("ratio", "score", "expected"),
    [
        (0.29, 0.49, Quadrant.QUICK_WRONG),
        (0.31, 0.49, Quadrant.SLOW_WRONG),
        (0.31, 0.5, Quadrant.SLOW_RIGHT),
        (0.29, 0.5, Quadrant.QUICK_RIGHT),
    ],
)
def test_quadrants_split_at_six_tenths_of_the_usual_time_and_half_the_points(ratio, score, expected):
    assert quadrant(timed(ratio, usual=0.5, score=score)) == expected
