"""Own scores beside a coach's, and what a site learns of its people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report.statistics.fitting import DEFAULT_PRIOR, Unknown
from interviews.report.statistics.leniency import (
    Pairs,
    Verdict,
    candidate_prior,
    leniency,
    site_leniency,
    usual_points,
)
from interviews.report.statistics.slope import Slope, site_slope
from questions.statistics import normal_cdf

# weakness.md, D6
NINE = [(0.75, 0.5), (0.9, 0.8), (0.6, 0.6), (1, 0.75), (0.5, 0.25), (0.8, 0.8), (0.7, 0.45), (0.4, 0.5), (1, 0.9)]
OTHERS = [[(1, 0.75), (0.5, 0.5), (0.75, 0.25)], [(0.6, 0.8)]]

scores = st.floats(0, 1)
some_pairs = st.lists(st.tuples(scores, scores), max_size=30)


def approx(value: float):
    return pytest.approx(value, abs=0.00005)


def test_published_example():
    pairs = Pairs.of(NINE)
    assert (pairs.count, pairs.differences / 9) == (9, approx(0.1222))
    assert pairs.points_per_logit == approx(0.1907)
    assert (pairs.leniency, pairs.variance) == (approx(0.6408), approx(0.0812))
    prior = candidate_prior(pairs)
    assert (prior.leniency_mean, prior.leniency_sd) == (approx(0.5327), approx(0.2475))
    stated = leniency(pairs)
    assert [100 * stated.points, 100 * stated.low, 100 * stated.high] == [
        pytest.approx(value, abs=0.005) for value in (10.1614, 4.11, 16.2128)
    ]
    above = normal_cdf((prior.leniency_mean - 0.03 / pairs.points_per_logit) / prior.leniency_sd)
    assert above == approx(0.9353)
    assert (stated.pairs, stated.verdict) == (9, Verdict.ABOVE)


def test_published_example_of_a_site():
    candidates = [Pairs.of(pairs) for pairs in (NINE, *OTHERS)]
    assert [pairs.leniency for pairs in candidates] == list(map(approx, [0.6408, 1.2193, -0.9804]))
    assert [1 / (0.25 + pairs.variance) for pairs in candidates] == list(map(approx, [3.0195, 1.6177, 0.8256]))
    site = site_leniency(candidates)
    assert site == approx(0.3210)
    prior = candidate_prior(candidates[0], DEFAULT_PRIOR.__class__(leniency_mean=site))
    assert (prior.leniency_mean, prior.leniency_sd) == (approx(0.5624), approx(0.2475))


def test_no_pair_changes_nothing():
    assert candidate_prior(Pairs()) == DEFAULT_PRIOR
    assert site_leniency([]) == site_leniency([Pairs(), Pairs()]) == pytest.approx(0.2)
    assert leniency(Pairs()) is None


def test_one_pair_is_enough_to_learn_from_and_too_few_to_speak_of():
    pairs = Pairs.of([(0.9, 0.4)])
    prior = candidate_prior(pairs)
    assert 0.2 < prior.leniency_mean < pairs.leniency
    assert prior.leniency_sd < 0.5
    assert leniency(Pairs.of([(0.9, 0.4)] * 4)) is None
    assert leniency(Pairs.of([(0.9, 0.4)] * 5)).verdict == Verdict.ABOVE


def test_below_is_the_mirror_of_above_and_small_differences_are_unclear():
    assert leniency(Pairs.of([(0.3, 0.7)] * 20)).verdict == Verdict.BELOW
    assert leniency(Pairs.of([(0.5, 0.5)] * 20)).verdict == Verdict.UNCLEAR
    assert leniency(Pairs.of([(1.0, 0.0), (0.0, 1.0)] * 3)).verdict == Verdict.UNCLEAR


@given(some_pairs)
def test_pairs_only_narrow_the_prior_and_stay_finite(pairs):
    found = Pairs.of(pairs)
    prior = candidate_prior(found)
    assert 0 < prior.leniency_sd <= 0.5
    assert math.isfinite(prior.leniency_mean)
    if pairs:
        low, high = sorted([0.2, found.leniency])
        assert low - 1e-9 <= prior.leniency_mean <= high + 1e-9


@given(some_pairs, st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_no_digit(pairs, luck):
    shuffled = list(pairs)
    luck.shuffle(shuffled)
    assert Pairs.of(shuffled) == Pairs.of(pairs)


def test_four_coached_candidates_outweigh_the_default():
    kind = Pairs.of([(0.9, 0.5), (0.8, 0.4), (0.7, 0.4)] * 10)
    assert abs(site_leniency([kind] * 4) - kind.leniency) < abs(site_leniency([kind] * 4) - 0.2)


def test_the_usual_leniency_is_about_four_points():
    assert usual_points(0.2) == pytest.approx(0.0425)


# --- the site's slope -------------------------------------------------------------------------------


def slope_of(mean: float, variance: float = 0.01) -> Slope:
    return Slope(Unknown(mean, variance), 0.0)


def test_thirty_candidates_are_needed():
    assert site_slope([slope_of(0.2)] * 29) == 0
    assert site_slope([slope_of(0.2)] * 30) > 0.1


def test_what_the_prior_put_into_a_fit_is_taken_out_again():
    """By hand: I = 1/0.01 - 1/0.0225, own slope (0.1/0.01 - 0.05/0.0225)/I, u = 1/(0.0225 + 1/I)."""
    information = 100 - 1 / 0.0225
    own = (10 - 0.05 / 0.0225) / information
    weight = 40 / (0.0225 + 1 / information)
    found = site_slope([Slope(Unknown(0.1, 0.01), 0.05)] * 40)
    assert found == pytest.approx(weight * own / (weight + 400))


@given(st.lists(st.builds(slope_of, st.floats(-2, 2), st.floats(0.0001, 0.03)), min_size=30, max_size=60))
def test_the_sites_slope_stays_in_its_bounds(slopes):
    assert -0.05 <= site_slope(slopes) <= 0.2


def test_fits_that_know_no_more_than_the_prior_change_nothing():
    assert site_slope([slope_of(0.0, 0.15**2)] * 50) == 0
