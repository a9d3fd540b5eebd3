"""What changed since an earlier moment: pure functions, no Django (docs/statistics.md).

Never the difference of two stored reports, whose difficulties, decay and constants differ. Both sides are fitted now
and on one scale: `before` to the answers that had been graded by then, `after` to all. An answer in both has today's
grade and weight in both, so that regrading, fading and new difficulties move neither side.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from interviews.report.statistics.fitting import LENIENCY, SLOPE, Evidence, Fit
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, MIN_TOPIC_EVIDENCE
from questions.statistics import Z80, logistic

STATED_Z, CLEAR_Z = Z80, 2.3263  # of a topic
# Of all topics together. Guessing and half-counted own scores make their moves smaller than the model expects: at Z80
# only 5% of people who stand still were said to be better. At this value it is the 10% that Z80 means (population.py).
OVERALL_Z = 1.0364
FLOOR, OVERALL_FLOOR = 0.02, 0.005  # of the variance of a change: guards rounding and hair-fine evidence
OWN_SHARE = 0.25  # of a topic's move, by answers on it
MIN_NEW_EVIDENCE = 1  # of a topic
MIN_NEW_ANSWERS = 5  # in all, for the sentence about all topics
NAMED_QUESTIONS = 3

CONSTANTS: Mapping[str, float] = {
    "change_z": STATED_Z,
    "change_clear_z": CLEAR_Z,
    "change_overall_z": OVERALL_Z,
    "change_floor": FLOOR,
    "change_overall_floor": OVERALL_FLOOR,
    "change_own_share": OWN_SHARE,
}

# What the answers to one question pull at each unknown.
Pull = dict[str, float]


class Kind(StrEnum):
    UP = "up"
    DOWN = "down"
    NOT_CLEAR = "no clear change"
    FIRST_ESTIMATE = "first estimate"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison. `counted`: its answers in all."""

    evidence: Mapping[Hashable, Evidence]  # by question
    fit: Fit
    counted: int


@dataclass(frozen=True, slots=True)
class TopicChange:
    """Of a topic that has enough evidence now. `own` and `total` move it: the answers on it, and all."""

    kind: Kind
    is_clear: bool
    z: float
    own: float
    total: float
    questions: tuple[Hashable, ...]  # those that moved it most, its way


@dataclass(frozen=True)
class Comparison:
    """`after` has every answer of `before`, and both fits name the same topics."""

    before: Side
    after: Side

    def of_topic(self, topic: str) -> TopicChange | None:
        """None while the topic, or the report, has too little evidence for an estimate."""
        before, after = self.before, self.after
        old, new = before.fit.topics[topic], after.fit.topics[topic]
        if new.evidence < MIN_TOPIC_EVIDENCE or after.counted < MIN_COUNTED_ANSWERS:
            return None
        moves = self.influences(topic)
        own = {question: move for question, move in moves.items() if topic in after.evidence[question].topic_weights}
        own_sum, total = math.fsum(own.values()), math.fsum(moves.values())
        z = (new.mean - old.mean) / math.sqrt(max(old.variance - new.variance, FLOOR))
        way = math.copysign(1, z)
        if old.evidence < MIN_TOPIC_EVIDENCE or before.counted < MIN_COUNTED_ANSWERS:
            kind = Kind.FIRST_ESTIMATE
        elif (
            new.evidence - old.evidence >= MIN_NEW_EVIDENCE
            and abs(z) >= STATED_Z
            and way * own_sum > 0
            and way * own_sum >= way * OWN_SHARE * total
        ):
            kind = Kind.UP if z > 0 else Kind.DOWN
        else:
            kind = Kind.NOT_CLEAR
        helping = [question for question in own if way * own[question] > 0]
        ranked = sorted(helping, key=lambda question: (-abs(own[question]), str(question)))
        return TopicChange(kind, abs(z) >= CLEAR_Z, z, own_sum, total, tuple(ranked[:NAMED_QUESTIONS]))

    @property
    def overall_z(self) -> float | None:
        """How far all topics moved together, in sds, weighed by their evidence before; None with too few answers."""
        before, after = self.before, self.after
        if before.counted < MIN_COUNTED_ANSWERS or after.counted - before.counted < MIN_NEW_ANSWERS:
            return None
        evidence = math.fsum(posterior.evidence for posterior in before.fit.topics.values())
        weights = {topic: posterior.evidence / evidence for topic, posterior in before.fit.topics.items()}
        move = math.fsum(
            weight * (after.fit.topics[topic].mean - before.fit.topics[topic].mean) for topic, weight in weights.items()
        )
        return move / math.sqrt(max(before.fit.variance(weights) - after.fit.variance(weights), OVERALL_FLOOR))

    def influences(self, topic: str) -> dict[Hashable, float]:
        """How far each question whose evidence differs moves the topic, to first order."""
        fit = self.after.fit
        shared = {name: fit.covariance(topic, name) for name in (*fit.topics, LENIENCY, SLOPE)}
        return {
            question: math.fsum(shared[name] * value for name, value in pull.items())
            for question, pull in self.differences.items()
        }

    @cached_property
    def differences(self) -> dict[Hashable, Pull]:
        """By question: what its evidence after pulls at each unknown beyond that before, at the solution before."""
        found = {}
        for question, item in self.after.evidence.items():
            earlier = self.before.evidence.get(question)
            if earlier != item:
                pull, old = _pull(item, self.before.fit), _pull(earlier, self.before.fit) if earlier else {}
                found[question] = {name: value - old.get(name, 0.0) for name, value in pull.items()}
        return found


def _pull(item: Evidence, fit: Fit) -> Pull:
    """The derivative of the item's log likelihood by each unknown."""
    pull = {}
    for topic, share in item.topic_weights.items():
        eta = fit.topics[topic].mean + fit.leniency.mean * item.self_share - fit.slope.mean * item.age - item.difficulty
        pull[topic] = share * item.weight * (item.score - logistic(eta))
    total = math.fsum(pull.values())
    return pull | {LENIENCY: item.self_share * total, SLOPE: -item.age * total}
