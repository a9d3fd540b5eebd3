"""How much higher own scores are than a coach's: pure functions, no Django (docs/statistics.md).

It is seen in pairs: one answer with a score by its candidate, given before the coach's marks could be seen, and one by
a coach. The coach's is the evidence of the report; the candidate's enters here alone. On the logit scale of the report
a candidate's leniency has the prior N(site's, 0.5^2), which pairs narrow.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from interviews.report.statistics.fitting import DEFAULT_PRIOR, Prior
from questions.statistics import SITE_LENIENCY, Z80, normal_cdf

SITE_SD = 0.3  # of a site's leniency, before its first pair
PAIR_VARIANCE, PAIR_WEIGHT = 0.04, 5  # of the difference in one pair, counted as so many pairs
PAIR_SLOPE = 0.85  # below 1, because questions differ in difficulty
STATED_FROM = 5  # pairs
CLEAR_POINTS, CLEARLY = 0.03, 0.9  # claimed when it is more than 3 points with this probability

CONSTANTS: Mapping[str, float] = {
    "leniency_site_sd": SITE_SD,
    "pair_variance": PAIR_VARIANCE,
    "pair_weight": PAIR_WEIGHT,
    "pair_slope": PAIR_SLOPE,
}


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a candidate's pairs amount to; d is own score - coach's."""

    count: int = 0
    differences: float = 0.0  # sum(d)
    squares: float = 0.0  # sum(d^2)
    scores: float = 0.0  # sum of all scores, both of each pair

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> "Pairs":
        """(own score, coach's score) each."""
        pairs = list(pairs)
        return cls(
            len(pairs),
            math.fsum(own - coach for own, coach in pairs),
            math.fsum((own - coach) ** 2 for own, coach in pairs),
            math.fsum(own + coach for own, coach in pairs),
        )

    @property
    def points_per_logit(self) -> float:
        """h = 0.85 p (1 - p), with p the mean score drawn a little towards one half."""
        p = (self.scores + 1) / (2 * self.count + 2)
        return PAIR_SLOPE * p * (1 - p)

    @property
    def leniency(self) -> float:
        """In logits, by the pairs alone; there must be some."""
        return self.differences / self.count / self.points_per_logit

    @property
    def variance(self) -> float:
        """Of `leniency`: the differences' own, where five pairs of a usual variance are added, over n h^2."""
        spread = max(0.0, self.squares - self.differences**2 / self.count)
        usual = (spread + PAIR_WEIGHT * PAIR_VARIANCE) / (self.count - 1 + PAIR_WEIGHT)
        return usual / (self.count * self.points_per_logit**2)


def candidate_prior(pairs: Pairs, prior: Prior = DEFAULT_PRIOR) -> Prior:
    """The prior of a candidate with these pairs; `prior` is the site's. Without pairs they are the same."""
    if not pairs.count:
        return prior
    precision = 1 / prior.leniency_sd**2 + 1 / pairs.variance
    mean = (prior.leniency_mean / prior.leniency_sd**2 + pairs.leniency / pairs.variance) / precision
    return replace(prior, leniency_mean=mean, leniency_sd=1 / math.sqrt(precision))


def site_leniency(of_candidates: Iterable[Pairs]) -> float:
    """The site's, from those who have pairs: (0.2 / 0.3^2 + sum(u l)) / (1 / 0.3^2 + sum(u)), u = 1 / (0.5^2 + s^2)."""
    known = [pairs for pairs in of_candidates if pairs.count]
    weights = [1 / (DEFAULT_PRIOR.leniency_sd**2 + pairs.variance) for pairs in known]
    pull = math.fsum(weight * pairs.leniency for weight, pairs in zip(weights, known, strict=True))
    return (SITE_LENIENCY / SITE_SD**2 + pull) / (1 / SITE_SD**2 + math.fsum(weights))


class Verdict(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Leniency:
    """How far own scores lie above the coach's; shares of all points, below 0 where they lie below."""

    pairs: int
    points: float
    low: float  # 80 % range
    high: float
    verdict: Verdict


def leniency(pairs: Pairs, prior: Prior = DEFAULT_PRIOR) -> Leniency | None:
    """What may be said to the candidate, from 5 pairs on; `prior` is the site's."""
    if pairs.count < STATED_FROM:
        return None
    own, h = candidate_prior(pairs, prior), pairs.points_per_logit
    mean, sd = own.leniency_mean, own.leniency_sd
    verdict = Verdict.UNCLEAR
    if normal_cdf((mean - CLEAR_POINTS / h) / sd) >= CLEARLY:
        verdict = Verdict.ABOVE
    elif normal_cdf((-CLEAR_POINTS / h - mean) / sd) >= CLEARLY:
        verdict = Verdict.BELOW
    return Leniency(pairs.count, h * mean, h * (mean - Z80 * sd), h * (mean + Z80 * sd), verdict)


def usual_points(site: float) -> float:
    """The site's leniency as a share of all points, for somebody who scores one half."""
    return Pairs().points_per_logit * site
