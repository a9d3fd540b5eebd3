"""Whether a candidate's answers get better with time: pure functions, no Django (docs/statistics.md).

The weakness report's model is fitted to first attempts without decay, as if ability stood still; the trend is
the slope over time of what that fit leaves unexplained. Trends need months: over 180 days with 8 sittings of 10
answers, a true gain of 0.3 logits a month is found one time in three.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import fmean

from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, Prior, fit_joint
from questions.statistics import Z80, logistic, logit, normal_cdf

WINDOW = timedelta(days=365)
MIN_ATTEMPTS = 20
MIN_DAYS = 4
MIN_SPAN = timedelta(days=14)
UNIT = timedelta(days=30)
SLOPE_SD = 0.2  # prior, logits per 30 days
VERY_LIKELY = 0.9
PLOT_STEPS = 8
MOST_SITTINGS = 8


@dataclass(frozen=True, slots=True)
class FirstAttempt:
    """A candidate's first graded attempt at a question.

    `answered_at` is in the candidate's time zone, where days are counted; `evidence.weight` is the grader's
    alone (1 for auto and coach, 0.5 for self): no decay, no cap; and no age, since the trend is its own slope.
    """

    answered_at: datetime
    evidence: Evidence


class Direction(StrEnum):
    IMPROVING = "improving"
    DECLINING = "declining"
    NO_CLEAR_TREND = "no clear trend"  # which is not "flat"


@dataclass(frozen=True, slots=True)
class Trend:
    count: int
    span_days: int
    slope: float  # logits per 30 days, shrunk to 0
    sd: float
    p_up: float
    points: float  # percentage points per 30 days
    points_low: float  # 80 % range
    points_high: float
    direction: Direction


def trend(attempts: Sequence[FirstAttempt], now: datetime, prior: Prior = DEFAULT_PRIOR) -> Trend | None:
    """The trend over the first attempts of the 365 days up to `now`; None when they are too few or too close.

    Give all attempts for the general trend, or those of one topic for its own: either needs 20, on 4 days over
    14 days. With p_j from the fit, v_j = s_j p_j (1 - p_j) and x_j = time in units of 30 days from the v-weighted
    mean: slope = sum(s (y - p) x) / (sum(v x^2) + 1 / 0.2^2), sd = (sum(v x^2) + 25)^(-1/2), P(up) = Phi(slope / sd),
    points = 100 * slope * mean(p (1 - p)).
    """
    line = _fit_line(attempts, now, prior)
    if line is None:
        return None
    points_per_logit = 100 * fmean(p * (1 - p) for p in line.expected)
    p_up = normal_cdf(line.slope / line.sd)
    moments = [attempt.answered_at for attempt in line.attempts]
    return Trend(
        count=len(line.attempts),
        span_days=(max(moments) - min(moments)).days,
        slope=line.slope,
        sd=line.sd,
        p_up=p_up,
        points=points_per_logit * line.slope,
        points_low=points_per_logit * (line.slope - Z80 * line.sd),
        points_high=points_per_logit * (line.slope + Z80 * line.sd),
        direction=_direction(p_up),
    )


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A place on the trend's line, as scores from 0 to 1; the band holds the line in 80 of 100 cases."""

    days_ago: float
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sitting:
    """A dot beside the line: the mean of some successive attempts, evened out for their difficulty."""

    days_ago: float
    score: float
    count: int


@dataclass(frozen=True, slots=True)
class TrendPlot:
    line: list[TrendPoint]
    sittings: list[Sitting]


def trend_plot(attempts: Sequence[FirstAttempt], now: datetime, prior: Prior = DEFAULT_PRIOR) -> TrendPlot | None:
    """The line logistic(logit(mean p) + slope x) from the first attempt to the last; None where `trend` is.

    Its sd in logits is sqrt(1 / sum(v) + sd^2 x^2). The dots are at most 8 groups of successive attempts, each at
    mean p + its own mean of y - p.
    """
    line = _fit_line(attempts, now, prior)
    if line is None:
        return None
    level = fmean(line.expected)
    start, end = min(line.xs), max(line.xs)

    def at(x: float) -> TrendPoint:
        middle = logit(level) + line.slope * x
        half = Z80 * math.hypot(1 / math.sqrt(math.fsum(line.precisions)), line.sd * x)
        return TrendPoint(_days_ago(x, line), logistic(middle), logistic(middle - half), logistic(middle + half))

    order = sorted(range(len(line.xs)), key=lambda i: (line.xs[i], line.attempts[i].evidence.score))
    size = math.ceil(len(order) / MOST_SITTINGS)
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    surplus = [attempt.evidence.score - p for attempt, p in zip(line.attempts, line.expected, strict=True)]
    return TrendPlot(
        line=[at(start + (end - start) * step / PLOT_STEPS) for step in range(PLOT_STEPS + 1)],
        sittings=[
            Sitting(
                days_ago=_days_ago(fmean(line.xs[i] for i in group), line),
                score=min(1.0, max(0.0, level + fmean(surplus[i] for i in group))),
                count=len(group),
            )
            for group in groups
        ],
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The fit as if nothing changed, and the slope of what it leaves; all lists go with `attempts`."""

    attempts: list[FirstAttempt]
    expected: list[float]  # p
    precisions: list[float]  # v
    centre: float  # the v-weighted mean time, in units of 30 days from now
    xs: list[float]
    slope: float
    sd: float


def _fit_line(attempts: Sequence[FirstAttempt], now: datetime, prior: Prior) -> _Line | None:
    attempts = [attempt for attempt in attempts if now - WINDOW < attempt.answered_at <= now]
    if not _suffices(attempts):
        return None
    rows = [attempt.evidence for attempt in attempts]
    found = fit_joint(rows, {topic for row in rows for topic in row.topic_weights}, prior)
    expected = [
        logistic(
            math.fsum(share * found.topics[topic].mean for topic, share in row.topic_weights.items())
            + found.leniency.mean * row.self_share
            - row.difficulty
        )
        for row in rows
    ]
    times = [(attempt.answered_at - now) / UNIT for attempt in attempts]
    precisions = [row.weight * p * (1 - p) for row, p in zip(rows, expected, strict=True)]
    centre = math.fsum(v * t for v, t in zip(precisions, times, strict=True)) / math.fsum(precisions)
    xs = [t - centre for t in times]
    precision = math.fsum(v * x * x for v, x in zip(precisions, xs, strict=True)) + 1 / SLOPE_SD**2
    pull = math.fsum(row.weight * (row.score - p) * x for row, p, x in zip(rows, expected, xs, strict=True))
    return _Line(attempts, expected, precisions, centre, xs, slope=pull / precision, sd=1 / math.sqrt(precision))


def _days_ago(x: float, line: _Line) -> float:
    return -(line.centre + x) * UNIT.days


def _suffices(attempts: Sequence[FirstAttempt]) -> bool:
    if len(attempts) < MIN_ATTEMPTS:
        return False
    moments = [attempt.answered_at for attempt in attempts]
    return len({moment.date() for moment in moments}) >= MIN_DAYS and max(moments) - min(moments) >= MIN_SPAN


def _direction(p_up: float) -> Direction:
    if p_up >= VERY_LIKELY:
        return Direction.IMPROVING
    if 1 - p_up >= VERY_LIKELY:
        return Direction.DECLINING
    return Direction.NO_CLEAR_TREND
