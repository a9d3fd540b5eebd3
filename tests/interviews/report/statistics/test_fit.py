"""interviews.weakness.fit against its published example, dense Newton by Gaussian elimination, and its promises."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report.statistics.counting import topic_weights
from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, Posterior, Prior, fit

TOPICS = ["a", "b", "c", "d"]


def answer(topic: str, difficulty: float, score: float, weight: float = 1.0) -> Evidence:
    return Evidence({topic: 1.0}, difficulty, score, weight)


EXAMPLE = [
    *(answer("A", b, y) for b, y in [(-0.9, 1), (0, 1), (0.9, 0.6)]),
    *(answer("B", b, y) for b, y in [(-0.9, 0), (0, 0), (0, 0.5), (0.3, 0)]),
    answer("C", 0, 1),
]

evidence_rows = st.lists(
    st.builds(
        Evidence,
        st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True).map(topic_weights),
        st.floats(-4, 4),
        st.floats(0, 1),
        st.floats(0, 1),
    ),
    max_size=25,
)
priors = st.builds(Prior, st.floats(-1, 1), st.floats(0, 2), st.floats(0.2, 2))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with partial pivoting."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(size):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i], strict=True)]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def inverse(matrix: list[list[float]]) -> list[list[float]]:
    columns = [solve(matrix, [float(i == j) for i in range(len(matrix))]) for j in range(len(matrix))]
    return [list(row) for row in zip(*columns, strict=True)]


def gradient_and_hessian(evidence, topics, prior, abilities):
    """Of minus the log posterior, with the prior's covariance matrix inverted numerically."""
    size = len(topics)
    covariance = [
        [prior.general_sd**2 + (prior.topic_sd**2 if i == j else 0) for j in range(size)] for i in range(size)
    ]
    hessian = inverse(covariance)
    gradient = [sum(h * (a - prior.mean) for h, a in zip(row, abilities, strict=True)) for row in hessian]
    for row in evidence:
        for topic, share in row.topic_weights.items():
            t = topics.index(topic)
            p = 1 / (1 + math.exp(row.difficulty - abilities[t]))
            gradient[t] -= share * row.weight * (row.score - p)
            hessian[t][t] += share * row.weight * p * (1 - p)
    return gradient, hessian


def dense_fit(evidence, topics, prior=DEFAULT_PRIOR):
    """Damped Newton on the whole Hessian: slow, and nothing clever to be wrong."""
    abilities = [prior.mean] * len(topics)
    for _ in range(200):
        gradient, hessian = gradient_and_hessian(evidence, topics, prior, abilities)
        steps = solve(hessian, gradient)
        abilities = [a - max(-1.0, min(1.0, step)) for a, step in zip(abilities, steps, strict=True)]
        if max(map(abs, steps)) < 1e-12:
            break
    covariance = inverse(gradient_and_hessian(evidence, topics, prior, abilities)[1])
    return {topic: (abilities[i], covariance[i][i]) for i, topic in enumerate(topics)}


def test_published_example():
    posteriors = fit(EXAMPLE, ["A", "B", "C"])
    expected = {"A": (0.3589, 0.5368, 3.0), "B": (-0.4036, 0.4773, 4.0), "C": (0.2090, 0.6444, 1.0)}
    for topic, (mean, variance, evidence) in expected.items():
        assert posteriors[topic].mean == pytest.approx(mean, abs=0.0005)
        assert posteriors[topic].variance == pytest.approx(variance, abs=0.0005)
        assert posteriors[topic].evidence == pytest.approx(evidence, abs=0.0005)


