"""The score to expect on a track."""

import random
from statistics import NormalDist, fmean, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report.statistics.fitting import fit_joint
from interviews.report.statistics.track import asked, expected, forecast, known_share, topic_shares
from questions.statistics import logistic
from tests.interviews.report.statistics.test_joint_fit import EXAMPLE

# weakness.md, D7
SECTIONS = [
    (2, [({"A": 1.0}, -0.9), ({"A": 1.0}, 0.0), ({"B": 1.0}, 0.0)]),
    (1, [({"B": 0.65, "C": 0.35}, 0.9), ({"A": 0.5, "B": 0.3, "C": 0.2}, 0.3)]),
]
FIT = fit_joint(EXAMPLE, "ABC")


def track(sections, fit):
    return asked([(count, [forecast(*question, fit) for question in pool]) for count, pool in sections])


QUESTIONS = track(SECTIONS, FIT)


def approx(value: float):
    return pytest.approx(value, abs=0.00005)


def test_published_example():
    found = expected(QUESTIONS, 3, FIT)
    assert found.score == approx(0.5214)
    assert found.sd**2 == pytest.approx(0.021303, abs=5e-7)
    assert (found.low, found.high) == (approx(0.3418), approx(0.6994))
    assert found.sitting_sd == approx(0.3232)
    assert topic_shares(QUESTIONS) == {"A": approx(0.5278), "B": approx(0.3806), "C": approx(0.0917)}
    assert sum(question.share for question in QUESTIONS) == pytest.approx(1)
    assert found.width > 0.3  # by the gate it is not shown


def test_agrees_with_drawing_abilities_from_the_posterior():
    """Abilities by the Cholesky factor of their covariance: mean 0.5210, range 0.3440 to 0.6953 as published."""
    luck = random.Random(1)
    topics = "ABC"
    v = [[FIT.covariance(one, other) for other in topics] for one in topics]
    l00 = v[0][0] ** 0.5
    l10, l20 = v[1][0] / l00, v[2][0] / l00
    l11 = (v[1][1] - l10**2) ** 0.5
    l21 = (v[2][1] - l20 * l10) / l11
    l22 = (v[2][2] - l20**2 - l21**2) ** 0.5
    draw = NormalDist().samples(60_000, seed=luck.random())
    scores = []
    for x, y, z in zip(draw[::3], draw[1::3], draw[2::3], strict=True):
        moved = {"A": l00 * x, "B": l10 * x + l11 * y, "C": l20 * x + l21 * y + l22 * z}
        abilities = {topic: FIT.topics[topic].mean + move for topic, move in moved.items()}
        scores.append(
            sum(
                count / 3 / len(pool) * logistic(sum(w * abilities[t] for t, w in weights.items()) - difficulty)
                for count, pool in SECTIONS
                for weights, difficulty in pool
            )
        )
    cuts = quantiles(scores, n=10)
    found = expected(QUESTIONS, 3, FIT)
    assert found.score == pytest.approx(fmean(scores), abs=0.005)
    assert (found.low, found.high) == (pytest.approx(cuts[0], abs=0.02), pytest.approx(cuts[-1], abs=0.02))


def test_without_covariances_the_range_would_be_too_narrow():
    leans = {}
    for question in QUESTIONS:
        for topic, weight in question.forecast.topic_weights.items():
            leans[topic] = leans.get(topic, 0) + question.share * weight * 0.25
    alone = sum(lean**2 * FIT.topics[topic].variance for topic, lean in leans.items())
    assert FIT.variance(leans) > 1.3 * alone


def test_the_share_that_is_known_counts_topics_with_an_answer_s_worth():
    assert known_share(QUESTIONS, FIT) == pytest.approx(0.5278 + 0.3806, abs=0.0001)  # C has 0.35
    nothing = fit_joint([], "ABC")
    assert known_share(track(SECTIONS, nothing), nothing) == 0


tracks = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.lists(
            st.tuples(st.sampled_from([{"A": 1.0}, {"B": 0.65, "C": 0.35}]), st.floats(-3, 3)), min_size=1, max_size=6
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(tracks, st.lists(st.sampled_from(EXAMPLE), max_size=30))
def test_score_lies_in_its_range_and_every_sitting_on_the_scale(sections, rows):
    fit = fit_joint(rows, "ABC")
    found = expected(track(sections, fit), sum(count for count, _ in sections), fit)
    assert 0 < found.low < found.score < found.high < 1
    assert 0 <= found.sitting_low < found.sitting_high <= 1
    assert found.sitting_sd > found.sd
