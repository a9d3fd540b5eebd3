"""An interview that a coach assigns: a track, a pace, perhaps a day. The candidate sits it, or says why not.

Overdue is told and never punished: an assignment can be started after its day. It stands as long as a grant between
the two is live; whether the coach may read the interview that comes of it, the grant alone decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.composed import composed
from accounts.models import CoachGrant
from interviews.coaching.models.cohort_assignment import CohortAssignment
from interviews.sitting.models import Interview, Refused
from questions.models import QuestionVersion, Track

# Of one coach to one candidate: more at once help nobody.
MOST_OPEN = 10


class AssignmentQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Of coaches, or cohorts, whom the candidate still lets read something."""
        grants = CoachGrant.objects.live().filter(candidate=OuterRef("candidate"))
        of_coach = Q(Exists(grants.filter(coach=OuterRef("coach"))), given_to_cohort=None)
        return self.filter(of_coach | Exists(grants.filter(cohort=OuterRef("given_to_cohort__cohort"))))

    def open(self) -> Self:
        """That can be started now: neither ended in any way, nor outside its window."""
        is_in_time = Q(opens_at=None) | Q(opens_at__lte=Now()), Q(closes_at=None) | Q(closes_at__gt=Now())
        return self.in_force().filter(*is_in_time, interview=None, withdrawn_at=None, declined_at=None)

    def to_start(self, candidate) -> list["Assignment"]:
        """The candidate's open ones, the soonest first."""
        return open_of(candidate.pk)

    def of_coach(self, coach) -> Self:
        return self.in_force().filter(coach=coach)

    def finished(self) -> Self:
        return self.filter(interview__in=Interview.objects.finished())

    def soonest_first(self) -> Self:
        return self.order_by(F("due_on").asc(nulls_last=True), "assigned_at", "pk")

    def with_people(self) -> Self:
        return self.select_related("candidate", "coach", "track", "interview", "given_to_cohort__cohort")

    @transaction.atomic
    def assign(
        self, *, coach, candidate, track: Track, pace: str, due_on: date | None = None, note: str = "", now: datetime
    ) -> "Assignment":
        """The same once more, while it is open, is the same assignment: a double click assigns once.

        Raises Refused when the candidate has enough to do already.
        """
        get_user_model().objects.select_for_update(no_key=True).get(pk=coach.pk)  # one after the other
        given = self.open().filter(coach=coach, candidate=candidate, given_to_cohort=None)
        if same := given.filter(track=track, pace=pace, due_on=due_on, note=note).first():
            return same
        if given.count() >= MOST_OPEN:
            raise Refused(f"You already have {MOST_OPEN} open assignments. Withdraw one first.")
        return self.create(
            coach=coach, candidate=candidate, track=track, pace=pace, due_on=due_on, note=note, assigned_at=now
        )

    @contextmanager
    def under_lock(self, pk: int) -> Iterator["Assignment"]:
        """One of these, locked until the block ends. Raises Assignment.DoesNotExist."""
        with transaction.atomic():
            self.select_for_update(of=("self",)).get(pk=pk)
            assignment = self.with_people().get(pk=pk)  # once more: what is joined to a row is read before the wait
            assignment.is_locked = True
            try:
                yield assignment
            finally:
                assignment.is_locked = False


