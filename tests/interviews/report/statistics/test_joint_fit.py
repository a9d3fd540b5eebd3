"""interviews.report.statistics.fitting.fit_joint: leniency and slope beside the topics."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report.statistics.counting import topic_weights
from interviews.report.statistics.fitting import (
    DEFAULT_PRIOR,
    LENIENCY,
    SLOPE,
    Evidence,
    Prior,
    fit,
    fit_joint,
)
from interviews.report.statistics.weakness import describe
from tests.interviews.report.statistics.test_fit import TOPICS, inverse, solve

AB = {"A": 0.65, "B": 0.35}
# weakness.md, D5
EXAMPLE = [
    Evidence({"A": 1}, -0.9, 1, 1, 0, 0),
    Evidence({"A": 1}, 0, 0.8, 0.5, 1, 0.2),
    Evidence(AB, 0.9, 0.6, 0.4, 1, 1),
    Evidence({"A": 1}, -0.5108, 1, 0.7, 0, 3),
    Evidence({"B": 1}, 0, 0, 1, 0, 0),
    Evidence({"B": 1}, -0.9, 0.75, 0.5, 1, 0.5),
    Evidence({"B": 1}, 0.3, 0.5, 0.45, 1, 2),
    Evidence({"B": 1}, 0, 1, 0.6, 0.4, 4),
    Evidence({"A": 1}, 0.9, 0, 1, 0, 0),
    Evidence({"B": 1}, 0.9, 0.25, 0.5, 1, 0),
    Evidence({"C": 1}, 0, 1, 0.35, 1, 5.5),
]
REFERENCES = {"A": (0, 0.25), "B": (-0.1, 0.25), "C": (0.2, 0.16)}

weights = st.floats(0, 1)
rows_of_any_kind = st.lists(
    st.builds(
        Evidence,
        st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True).map(topic_weights),
        st.floats(-4, 4),
        st.floats(0, 1),
        weights,
        st.sampled_from([0.0, 0.4, 1.0]),
        st.sampled_from([0.0, 0.2, 3.0, 6.0]),
    ),
    max_size=25,
)
priors = st.builds(
    Prior,
    st.floats(-1, 1),
    st.floats(0, 2),
    st.floats(0.2, 2),
    st.floats(-0.5, 1),
    st.floats(0.1, 1),
    st.floats(-0.05, 0.2),
    st.floats(0.05, 0.3),
)


def approx(value: float):
    return pytest.approx(value, abs=0.00005)


def gradient_and_hessian(evidence, topics, prior, unknowns):
    """Of minus the log posterior, by the topics, leniency and slope in this order; the prior inverted numerically."""
    size = len(topics)
    same = prior.general_sd**2
    topics_prior = inverse([[same + (prior.topic_sd**2 if i == j else 0) for j in range(size)] for i in range(size)])
    hessian = [[*row, 0.0, 0.0] for row in topics_prior]
    hessian += [[0.0] * size + [1 / prior.leniency_sd**2, 0.0], [0.0] * size + [0.0, 1 / prior.slope_sd**2]]
    centre = [prior.mean] * size + [prior.leniency_mean, prior.slope_mean]
    away = [value - middle for value, middle in zip(unknowns, centre, strict=True)]
    gradient = [math.fsum(h * a for h, a in zip(row, away, strict=True)) for row in hessian]
    for row in evidence:
        for topic, share in row.topic_weights.items():
            design = [0.0] * (size + 2)
            design[topics.index(topic)], design[-2], design[-1] = 1.0, row.self_share, -row.age
            eta = math.fsum(d * u for d, u in zip(design, unknowns, strict=True)) - row.difficulty
            p = 1 / (1 + math.exp(-eta))
            for i, d in enumerate(design):
                gradient[i] -= share * row.weight * (row.score - p) * d
                for j, other in enumerate(design):
                    hessian[i][j] += share * row.weight * p * (1 - p) * d * other
    return gradient, hessian


def dense_fit(evidence, topics, prior):
    """Damped Newton on the whole Hessian: (unknowns, their covariance matrix)."""
    unknowns = [prior.mean] * len(topics) + [prior.leniency_mean, prior.slope_mean]
    for _ in range(300):
        gradient, hessian = gradient_and_hessian(evidence, topics, prior, unknowns)
        steps = solve(hessian, gradient)
        unknowns = [a - max(-1.0, min(1.0, step)) for a, step in zip(unknowns, steps, strict=True)]
        if max(map(abs, steps)) < 1e-13:
            break
    return unknowns, inverse(gradient_and_hessian(evidence, topics, prior, unknowns)[1])


def test_published_example():
    found = fit_joint(EXAMPLE, "ABC")
    expected = {
        "A": (3.46, 0.1881, 0.5553, 0.5409, 0.3248, 0.7485, 0.8262, "probably weak"),
        "B": (3.19, -0.0099, 0.5634, 0.5196, 0.3032, 0.7318, 0.8561, "probably weak"),
        "C": (0.35, 0.1316, 0.7553, 0.4853, 0.2411, 0.7338, 0.8608, "not enough evidence yet"),
    }
    for topic, (*numbers, label) in expected.items():
        posterior = found.topics[topic]
        stated = describe(posterior, *REFERENCES[topic])
        ours = [posterior.evidence, posterior.mean, posterior.variance, stated.mastery, stated.low, stated.high]
        assert [*ours, stated.p_weak] == [approx(number) for number in numbers]
        assert stated.label == label
    assert (found.leniency.mean, math.sqrt(found.leniency.variance)) == (approx(0.2813), approx(0.4742))
    assert (found.slope.mean, math.sqrt(found.slope.variance)) == (approx(-0.0530), approx(0.1419))
    pairs = {"AB": 0.2745, "AC": 0.3310, "BC": 0.3351}
    assert {pair: found.covariance(*pair) for pair in pairs} == {pair: approx(value) for pair, value in pairs.items()}
    assert found.covariance(LENIENCY, SLOPE) == approx(0.0026)
    assert [found.covariance(topic, LENIENCY) for topic in "ABC"] == list(map(approx, [-0.0485, -0.0625, -0.0517]))
    assert [found.covariance(topic, SLOPE) for topic in "ABC"] == list(map(approx, [0.0123, 0.0141, 0.0145]))


def test_without_own_scores_and_age_the_example_has_the_first_editions_numbers():
    found = fit([replace(row, self_share=0.0, age=0.0) for row in EXAMPLE], "ABC")
    assert [found[topic].mean for topic in "ABC"] == list(map(approx, [0.2856, 0.1109, 0.2404]))
    assert [found[topic].variance for topic in "ABC"] == list(map(approx, [0.5350, 0.5335, 0.7270]))
    stated = [describe(found[topic], *REFERENCES[topic]) for topic in "ABC"]
    assert [one.p_weak for one in stated] == list(map(approx, [0.7949, 0.8230, 0.8357]))
    assert stated[0].label == "unclear"


@settings(max_examples=60, deadline=None)
@given(rows_of_any_kind, priors)
def test_agrees_with_dense_newton(evidence, prior):
    found = fit_joint(evidence, TOPICS, prior)
    unknowns, covariance = dense_fit(evidence, TOPICS, prior)
    names = [*TOPICS, LENIENCY, SLOPE]
    means = [*(found.topics[topic].mean for topic in TOPICS), found.leniency.mean, found.slope.mean]
    assert means == pytest.approx(unknowns, abs=1e-9)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            assert found.covariance(one, other) == pytest.approx(covariance[i][j], abs=1e-9)
    assert found.leniency.variance == pytest.approx(covariance[-2][-2], abs=1e-9)
    assert [found.topics[topic].variance for topic in TOPICS] == pytest.approx(
        [covariance[i][i] for i in range(len(TOPICS))], abs=1e-9
    )


@settings(deadline=None)
@given(rows_of_any_kind, st.randoms(use_true_random=False))
def test_order_of_rows_and_topics_changes_no_digit(evidence, luck):
    shuffled, topics = list(evidence), list(TOPICS)
    luck.shuffle(shuffled)
    luck.shuffle(topics)
    ours, theirs = fit_joint(evidence, TOPICS), fit_joint(shuffled, topics)
    assert (ours.topics, ours.leniency, ours.slope, ours.corner) == (
        theirs.topics,
        theirs.leniency,
        theirs.slope,
        theirs.corner,
    )


@settings(deadline=None)
@given(rows_of_any_kind)
def test_a_row_twice_is_a_row_of_twice_the_weight(evidence):
    twice = fit_joint([row for row in evidence for _ in range(2)], TOPICS)
    heavy = fit_joint([replace(row, weight=2 * row.weight) for row in evidence], TOPICS)
    for topic in TOPICS:
        assert twice.topics[topic].mean == pytest.approx(heavy.topics[topic].mean, abs=1e-9)
        assert twice.topics[topic].variance == pytest.approx(heavy.topics[topic].variance, abs=1e-9)
    assert twice.slope.mean == pytest.approx(heavy.slope.mean, abs=1e-9)


@settings(deadline=None)
@given(rows_of_any_kind, priors)
def test_rows_without_own_scores_and_age_leave_leniency_and_slope_at_their_priors(evidence, prior):
    plain = [replace(row, self_share=0.0, age=0.0) for row in evidence]
    found = fit_joint(plain, TOPICS, prior)
    assert (found.leniency.mean, found.slope.mean) == (prior.leniency_mean, prior.slope_mean)
    assert found.leniency.variance == pytest.approx(prior.leniency_sd**2)
    assert found.slope.variance == pytest.approx(prior.slope_sd**2)
    other = replace(prior, leniency_mean=0.9, slope_mean=0.1, slope_sd=0.02)
    assert fit(plain, TOPICS, other) == fit(plain, TOPICS, prior)


@pytest.mark.parametrize("months", [0.0, 3.0, 6.0])
def test_answers_of_one_day_tell_less_of_today_the_longer_ago_it_is(months):
    """However many they are: at half a year the level may have moved by one sd since."""
    evidence = [Evidence({"a": 1.0}, 0.0, 0.5, 1.0, 0.0, months)] * 400
    found = fit_joint(evidence, ["a"])
    precision = 1 / 1.17 + 1 / max((0.15 * months) ** 2, 1e-9)
    assert found.topics["a"].variance == pytest.approx(1 / precision, abs=0.012)
    assert found.slope.variance == pytest.approx(0.15**2, abs=0.01)
    assert found.topics["a"].mean == pytest.approx(0.0, abs=0.05)


def test_own_scores_alone_keep_the_priors_leniency_and_say_less():
    own = [Evidence({"a": 1.0}, 0.0, 0.8, 0.5, 1.0)] * 200
    found, known = fit_joint(own, ["a"]), fit_joint(own, ["a"], Prior(leniency_sd=0.01))
    assert found.topics["a"].variance > known.topics["a"].variance + 0.15
    assert found.covariance("a", LENIENCY) < -0.15


def test_leniency_is_seen_beside_answers_that_others_scored():
    rows = [Evidence({"a": 1.0}, 0.0, 0.5, 1.0)] * 100 + [Evidence({"a": 1.0}, 0.0, 0.75, 0.5, 1.0)] * 100
    found = fit_joint(rows, ["a"])
    assert 0.7 < found.leniency.mean < math.log(3)
    assert found.leniency.variance < 0.09


@pytest.mark.parametrize(("score", "sign"), [(1.0, 1), (0.0, -1)])
def test_twenty_topics_all_right_and_all_wrong_stay_finite(score, sign):
    luck = random.Random(1)
    topics = [f"t{n}" for n in range(20)]
    evidence = [
        Evidence({luck.choice(topics): 1.0}, luck.uniform(-4, 4), score, 1.0, luck.random(), luck.uniform(0, 6))
        for _ in range(2000)
    ]
    found = fit_joint(evidence, topics)
    unknowns, _ = dense_fit(evidence[:200], topics, DEFAULT_PRIOR)
    assert all(sign * found.topics[topic].mean > 0 for topic in topics)
    few = fit_joint(evidence[:200], topics)
    assert [few.topics[topic].mean for topic in topics] == pytest.approx(unknowns[:-2], abs=1e-9)


def test_the_variance_of_a_sum_is_that_of_its_parts():
    found = fit_joint(EXAMPLE, "ABC")
    weights = {"A": 0.5, "C": 1.0, LENIENCY: 1.0, SLOPE: -2.0}
    parts = sum(u * v * found.covariance(one, other) for one, u in weights.items() for other, v in weights.items())
    assert found.variance(weights) == pytest.approx(parts, abs=1e-12)
    with pytest.raises(KeyError, match="unheard-of"):
        found.covariance("A", "unheard-of")
