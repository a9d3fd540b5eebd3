"""How often answers on each subtopic were right, partly and wrong: plain counts, no estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from accounts.composed import composed
from accounts.models import User
from interviews.report.models import WeaknessReport
from interviews.sitting.models import InterviewQuestion

FULL_MARKS = 0.999  # 1 but for rounding
HALF = 0.5  # below it is wrong, as in the report's pace


@dataclass(frozen=True, slots=True)
class SubtopicCounts:
    name: str
    right: int
    partly: int
    wrong: int
    last_at: datetime


def counts_by_topic(candidate: User, report: WeaknessReport) -> dict[str, Sequence[SubtopicCounts]]:
    """By the topic's slug, in the order of its subtopics: of all scored answers up to the report. One statement."""
    found: dict[str, list[SubtopicCounts]] = {}
    for topic, *counts in counts_of_answers(candidate.pk, report.compiled_at):
        found.setdefault(topic, []).append(SubtopicCounts(*counts))
    return found


@composed
def counts_of_answers(candidate, until):
    right, wrong = Q(score__gte=FULL_MARKS), Q(score__lt=HALF)
    return (
        InterviewQuestion.objects.evidence_of(candidate, until)
        .filter(version__subtopic__isnull=False)
        .values("version__subtopic")
        .annotate(
            right=Count("pk", filter=right),
            partly=Count("pk", filter=~right & ~wrong),
            wrong=Count("pk", filter=wrong),
            last_at=Max("closed_at"),
        )
        .order_by("version__subtopic__position", "version__subtopic__name")
        .values_list(
            "version__subtopic__parent__slug", "version__subtopic__name", "right", "partly", "wrong", "last_at"
        )
    )
