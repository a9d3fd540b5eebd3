"""What a candidate is weak at, and how sure that is: pure functions, no Django (docs/statistics.md).

A hierarchical logistic model with known question difficulties. The ability of topic t, in logits, is

    a_t = mu + theta + delta_t,   theta ~ N(0, general_sd^2),   delta_t ~ N(0, topic_sd^2),

so that a topic is shrunk to the candidate's own general level, and that to the site's average candidate.
A question of difficulty b is expected to score p = logistic(a_t - b), and a score y in [0, 1] has the log
likelihood y ln p + (1 - y) ln(1 - p), times its weight. `fit` finds the posterior mode and its variance (Laplace);
`describe` turns them into an expected score, an 80 % range and a label.

Sums use math.fsum, which rounds once: the order of rows and topics changes no digit of a report.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from questions.statistics import Z80, attenuation, logistic, logit, normal_cdf

MODEL_VERSION = "1"

HALF_LIFE = timedelta(days=180)  # an answer this old counts half
REPEAT_AFTER = timedelta(days=21)  # an earlier repeat shows memory of the question, not the topic
WINDOW = timedelta(days=1080)  # older answers would weigh less than 1/64
GRADER_WEIGHT: Mapping[str, float] = {"auto": 1.0, "coach": 1.0, "self": 0.5}
TOPIC_WEIGHTS: Mapping[int, tuple[float, ...]] = {1: (1.0,), 2: (0.65, 0.35), 3: (0.5, 0.3, 0.2)}

DEFAULT_TARGET = 0.7
MIN_TOPIC_EVIDENCE = 3  # recent answers, before a topic gets any other label
MIN_COUNTED_ANSWERS = 8  # before a report states any estimate
VERY_LIKELY, PROBABLY = 0.9, 0.8

MIN_REFERENCE_QUESTIONS = 3
DEFAULT_REFERENCE_VARIANCE = 0.25

MAX_STEP = 2.0  # logits; a longer Newton step can overshoot
MAX_ROUNDS = 50  # 4 to 6 are usual
TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a candidate before the first answer, in logits; both sds above 0."""

    mean: float = 0.0
    general_sd: float = 0.9
    topic_sd: float = 0.6


DEFAULT_PRIOR = Prior()

# What a stored report must carry, besides the difficulties used, to be computed again.
CONSTANTS: Mapping[str, float] = {
    "half_life_days": HALF_LIFE.days,
    "repeat_after_days": REPEAT_AFTER.days,
    "window_days": WINDOW.days,
    "self_graded_weight": GRADER_WEIGHT["self"],
    "prior_mean": DEFAULT_PRIOR.mean,
    "prior_general_sd": DEFAULT_PRIOR.general_sd,
    "prior_topic_sd": DEFAULT_PRIOR.topic_sd,
    "min_topic_evidence": MIN_TOPIC_EVIDENCE,
    "min_counted_answers": MIN_COUNTED_ANSWERS,
    "very_likely": VERY_LIKELY,
    "probably": PROBABLY,
}


# What counts


@dataclass(frozen=True, slots=True)
class Response:
    """One attempt at a question. `answered_at` is aware and in UTC: other zones' clocks jump."""

    question: Hashable
    answered_at: datetime
    graded_by: str  # auto, coach or self
    score: float | None  # 0 to 1; None while ungraded, which still makes it the previous attempt


@dataclass(frozen=True, slots=True)
class Counted:
    """What all counted responses to one question amount to."""

    weight: float  # W = sum(w)
    score: float  # sum(w y) / W
    capped_weight: float  # min(1, W): however often repeated, a question has one vote


def count_responses(responses: Iterable[Response], now: datetime) -> dict[Hashable, Counted]:
    """Question to what its counted responses amount to; questions without one are left out.

    Counted: graded, and the first attempt or at least 21 days after the previous one (counted or not), among
    the attempts of the 1,080 days up to `now`. Its weight is w = grader weight * 2^(-age / 180 days).
    """
    attempts = defaultdict(list)
    for response in responses:
        if now - WINDOW < response.answered_at <= now:
            attempts[response.question].append(response)
    counted = {}
    for question, history in attempts.items():
        votes = list(_votes(history, now))
        if votes:
            weight = math.fsum(w for w, _ in votes)
            score = math.fsum(w * y for w, y in votes) / weight
            counted[question] = Counted(weight, score, min(1.0, weight))
    return counted


