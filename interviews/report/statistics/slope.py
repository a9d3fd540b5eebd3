"""How fast a site's people get better, in logits a month: pure functions, no Django (docs/statistics.md)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from interviews.report.statistics.fitting import DEFAULT_PRIOR, Unknown

MIN_CANDIDATES = 30
MIN_MONTHS = 1  # between a candidate's counted answers
SITE_SD = 0.05  # of the site's slope around 0
LOWEST, HIGHEST = -0.05, 0.2


@dataclass(frozen=True, slots=True)
class Slope:
    """A candidate's slope as the fit found it, and the mean of the prior that went into it."""

    found: Unknown
    prior_mean: float


def site_slope(slopes: Sequence[Slope]) -> float:
    """The site's, from candidates whose counted answers are a month apart; 0 while there are fewer than 30.

    A fit's slope has its prior in it: I = 1 / v - 1 / 0.15^2 is what the answers themselves tell, and
    (slope / v - prior / 0.15^2) / I where they point to. Weighed by 1 / (0.15^2 + 1 / I), shrunk to 0.
    """
    if len(slopes) < MIN_CANDIDATES:
        return 0.0
    usual = DEFAULT_PRIOR.slope_sd**2
    weights, pulls = [], []
    for slope in slopes:
        information = 1 / slope.found.variance - 1 / usual
        if information > 0:
            own = (slope.found.mean / slope.found.variance - slope.prior_mean / usual) / information
            weights.append(1 / (usual + 1 / information))
            pulls.append(weights[-1] * own)
    mean = math.fsum(pulls) / (math.fsum(weights) + 1 / SITE_SD**2)
    return min(HIGHEST, max(LOWEST, mean))
