"""What a candidate is weak at, and how sure that is: pure functions, no Django (docs/statistics.md).

`counting` says what counts, `fitting` what the abilities are; `describe` turns a topic's posterior into an expected
score, an 80 % range and a label.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interviews.report.statistics import counting
from interviews.report.statistics.fitting import DEFAULT_PRIOR, Posterior
from questions.statistics import Z80, attenuation, logistic, logit, normal_cdf

MODEL_VERSION = "2"

DEFAULT_TARGET = 0.7
MIN_TOPIC_EVIDENCE = 3  # recent answers, before a topic gets any other label
MIN_COUNTED_ANSWERS = 8  # before a report states any estimate
VERY_LIKELY, PROBABLY = 0.9, 0.8

MIN_REFERENCE_QUESTIONS = 3
DEFAULT_REFERENCE_VARIANCE = 0.25

# What a stored report must carry, besides the difficulties used, to be computed again.
CONSTANTS: Mapping[str, float] = {
    "half_life_days": counting.HALF_LIFE.days,
    "repeat_after_days": counting.REPEAT_AFTER.days,
    "window_days": counting.WINDOW.days,
    "age_cap_months": counting.AGE_CAP_MONTHS,
    "self_graded_weight": counting.GRADER_WEIGHT["self"],
    "prior_mean": DEFAULT_PRIOR.mean,
    "prior_general_sd": DEFAULT_PRIOR.general_sd,
    "prior_topic_sd": DEFAULT_PRIOR.topic_sd,
    "leniency_mean": DEFAULT_PRIOR.leniency_mean,
    "leniency_sd": DEFAULT_PRIOR.leniency_sd,
    "slope_mean": DEFAULT_PRIOR.slope_mean,
    "slope_sd": DEFAULT_PRIOR.slope_sd,
    "min_topic_evidence": MIN_TOPIC_EVIDENCE,
    "min_counted_answers": MIN_COUNTED_ANSWERS,
    "very_likely": VERY_LIKELY,
    "probably": PROBABLY,
}


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
    posterior: Posterior,
    reference_mean: float,
    reference_variance: float,
    target: float = DEFAULT_TARGET,
    counted: int | None = None,
) -> Estimate:
    """The expected score on the reference questions (see `reference`), its range and its label.

    `counted`: the counted answers of the whole report; below 8 there is no label but "not enough evidence yet", and
    nothing may carry the numbers. None: not checked.

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
        label=label(posterior.evidence, p_weak, counted),
    )


def expected_score(posterior: Posterior, difficulty: float, difficulty_variance: float = 0.0) -> float:
    """logistic((m - b) / attenuation(v + s2)): the next answer to a question, or to one of a set (s2 > 0)."""
    return logistic((posterior.mean - difficulty) / attenuation(posterior.variance + difficulty_variance))


def label(evidence: float, p_weak: float, counted: int | None = None) -> Label:
    """Little evidence, of the topic or in all, outranks every probability."""
    if evidence < MIN_TOPIC_EVIDENCE or (counted is not None and counted < MIN_COUNTED_ANSWERS):
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