@settings(max_examples=60, deadline=None)
@given(evidence_rows, priors)
def test_agrees_with_dense_newton(evidence, prior):
    posteriors = fit(evidence, TOPICS, prior)
    for topic, (mean, variance) in dense_fit(evidence, TOPICS, prior).items():
        assert posteriors[topic].mean == pytest.approx(mean, abs=1e-6)
        assert posteriors[topic].variance == pytest.approx(variance, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(evidence_rows, priors)
def test_gradient_is_zero_at_the_solution(evidence, prior):
    posteriors = fit(evidence, TOPICS, prior)
    abilities = [posteriors[topic].mean for topic in TOPICS]
    gradient, _ = gradient_and_hessian(evidence, TOPICS, prior, abilities)
    assert max(map(abs, gradient)) < 1e-6


@settings(deadline=None)
@given(evidence_rows, st.randoms(use_true_random=False))
def test_order_of_rows_and_topics_changes_no_digit(evidence, rng):
    shuffled, topics = list(evidence), list(TOPICS)
    rng.shuffle(shuffled)
    rng.shuffle(topics)
    assert fit(shuffled, topics) == fit(evidence, TOPICS)


@settings(deadline=None)
@given(evidence_rows)
def test_topic_without_evidence_changes_no_other(evidence):
    without, with_more = fit(evidence, TOPICS), fit(evidence, [*TOPICS, "untested", "also untested"])
    for topic in TOPICS:
        assert with_more[topic].mean == pytest.approx(without[topic].mean, abs=1e-9)
        assert with_more[topic].variance == pytest.approx(without[topic].variance, abs=1e-9)
        assert with_more[topic].evidence == without[topic].evidence


@settings(deadline=None)
@given(evidence_rows, st.sampled_from(TOPICS), st.floats(-4, 4), st.floats(0, 1))
def test_another_right_answer_never_lowers_any_topic(evidence, topic, difficulty, weight):
    before = fit(evidence, TOPICS)
    after = fit([*evidence, answer(topic, difficulty, 1.0, weight)], TOPICS)
    assert all(after[other].mean >= before[other].mean - 1e-7 for other in TOPICS)


@settings(deadline=None)
@given(evidence_rows.filter(bool), st.data())
def test_higher_score_never_lowers_any_topic(evidence, data):
    i = data.draw(st.integers(0, len(evidence) - 1))
    row = evidence[i]
    better = Evidence(row.topic_weights, row.difficulty, data.draw(st.floats(row.score, 1)), row.weight)
    before, after = fit(evidence, TOPICS), fit([*evidence[:i], better, *evidence[i + 1 :]], TOPICS)
    assert all(after[topic].mean >= before[topic].mean - 1e-7 for topic in TOPICS)


@pytest.mark.parametrize("count", [1, 10, 2000])
@pytest.mark.parametrize(("score", "sign"), [(1.0, 1), (0.0, -1)])
@pytest.mark.parametrize("difficulty", [-4.0, 0.0, 4.0])
def test_all_right_and_all_wrong_stay_finite(count, score, sign, difficulty):
    evidence = [answer("a", difficulty, score)] * count
    posterior = fit(evidence, ["a", "b"])["a"]
    mean, variance = dense_fit(evidence, ["a", "b"])["a"]
    assert sign * posterior.mean > 0
    assert posterior.mean == pytest.approx(mean, abs=1e-6)
    assert posterior.variance == pytest.approx(variance, rel=1e-6)


def test_no_evidence_gives_the_prior():
    for posterior in fit([], TOPICS).values():
        assert posterior.mean == 0
        assert posterior.variance == pytest.approx(1.17)
        assert posterior.evidence == 0


def test_no_topics_give_nothing():
    assert fit([], []) == {}


def test_one_topic_alone():
    evidence = [answer("a", 0, 1)]
    mean, variance = dense_fit(evidence, ["a"])["a"]
    assert fit(evidence, ["a"])["a"] == Posterior(pytest.approx(mean), pytest.approx(variance), 1.0)


def test_evidence_of_weight_zero_says_nothing():
    silent = [answer("a", 0, 1, weight=0.0)] * 5
    assert fit(silent, TOPICS) == fit([], TOPICS)


def test_answers_in_one_topic_move_an_untested_one_less():
    posteriors = fit([answer("a", 0, 1)] * 5, ["a", "untested"])
    assert 0 < posteriors["untested"].mean < posteriors["a"].mean
    assert posteriors["a"].variance < posteriors["untested"].variance < 1.17


def test_evidence_of_a_topic_not_asked_for_is_an_error():
    with pytest.raises(KeyError, match="unheard-of"):
        fit([answer("unheard-of", 0, 1)], TOPICS)


def test_sixty_topics_and_two_thousand_questions_converge():
    rng = random.Random(7)
    topics = [f"t{i}" for i in range(60)]
    truth = {topic: rng.gauss(0.5, 0.6) for topic in topics}
    evidence = []
    for _ in range(2000):
        chosen, b = rng.sample(topics, rng.randint(1, 3)), rng.gauss(0, 1)
        right = rng.random() < 1 / (1 + math.exp(b - truth[chosen[0]]))
        evidence.append(Evidence(topic_weights(chosen), b, float(right), 1.0))
    posteriors = fit(evidence, topics)
    gradient, _ = gradient_and_hessian(evidence, topics, DEFAULT_PRIOR, [posteriors[t].mean for t in topics])
    assert max(map(abs, gradient)) < 1e-6


def test_topic_weights_sum_to_one_primary_first():
    assert topic_weights(["a"]) == {"a": 1.0}
    assert topic_weights(["a", "b"]) == {"a": 0.65, "b": 0.35}
    assert topic_weights(["b", "a", "c"]) == {"b": 0.5, "a": 0.3, "c": 0.2}


@pytest.mark.parametrize("topics", [[], ["a", "a"], ["a", "b", "c", "d"]])
def test_topic_weights_reject_other_lists(topics):
    with pytest.raises(ValueError, match="1 to 3 different topics"):
        topic_weights(topics)
