"""A candidate's abilities from counted answers: pure functions, no Django (docs/statistics.md).

A hierarchical logistic model with known question difficulties. The ability of topic t now, in logits, is

    a_t = mu + theta + delta_t,   theta ~ N(0, general_sd^2),   delta_t ~ N(0, topic_sd^2),

so that a topic is shrunk to the candidate's own general level, and that to the site's average candidate. Two more
unknowns belong to the candidate: the leniency, how much higher their own scores are than a coach's, and the slope, how
fast their level changes in a month of 30 days. A question of difficulty b, scored by the candidate to the share f and
answered h months ago, is expected to score

    p = logistic(a_t + leniency f - slope h - b),

and a score y in [0, 1] has the log likelihood y ln p + (1 - y) ln(1 - p), times its weight. `fit_joint` finds the
posterior mode and its variances (Laplace).

Sums use math.fsum, which rounds once: the order of rows and topics changes no digit of a report.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import mul

from questions.statistics import SITE_LENIENCY, SITE_SLOPE, logistic

MAX_STEP = 2.0  # logits; a longer Newton step can overshoot
MAX_ROUNDS = 50  # 4 to 6 are usual
TOLERANCE = 1e-10  # of the last step: variances are those before it


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a candidate before the first answer, in logits; all sds but the general one above 0."""

    mean: float = 0.0
    general_sd: float = 0.9
    topic_sd: float = 0.6
    leniency_mean: float = SITE_LENIENCY
    leniency_sd: float = 0.5
    slope_mean: float = SITE_SLOPE
    slope_sd: float = 0.15


DEFAULT_PRIOR = Prior()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate's counted responses to one question say; see counting.Counted."""

    topic_weights: Mapping[str, float]  # sums to 1
    difficulty: float  # logits
    score: float  # 0 to 1
    weight: float  # Counted.capped_weight
    self_share: float = 0.0
    age: float = 0.0  # months


@dataclass(frozen=True, slots=True)
class Posterior:
    """Ability in a topic, in logits, and the number of recent answers it rests on."""

    mean: float
    variance: float
    evidence: float  # sum of topic weight * weight


@dataclass(frozen=True, slots=True)
class Unknown:
    """The leniency or the slope as the fit found it, in logits."""

    mean: float
    variance: float


