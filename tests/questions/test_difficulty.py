"""Difficulty of questions on day one and after answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.statistics import (
    Cell,
    attenuation,
    day_one_difficulty,
    estimate_difficulty,
    estimate_level,
    format_difficulty,
    logistic,
    logit,
)


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (1 / 4, -0.5108),
        (1 / 3, -0.6931),
        (1 / 2, -1.0986),
        (1 / 5, -0.4055),
        (1 / 8, -0.2513),
        (7 / 64, -0.2196),  # multiple choice: 2 of 5 right
        (23 / 96, -0.4887),  # 3 of 5
        (5 / 32, -0.3151),  # 3 of 6
        (3 / 16, -0.3795),  # 2 of 4
        (51 / 256, -0.4038),  # 4 of 7
        (0.02, -0.0400),
        (0, 0),
    ],
)
def test_format_difficulty(chance, expected):
    assert format_difficulty(chance) == pytest.approx(expected, abs=0.00005)


@pytest.mark.parametrize(("level", "expected"), [("beginner", -0.9), ("intermediate", 0), ("advanced", 0.9)])
def test_day_one_difficulty_is_level_plus_format(level, expected):
    assert day_one_difficulty(level, 0) == expected
    assert day_one_difficulty(level, 0.25) == pytest.approx(expected - 0.5108, abs=0.00005)


def test_day_one_difficulty_takes_reestimated_levels():
    assert day_one_difficulty("advanced", 0, {"advanced": 1.3}) == 1.3


def test_published_example():
    estimate = estimate_difficulty([Cell(ability=0, count=10, score_sum=4)], day_one=-0.9)
    assert estimate.value == pytest.approx(-0.1846, abs=0.0005)
    assert estimate.standard_error == pytest.approx(0.4704, abs=0.0005)


def test_without_attempts_the_day_one_difficulty_stands():
    estimate = estimate_difficulty([], day_one=0.4)
    assert estimate.value == 0.4
    assert estimate.standard_error == pytest.approx(0.7)


cells = st.lists(
    st.tuples(st.floats(-3, 3), st.integers(1, 3000), st.floats(0, 1), st.floats(0, 1.2)).map(
        lambda c: Cell(c[0], c[1], c[1] * c[2], c[3])
    ),
    max_size=12,
)


@settings(deadline=None)
@given(cells, st.floats(-2, 2))
def test_estimate_solves_the_likelihood_equation(cells, day_one):
    b = estimate_difficulty(cells, day_one).value
    slope = (day_one - b) / 0.49
    for cell in cells:
        k = 1 / attenuation(cell.ability_variance)
        slope += k * (cell.count * logistic(k * (cell.ability - b)) - cell.score_sum)
    assert slope == pytest.approx(0, abs=1e-4)


def test_able_candidates_all_failing_converges():
    """Undamped Newton steps cycle here between -1 and 44."""
    estimate = estimate_difficulty([Cell(ability=3, count=1000, score_sum=0)], day_one=-0.9)
    assert 3 < estimate.value < 12


def test_uncertain_abilities_teach_less():
    sure = estimate_difficulty([Cell(0, 10, 4)], -0.9)
    unsure = estimate_difficulty([Cell(0, 10, 4, ability_variance=1.0)], -0.9)
    assert unsure.standard_error > sure.standard_error


def test_level_mean_is_shrunk_to_its_default():
    assert estimate_level(0.9, []) == 0.9
    assert estimate_level(0.0, [(1.0, 0)] * 5) == 0.5
    assert estimate_level(0.0, [(1.0, 0.25)] * 5) == pytest.approx((1 + 0.5108) / 2, abs=0.0001)


@given(st.floats(-700, 700))
def test_logistic_is_symmetric_and_never_overflows(x):
    assert logistic(x) + logistic(-x) == pytest.approx(1)
    assert 0 <= logistic(x) <= 1


@given(st.floats(0.001, 0.999))
def test_logit_inverts_logistic(p):
    assert logistic(logit(p)) == pytest.approx(p)
