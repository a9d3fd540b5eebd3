"""How long a candidate takes, compared with the usual time: pure functions, no Django (docs/statistics.md).

Times are compared as logarithms of seconds used / seconds allotted, as in log-normal models of response time
(van der Linden 2006). Time used ends at the time allotted: with many time-outs the ratio is a lower bound.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from questions.statistics import Z80, TimeoutShare, normal_cdf, timeout_share

DEFAULT_USUAL_RATIO = 0.6  # of the time allotted, for a question that few have answered
USUAL_RATIO_FROM = 10  # first attempts on the site, before a question's own median is used
ANSWER_SD = 0.5  # of one answer's log ratio around the candidate's own pace
PERSON_SD = 0.3  # of the candidates' paces
PRIOR_ANSWERS = ANSWER_SD**2 / PERSON_SD**2  # 2.7778: the prior counts as much as this many answers
MARGIN = math.log(1.1)  # less than a tenth more or less than usual is not called slow or fast
VERY_LIKELY = 0.9
SHOWN_FROM = 10
MANY_TIMEOUTS = 0.3  # share above which the ratio is stated as "at least"

LOG_QUICK = math.log(0.6)  # of the usual ratio
RIGHT_FROM = 0.5  # score


class TimedAnswer(NamedTuple):
    """A counted answer with a time limit."""

    surplus: float  # its log ratio less the question's usual one
    score: float
    is_timed_out: bool

    @classmethod
    def of(
        cls,
        seconds_used: float,
        seconds_allotted: float,  # above 0
        usual_ratio: float | None,  # the question's median used / allotted; None below USUAL_RATIO_FROM attempts
        score: float,
        *,
        is_timed_out: bool = False,
    ) -> Self:
        """surplus = ln(used / allotted) - ln(usual ratio); neither time is taken to be under a second."""
        usual = DEFAULT_USUAL_RATIO if usual_ratio is None else usual_ratio
        log_ratio = math.log(max(seconds_used, 1) / seconds_allotted)
        return cls(log_ratio - math.log(max(usual, 1 / seconds_allotted)), score, is_timed_out)


class Verdict(StrEnum):
    SLOW = "slow"
    FAST = "fast"
    UNCLEAR = "unclear"
    NOT_ENOUGH_EVIDENCE = "not enough evidence yet"


@dataclass(frozen=True, slots=True)
class Pacing:
    count: int
    log_ratio: float  # pi, shrunk to 0 (the usual pace)
    standard_error: float
    ratio: float  # e^pi: takes this many times the usual time
    low: float  # 80 % range of the ratio
    high: float
    p_slow: float  # that the ratio is above 1.1
    p_fast: float  # that it is below 1 / 1.1
    verdict: Verdict
    timeout_count: int
    timeouts: TimeoutShare

    @property
    def is_lower_bound(self) -> bool:
        return self.timeout_count > MANY_TIMEOUTS * self.count


def pacing(answers: Sequence[TimedAnswer]) -> Pacing:
    """pi = sum(log ratio - usual log ratio) / (n + 2.7778), SE = 0.5 / sqrt(n + 2.7778).

    P(slow) = 1 - Phi((ln 1.1 - pi) / SE) and P(fast) = Phi((-ln 1.1 - pi) / SE), each stated from 0.9.
    Below 10 answers the numbers stand, but the verdict is that the evidence is not enough: show none of them.
    """
    count = len(answers)
    pace = math.fsum(answer.surplus for answer in answers) / (count + PRIOR_ANSWERS)
    se = ANSWER_SD / math.sqrt(count + PRIOR_ANSWERS)
    p_slow = 1 - normal_cdf((MARGIN - pace) / se)
    p_fast = normal_cdf((-MARGIN - pace) / se)
    timeout_count = sum(answer.is_timed_out for answer in answers)
    return Pacing(
        count=count,
        log_ratio=pace,
        standard_error=se,
        ratio=math.exp(pace),
        low=math.exp(pace - Z80 * se),
        high=math.exp(pace + Z80 * se),
        p_slow=p_slow,
        p_fast=p_fast,
        verdict=_verdict(count, p_slow, p_fast),
        timeout_count=timeout_count,
        timeouts=timeout_share(timeout_count, count),
    )


def _verdict(count: int, p_slow: float, p_fast: float) -> Verdict:
    if count < SHOWN_FROM:
        return Verdict.NOT_ENOUGH_EVIDENCE
    if p_slow >= VERY_LIKELY:
        return Verdict.SLOW
    if p_fast >= VERY_LIKELY:
        return Verdict.FAST
    return Verdict.UNCLEAR


class Quadrant(StrEnum):
    """The four counts of the report. "Slow" only means not quick: the usual time or more."""

    QUICK_WRONG = "quick and wrong"
    SLOW_WRONG = "not quick, and wrong"
    SLOW_RIGHT = "not quick, and right"
    QUICK_RIGHT = "quick and right"


def quadrant(answer: TimedAnswer) -> Quadrant:
    """Quick: under 0.6 times the usual ratio. Wrong: a score under 0.5."""
    is_quick = answer.surplus < LOG_QUICK
    if answer.score < RIGHT_FROM:
        return Quadrant.QUICK_WRONG if is_quick else Quadrant.SLOW_WRONG
    return Quadrant.QUICK_RIGHT if is_quick else Quadrant.SLOW_RIGHT
