"""What home shows besides the plan: the one next step, progress, and the interviews so far."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Extract, JSONObject
from django.urls import reverse

from accounts.composed import AnyOf, composed
from interviews.plan.reading import Planned
from interviews.plan.scheduling import Block, Kind
from interviews.report import wording
from interviews.report.charts import Chart, progress_chart
from interviews.report.models import WeaknessReport
from interviews.report.stored import has_estimates
from interviews.sitting.clock_text import duration
from interviews.sitting.models import Interview, InterviewQuestion
from interviews.sitting.models.question_queries import FOR_RUBRIC

AWAITS_MARKS = FOR_RUBRIC & Q(score=None, interview__state="scored")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: a link, or with `action` a form that sends `starts` there."""

    title: str
    text: str
    button: str
    path: str = ""
    action: str = ""
    starts: str = ""
    note: str = ""

    @property
    def changes(self) -> bool:
        """Whether the set-up offers it, too."""
        return bool(self.starts) and not self.starts.startswith(("review:", "speak:"))


def block_starts(block: Block, track: str) -> str:
    """What the start button of a block sends; empty: nothing to start."""
    return {
        Kind.MOCK: track,
        Kind.DRILL: f"topic:{block.topic}",
        Kind.SPOKEN: f"speak:{block.topic}",
        Kind.REVIEW: f"review:{block.count}",
        Kind.STOP: "",
    }[block.kind]


def block_title(block: Block, track: str) -> str:
    return {
        Kind.MOCK: f"Mock interview: {track}",
        Kind.DRILL: f"Drill: {block.name}",
        Kind.SPOKEN: f"Drill out loud: {block.name}",
        Kind.REVIEW: f"Review {block.count} question{'' if block.count == 1 else 's'}",
        Kind.STOP: "Stop here",
    }[block.kind]


def steps_of_plan(planned: Planned) -> list[Step]:
    """Today's blocks, each with the button that starts it."""
    track = planned.track
    steps = []
    for block in planned.plan.today.blocks if planned.plan.today else []:
        starts = block_starts(block, track.slug if track else "")
        text = f"About {duration(60 * block.minutes)}. {block.why}" if block.minutes else block.why
        action = reverse("interviews:start") if starts else ""
        steps.append(Step(block_title(block, str(track)), text, "Start", action=action, starts=starts))
    return steps


# Interviews


def with_results(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Adds what a line of the history says; worked out for the lines of a page alone.

    `results`: shown, scored and to_score count questions, mean is of the scores, seconds is how long they were open.
    """
    own = InterviewQuestion.objects.filter(interview=OuterRef("pk")).order_by().values("interview")
    open_for = Sum(F("closed_at") - F("opened_at"), output_field=DurationField())
    results = own.annotate(
        results=JSONObject(
            shown=Count("pk", filter=Q(follows=None) & ~Q(state=InterviewQuestion.State.PENDING)),
            scored=Count("score"),
            to_score=Count("pk", filter=AWAITS_MARKS),
            mean=Avg("score"),
            seconds=Extract(open_for, "epoch"),
        )
    )
    same = Interview.objects.filter(pk=OuterRef("pk"))
    return interviews.annotate(
        results=Subquery(results.values("results")),
        is_reviewed=Exists(same.filter(reviews__sent_at__isnull=False)),
        awaits_review=Exists(same.filter(reviews__pk__isnull=False, reviews__sent_at=None, reviews__withdrawn_at=None)),
    )


@composed
def lines_of(interviews):
    """`interviews`: primary keys. The lines of a page of the history, newest first."""
    return with_results(Interview.objects.filter(pk__in=AnyOf(interviews)).order_by("-started_at"))


def with_answers_to_score(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    return interviews.filter(Exists(InterviewQuestion.objects.filter(AWAITS_MARKS, interview=OuterRef("pk"))))


# Progress


@dataclass(frozen=True, slots=True)
class Progress:
    """The expected score on one track over time; `sentence` says the newest, or why there is none."""

    track: str
    sentence: str
    chart: Chart | None
    covered: int
    topics: int


def progress_of(report: WeaknessReport, track: str, topics: Collection[str]) -> Progress | None:
    """None where the report knows no such track. `covered`: topics with the evidence of an estimate."""
    data = report.data
    row = next((one for one in data.get("tracks", []) if one["track"] == track), None)
    if row is None:
        return None
    points = [
        (datetime.fromisoformat(point["at"]), *point["tracks"][track])
        for point in data.get("progress", [])
        if track in point["tracks"]
    ]
    counted = [one for one in data["topics"] if one["evidence"] >= 3] if has_estimates(data) else []
    return Progress(
        track=row["name"],
        sentence=wording.track_sentence(row),
        chart=progress_chart(points) if len(points) > 1 else None,
        covered=len(counted),
        topics=len(topics),
    )
