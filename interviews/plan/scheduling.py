"""The days until an interview, laid out in blocks: a pure function, no Django.

The same inputs give the same plan. It owes nothing to yesterday: what was not done is weighed again with everything
else. A day never holds more minutes than it has, and what does not fit is said. Every block says why.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

RHYTHM_DAYS = 7  # without a date
MOST_DAYS = 60
MOCK_EVERY = 7
NO_MOCK_IN_LAST = 2  # days before the interview
SPOKEN_IN_LAST = 7
REVIEW_MINUTES = 3  # a question
REVIEW_SHARE = 0.25  # of a day, as of a practice session
ENOUGH_EVIDENCE = 3  # answers' worth, for a first estimate
DRILL_WORTH = 2.5  # of five answers, some of them open: own scores count half
DRILLED_DAYS = 7


class Standing(StrEnum):
    """Of a topic, as far as the report may say it."""

    NOT_KNOWN = "not known"
    WEAK = "weak"
    PROBABLY_WEAK = "probably weak"
    UNCLEAR = "unclear"
    ON_TARGET = "on target"


DRILLS = {Standing.WEAK: 3, Standing.PROBABLY_WEAK: 2, Standing.UNCLEAR: 1, Standing.ON_TARGET: 0}
URGENCY = {
    Standing.WEAK: 1.0,
    Standing.PROBABLY_WEAK: 0.9,
    Standing.NOT_KNOWN: 0.8,
    Standing.UNCLEAR: 0.5,
    Standing.ON_TARGET: 0.3,
}
ASKED_MORE = 1.5


class Kind(StrEnum):
    MOCK = "mock"
    DRILL = "drill"
    SPOKEN = "spoken"
    REVIEW = "review"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class TopicState:
    """`share`: how much of the chosen tracks it is; `evidence` in answers' worth; `drill_minutes` of five questions;
    `drilled`: how often in the last `DRILLED_DAYS`.
    """

    slug: str
    name: str
    share: float
    evidence: float
    standing: Standing
    drill_minutes: int
    was_asked: bool = False  # in a real interview, lately
    drilled: int = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """`due`: day (0 is today, with all before it) to how many questions begin to fade then."""

    today: date
    minutes_a_day: int
    minutes_today: int = 0  # already practised
    days_off: frozenset[int] = frozenset()  # 0 is Monday
    interview_on: date | None = None
    topics: Sequence[TopicState] = ()
    mock_minutes: int = 0  # 0: there is no track to sit
    days_since_mock: int | None = None
    has_spoken: bool = False  # an answer out loud, lately
    due: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    kind: Kind
    minutes: int
    why: str
    topic: str = ""
    name: str = ""
    count: int = 0  # questions to review


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    minutes: int  # that there are
    blocks: Sequence[Block]

    @property
    def planned(self) -> int:
        return sum(block.minutes for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Plan:
    """`left_out`: names of topics that would need a drill and get none; `missing_minutes`: what all of it would take.

    `fading`: questions that fade and find no room before the end.
    """

    days: Sequence[Day]
    covered: Sequence[str]
    left_out: Sequence[str]
    missing_minutes: int
    fading: int
    mock_fits: bool

    @property
    def today(self) -> Day | None:
        return self.days[0] if self.days else None

    @property
    def fits(self) -> bool:
        return not self.left_out and self.mock_fits


@dataclass(frozen=True, slots=True)
class Drill:
    """One that a topic needs; `value` falls with each drill of the same topic before it, those of the last days too:
    made anew every day, the plan would give every day to the same topic. (As D'Hondt gives seats to parties.)
    """

    topic: TopicState
    number: int
    value: float


def drills_needed(topics: Sequence[TopicState]) -> list[Drill]:
    """The most valuable first."""
    found = []
    for topic in topics:
        if topic.standing == Standing.NOT_KNOWN:
            count = max(1, math.ceil((ENOUGH_EVIDENCE - topic.evidence) / DRILL_WORTH))
        else:
            count = DRILLS[topic.standing]
        begun = 1 + topic.evidence / ENOUGH_EVIDENCE if topic.standing == Standing.NOT_KNOWN else 1
        value = topic.share * URGENCY[topic.standing] * begun * (ASKED_MORE if topic.was_asked else 1)
        numbers = range(1, count + 1 + topic.was_asked)
        found += [Drill(topic, number, value / (topic.drilled + number)) for number in numbers]
    return sorted(found, key=lambda drill: (-drill.value, drill.topic.slug, drill.number))


def why_drill(topic: TopicState) -> str:
    share = f"{round(100 * topic.share)}% of what you prepare for" if topic.share >= 0.005 else "a small part"
    if topic.standing == Standing.NOT_KNOWN:
        tenths = math.floor(round(10 * topic.evidence, 9)) / 10
        known = f"evidence worth {tenths} of {ENOUGH_EVIDENCE} answers so far" if tenths else "not tested yet"
    else:
        known = {
            Standing.WEAK: "very likely below your target",
            Standing.PROBABLY_WEAK: "probably below your target",
            Standing.UNCLEAR: "could be either side of your target",
            Standing.ON_TARGET: "probably at or above your target",
        }[topic.standing]
    return f"{known.capitalize()}; {share}.{' You were asked about it.' if topic.was_asked else ''}"


def plan(inputs: Inputs) -> Plan:
    """From today to the day before the interview; without one, or once it is past, the next seven days."""
    scheduler = _Scheduler(inputs)
    days = [scheduler.day(offset) for offset in range(scheduler.length)]
    return scheduler.finished(days)


class _Scheduler:
    """Fills one day after the other."""

    def __init__(self, inputs: Inputs):
        self.inputs = inputs
        ahead = (inputs.interview_on - inputs.today).days if inputs.interview_on else -1
        self.interview_in = ahead if ahead >= 0 else None
        self.length = RHYTHM_DAYS if self.interview_in is None else min(self.interview_in, MOST_DAYS)
        self.needed = drills_needed(inputs.topics)
        self.open = list(self.needed)
        self.fading = 0
        since = MOCK_EVERY if inputs.days_since_mock is None else inputs.days_since_mock
        self.mock_from = max(0, MOCK_EVERY - since)
        self.has_mock_before = inputs.days_since_mock is not None
        self.needs_spoken = self.interview_in is not None and not inputs.has_spoken

    def day(self, offset: int) -> Day:
        inputs, when = self.inputs, self.inputs.today + timedelta(days=offset)
        is_eve = self.interview_in == offset + 1
        minutes = 0 if when.weekday() in inputs.days_off else inputs.minutes_a_day // (2 if is_eve else 1)
        if offset == 0:
            minutes = max(0, minutes - inputs.minutes_today)
        self.fading += inputs.due.get(offset, 0)
        blocks: list[Block] = []
        if self._is_time_for_mock(offset, minutes):
            blocks.append(self._mock(offset))
        blocks += self._reviews(minutes - sum(one.minutes for one in blocks), minutes, is_eve=is_eve)
        if is_eve:
            blocks.append(Block(Kind.STOP, 0, "Tomorrow is the interview. Nothing new tonight."))
        else:
            blocks += self._drills(offset, minutes - sum(one.minutes for one in blocks))
        return Day(when, minutes, blocks)

    def _is_time_for_mock(self, offset: int, minutes: int) -> bool:
        is_too_late = self.interview_in is not None and self.interview_in - offset <= NO_MOCK_IN_LAST
        return 0 < self.inputs.mock_minutes <= minutes and offset >= self.mock_from and not is_too_late

    def _mock(self, offset: int) -> Block:
        why = (
            "One mock interview a week keeps you used to the clock."
            if self.has_mock_before
            else "A first mock interview shows where you are."
        )
        self.has_mock_before, self.mock_from = True, offset + MOCK_EVERY
        return Block(Kind.MOCK, self.inputs.mock_minutes, why)

    def _reviews(self, left: int, minutes: int, *, is_eve: bool) -> list[Block]:
        """At most a quarter of a day; the day before the interview may be all of it."""
        room = left if is_eve else min(left, max(REVIEW_MINUTES, math.floor(REVIEW_SHARE * minutes)))
        count = min(self.fading, max(0, room) // REVIEW_MINUTES)
        if not count:
            return []
        why = (
            f"You’re about to forget {self.fading}; these {count} are the most urgent."
            if count < self.fading
            else "You’re about to forget these."
        )
        self.fading -= count
        return [Block(Kind.REVIEW, count * REVIEW_MINUTES, why, count=count)]

    def _drills(self, offset: int, left: int) -> list[Block]:
        blocks: list[Block] = []
        for drill in list(self.open):
            topic = drill.topic
            if topic.drill_minutes <= left and topic.slug not in {block.topic for block in blocks}:
                blocks.append(self._drill(topic, offset))
                self.open.remove(drill)
                left -= topic.drill_minutes
        return blocks

    def _drill(self, topic: TopicState, offset: int) -> Block:
        kind, why = Kind.DRILL, why_drill(topic)
        if self.needs_spoken and self.interview_in - offset <= SPOKEN_IN_LAST:
            kind, self.needs_spoken = Kind.SPOKEN, False
            why = f"{why} Answer out loud, as in the real interview."
        return Block(kind, topic.drill_minutes, why, topic=topic.slug, name=topic.name)

    def finished(self, days: Sequence[Day]) -> Plan:
        placed = {block.topic for day in days for block in day.blocks}
        covered = [topic.name for topic in self.inputs.topics if topic.slug in placed]
        needed = {drill.topic.slug: drill.topic for drill in self.needed}
        wants_mock = self.inputs.mock_minutes and self.mock_from < self.length
        has_mock = any(block.kind == Kind.MOCK for day in days for block in day.blocks)
        return Plan(
            days=days,
            covered=covered,
            left_out=[topic.name for slug, topic in needed.items() if slug not in placed],
            missing_minutes=sum(drill.topic.drill_minutes for drill in self.open),
            fading=self.fading,
            mock_fits=has_mock or not wants_mock or self.inputs.mock_minutes <= self.inputs.minutes_a_day,
        )
