"""How well stated confidence fits the scores: pure functions, no Django (docs/statistics.md).

A candidate states one of a few levels, such as 80 per cent: the share of the points they expect. Few answers make
honest people look badly calibrated (at 10 answers the expected calibration error of a perfect one is 22 points),
so each figure has a number of answers from which it may be shown.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import NamedTuple

from questions.statistics import Z80, normal_cdf

# Answers with a stated confidence, before the figure may be shown.
GAP_FROM = 10
DECOMPOSITION_FROM = 50
DIAGRAM_FROM, DIAGRAM_LEVEL_FROM = 100, 10  # in all, and at each level drawn
CALIBRATION_ERROR_FROM = 200

GAP_PRIOR_VARIANCE = 0.15**2
MIN_GAP_VARIANCE = 0.05  # of one answer: few answers can agree by chance
GAP_MARGIN = 0.05
VERY_LIKELY = 0.9

RIGHT_FROM = 0.5  # score; for certainty-based marks only full marks count as right
FULL_MARKS = 0.999


class StatedAnswer(NamedTuple):
    confidence: float  # one of few levels, 0 to 1
    score: float  # 0 to 1

    @property
    def is_misconception(self) -> bool:
        """Wrong, and stated with 80 % or more: first in the report's list."""
        return self.score < RIGHT_FROM and self.confidence >= 0.8

    @property
    def is_underrated(self) -> bool:
        """Right, and stated with 60 % or less: knows more than thought."""
        return self.score >= RIGHT_FROM and self.confidence <= 0.6


# The Brier score and its parts


@dataclass(frozen=True, slots=True)
class LevelScore:
    """One point of the reliability diagram."""

    confidence: float
    count: int
    mean_score: float
    score_variance: float  # population variance


def _square_sum(values: Sequence[float]) -> float:
    """sum((x - mean)^2), rounded once; the variances of `statistics` reckon in fractions, many times slower."""
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values)


def level_scores(answers: Sequence[StatedAnswer]) -> list[LevelScore]:
    scores = defaultdict(list)
    for answer in answers:
        scores[answer.confidence].append(answer.score)
    return [
        LevelScore(confidence, len(ys), fmean(ys), _square_sum(ys) / len(ys))
        for confidence, ys in sorted(scores.items())
    ]


@dataclass(frozen=True, slots=True)
class Decomposition:
    """brier = reliability - resolution + uncertainty, exactly."""

    brier: float  # 0 is best; always saying 50 % gives 0.25 on right or wrong
    reliability: float  # distance between stated and scored; 0 is best. Corrected below 0: show 0
    resolution: float  # how far stated confidence tells answers apart; high is good
    uncertainty: float  # variance of the scores


def decompose(answers: Sequence[StatedAnswer], levels: Sequence[LevelScore]) -> Decomposition:
    """Murphy's (1973) decomposition of the Brier score by stated level, exact with part credit too.

    REL = sum(n_k (f_k - y_k)^2) / n, RES = sum(n_k (y_k - y)^2) / n, UNC = mean((y_i - y)^2), with f_k the stated
    level, y_k the mean score at it and y the mean score. At least one answer; `levels`: their level_scores.
    """
    scores = [answer.score for answer in answers]
    count, mean = len(scores), fmean(scores)
    return Decomposition(
        brier=fmean((answer.confidence - answer.score) ** 2 for answer in answers),
        reliability=math.fsum(k.count * (k.confidence - k.mean_score) ** 2 for k in levels) / count,
        resolution=math.fsum(k.count * (k.mean_score - mean) ** 2 for k in levels) / count,
        uncertainty=_square_sum(scores) / count,
    )


def decompose_unbiased(answers: Sequence[StatedAnswer], levels: Sequence[LevelScore]) -> Decomposition:
    """The decomposition without the bias of small levels (Ferro and Fricker 2012); at least two answers.

    With A = sum over levels with n_k > 1 of (n_k / n) s_k^2 / (n_k - 1) and u = UNC / (n - 1):
    REL - A, RES - A + u, UNC + u. The parts still add up to the same Brier score.
    """
    plain, count = decompose(answers, levels), len(answers)
    inside = math.fsum(k.count / count * k.score_variance / (k.count - 1) for k in levels if k.count > 1)
    between = plain.uncertainty / (count - 1)
    return Decomposition(
        brier=plain.brier,
        reliability=plain.reliability - inside,
        resolution=plain.resolution - inside + between,
        uncertainty=plain.uncertainty + between,
    )


