"""A cohort's members beside its assignments: who is where, with what score, and what waits for a review."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.paginator import Paginator
from django.db.models import Avg, Count, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import CoachGrant, Cohort, CohortMember, User
from interviews.coaching import coached
from interviews.coaching.models import Assignment, CohortAssignment, Review
from interviews.sitting.models import Interview, InterviewQuestion

MEMBERS_A_PAGE = 50
# The newest; older ones are on each member's page.
ASSIGNMENTS_SHOWN = 12
LOOK = "Results in the table of a cohort: states and scores"
SORTS: dict[str, Callable] = {
    "name": lambda member: (),
    "group": lambda member: (member.group.lower(),),
    "score": lambda member: (member.score is None, -(member.score or 0)),
    "waiting": lambda member: (-member.waiting,),
    "last": lambda member: (member.last is None, -(member.last.timestamp() if member.last else 0)),
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


def members_shown(
    cohort: Cohort, coach: User, *, search: str = "", group: str = "", state: str = "", sort: str = ""
) -> list[CohortMember]:
    """The places on the roster, with `score`, `waiting` and `last` of those who are members now; four statements.

    A cohort has a thousand places at most, so they are ordered here: in SQL each place would be added up by itself.
    """
    members = cohort.members.select_related("user")
    if search:
        is_named = Q(name__icontains=search) | Q(name="", user__name__icontains=search) | Q(email__icontains=search)
        members = members.filter(is_named)
    if group:
        members = members.filter(group=group)
    if state in STATES:
        of_state = {"joined": Q(joined_at__isnull=False, left_at=None), "left": Q(left_at__isnull=False)}
        members = members.filter(of_state.get(state, Q(joined_at=None)))
    found = list(members)
    of_cohort = InterviewQuestion.objects.filter(interview__cohort=cohort).exclude(interview__state="void").order_by()
    answers = of_cohort.values("interview__candidate").annotate(mean=Avg("score"), last=Max("interview__started_at"))
    results = {pk: (mean, last) for pk, mean, last in answers.values_list("interview__candidate", "mean", "last")}
    reviews = Review.objects.awaiting_review().filter(interview__cohort=cohort).order_by()
    counted = reviews.values("interview__candidate").annotate(count=Count("pk"))
    waiting = dict(counted.values_list("interview__candidate", "count"))
    grants = CoachGrant.objects.live().filter(cohort=cohort, coach=coach, scope=CoachGrant.Scope.COHORT)
    sharing = set(grants.values_list("candidate", flat=True))
    for member in found:
        person = member.user_id if member.user_id in sharing else None
        member.score, member.last = results.get(person, (None, None))
        member.waiting = waiting.get(person, 0)
    by_name = sorted(found, key=lambda member: (str(member).lower(), member.pk))
    return sorted(by_name, key=SORTS.get(sort, SORTS["name"]))


class CohortTable:
    """One page of it, in a constant number of statements."""

    def __init__(self, cohort: Cohort, coach: User, chosen: dict, *, page: str | None, today: date, now: datetime):
        self.cohort = cohort
        self.chosen = chosen
        given = CohortAssignment.objects.open().filter(cohort=cohort).select_related("track").order_by("-pk")
        self.assignments = list(given[:ASSIGNMENTS_SHOWN])[::-1]
        members = members_shown(cohort, coach, **chosen)
        self.page = Paginator(members, MEMBERS_A_PAGE).get_page(page) if page != "all" else None
        shown = list(members if self.page is None else self.page)
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