def _votes(history: Iterable[Response], now: datetime) -> Iterator[tuple[float, float]]:
    """(weight, score) of the counted responses among the attempts at one question."""
    previous = None
    for response in sorted(history, key=_attempt_order):
        is_fresh = previous is None or response.answered_at - previous >= REPEAT_AFTER
        previous = response.answered_at
        if is_fresh and response.score is not None:
            age = (now - response.answered_at) / HALF_LIFE
            yield GRADER_WEIGHT[response.graded_by] * 2**-age, response.score


def _attempt_order(response: Response) -> tuple[datetime, float, str]:
    """By time; what follows only makes the order of attempts at the same instant definite."""
    return response.answered_at, -1.0 if response.score is None else response.score, response.graded_by


def topic_weights(topics: Sequence[str]) -> dict[str, float]:
    """The weights of a question's one to three distinct topics, primary first; they sum to 1.

    ValueError for any other list.
    """
    if len(topics) not in TOPIC_WEIGHTS or len(set(topics)) != len(topics):
        raise ValueError(f"a question has 1 to 3 different topics, not {list(topics)}")
    return dict(zip(topics, TOPIC_WEIGHTS[len(topics)], strict=True))


# The fit


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate's counted responses to one question say."""

    topic_weights: dict[str, float]  # sums to 1
    difficulty: float  # logits
    score: float  # 0 to 1
    weight: float  # Counted.capped_weight


@dataclass(frozen=True, slots=True)
class Posterior:
    """Ability in a topic, in logits, and the number of recent answers it rests on."""

    mean: float
    variance: float
    evidence: float  # sum of topic weight * weight


def fit(evidence: Iterable[Evidence], topics: Iterable[str], prior: Prior = DEFAULT_PRIOR) -> dict[str, Posterior]:
    """Topic to the posterior of its ability, for every one of `topics`.

    `topics` must name every topic of the evidence (KeyError otherwise). Naming more changes no other topic's
    result; a topic without evidence gets what the others say of the candidate's general level.

    Newton steps to the one maximum of a strictly concave function. The prior precision of T topics is
    I / topic_sd^2 - kappa * 11', so the Hessian is a diagonal plus a rank one matrix, and the formula of Sherman
    and Morrison gives steps and variances in closed form: O(rows + topics) a round, no linear algebra.
    """
    rows: dict[str, list[tuple[float, float, float]]] = {topic: [] for topic in topics}
    for item in evidence:
        for topic, share in item.topic_weights.items():
            rows[topic].append((share * item.weight, item.difficulty, item.score))

    general, own = prior.general_sd**2, prior.topic_sd**2
    kappa = general / (own + len(rows) * general) / own
    offsets = dict.fromkeys(rows, 0.0)  # a_t - mu
    inverses: dict[str, float] = {}  # e_t
    rank_one = 0.0  # s
    for _ in range(MAX_ROUNDS):
        common = kappa * math.fsum(offsets.values())
        gradients = {}
        for topic, offset in offsets.items():
            slope, curvature = _slope_and_curvature(prior.mean + offset, rows[topic])
            gradients[topic] = slope - offset / own + common
            inverses[topic] = 1 / (curvature + 1 / own)
        rank_one = kappa / (1 - kappa * math.fsum(inverses.values()))
        shared = rank_one * math.fsum(inverses[topic] * gradients[topic] for topic in rows)
        steps = {topic: inverses[topic] * (gradients[topic] + shared) for topic in rows}
        longest = max(map(abs, steps.values()), default=0.0)
        damping = min(1.0, MAX_STEP / longest) if longest else 1.0
        for topic, step in steps.items():
            offsets[topic] += damping * step
        if longest < TOLERANCE:
            break

    return {
        topic: Posterior(
            mean=prior.mean + offsets[topic],
            variance=inverses[topic] + rank_one * inverses[topic] ** 2,
            evidence=math.fsum(weight for weight, _, _ in rows[topic]),
        )
        for topic in rows
    }