# What leniency and slope are called where topics are named, too: no slug is.
LENIENCY, SLOPE = "leniency λ", "slope γ"

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """The posterior of every topic's ability, of leniency and of slope, and how they vary together.

    With rows u_t = (u_leniency, u_slope) and the 2 x 2 matrix C: the abilities' covariance is diag(e) + s ee' + u C u',
    that of leniency and slope is C, and -u C lies between.
    """

    topics: dict[str, Posterior]
    leniency: Unknown
    slope: Unknown
    inverses: Mapping[str, float]  # e
    rank_one: float  # s
    loadings: Mapping[str, Pair]  # u
    corner: tuple[Pair, Pair]  # C

    def covariance(self, one: str, other: str) -> float:
        """Of two unknowns: topics, LENIENCY or SLOPE."""
        return self.shared({one: 1.0}, {other: 1.0})

    def variance(self, weights: Mapping[str, float]) -> float:
        """Of a weighted sum of unknowns."""
        return self.shared(weights, weights)

    def shared(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """The covariance of two weighted sums of unknowns; KeyError for a name that is none."""
        own, others = _of_topics(one), _of_topics(other)
        level = self.rank_one * self._level(own) * self._level(others)
        alone = math.fsum(self.inverses[topic] * own[topic] * others[topic] for topic in own.keys() & others)
        return alone + level + _product(self._beside(one, own), _times(self.corner, self._beside(other, others)))

    def _level(self, topics: Mapping[str, float]) -> float:
        return _dot(topics, self.inverses)

    def _beside(self, weights: Mapping[str, float], topics: Mapping[str, float]) -> Pair:
        return (
            math.fsum(self.loadings[topic][0] * weight for topic, weight in topics.items())
            - weights.get(LENIENCY, 0.0),
            math.fsum(self.loadings[topic][1] * weight for topic, weight in topics.items()) - weights.get(SLOPE, 0.0),
        )


def _of_topics(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if name not in (LENIENCY, SLOPE)}


def fit(evidence: Iterable[Evidence], topics: Iterable[str], prior: Prior = DEFAULT_PRIOR) -> dict[str, Posterior]:
    """The topics of `fit_joint`."""
    return fit_joint(evidence, topics, prior).topics


def fit_joint(evidence: Iterable[Evidence], topics: Iterable[str], prior: Prior = DEFAULT_PRIOR) -> Fit:
    """The posterior of every one of `topics`, of leniency and of slope.

    `topics` must name every topic of the evidence (KeyError otherwise). Naming more changes no other topic's
    result; a topic without evidence gets what the others say of the candidate's general level.

    Newton steps to the one maximum of a strictly concave function. The prior precision of T topics is
    I / topic_sd^2 - kappa * 11', so their part of the Hessian is a diagonal plus a rank one matrix, which the formula
    of Sherman and Morrison inverts in closed form; leniency and slope border it by two columns, whose Schur complement
    is 2 x 2. O(rows + topics) a round, no linear algebra.
    """
    rows: dict[str, _Rows] = {topic: _Rows() for topic in topics}
    for item in evidence:
        for topic, share in item.topic_weights.items():
            rows[topic].add(share, item)

    general, own = prior.general_sd**2, prior.topic_sd**2
    kappa = general / (own + len(rows) * general) / own
    offsets = dict.fromkeys(rows, 0.0)  # a_t - mu
    leniency, slope = prior.leniency_mean, prior.slope_mean
    for _ in range(MAX_ROUNDS):
        sums = {topic: rows[topic].sums(prior.mean + offsets[topic], leniency, slope) for topic in rows}
        inverses = {topic: 1 / (one.curvature + 1 / own) for topic, one in sums.items()}
        rank_one = kappa / (1 - kappa * math.fsum(inverses.values()))
        common = kappa * math.fsum(offsets.values())
        gradients = {topic: one.pull - offsets[topic] / own + common for topic, one in sums.items()}
        columns = [{topic: one.border[i] for topic, one in sums.items()} for i in (0, 1)]

        solved = _solve(inverses, rank_one, gradients)  # A^-1 g
        u = [_solve(inverses, rank_one, column) for column in columns]
        corner = _inverse(_schur(sums.values(), columns, u, prior))
        pulls = (
            math.fsum(one.pulls[0] for one in sums.values()) - (leniency - prior.leniency_mean) / prior.leniency_sd**2,
            math.fsum(one.pulls[1] for one in sums.values()) - (slope - prior.slope_mean) / prior.slope_sd**2,
        )
        beside = _times(corner, (pulls[0] - _dot(columns[0], solved), pulls[1] - _dot(columns[1], solved)))
        steps = {topic: solved[topic] - u[0][topic] * beside[0] - u[1][topic] * beside[1] for topic in rows}

        longest = max(map(abs, [*steps.values(), *beside]))
        damping = min(1.0, MAX_STEP / longest) if longest else 1.0
        for topic, step in steps.items():
            offsets[topic] += damping * step
        leniency += damping * beside[0]
        slope += damping * beside[1]
        if longest < TOLERANCE:
            break

    loadings = {topic: (u[0][topic], u[1][topic]) for topic in rows}
    return Fit(
        topics={
            topic: Posterior(
                mean=prior.mean + offsets[topic],
                variance=inverses[topic]
                + rank_one * inverses[topic] ** 2
                + _product(loadings[topic], _times(corner, loadings[topic])),
                evidence=math.fsum(rows[topic].weights),
            )
            for topic in rows
        },
        leniency=Unknown(leniency, corner[0][0]),
        slope=Unknown(slope, corner[1][1]),
        inverses=inverses,
        rank_one=rank_one,
        loadings=loadings,
        corner=corner,
    )


class _Rows:
    """What the evidence says of one topic, column by column: C adds columns up faster than Python does rows."""

    __slots__ = ("ages", "difficulties", "own", "scores", "weights")

    def __init__(self):
        self.weights: list[float] = []
        self.difficulties: list[float] = []
        self.scores: list[float] = []
        self.own: list[float] = []  # f
        self.ages: list[float] = []  # x = -h

    def add(self, share: float, item: Evidence) -> None:
        self.weights.append(share * item.weight)
        self.difficulties.append(item.difficulty)
        self.scores.append(item.score)
        self.own.append(item.self_share)
        self.ages.append(-item.age)

    def sums(self, ability: float, leniency: float, slope: float) -> "_Sums":
        p = [
            logistic(ability + leniency * f + slope * x - b)
            for b, f, x in zip(self.difficulties, self.own, self.ages, strict=True)
        ]
        pulls = [n * (y - q) for n, y, q in zip(self.weights, self.scores, p, strict=True)]
        curvatures = [n * q * (1 - q) for n, q in zip(self.weights, p, strict=True)]
        own, aged = list(map(mul, self.own, curvatures)), list(map(mul, self.ages, curvatures))
        return _Sums(
            pull=math.fsum(pulls),
            curvature=math.fsum(curvatures),
            pulls=(math.fsum(map(mul, self.own, pulls)), math.fsum(map(mul, self.ages, pulls))),
            border=(math.fsum(own), math.fsum(aged)),
            corner=(
                math.fsum(map(mul, self.own, own)),
                math.fsum(map(mul, self.ages, own)),
                math.fsum(map(mul, self.ages, aged)),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Sums:
    """First and minus second derivatives of one topic's log likelihood, by its ability, the leniency and the slope."""

    pull: float
    curvature: float
    pulls: Pair
    border: Pair  # by the ability and each of the two
    corner: tuple[float, float, float]


def _solve(inverses: Mapping[str, float], rank_one: float, right: Mapping[str, float]) -> dict[str, float]:
    """A^-1 z = e z + s (e . z) e, for the topics' part A of the Hessian."""
    shared = rank_one * _dot(inverses, right)
    return {topic: e * (right[topic] + shared) for topic, e in inverses.items()}


def _schur(sums: Iterable[_Sums], columns, u, prior: Prior) -> tuple[Pair, Pair]:
    corners = [one.corner for one in sums]
    both = math.fsum(corner[1] for corner in corners) - _dot(columns[0], u[1])
    return (
        (math.fsum(corner[0] for corner in corners) + 1 / prior.leniency_sd**2 - _dot(columns[0], u[0]), both),
        (both, math.fsum(corner[2] for corner in corners) + 1 / prior.slope_sd**2 - _dot(columns[1], u[1])),
    )


def _inverse(matrix: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    """Of a symmetric 2 x 2 matrix."""
    (a, b), (_, d) = matrix
    determinant = a * d - b * b
    return (d / determinant, -b / determinant), (-b / determinant, a / determinant)


def _dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return math.fsum(value * other[name] for name, value in one.items())


def _times(matrix: tuple[Pair, Pair], right: Pair) -> Pair:
    return _product(matrix[0], right), _product(matrix[1], right)


def _product(one: Pair, other: Pair) -> float:
    return one[0] * other[0] + one[1] * other[1]
