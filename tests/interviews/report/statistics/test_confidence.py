"""interviews.confidence against its published example, and its identities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report.statistics.confidence import (
    StatedAnswer,
    Verdict,
    calibration_error,
    certainty_bonus,
    certainty_mark,
    decompose,
    decompose_unbiased,
    gap,
    level_scores,
)

EXAMPLE = [
    StatedAnswer(f, y)
    for f, y in zip([0.5, 0.6, 0.6, 0.7, 0.8, 0.8, 0.9, 0.9, 1, 1], [0, 1, 0, 1, 1, 0, 1, 0, 1, 1], strict=True)
]
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
stated_answers = st.lists(st.builds(StatedAnswer, st.sampled_from(LEVELS), st.floats(0, 1)), min_size=2, max_size=40)


def test_published_decomposition():
    levels = level_scores(EXAMPLE)
    parts, unbiased = decompose(EXAMPLE, levels), decompose_unbiased(EXAMPLE, levels)
    assert parts.brier == unbiased.brier == pytest.approx(0.2360, abs=0.0005)
    assert parts.reliability == pytest.approx(0.0860, abs=0.0005)
    assert parts.resolution == pytest.approx(0.0900, abs=0.0005)
    assert parts.uncertainty == pytest.approx(0.2400, abs=0.0005)
    assert unbiased.reliability == pytest.approx(-0.0640, abs=0.0005)
    assert unbiased.resolution == pytest.approx(-0.0333, abs=0.0005)
    assert unbiased.uncertainty == pytest.approx(0.2667, abs=0.0005)


def test_published_gap():
    result = gap(EXAMPLE)
    assert result.raw == pytest.approx(0.1800, abs=0.0005)
    assert result.raw_variance == pytest.approx(0.0226, abs=0.0005)
    assert result.shrunk == pytest.approx(0.0898, abs=0.0005)
    assert result.sd == pytest.approx(0.1062, abs=0.0005)
    assert result.low == pytest.approx(-0.0464, abs=0.0005)
    assert result.high == pytest.approx(0.2259, abs=0.0005)
    assert result.p_over == pytest.approx(0.6459, abs=0.0005)
    assert result.p_under == pytest.approx(0.0941, abs=0.0005)
    assert result.verdict == Verdict.NOTHING_CLAIMED


def test_published_certainty_marks():
    assert [certainty_mark(answer) for answer in EXAMPLE] == [0, 1, 0, 2, 3, -6, 3, -6, 3, 3]
    assert certainty_bonus(EXAMPLE) == pytest.approx(-0.0300, abs=0.0005)


@pytest.mark.parametrize(("confidence", "right"), [(0.6, 5), (0.7, 7), (0.9, 9), (1.0, 10)])
def test_same_certainty_throughout_earns_no_bonus(confidence, right):
    """The best single certainty for the accuracy (C1 below 2/3, C2 below 4/5, C3 above) is the zero point."""
    answers = [StatedAnswer(confidence, float(i < right)) for i in range(10)]
    assert certainty_bonus(answers) == pytest.approx(0)


@given(stated_answers)
def test_parts_add_up_to_the_brier_score_with_part_credit_too(answers):
    levels = level_scores(answers)
    for parts in decompose(answers, levels), decompose_unbiased(answers, levels):
        assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(parts.brier, abs=1e-9)


@given(stated_answers)
def test_calibration_error_is_at_least_the_gap(answers):
    assert calibration_error(level_scores(answers)) >= abs(gap(answers).raw) - 1e-9


def test_level_scores_are_the_points_of_the_diagram():
    levels = level_scores(EXAMPLE)
    first, *_, last = levels
    assert (first.confidence, first.count, first.mean_score) == (0.5, 1, 0)
    assert (last.confidence, last.count, last.mean_score) == (1, 2, 1)
    assert calibration_error(levels) == pytest.approx((0.5 + 0.2 + 0.3 + 0.6 + 0.8 + 0) / 10)


@pytest.mark.parametrize(
    ("confidence", "right", "count", "verdict"),
    [
        (1.0, 0, 9, Verdict.NOT_ENOUGH_EVIDENCE),
        (1.0, 0, 10, Verdict.OVERCONFIDENT),
        (0.5, 1, 10, Verdict.UNDERCONFIDENT),
        (0.9, 0.86, 2000, Verdict.NOTHING_CLAIMED),  # four points: surely more than 0, but not than 5
    ],
)
def test_claims_need_ten_answers_and_a_gap_beyond_five_points(confidence, right, count, verdict):
    assert gap([StatedAnswer(confidence, right)] * count).verdict == verdict


def test_gap_of_one_answer_is_mostly_prior():
    result = gap([StatedAnswer(1.0, 0.0)])
    assert 0 < result.shrunk < 0.5
    assert result.sd < 0.15


@pytest.mark.parametrize(
    ("confidence", "right_mark", "wrong_mark"), [(0.6, 1, 0), (0.7, 2, -2), (0.8, 3, -6), (1.0, 3, -6)]
)
def test_certainty_marks_by_stated_confidence(confidence, right_mark, wrong_mark):
    assert certainty_mark(StatedAnswer(confidence, 0.9995)) == right_mark
    assert certainty_mark(StatedAnswer(confidence, 0.99)) == wrong_mark


@pytest.mark.parametrize(
    ("confidence", "score", "is_misconception", "is_underrated"),
    [
        (0.8, 0.4, True, False),
        (0.7, 0.4, False, False),
        (0.8, 0.5, False, False),
        (0.6, 0.5, False, True),
        (0.7, 1, False, False),
    ],
)
def test_surprises_are_sure_and_wrong_or_unsure_and_right(confidence, score, is_misconception, is_underrated):
    answer = StatedAnswer(confidence, score)
    assert (answer.is_misconception, answer.is_underrated) == (is_misconception, is_underrated)