def _slope_and_curvature(ability: float, rows: list[tuple[float, float, float]]) -> tuple[float, float]:
    """sum(w (y - p)) and sum(w p (1 - p)): the log likelihood's derivative, and minus its second one."""
    slopes, curvatures = [], []
    for weight, difficulty, score in rows:
        p = logistic(ability - difficulty)
        slopes.append(weight * (score - p))
        curvatures.append(weight * p * (1 - p))
    return math.fsum(slopes), math.fsum(curvatures)


# From ability to words


class Label(StrEnum):
    WEAK = "weak"
    PROBABLY_WEAK = "probably weak"
    UNCLEAR = "unclear"
    PROBABLY_ON_TARGET = "probably on target"
    ON_TARGET = "on target"
    NOT_ENOUGH_EVIDENCE = "not enough evidence yet"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A topic as the report states it; scores are shares from 0 to 1."""

    mastery: float  # expected score on a typical question of the topic at the target level
    low: float  # 80 % range of the ability, as a score
    high: float
    p_weak: float  # posterior probability that the expected score is below the target
    label: Label


def describe(
    posterior: Posterior, reference_mean: float, reference_variance: float, target: float = DEFAULT_TARGET
) -> Estimate:
    """The expected score on the reference questions (see `reference`), its range and its label.

    With c = attenuation(reference variance s2), mean m, variance v and reference mean beta:
    mastery = logistic((m - beta) / attenuation(v + s2)), range = logistic((m -+ 1.2816 sqrt(v) - beta) / c),
    P(weak) = Phi((beta + c logit(target) - m) / sqrt(v)). `target` is strictly between 0 and 1.
    """
    c = attenuation(reference_variance)
    sd = math.sqrt(posterior.variance)
    p_weak = normal_cdf((reference_mean + c * logit(target) - posterior.mean) / sd)
    return Estimate(
        mastery=expected_score(posterior, reference_mean, reference_variance),
        low=logistic((posterior.mean - Z80 * sd - reference_mean) / c),
        high=logistic((posterior.mean + Z80 * sd - reference_mean) / c),
        p_weak=p_weak,
        label=label(posterior.evidence, p_weak),
    )


def expected_score(posterior: Posterior, difficulty: float, difficulty_variance: float = 0.0) -> float:
    """logistic((m - b) / attenuation(v + s2)): the next answer to a question, or to one of a set (s2 > 0)."""
    return logistic((posterior.mean - difficulty) / attenuation(posterior.variance + difficulty_variance))


def label(evidence: float, p_weak: float) -> Label:
    """Little evidence outranks every probability."""
    if evidence < MIN_TOPIC_EVIDENCE:
        return Label.NOT_ENOUGH_EVIDENCE
    if p_weak >= VERY_LIKELY:
        return Label.WEAK
    if p_weak >= PROBABLY:
        return Label.PROBABLY_WEAK
    if 1 - p_weak >= VERY_LIKELY:
        return Label.ON_TARGET
    if 1 - p_weak >= PROBABLY:
        return Label.PROBABLY_ON_TARGET
    return Label.UNCLEAR


def reference(
    difficulties_at_level: Sequence[float], all_difficulties: Sequence[float], level_default: float
) -> tuple[float, float]:
    """Mean and population variance of the difficulties a topic is measured against.

    The active questions with this primary topic at the candidate's target level; fewer than 3: those of all
    levels; none at all: the level's default difficulty, with variance 0.25.
    """
    enough = len(difficulties_at_level) >= MIN_REFERENCE_QUESTIONS
    difficulties = difficulties_at_level if enough else all_difficulties
    if not difficulties:
        return level_default, DEFAULT_REFERENCE_VARIANCE
    mean = math.fsum(difficulties) / len(difficulties)
    return mean, math.fsum((b - mean) ** 2 for b in difficulties) / len(difficulties)
