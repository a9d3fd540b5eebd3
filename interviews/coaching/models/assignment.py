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

from accounts.models import CoachGrant
from interviews.sitting.models import Interview, Refused
from questions.models import Track

# Of one coach to one candidate: more at once help nobody.
MOST_OPEN = 10


class AssignmentQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Of coaches whom the candidate still lets read something."""
        grants = CoachGrant.objects.live().filter(candidate=OuterRef("candidate"), coach=OuterRef("coach"))
        return self.filter(Exists(grants))

    def open(self) -> Self:
        return self.in_force().filter(interview=None, withdrawn_at=None, declined_at=None)

    def of_coach(self, coach) -> Self:
        return self.in_force().filter(coach=coach)

    def soonest_first(self) -> Self:
        return self.order_by(F("due_on").asc(nulls_last=True), "assigned_at", "pk")

    def with_people(self) -> Self:
        return self.select_related("candidate", "coach", "track", "interview")

    @transaction.atomic
    def assign(
        self, *, coach, candidate, track: Track, pace: str, due_on: date | None = None, note: str = "", now: datetime
    ) -> "Assignment":
        """The same once more, while it is open, is the same assignment: a double click assigns once.

        Raises Refused when the candidate has enough to do already.
        """
        get_user_model().objects.select_for_update(no_key=True).get(pk=coach.pk)  # one after the other
        given = self.open().filter(coach=coach, candidate=candidate)
        if same := given.filter(track=track, pace=pace, due_on=due_on, note=note).first():
            return same
        if given.count() >= MOST_OPEN:
            raise Refused(f"{MOST_OPEN} assignments are open. Withdraw one first.")
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

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today

    # --- changes, under the lock ------------------------------------------------------------------

    def start(self, *, time_multiplier: Decimal, now: datetime) -> Interview:
        """The interview that was assigned, in its track and pace. A repeat gives the same interview.

        Raises Refused while another interview is in progress, `drawing.NotEnoughQuestions`, and then writes nothing.
        """
        self._require_lock()
        if self.interview:
            return self.interview
        if not self.is_open:
            raise Refused("This assignment has ended.")
        interview = Interview.objects.start(
            self.candidate, self.track, pace=self.pace, time_multiplier=time_multiplier, now=now
        )
        if interview.started_at != now:  # the one in progress, which a start gives back
            raise Refused(f"“{interview.title}” is still in progress: finish it first.")
        self.interview = interview
        self.save(update_fields=["interview"])
        return interview

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