def calibration_error(levels: Sequence[LevelScore]) -> float:
    """The expected calibration error sum(n_k |f_k - y_k|) / n: strongly biased upwards, so not before 200."""
    return math.fsum(k.count * abs(k.confidence - k.mean_score) for k in levels) / sum(k.count for k in levels)


# The gap between stated and scored


class Verdict(StrEnum):
    """For code and exports; the page says it in points, without a judging word."""

    OVERCONFIDENT = "overconfident"
    UNDERCONFIDENT = "underconfident"
    NOTHING_CLAIMED = "nothing claimed"
    NOT_ENOUGH_EVIDENCE = "not enough evidence yet"


@dataclass(frozen=True, slots=True)
class Gap:
    count: int
    mean_confidence: float
    mean_score: float
    raw: float  # mean(f - y): above 0 is overconfident
    raw_variance: float  # V, of that mean
    shrunk: float  # G
    sd: float
    low: float  # 80 % range around the shrunk gap
    high: float
    p_over: float  # that the gap is above 5 points
    p_under: float  # that it is below -5 points
    verdict: Verdict


def gap(answers: Sequence[StatedAnswer]) -> Gap:
    """The mean of confidence - score, shrunk to 0 with prior sd 0.15; at least one answer.

    V = max(var(f - y), 0.05) / n, G = raw * 0.0225 / (0.0225 + V), sd = sqrt(0.0225 V / (0.0225 + V)),
    P(over) = Phi((G - 0.05) / sd), P(under) = Phi((-0.05 - G) / sd); claimed from 0.9, and from 10 answers.
    """
    count = len(answers)
    gaps = [answer.confidence - answer.score for answer in answers]
    raw = fmean(gaps)
    raw_variance = max(_square_sum(gaps) / (count - 1) if count > 1 else 0.0, MIN_GAP_VARIANCE) / count
    share = GAP_PRIOR_VARIANCE / (GAP_PRIOR_VARIANCE + raw_variance)
    shrunk, sd = share * raw, math.sqrt(share * raw_variance)
    p_over = normal_cdf((shrunk - GAP_MARGIN) / sd)
    p_under = normal_cdf((-GAP_MARGIN - shrunk) / sd)
    return Gap(
        count=count,
        mean_confidence=fmean(answer.confidence for answer in answers),
        mean_score=fmean(answer.score for answer in answers),
        raw=raw,
        raw_variance=raw_variance,
        shrunk=shrunk,
        sd=sd,
        low=shrunk - Z80 * sd,
        high=shrunk + Z80 * sd,
        p_over=p_over,
        p_under=p_under,
        verdict=_verdict(count, p_over, p_under),
    )


def _verdict(count: int, p_over: float, p_under: float) -> Verdict:
    if count < GAP_FROM:
        return Verdict.NOT_ENOUGH_EVIDENCE
    if p_over >= VERY_LIKELY:
        return Verdict.OVERCONFIDENT
    if p_under >= VERY_LIKELY:
        return Verdict.UNDERCONFIDENT
    return Verdict.NOTHING_CLAIMED


# Certainty-based marking: opt-in, for right-or-wrong marks, never part of mastery


def certainty_mark(answer: StatedAnswer) -> int:
    """Gardner-Medwin's marks: +1/0 below 67 %, +2/-2 below 80 %, +3/-6 from 80 %. Honesty pays best."""
    is_right = answer.score >= FULL_MARKS
    if answer.confidence < 0.67:
        return 1 if is_right else 0
    if answer.confidence < 0.8:
        return 2 if is_right else -2
    return 3 if is_right else -6


def certainty_bonus(answers: Sequence[StatedAnswer]) -> float:
    """0.1 * (mean mark - max(A, 4A - 2, 9A - 6)), A the share right: what telling answers apart has gained."""
    accuracy = fmean(answer.score >= FULL_MARKS for answer in answers)
    best_uniform = max(accuracy, 4 * accuracy - 2, 9 * accuracy - 6)
    return 0.1 * (fmean(certainty_mark(answer) for answer in answers) - best_uniform)
