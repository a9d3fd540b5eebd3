"""Finding interviews, and holding one."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from django.db import connection, models, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q

from accounts.models import CoachGrant
from interviews.sitting.fast.rows import from_row, lock_and_sheet
from interviews.sitting.models.held import Held
from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.question_queries import IsWritten
from interviews.sitting.models.starting import Starting


class InterviewQuerySet(Starting, models.QuerySet):
    def in_progress(self) -> Self:
        return self.filter(state=self.model.State.IN_PROGRESS)

    def beside(self, user) -> Self:
        """The running ones in which this person has the second seat."""
        return self.in_progress().filter(second_seat=user)

    def finished(self) -> Self:
        return self.filter(state__in=[self.model.State.SUBMITTED, self.model.State.SCORED])

    def tracks_taken(self) -> list[str]:
        """Slugs, the newest first."""
        taken = self.exclude(track=None).exclude(state=self.model.State.VOID).order_by().values_list("track__slug")
        return [slug for slug, _ in taken.annotate(newest=Max("started_at")).order_by("-newest")]

    def unscored(self) -> Self:
        """Submitted, but the scoring failed or its message was lost; not those that failed three times."""
        return self.filter(state=self.model.State.SUBMITTED, scoring_attempts__lt=self.model.MAX_SCORING_ATTEMPTS)

    def overdue(self, now: datetime) -> Self:
        return self.in_progress().filter(expires_at__lt=now).order_by("expires_at")

    def to_thin(self, before: datetime) -> Self:
        """Closed before then, and every saved state of their answers still there."""
        return self.filter(thinned_at=None, closed_at__lt=before)

    def reviewable_by(self, coach) -> Self:
        """Finished ones of other people that a live grant lets this coach read now."""
        return self.finished().exclude(candidate=coach).readable_by(coach)

    def readable_by(self, user) -> Self:
        """One's own, and those that a candidate's live grant lets one read: looked up at every request."""
        grants = CoachGrant.objects.covering(
            candidate=OuterRef("candidate"),
            interview=OuterRef("public_id"),
            started_at=OuterRef("started_at"),
            cohort=OuterRef("cohort"),
        )
        return self.filter(Q(candidate=user) | Exists(grants.filter(coach=user)))

    def candidate_of(self, public_id: uuid.UUID, **_) -> int | None:
        """Whose it is, by primary key; None: there is no such interview."""
        return self.filter(public_id=public_id).values_list("candidate", flat=True).first()

    def with_counts(self) -> Self:
        """Adds `question_count` and `answered_count`, without follow-ups."""
        drawn = Q(questions__follows=None)
        written = IsWritten(F("questions__answer"), F("questions__version__answer"))
        left = Q(questions__state__in=[InterviewQuestion.State.ANSWERED, InterviewQuestion.State.TIMED_OUT])
        answered = left & (Q(questions__has_recording=True) | Q(written))
        return self.annotate(
            question_count=Count("questions", filter=drawn), answered_count=Count("questions", filter=drawn & answered)
        )

    @contextmanager
    def under_lock(
        self, public_id: uuid.UUID, *, candidate=None, now: datetime, skip_locked: bool = False
    ) -> Iterator[Held]:
        """The interview, locked until the block ends, with everything expired that is over at `now`.

        Raises Interview.DoesNotExist, with `skip_locked` also where somebody else holds it, with `candidate` also where
        it is not theirs. `now` is the request's one moment.
        """
        if self.query.where:
            raise TypeError("The lock looks at no filters: say whose interview it must be with candidate=.")
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    lock_and_sheet(self.model, InterviewQuestion, skip_locked=skip_locked),
                    [public_id, candidate and candidate.pk, public_id],
                )
                found = cursor.fetchone()
                if found is None:
                    raise self.model.DoesNotExist
                cursor.nextset()
                questions = cursor.fetchall()
            interview = from_row(self.model, found)
            if candidate:
                interview.candidate = candidate
            with interview.holding_its_row(sheet=[from_row(InterviewQuestion, question) for question in questions]):
                interview.expire(now=now)
                interview.writes.send()
                yield interview
