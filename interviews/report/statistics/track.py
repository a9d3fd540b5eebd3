"""The score to expect on a track: pure functions, no Django (docs/statistics.md).

Scored as if by a coach, at today's ability. Points, and nothing like a chance to pass.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interviews.report.statistics.fitting import Fit
from questions.statistics import Z80, attenuation, logistic, logit

MIN_ANSWERS = 20  # counted ones of the whole report
MIN_SHARE = 0.6  # of the track's weight in topics with evidence
MIN_TOPIC_EVIDENCE = 1
MAX_WIDTH = 0.3  # of the 80 % range

CONSTANTS: Mapping[str, float] = {
    "track_min_answers": MIN_ANSWERS,
    "track_min_share": MIN_SHARE,
    "track_max_width": MAX_WIDTH,
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """A question as a candidate may be expected to do in it."""

    topic_weights: Mapping[str, float]
    mode: float  # expected score at the posterior's mode
    mean: float  # expected score


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the track's pools. `share`: how much of the track it is; they sum to 1."""

    forecast: Forecast
    share: float


@dataclass(frozen=True, slots=True)
class Expected:
    score: float  # of all points
    sd: float  # of the expected score
    low: float  # its 80 % range
    high: float
    sitting_sd: float  # of one interview's score
    sitting_low: float  # where four of five interviews end
    sitting_high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def forecast(topic_weights: Mapping[str, float], difficulty: float, fit: Fit) -> Forecast:
    """The fit names every topic of the question."""
    return forecasts({0: (topic_weights, difficulty)}, fit)[0]


def forecasts(questions: Mapping[int, tuple[Mapping[str, float], float]], fit: Fit) -> dict[int, Forecast]:
    """Of many questions at once, by id: what depends on the topics alone is worked out once a combination of them."""
    of_topics: dict[tuple, tuple[float, float]] = {}
    found = {}
    for pk, (weights, difficulty) in questions.items():
        key = tuple(weights.items())
        if key not in of_topics:
            mean = math.fsum(weight * fit.topics[topic].mean for topic, weight in key)
            of_topics[key] = mean, attenuation(fit.variance(weights))
        mean, spread = of_topics[key]
        found[pk] = Forecast(weights, logistic(mean - difficulty), logistic((mean - difficulty) / spread))
    return found


def asked(sections: Sequence[tuple[int, Sequence[Forecast]]]) -> list[Asked]:
    """From each section's number of questions and its pool; no pool is empty."""
    total = sum(count for count, _ in sections)
    return [Asked(one, count / total / len(pool)) for count, pool in sections for one in pool]


def topic_shares(questions: Sequence[Asked]) -> dict[str, float]:
    """How much of the track each topic is."""
    parts = defaultdict(list)
    for question in questions:
        for topic, weight in question.forecast.topic_weights.items():
            parts[topic].append(question.share * weight)
    return {topic: math.fsum(shares) for topic, shares in parts.items()}


def known_share(questions: Sequence[Asked], fit: Fit) -> float:
    """The part of the track that is in topics with evidence."""
    shares = topic_shares(questions)
    return math.fsum(share for topic, share in shares.items() if fit.topics[topic].evidence >= MIN_TOPIC_EVIDENCE)


def expected(questions: Sequence[Asked], count: int, fit: Fit) -> Expected:
    """In an interview of `count` questions.

    The range is that of the score at the posterior's mode, by the delta method on the logit scale; the covariances
    belong in it, since topics share the general level.
    """
    scores, modes, leans = [], [], defaultdict(list)
    for question in questions:
        one, p = question.forecast, question.forecast.mode
        scores.append(question.share * one.mean)
        modes.append(question.share * p)
        for topic, weight in one.topic_weights.items():
            leans[topic].append(question.share * p * (1 - p) * weight)
    mode = math.fsum(modes)
    sd = math.sqrt(fit.variance({topic: math.fsum(parts) for topic, parts in leans.items()}))
    half = Z80 * sd / (mode * (1 - mode))
    sitting_sd = math.sqrt(sd**2 + mode * (1 - mode) / count)
    return Expected(
        score=math.fsum(scores),
        sd=sd,
        low=logistic(logit(mode) - half),
        high=logistic(logit(mode) + half),
        sitting_sd=sitting_sd,
        sitting_low=max(0.0, mode - Z80 * sitting_sd),
        sitting_high=min(1.0, mode + Z80 * sitting_sd),
    )
