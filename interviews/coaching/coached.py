"""What a coach sees of their candidates: no more than the grants reach, which are looked up at every request.

A report rests on every interview of a candidate. So it is shown under a grant for all of them, or under one from a
moment on when there is no finished interview from before it; never under grants for single interviews.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import AccessLog, CoachGrant, User
from interviews.coaching.models import Assignment, Review
from interviews.report import wording
from interviews.report.models import WeaknessReport
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, Label
from interviews.sitting.models import Interview, InterviewQuestion
from questions.models import Topic

CANDIDATES_SHOWN = 50  # on a page
FILTERS = {
    "waiting": "Waiting for me",
    "assigned": "Something assigned",
    "stuck": "Stuck on a topic",
    "silent": "Silent for 14 days",
}
SILENT_AFTER = timedelta(days=14)
# Reports that are looked into for who is stuck.
REPORTS_READ = 500
INTERVIEWS_SHOWN = 20
REVIEWS_SHOWN = 10
# The overview shows a few words of each report at every visit: one line a day in a candidate's access log is enough.
LOGGED_AGAIN_AFTER = timedelta(hours=24)
OVERVIEW_SUBJECT = "Weakness report: the weak topics, in a list of the coach's candidates"


def live_grants(coach: User) -> QuerySet[CoachGrant]:
    return CoachGrant.objects.live().filter(coach=coach)


def candidates_of(coach: User) -> QuerySet[User]:
    return User.objects.filter(Exists(live_grants(coach).filter(candidate=OuterRef("pk"))), is_active=True)


def readable_interviews(coach: User) -> QuerySet[Interview]:
    """Other people's, running or finished, that this coach may read now."""
    states = [Interview.State.IN_PROGRESS, Interview.State.SUBMITTED, Interview.State.SCORED]
    return Interview.objects.readable_by(coach).exclude(candidate=coach).filter(state__in=states)


def candidates_with_report(coach: User) -> QuerySet[User]:
    """Whose report rests on nothing that the grants do not reach."""
    earlier = Interview.objects.finished().filter(
        candidate=OuterRef("candidate"), started_at__lt=OuterRef("created_at")
    )
    reaching = live_grants(coach).filter(
        Q(scope=CoachGrant.Scope.ALL) | (Q(scope=CoachGrant.Scope.FROM_NOW_ON) & ~Exists(earlier))
    )
    return candidates_of(coach).filter(Exists(reaching.filter(candidate=OuterRef("pk"))))


# --- all candidates -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Overview:
    """One candidate in the list. `stuck_on`: (topic, "weak" or "probably weak"); `report_note`: why there is none."""

    candidate: User
    waiting: list[Review] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    running: Interview | None = None
    last_activity: datetime | None = None
    stuck_on: list[tuple[str, str]] = field(default_factory=list)
    report_note: str = ""


class CandidateList:
    """One page of those that match: who waits comes first, then who was there last. A constant number of queries."""

    def __init__(self, coach: User, *, search: str = "", only: str = "", page: str | None = None, now: datetime):
        awaiting = Review.objects.for_coach(coach).awaiting_review()
        found = ranked(coach, awaiting)
        if search:
            found = found.filter(name__icontains=search)
        found = narrowed(found, coach, only, now=now)
        self.search, self.only = search, only
        self.page = Paginator(found, CANDIDATES_SHOWN).get_page(page)
        self.rows = overview(coach, list(self.page), awaiting, now=now)


def narrowed(found: QuerySet[User], coach: User, only: str, *, now: datetime) -> QuerySet[User]:
    """`only` is one of FILTERS; anything else narrows nothing."""
    if only == "waiting":
        return found.filter(waits__isnull=False)
    if only == "assigned":
        return found.filter(Exists(Assignment.objects.of_coach(coach).open().filter(candidate=OuterRef("pk"))))
    if only == "silent":
        return found.filter(Q(last__lt=now - SILENT_AFTER) | Q(last=None))
    if only == "stuck":
        allowed = candidates_with_report(coach).values_list("pk", flat=True)[:REPORTS_READ]
        newest = WeaknessReport.objects.newest_of(list(allowed)).values_list("candidate", "data__basis", "data__topics")
        names = topic_names()
        return found.filter(pk__in=[pk for pk, basis, topics in newest if weak_topics(basis, topics, names)])
    return found


def topic_names() -> dict[str, str]:
    return dict(Topic.objects.top_level().order_by("position").values_list("slug", "name"))


