"""What to practise next: pure functions, no Django (docs/statistics.md).

Two budgets. *Measuring*: answers that count in the report, chosen for what they tell. *Review*: answers against
forgetting, chosen by what is about to be forgotten, which mostly do not count.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from interviews.report.statistics.counting import REPEAT_AFTER
from interviews.report.statistics.weakness import MIN_TOPIC_EVIDENCE, Label

SESSION_QUESTIONS = 8
REVIEW_SHARE = 0.25  # of a session
WEAK_SHARE = 0.5  # of the measuring slots, for topics below the target
MOST_OF_A_TOPIC = 2
REVIEWED_BELOW = 0.9  # recall
OWN_SCORE_WORTH = 0.5  # of an open answer, until a coach marks it

CONSTANTS: Mapping[str, float] = {"review_share": REVIEW_SHARE, "weak_share": WEAK_SHARE}


@dataclass(frozen=True, slots=True)
class TopicNeed:
    """What the report knows of a topic, whether or not it may say so."""

    p_weak: float
    variance: float
    evidence: float
    label: Label
    importance: float = 1.0

    @property
    def uncertainty(self) -> float:
        """U = P(weak) + half an sd: the topic is weak, or unknown."""
        return self.p_weak + 0.5 * math.sqrt(self.variance)

    @property
    def begun(self) -> float:
        """A topic that has been begun is finished before the next is begun."""
        return 1 + self.evidence / MIN_TOPIC_EVIDENCE if self.evidence < MIN_TOPIC_EVIDENCE else 1.0

    @property
    def is_below_target(self) -> bool:
        return self.label in (Label.WEAK, Label.PROBABLY_WEAK)


@dataclass(frozen=True, slots=True)
class Choice:
    """A question that may be practised. A question and its closed companions share the `family`."""

    question_id: int
    family: int
    topic: str  # the primary one
    topic_weight: float
    is_closed: bool
    expected: float  # score of the next answer
    worth: float  # of the next answer in the report, 0 to 1; see `worth`
    days: int | None  # since the last attempt; None: never attempted
    recalled: float | None = None  # today's chance to recall it; None: nothing graded yet
    is_due: bool = False

    @property
    def counts(self) -> bool:
        return self.worth > 0

    @property
    def is_review(self) -> bool:
        return self.is_due and self.recalled is not None and self.recalled < REVIEWED_BELOW

    @property
    def new_evidence(self) -> float:
        """What an answer adds to its topic's evidence, at the least."""
        return self.topic_weight * (1.0 if self.is_closed else OWN_SCORE_WORTH) * self.worth


def worth(days: int | None, weight: float) -> float:
    """What another answer adds to the question's own vote; `weight`: the vote it has in the report."""
    return 0.0 if days is not None and days < REPEAT_AFTER.days else max(0.0, 1 - weight)


def value(choice: Choice, need: TopicNeed) -> float:
    """i U 4p(1 - p) worth begun: 4p(1 - p) is 1 where the answer is most open and tells most."""
    telling = 4 * choice.expected * (1 - choice.expected)
    return need.importance * need.uncertainty * telling * choice.worth * need.begun


@dataclass(frozen=True, slots=True)
class Session:
    measuring: list[Choice]
    reviews: list[Choice]


def session(choices: Sequence[Choice], needs: Mapping[str, TopicNeed], count: int = SESSION_QUESTIONS) -> Session:
    """At most `count` questions. Topics below the target have half of the measuring slots for questions never tried."""
    due = sorted((one for one in choices if one.is_review), key=lambda one: (one.recalled, one.question_id))
    slots = count - min(len({one.family for one in due}), math.floor(REVIEW_SHARE * count))
    ranked = by_value(choices, needs)
    weak = {topic for topic, need in needs.items() if need.is_below_target}
    new = [one for one in ranked if one.topic in weak and one.days is None]

    picked = _Picked()
    for_weak = math.ceil(WEAK_SHARE * slots)
    weak_with_new = {one.topic for one in new}
    picked.take(new, for_weak, of_a_topic=max(MOST_OF_A_TOPIC, math.ceil(for_weak / max(1, len(weak_with_new)))))
    picked.take(ranked, slots, of_a_topic=MOST_OF_A_TOPIC)
    measuring = list(picked.choices)
    # Only where nothing is left to measure may reviews fill the session.
    picked.take(due, count if not measuring else len(measuring) + count - slots, of_a_topic=count)
    return Session(measuring, picked.choices[len(measuring) :])


def drill(choices: Sequence[Choice], needs: Mapping[str, TopicNeed], count: int) -> list[Choice]:
    """Of one topic's questions: those that count, by value, and only where they do not suffice the longest-ago ones."""
    picked = _Picked()
    picked.take(by_value(choices, needs), count, of_a_topic=count)
    others = sorted((one for one in choices if not one.counts), key=lambda one: (-(one.days or 0), one.question_id))
    picked.take(others, count, of_a_topic=count)
    return picked.choices


def enough_after(evidence: float, drilled: Sequence[Choice]) -> tuple[int | None, float]:
    """After how many of the drill's questions the topic has the evidence of a first estimate; and that after all."""
    reached = list(accumulate((one.new_evidence for one in drilled), initial=evidence))
    # Rounding must not ask for another question.
    count = next((n for n, sum_ in enumerate(reached) if sum_ >= MIN_TOPIC_EVIDENCE - 1e-9), None)
    return count, reached[-1]


def by_value(choices: Sequence[Choice], needs: Mapping[str, TopicNeed]) -> list[Choice]:
    """Those that count, the most valuable first."""
    values = {one.question_id: value(one, needs[one.topic]) for one in choices if one.counts}
    valuable = [one for one in choices if values.get(one.question_id, 0) > 0]
    return sorted(valuable, key=lambda one: (-values[one.question_id], one.question_id))


class _Picked:
    """Questions chosen so far: never two of a family."""

    def __init__(self):
        self.choices: list[Choice] = []
        self.families: set[int] = set()
        self.topics: Counter[str] = Counter()

    def take(self, ranked: Sequence[Choice], until: int, *, of_a_topic: int) -> None:
        """The first of these until there are so many in all, and no more than so many a topic."""
        for one in ranked:
            if len(self.choices) >= until:
                return
            if self.topics[one.topic] < of_a_topic and one.family not in self.families:
                self.choices.append(one)
                self.families.add(one.family)
                self.topics[one.topic] += 1
