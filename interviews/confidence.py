"""How well stated confidence fits the scores: pure functions, no Django (docs/statistics.md).

A candidate states 50, 60, 70, 80, 90 or 100 per cent: the share of the points they expect. Few answers make
honest people look badly calibrated (at 10 answers the expected calibration error of a perfect one is 22 points),
so each figure has a number of answers from which it may be shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

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


@dataclass(frozen=True, slots=True)
class StatedAnswer:
    confidence: float  # one of LEVELS
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


def level_scores(answers: Sequence[StatedAnswer]) -> list[LevelScore]:
    scores = defaultdict(list)
    for answer in answers:
        scores[answer.confidence].append(answer.score)
    return [LevelScore(confidence, len(ys), fmean(ys), pvariance(ys)) for confidence, ys in sorted(scores.items())]


@dataclass(frozen=True, slots=True)
class Decomposition:
    """brier = reliability - resolution + uncertainty, exactly."""

    brier: float  # 0 is best; always saying 50 % gives 0.25 on right or wrong
    reliability: float  # distance between stated and scored; 0 is best. Corrected below 0: show 0
    resolution: float  # how far stated confidence tells answers apart; high is good
    uncertainty: float  # variance of the scores


def decompose(answers: Sequence[StatedAnswer]) -> Decomposition:
    """The Brier score mean((f - y)^2) and Murphy's (1973) decomposition by stated level; at least one answer.

    REL = sum n_k (f_k - y_k)^2 / n, RES = sum n_k (y_k - y)^2 / n, UNC = mean (y_i - y)^2. With part credit
    the three add up to the Brier score only together with the mean variance inside the levels, which is
    therefore counted out of the uncertainty's counterpart on both sides: see `docs/statistics.md`.
    """
    raise NotImplementedError