class Assignment(models.Model):
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assignments_given"
    )
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    track = models.ForeignKey(Track, models.PROTECT, related_name="+")
    pace = models.CharField(max_length=8, choices=Interview.Pace)
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    assigned_at = models.DateTimeField()
    given_to_cohort = models.ForeignKey(
        CohortAssignment, models.CASCADE, null=True, blank=True, related_name="assignments"
    )
    attempt = models.PositiveSmallIntegerField(default=1, db_default=1, help_text="Of those that a cohort allows.")
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    is_extended = models.BooleanField(
        default=False, db_default=False, help_text="A date of its own, which stays when the cohort's is changed."
    )
    interview = models.OneToOneField(Interview, models.CASCADE, null=True, blank=True, related_name="assignment")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_reason = models.CharField(max_length=300, blank=True)

    objects = AssignmentQuerySet.as_manager()

    # Set by under_lock.
    is_locked = False

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(interview__isnull=True, withdrawn_at__isnull=True)
                | Q(interview__isnull=True, declined_at__isnull=True)
                | Q(withdrawn_at__isnull=True, declined_at__isnull=True),
                name="assignment_ends_in_one_way",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_reason="")
                | (Q(declined_at__isnull=False) & ~Q(declined_reason="")),
                name="assignment_is_declined_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(pace__in=Interview.Pace.values), name="assignment_pace_is_known"),
            models.UniqueConstraint(
                fields=["given_to_cohort", "candidate", "attempt"], name="one_assignment_per_member_and_attempt"
            ),
        ]
        indexes = [
            models.Index(
                fields=["candidate"],
                condition=Q(interview=None, withdrawn_at=None, declined_at=None),
                name="assignment_open_by_candidate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.track}, assigned {self.assigned_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.interview_id is None and self.withdrawn_at is None and self.declined_at is None

    def is_too_early(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def is_too_late(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at

    def attempts_left(self) -> int:
        return self.given_to_cohort.tries - self.attempt if self.given_to_cohort else 0

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today

    # --- changes, under the lock ------------------------------------------------------------------

    def start(self, *, time_multiplier: Decimal, now: datetime) -> Interview:
        """The interview that was assigned, in its track and pace, spoken where the candidate speaks.

        A repeat gives the same interview. Raises Refused while another interview is in progress,
        `drawing.NotEnoughQuestions`, and then writes nothing.
        """
        self._require_lock()
        if self.interview:
            return self.interview
        if not self.is_open:
            raise Refused("This assignment has ended.")
        if self.is_too_early(now):
            raise Refused(f"It opens on {timezone.localtime(self.opens_at):%-d %b, %H:%M}.")
        if self.is_too_late(now):
            raise Refused("It has closed. Ask your coach if you still need it.")
        group = self.given_to_cohort
        interview = Interview.objects.start(
            self.candidate,
            self.track,
            pace=self.pace,
            time_multiplier=time_multiplier,
            now=now,
            speaks=self.candidate.speaks,
            cohort=group and group.cohort,
            drawn=QuestionVersion.objects.as_drawn(group.drawn) if group else (),
        )
        if interview.started_at != now:  # the one in progress, which a start gives back
            raise Refused(f"“{interview.title}” is still in progress: finish it first.")
        self.interview = interview
        self.save(update_fields=["interview"])
        return interview

    def again(self, *, now: datetime) -> "Assignment":
        """One more attempt, where the cohort allows it and this one is finished. A repeat gives the same one."""
        self._require_lock()
        if not (self.interview and self.interview.is_finished and self.attempts_left() > 0):
            raise Refused("You have no attempts left.")
        return Assignment.objects.get_or_create(
            given_to_cohort=self.given_to_cohort,
            candidate=self.candidate,
            attempt=self.attempt + 1,
            defaults=self.given_to_cohort.terms() | {"assigned_at": now},
        )[0]

    def extend(self, *, due_on: date | None, closes_at: datetime | None) -> None:
        """For this one member. Refused once it was started or has ended otherwise."""
        self._require_lock()
        if not self.is_open:
            raise Refused("It has been started or has ended, so its dates no longer matter.")
        self.due_on, self.closes_at, self.is_extended = due_on, closes_at, True
        self.save(update_fields=["due_on", "closes_at", "is_extended"])

    def withdraw(self, *, now: datetime) -> None:
        """By its coach. A repeat changes nothing; Refused once it was started."""
        self._require_lock()
        if self.interview_id:
            raise Refused("The interview has been started.")
        if self.is_open:
            self.withdrawn_at = now
            self.save(update_fields=["withdrawn_at"])

    def decline(self, *, reason: str, now: datetime) -> None:
        """By its candidate. A repeat changes nothing; Refused once it was started or withdrawn."""
        self._require_lock()
        if self.interview_id:
            raise Refused("The interview has been started.")
        if self.withdrawn_at:
            raise Refused("This assignment has been withdrawn.")
        if self.is_open:
            self.declined_at, self.declined_reason = now, reason
            self.save(update_fields=["declined_at", "declined_reason"])

    def _require_lock(self) -> None:
        if not self.is_locked:
            raise RuntimeError("An assignment changes only inside under_lock().")


@composed
def open_of(candidate):
    return Assignment.objects.open().with_people().soonest_first().filter(candidate=candidate)
