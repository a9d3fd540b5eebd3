"""How a track looks against the chosen target, in four words: pure functions, no Django (docs/statistics.md).

A word about points, and nothing like a chance to pass.
"""

from enum import StrEnum

from interviews.report.statistics.weakness import PROBABLY
from questions.statistics import Z80, logit, normal_cdf


class Readiness(StrEnum):
    NOT_KNOWN = "not known yet"
    BELOW = "below"
    NEAR = "near"
    AT = "at"


def readiness(low: float, high: float, target: float) -> Readiness:
    """From the 80 % range of the expected score: below or at the target where that is probable, as of a topic."""
    middle, sd = (logit(low) + logit(high)) / 2, (logit(high) - logit(low)) / (2 * Z80)
    p_below = normal_cdf((logit(target) - middle) / sd)
    if p_below >= PROBABLY:
        return Readiness.BELOW
    return Readiness.AT if 1 - p_below >= PROBABLY else Readiness.NEAR
