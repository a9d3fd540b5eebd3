"""Item statistics: Moodle's formulas on its kind of data, and the flags for curators."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.statistics import (
    Difficulty,
    FirstAttempt,
    Flag,
    beta_cdf,
    beta_quantile,
    discrimination_index,
    discrimination_range,
    discriminative_efficiency,
    flags,
    form_rests,
    history_rests,
    item_statistics,
    timeout_share,
)

FORM = [
    [1, 1, 1, 0, 1],
    [1, 1, 0, 0, 1],
    [1, 0, 1, 1, 0],
    [1, 1, 0, 1, 0],
    [1, 0, 0, 1, 0],
    [0, 0, 0, 1, 0],
    [1, 1, 1, 0, 0.5],
    [0, 1, 0, 1, 0],
]


def alternating(count: int, *, sign: int = 1, **fields) -> list[FirstAttempt]:
    """Half right, half wrong, where the better half is right (sign 1) or wrong (sign -1)."""
    return [
        FirstAttempt(score=i % 2, rest=sign * (0.3 if i % 2 else -0.3) + i / (100 * count), **fields)
        for i in range(count)
    ]


def raised(attempts, *, chance=0.0, difficulty=0.0, se=0.3, key=None):
    return flags(item_statistics(attempts, key), chance=chance, difficulty=Difficulty(difficulty, se), day_one=0.0)


@pytest.mark.parametrize(
    ("question", "facility", "sd", "index", "efficiency"),
    [
        (0, 0.7500, 0.4629, 39.8216, 46.6667),
        (1, 0.6250, 0.5175, 6.6667, 8.5714),
        (2, 0.3750, 0.5175, 22.0564, 27.2727),
        (3, 0.6250, 0.5175, -86.6230, -102.9851),
        (4, 0.3125, 0.4581, 23.5783, 36.0000),
    ],
)
def test_published_example(question, facility, sd, index, efficiency):
    item = item_statistics([FirstAttempt(row[question], form_rests(row)[question]) for row in FORM])
    assert item.facility == pytest.approx(facility, abs=0.0005)
    assert item.facility_sd == pytest.approx(sd, abs=0.0005)
    assert item.facility_se == pytest.approx(sd / math.sqrt(8), abs=0.0005)
    assert item.discrimination == pytest.approx(index, abs=0.0005)
    assert item.efficiency == pytest.approx(efficiency, abs=0.0005)
    assert item.discrimination_low < item.discrimination < item.discrimination_high


def test_statistics_without_variation_are_unknown():
    item = item_statistics([FirstAttempt(1.0, rest) for rest in (0.1, 0.2, 0.3)])
    assert item.discrimination is item.discrimination_low is item.efficiency is None
    assert discrimination_index([0, 1, 0], [0.1 + 0.2, 0.3, 0.3]) is None
    assert discriminative_efficiency([0, 1], [0.3, 0.3]) is None


def test_statistics_of_no_attempts_are_unknown():
    item = item_statistics([])
    assert item.count == 0
    assert item.facility is item.facility_se is item.discrimination is item.median_time_ratio is None


def test_discrimination_range_by_fisher():
    low, high = discrimination_range(30, 53)
    half = 1.2816 / math.sqrt(50)
    assert low == pytest.approx(100 * math.tanh(math.atanh(0.3) - half))
    assert high == pytest.approx(100 * math.tanh(math.atanh(0.3) + half))


@pytest.mark.parametrize("index", [-100.0000001, 100.0000001])
def test_perfect_discrimination_has_a_range(index):
    assert discrimination_range(index, 30) == pytest.approx((index, index), abs=0.01)


def test_three_attempts_leave_discrimination_open():
    assert discrimination_range(90, 3) == (-100, 100)


def test_history_rest_is_the_mean_surplus_elsewhere():
    histories = {
        "good": {f"q{i}": 1.0 for i in range(8)},
        "bad": {f"q{i}": 0.0 for i in range(8)},
        "new": {"q0": 1.0},
    }
    pairs = history_rests(histories)
    # q0 has facility 2/3, the others 1/2. Elsewhere the good candidate is half a point better each time.
    assert pairs["q0"] == [(1.0, pytest.approx(0.5)), (0.0, pytest.approx(-0.5))]
    assert pairs["q1"] == [
        (1.0, pytest.approx((6 * 0.5 + 1 / 3) / 7)),
        (0.0, pytest.approx(-(6 * 0.5 + 2 / 3) / 7)),
    ]


def test_history_rest_needs_seven_other_attempts():
    assert history_rests({"a": {f"q{i}": 1.0 for i in range(7)}}) == {}


def test_sound_question_raises_no_flag():
    assert raised(alternating(200)) == []


@pytest.mark.parametrize(("count", "expected"), [(18, []), (20, [Flag.CHECK_THE_KEY])])
def test_key_is_doubted_when_better_candidates_fail(count, expected):
    assert raised(alternating(count, sign=-1)) == expected


@pytest.mark.parametrize(("count", "expected"), [(48, []), (400, [Flag.TELLS_LITTLE_APART])])
def test_question_unrelated_to_the_rest_tells_little_apart(count, expected):
    attempts = [FirstAttempt(score=i % 2, rest=(i // 2) % 2) for i in range(count)]
    assert raised(attempts) == expected


@pytest.mark.parametrize(("count", "expected"), [(29, []), (30, [Flag.TOO_EASY])])
def test_question_that_everyone_gets_right_is_too_easy(count, expected):
    assert raised([FirstAttempt(1.0)] * count) == expected


@pytest.mark.parametrize(("chance", "expected"), [(0.0, []), (0.25, [Flag.TOO_HARD])])
def test_question_below_chance_is_too_hard(chance, expected):
    assert raised([FirstAttempt(float(i % 10 == 0)) for i in range(100)], chance=chance) == expected


@pytest.mark.parametrize(
    ("difficulty", "se", "expected"),
    [(1.2, 0.5, [Flag.LEVEL_LOOKS_WRONG]), (-1.2, 0.5, [Flag.LEVEL_LOOKS_WRONG]), (1.2, 0.7, []), (0.9, 0.1, [])],
)
def test_level_looks_wrong_far_from_its_day_one_difficulty(difficulty, se, expected):
    assert raised(alternating(100), difficulty=difficulty, se=se) == expected


@pytest.mark.parametrize(
    ("late", "of", "expected"),
    [(10, 20, [Flag.TIME_TOO_SHORT]), (5, 20, []), (10, 19, []), (26, 100, [Flag.TIME_TOO_SHORT])],
)
def test_time_is_too_short_when_many_run_out(late, of, expected):
    attempts = [FirstAttempt(i % 2, time_ratio=1.0, is_timed_out=i < late) for i in range(of)]
    assert raised(attempts) == expected


@pytest.mark.parametrize(("count", "expected"), [(48, []), (60, [Flag.AMBIGUOUS_OPTION])])
def test_option_that_the_better_half_prefers_to_the_key_is_ambiguous(count, expected):
    # The best third chooses "b", the middle third the key "a", and the last third "c".
    attempts = [
        FirstAttempt(score=float(i // (count // 3) == 1), rest=float(i), option="cab"[i // (count // 3)])
        for i in range(count)
    ]
    assert item_statistics(attempts, "a").ambiguous_options == ("b",)
    assert [flag for flag in raised(attempts, key="a") if flag != Flag.TELLS_LITTLE_APART] == expected


def test_time_statistics_leave_untimed_answers_out():
    attempts = [
        FirstAttempt(1.0, time_ratio=0.4),
        FirstAttempt(0.0, time_ratio=1.0, is_timed_out=True),
        FirstAttempt(1.0),
    ]
    item = item_statistics(attempts)
    assert (item.timed_count, item.timeout_count, item.median_time_ratio) == (2, 1, 0.7)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.001, 0.999))
def test_incomplete_beta_is_a_binomial_tail(a, b, x):
    n = a + b - 1
    tail = math.fsum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert beta_cdf(x, a, b) == pytest.approx(tail, abs=1e-10)


@given(st.floats(0.001, 0.999), st.integers(1, 5000), st.integers(1, 5000))
def test_beta_quantile_inverts_its_distribution(probability, a, b):
    assert beta_cdf(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-6)


def test_timeout_share_starts_at_one_tenth():
    share = timeout_share(0, 0)
    assert share.share == 0.1
    # Beta(1, 9) has the distribution function 1 - (1 - x)^9.
    assert share.low == pytest.approx(1 - 0.9 ** (1 / 9))
    assert share.high == pytest.approx(1 - 0.1 ** (1 / 9))
