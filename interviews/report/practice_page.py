"""What to practise next → what pages show of it, in the words of wording.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from interviews.report import practice, wording
from interviews.report.models import WeaknessReport
from interviews.report.practice import Practising
from interviews.report.statistics import choosing
from interviews.report.statistics.choosing import Choice
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, MIN_TOPIC_EVIDENCE
from questions.models import Level, Topic


@dataclass(frozen=True, slots=True)
class PracticeLine:
    question_id: int
    title: str
    level: str
    reason: str


class PracticePage:
    """A session in its two groups, and how far each topic's drill brings it."""

    def __init__(self, practising: Practising, topics: Mapping[str, Topic]):
        self._practising = practising
        self._topics = topics
        session = practising.session
        self.measuring = [self._line(one, self._measuring_reason(one)) for one in session.measuring]
        self.reviews = [
            self._line(one, wording.review_reason(one.days, one.recalled, counts=one.counts)) for one in session.reviews
        ]

    @property
    def count(self) -> int:
        return len(self.measuring) + len(self.reviews)

    @property
    def drill_notes(self) -> dict[str, str]:
        """By topic: how far its drill brings one without enough evidence; none where nothing in the drill counts."""
        notes = {}
        for topic, need in self._practising.needs.items():
            drilled = self._practising.drill(topic) if need.evidence < MIN_TOPIC_EVIDENCE else []
            if any(one.counts for one in drilled):
                notes[topic] = wording.drill_note(*choosing.enough_after(need.evidence, drilled), len(drilled))
        return notes

    def _line(self, choice: Choice, reason: str) -> PracticeLine:
        question = self._practising.bank[choice.question_id]
        return PracticeLine(choice.question_id, question.title, Level(question.level).label, reason)

    def _measuring_reason(self, choice: Choice) -> str:
        need = self._practising.needs[choice.topic]
        return wording.measuring_reason(
            self._topics[choice.topic].name,
            need.label,
            need.evidence,
            has_estimates=self._practising.counted >= MIN_COUNTED_ANSWERS,
            is_new=choice.days is None,
            target=self._practising.target,
        )


def practice_page(
    candidate: User, report: WeaknessReport | None, topics: Mapping[str, Topic], *, now: datetime
) -> PracticePage:
    """As of this moment; `report` is the newest."""
    return PracticePage(practice.practising(candidate, report, now=now), topics)


def drill_says(drilled: Sequence[Choice]) -> str:
    """How many questions of a topic's drill count in the report."""
    return wording.drill_counts(sum(one.counts for one in drilled), len(drilled)) if drilled else ""
