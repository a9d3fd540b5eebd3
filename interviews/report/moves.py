"""What one stretch of time changed in the report: each topic's range before and after, computed on one scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from interviews.report import wording
from interviews.report.changes import Compared, evidence_then
from interviews.report.compiling import Computed
from interviews.report.models import WeaknessReport
from interviews.report.statistics.fitting import Fit, fit_joint
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, Label, describe
from questions.models import Topic, difficulties_of


@dataclass(frozen=True, slots=True)
class Move:
    """A topic with new answers; a range is empty below the evidence that a label needs."""

    topic: Topic
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moves:
    """`not_enough`: why there is no range at all."""

    topics: list[Move]
    not_enough: str

    @property
    def stated(self) -> list[Move]:
        return [move for move in self.topics if move.after]

    @property
    def thin(self) -> list[str]:
        """The names of topics that have too few answers, still."""
        return [move.topic.name for move in self.topics if not move.after]


def moves(report: WeaknessReport, topics: Mapping[str, Topic], *, since: datetime, until: datetime) -> Moves:
    """By the answers closed or graded after `since` and closed by `until`, with the report's own constants.

    Both sides stand on the scale of `until` (docs/statistics.md, "What changed"): grades and difficulties are today's.
    """
    found = Computed.of(
        report.candidate_id,
        difficulties_of(report.difficulty_snapshot),
        Compared(since),
        level=report.data["level"],
        target=report.data["target"],
        now=until,
    )
    rows = found.history.questions
    if found.counted < MIN_COUNTED_ANSWERS:
        return Moves([], not_enough=wording.not_enough(found.counted))
    counted_then = sum(row.counted_then for row in rows)
    earlier = fit_joint(evidence_then(rows, found.bank).values(), sorted(found.fit.topics), found.prior)
    touched = {
        topic for row in rows if row.counted > row.counted_then for topic in found.bank[row.question_id].topics
    } & topics.keys()
    return Moves(
        [
            Move(
                topics[slug],
                before=stated_range(found, earlier, slug, counted_then),
                after=stated_range(found, found.fit, slug, found.counted),
            )
            for slug in sorted(touched, key=lambda one: topics[one].position)
        ],
        not_enough="",
    )


def stated_range(found: Computed, fit: Fit, topic: str, counted: int) -> str:
    """Empty where the evidence has no label."""
    estimate = describe(fit.topics[topic], *found.references[topic], found.target, counted)
    has_label = estimate.label != Label.NOT_ENOUGH_EVIDENCE
    return wording.percent_range(estimate.low, estimate.high) if has_label else ""
