"""A live mock: two people agree on a track and a time; at that time it is an interview with a second seat.

Whoever made it, or moved it, has proposed its time; the other accepts, or moves it again. Where one of the two is not
known yet, whoever follows the link takes the seat, and with it the time. Two candidates may take turns: then the one
who asks is given no question that they have not answered themselves, unless they say that they want to.
"""

import secrets
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import CoachGrant
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import Interview, InterviewQuestion, Refused, Studied, draw_versions
from questions.models import Track

LINK_LASTS = timedelta(days=7)
MOST_OPEN = 20  # that one person has made, and nobody has sat


class LiveMockQuerySet(models.QuerySet):
    def of(self, user) -> Self:
        return self.filter(Q(candidate=user) | Q(interviewer=user))

    def with_people(self) -> Self:
        return self.select_related("candidate", "interviewer", "proposed_by", "track", "interview")

    def open(self) -> Self:
        """Neither started nor called off."""
        return self.filter(interview=None, cancelled_at=None)

    def running(self) -> Self:
        return self.filter(interview__state=Interview.State.IN_PROGRESS)

    def soonest_first(self) -> Self:
        return self.order_by(F("starts_at").asc(nulls_first=True), "pk")

    def useless(self, since: datetime) -> Self:
        """Never started, and nothing has happened with them since."""
        return self.filter(Q(starts_at=None) | Q(starts_at__lt=since), interview=None, changed_at__lt=since)

    def make(self, *, by, now: datetime, **fields) -> "LiveMock":
        """Proposed by one of its two people. Raises Refused where they have too many open ones."""
        if self.open().filter(made_by=by).count() >= MOST_OPEN:
            raise Refused("You have too many open live mocks. Call one off first.")
        return self.create(made_by=by, proposed_by=by, made_at=now, changed_at=now, **fields)