def overview(coach: User, candidates: list[User], awaiting: QuerySet[Review], *, now: datetime) -> list[Overview]:
    """What there is to know of these, in their order; they come with `last`."""
    rows = {one.pk: Overview(one, last_activity=one.last) for one in candidates}
    for review in awaiting.filter(interview__candidate__in=rows).with_people().longest_waiting_first():
        rows[review.interview.candidate_id].waiting.append(review)
    given = Assignment.objects.of_coach(coach).open().filter(candidate__in=rows)
    for assignment in given.with_people().soonest_first():
        rows[assignment.candidate_id].assignments.append(assignment)
    for interview in readable_interviews(coach).in_progress().filter(candidate__in=rows):
        rows[interview.candidate_id].running = interview
    _add_reports(coach, rows, now=now)
    return list(rows.values())


def ranked(coach: User, awaiting: QuerySet[Review]) -> QuerySet[User]:
    """All candidates of a coach: who waits the longest, then who was there last (`last`: when that was)."""
    interviews = readable_interviews(coach).filter(candidate=OuterRef("pk")).order_by().values("candidate")
    last = interviews.annotate(last=Max(Coalesce("closed_at", "started_at"))).values("last")
    waits = awaiting.filter(interview__candidate=OuterRef("pk")).longest_waiting_first().values("rank")[:1]
    return (
        candidates_of(coach)
        .annotate(waits=Subquery(waits), last=Subquery(last))
        .order_by(F("waits").asc(nulls_last=True), Coalesce("last", "date_joined").desc(), "name", "email")
    )


def _add_reports(coach: User, rows: dict[int, Overview], *, now: datetime) -> None:
    allowed = set(candidates_with_report(coach).filter(pk__in=rows).values_list("pk", flat=True))
    newest = WeaknessReport.objects.newest_of(allowed)
    reports = {
        pk: (basis, topics) for pk, basis, topics in newest.values_list("candidate", "data__basis", "data__topics")
    }
    names = topic_names()
    for pk, row in rows.items():
        if pk not in allowed:
            row.report_note = "Your access doesn't include the report."
        elif pk not in reports:
            row.report_note = wording.not_enough(0)
        else:
            basis, topics = reports[pk]
            row.stuck_on = weak_topics(basis, topics, names)
            if basis["counted"] < MIN_COUNTED_ANSWERS:
                row.report_note = wording.not_enough(basis["counted"])
    log_looks(coach, [rows[pk].candidate for pk in reports if pk in rows], subject=OVERVIEW_SUBJECT, now=now)


def weak_topics(basis: dict, topics: list[dict], names: dict[str, str]) -> list[tuple[str, str]]:
    """In the order of the topics: below the evidence that estimates need, nothing is weak."""
    if basis["counted"] < MIN_COUNTED_ANSWERS:
        return []
    labels = {row["topic"]: row["label"] for row in topics if row["label"] in (Label.WEAK, Label.PROBABLY_WEAK)}
    return [(name, wording.LABEL_NAMES[Label(labels[slug])].lower()) for slug, name in names.items() if slug in labels]


def log_looks(coach: User, candidates: list[User], *, subject: str, now: datetime) -> None:
    """Each candidate reads that this coach saw something of them in a list, once a day."""
    recent = AccessLog.objects.filter(
        actor=coach, candidate__in=candidates, subject=subject, at__gt=now - LOGGED_AGAIN_AFTER
    )
    logged = set(recent.values_list("candidate", flat=True))
    AccessLog.objects.bulk_create(
        AccessLog(actor=coach, candidate=candidate, subject=subject, at=now)
        for candidate in candidates
        if candidate.pk not in logged
    )


# --- one candidate ------------------------------------------------------------------------------------


class CandidatePage:
    """What one coach knows of one candidate: no answers and no report, only where these are."""

    def __init__(self, coach: User, candidate: User, *, today: date):
        self.candidate = candidate
        self.today = today
        self.grants = list(
            live_grants(coach).filter(candidate=candidate).select_related("cohort").order_by("created_at")
        )
        self.has_report = candidates_with_report(coach).filter(pk=candidate.pk).exists()
        questions = (
            InterviewQuestion.objects.drawn().shown().order_by("position").only("interview", "position", "state")
        )
        self.interviews = list(
            readable_interviews(coach)
            .filter(candidate=candidate)
            .prefetch_related(Prefetch("questions", queryset=questions))
            .order_by("-started_at")[:INTERVIEWS_SHOWN]
        )
        reviews = Review.objects.for_coach(coach).filter(interview__candidate=candidate).select_related("interview")
        newest = {review.interview_id: review for review in reviews.order_by("pk")}
        for interview in self.interviews:
            interview.review = newest.get(interview.pk)
        self.said = list(reviews.sent().filter(coach=coach).order_by("-sent_at")[:REVIEWS_SHOWN])
        assignments = Assignment.objects.of_coach(coach).filter(candidate=candidate).with_people()
        self.assignments = list(assignments.order_by("-pk")[:INTERVIEWS_SHOWN])
        readable = {interview.pk for interview in self.interviews}
        for assignment in self.assignments:
            assignment.overdue = assignment.is_overdue(today)
            assignment.is_readable = assignment.interview_id in readable
