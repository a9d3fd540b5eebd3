"""A cohort's members beside its assignments: who is where, with what score, and what waits for a review."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.paginator import Paginator
from django.db.models import Avg, CharField, Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from accounts.models import Cohort, CohortMember, User
from interviews.coaching import coached
from interviews.coaching.models import Assignment, CohortAssignment, Review
from interviews.sitting.models import Interview, InterviewQuestion

MEMBERS_A_PAGE = 50
# The newest; older ones are on each member's page.
ASSIGNMENTS_SHOWN = 12
LOOK = "Results in the table of a cohort: states and scores"
SHOWN_NAME = Coalesce(NullIf("name", Value("")), NullIf("user__name", Value("")), "email", output_field=CharField())
SORTS = {
    "name": F("shown_name").asc(),
    "group": F("group").asc(),
    "score": F("score").desc(nulls_last=True),
    "waiting": F("waiting").desc(),
    "last": F("last").desc(nulls_last=True),
}
STATES = {"joined": "Joined", "invited": "Invited", "left": "Left"}


@dataclass(slots=True)
class Cell:
    """Where one member is with one assignment. `score`: the mean of what has been scored, from 0 to 1."""

    column: CohortAssignment | None = None
    assignment: Assignment | None = None
    interview: Interview | None = None  # only where the coach may read it
    attempts: int = 0
    today: date | None = None
    now: datetime | None = None

    @property
    def score(self) -> float | None:
        return self.interview and self.interview.mean_score

    @property
    def review_state(self) -> str:
        if self.interview is None or not self.interview.is_finished:
            return ""
        return {True: "reviewed", False: "review waits"}.get(self.interview.is_reviewed, "")

    @property
    def state(self) -> str:
        one = self.assignment
        if one is None:
            return ""
        if one.interview_id:
            started = self.interview
            return "in progress" if started and started.is_in_progress else "finished" if started else "started"
        if one.declined_at or one.withdrawn_at:
            return "declined" if one.declined_at else "withdrawn"
        if one.is_too_early(self.now):
            return "not open yet"
        if one.is_too_late(self.now):
            return "closed"
        return "overdue" if one.is_overdue(self.today) else "not started"

    @property
    def tone(self) -> str:
        return {"overdue": "is-warn", "closed": "is-warn", "finished": "is-ok", "in progress": "is-info"}.get(
            self.state, ""
        )


@dataclass(slots=True)
class Row:
    member: CohortMember
    cells: list[Cell] = field(default_factory=list)


def members_shown(cohort: Cohort, *, search: str = "", group: str = "", state: str = "", sort: str = "") -> QuerySet:
    """The places on the roster, with `shown_name`, `score`, `waiting` and `last` of those who are members now."""
    members = cohort.members.select_related("user").annotate(shown_name=Lower(SHOWN_NAME))
    if search:
        members = members.filter(shown_name__contains=search.lower()) | members.filter(email__icontains=search)
    if group:
        members = members.filter(group=group)
    if state in STATES:
        of_state = {"joined": Q(joined_at__isnull=False, left_at=None), "left": Q(left_at__isnull=False)}
        members = members.filter(of_state.get(state, Q(joined_at=None)))
    # What somebody shared ends when they leave.
    own = {
        "interview__cohort": cohort.pk,
        "interview__candidate": OuterRef("user"),
        "interview__candidate__cohort_places__cohort": cohort.pk,
        "interview__candidate__cohort_places__left_at": None,
    }
    answers = InterviewQuestion.objects.filter(**own).exclude(interview__state="void").order_by()
    reviews = Review.objects.awaiting_review().filter(**own).order_by()
    of_person = "interview__candidate"
    members = members.annotate(
        score=Subquery(answers.values(of_person).annotate(mean=Avg("score")).values("mean")),
        last=Subquery(answers.values(of_person).annotate(last=Max("interview__started_at")).values("last")),
        waiting=Coalesce(
            Subquery(
                reviews.values(of_person).annotate(count=Count("pk")).values("count"),
                output_field=IntegerField(),
            ),
            0,
        ),
    )
    return members.order_by(SORTS.get(sort, SORTS["name"]), "shown_name", "pk")


class CohortTable:
    """One page of it, in a constant number of statements."""

    def __init__(self, cohort: Cohort, coach: User, chosen: dict, *, page: str | None, today: date, now: datetime):
        self.cohort = cohort
        self.chosen = chosen
        given = CohortAssignment.objects.open().filter(cohort=cohort).select_related("track").order_by("-pk")
        self.assignments = list(given[:ASSIGNMENTS_SHOWN])[::-1]
        members = members_shown(cohort, **chosen)
        self.page = Paginator(members, MEMBERS_A_PAGE).get_page(page) if page != "all" else None
        shown = list(self.page or members)
        self.rows = rows_of(shown, self.assignments, coach, today=today, now=now)
        looked_at = [row.member.user for row in self.rows if any(cell.interview for cell in row.cells)]
        coached.log_looks(coach, looked_at, subject=LOOK, now=now)


def rows_of(
    members: list, assignments: list[CohortAssignment], coach: User, *, today: date, now: datetime
) -> list[Row]:
    people = [member.user_id for member in members if member.is_member]
    given = {"given_to_cohort__in": assignments, "candidate__in": people}
    interviews = {
        one.pk: one
        for one in with_results(
            Interview.objects.readable_by(coach).filter(
                assignment__given_to_cohort__in=assignments, candidate__in=people
            )
        )
    }
    attempts: dict[tuple, list[Assignment]] = defaultdict(list)
    for one in Assignment.objects.filter(**given).order_by("attempt"):
        attempts[one.candidate_id, one.given_to_cohort_id].append(one)
    rows = []
    for member in members:
        row = Row(member)
        for column in assignments:
            made = attempts[member.user_id, column.pk] if member.is_member else []
            newest = made[-1] if made else None
            interview = newest and interviews.get(newest.interview_id)
            row.cells.append(Cell(column, newest, interview, len(made), today=today, now=now))
        rows.append(row)
    return rows


def with_results(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """With `mean_score` of what has been scored, and `is_reviewed`: by the newest review; None without one."""
    newest = Review.objects.filter(interview=OuterRef("pk"), withdrawn_at=None).order_by("-pk")
    return interviews.annotate(
        mean_score=Subquery(
            InterviewQuestion.objects.filter(interview=OuterRef("pk"))
            .order_by()
            .values("interview")
            .annotate(mean=Avg("score"))
            .values("mean")
        ),
        is_reviewed=Subquery(newest.values(reviewed=Q(sent_at__isnull=False))[:1]),
    )