class LiveMock(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="live_mocks"
    )
    interviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="live_mocks_held"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    track = models.ForeignKey(Track, models.PROTECT, related_name="+")
    call_url = models.URLField(blank=True, help_text="Where they talk; nothing of the talk is kept here.")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="Empty: as soon as both are there.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    interview = models.OneToOneField(Interview, models.CASCADE, null=True, blank=True, related_name="live_mock")
    takes_turns = models.BooleanField(default=False, db_default=False, help_text="Two candidates, who swap afterwards.")
    sees_new_at = models.DateTimeField(
        null=True, blank=True, help_text="When the one who asks agreed to see questions they have not answered."
    )
    swapped_from = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="swapped_to")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = LiveMockQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(candidate__isnull=True) | Q(interviewer__isnull=True) | ~Q(candidate=F("interviewer")),
                name="live_mock_has_two_people",
            ),
            models.CheckConstraint(
                condition=Q(candidate__isnull=False) | Q(interviewer__isnull=False), name="live_mock_has_a_person"
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True) | Q(candidate__isnull=False, interviewer__isnull=False),
                name="live_mock_is_agreed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(interview__isnull=True) | Q(agreed_at__isnull=False, cancelled_at__isnull=True),
                name="live_mock_is_agreed_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"Live mock: {self.track}"

    @property
    def state(self) -> str:
        if self.interview:
            return "running" if self.interview.is_in_progress else "over"
        if self.cancelled_at:
            return "cancelled"
        if self.candidate_id is None or self.interviewer_id is None:
            return "open"
        return "agreed" if self.agreed_at else "proposed"

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    def other(self, user):
        """The other of the two; None: nobody has the second seat yet."""
        return self.interviewer if self.candidate_id == user.pk else self.candidate

    def link_ended(self, now: datetime) -> bool:
        return self.state != "open" or now > self.made_at + LINK_LASTS

    # --- changes: each locks its row, and a repeat changes nothing ----------------------------------

    @transaction.atomic
    def take_seat(self, by, *, now: datetime) -> None:
        """Whoever has the link takes the seat that is empty, and agrees to the time. Raises Refused."""
        self._lock()
        if by.pk in (self.candidate_id, self.interviewer_id):
            return
        if self.link_ended(now):
            raise Refused("This link has been used, or its time is over. Ask for a new one.")
        if self.candidate_id is None:
            self.candidate = by
        else:
            self.interviewer = by
        self.agreed_at = self.changed_at = now
        self.save(update_fields=["candidate", "interviewer", "agreed_at", "changed_at"])

    @transaction.atomic
    def accept(self, by, *, now: datetime) -> None:
        self._lock()
        if self.state == "agreed":
            return
        if self.state != "proposed" or self.proposed_by_id == by.pk:
            raise Refused("There is no time to accept: look at what is proposed now.")
        self.agreed_at = self.changed_at = now
        self.save(update_fields=["agreed_at", "changed_at"])

    @transaction.atomic
    def move(self, by, *, starts_at: datetime | None, now: datetime) -> None:
        """Another time, which the other has to accept, unless they are not known yet."""
        self._lock()
        if self.state not in ("open", "proposed", "agreed"):
            raise Refused("It has started or was called off, so its time no longer matters.")
        self.starts_at, self.proposed_by, self.agreed_at, self.changed_at = starts_at, by, None, now
        self.save(update_fields=["starts_at", "proposed_by", "agreed_at", "changed_at"])

    @transaction.atomic
    def cancel(self, *, now: datetime) -> None:
        self._lock()
        if self.interview_id:
            raise Refused("It has started: the candidate can finish it, or continue alone.")
        if self.cancelled_at is None:
            self.cancelled_at = self.changed_at = now
            self.save(update_fields=["cancelled_at", "changed_at"])

    @transaction.atomic
    def start(self, *, time_multiplier: Decimal, shares: bool, now: datetime) -> Interview:
        """The interview, by its candidate. `shares`: the interviewer may read it afterwards, and review it.

        Raises Refused while another interview is in progress, `drawing.NotEnoughQuestions`, and then writes nothing.
        """
        self._lock()
        if self.interview:
            return self.interview
        if self.state != "agreed":
            raise Refused("You have not both agreed to it yet.")
        drawn = self._draw_for_turns(now=now) if self.takes_turns else ()
        interview = Interview.objects.start(
            self.candidate,
            self.track,
            pace=Interview.Pace.STRICT,
            time_multiplier=time_multiplier,
            now=now,
            speaks=self.candidate.speaks,
            second_seat=self.interviewer,
            drawn=drawn,
        )
        if interview.started_at != now:  # the one in progress, which a start gives back
            raise Refused(f"“{interview.title}” is still in progress: finish it first.")
        self.interview, self.changed_at = interview, now
        self.save(update_fields=["interview", "changed_at"])
        if shares and self.interviewer not in interview.coaches():
            CoachGrant.objects.give_interview(
                self.candidate, self.interviewer, interview_public_id=interview.public_id, now=now
            )
        return interview

    def _draw_for_turns(self, *, now: datetime) -> list:
        """What the one who asks has answered; where they agreed to see more, that counts as studied by them."""
        answered = InterviewQuestion.objects.questions_answered(self.interviewer_id)
        among = None if self.sees_new_at else answered
        try:
            drawn = draw_versions(self.candidate, self.track, seed=secrets.randbits(31), among=among)
        except NotEnoughQuestions as error:
            if self.sees_new_at:
                raise
            raise Refused(
                f"{self.interviewer} hasn't answered enough questions of this interview to ask them. "
                "They can choose on this page to see questions that are new to them."
            ) from error
        if new := [version.question_id for version in drawn if version.question_id not in answered]:
            Studied.objects.record(self.interviewer, new, now=now)
        return drawn

    @transaction.atomic
    def see_new(self, *, now: datetime) -> None:
        """The one who asks agrees to see questions that they have not answered."""
        self._lock()
        if self.interview_id:
            raise Refused("It has started.")
        if self.sees_new_at is None:
            self.sees_new_at = self.changed_at = now
            self.save(update_fields=["sees_new_at", "changed_at"])

    @transaction.atomic
    def swap(self, by, *, now: datetime) -> "LiveMock":
        """The other turn, once this one is over. A repeat, also by the other, gives the same one."""
        self._lock()
        if not (self.takes_turns and self.state == "over"):
            raise Refused("You can swap when this turn is over.")
        return LiveMock.objects.get_or_create(
            swapped_from=self,
            defaults={
                "candidate": self.interviewer,
                "interviewer": self.candidate,
                "track": self.track,
                "call_url": self.call_url,
                "takes_turns": True,
                "made_by": by,
                "proposed_by": by,
                "agreed_at": now,
                "made_at": now,
                "changed_at": now,
            },
        )[0]

    def _lock(self) -> None:
        """Takes the row, and reads it again."""
        LiveMock.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        self.refresh_from_db()
