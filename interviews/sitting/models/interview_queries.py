"""Finding interviews, holding one, starting one."""

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from accounts.models import CoachGrant
from interviews import drawing
from interviews.models.answer import InterviewQuestion
from interviews.models.practice import Practice
from interviews.models.rows import columns, from_row
from questions.models import QuestionVersion, Topic, Track, in_section, on_topics

if TYPE_CHECKING:
    from interviews.models.interview import Interview

DRILL_QUESTIONS = 5


@lru_cache
def lock_and_sheet(model: type[models.Model], *, skip_locked: bool) -> str:
    """Two statements in one: what every request of a running interview begins with.

    The second begins when the first has its lock, so it sees what the lock's last holder wrote; one statement with a
    join would see the questions as they were before it waited.
    """
    return f"""
        SELECT {columns(model)} FROM interviews_interview
        WHERE public_id = %s AND candidate_id = coalesce(%s, candidate_id)
        FOR NO KEY UPDATE {"SKIP LOCKED" if skip_locked else ""};
        SELECT {columns(InterviewQuestion)} FROM interviews_interviewquestion
        WHERE interview_id = (SELECT id FROM interviews_interview WHERE public_id = %s) ORDER BY position
    """  # noqa: S608 # nosec B608


class InterviewQuerySet(models.QuerySet):
    def in_progress(self) -> Self:
        return self.filter(state=self.model.State.IN_PROGRESS)

    def finished(self) -> Self:
        return self.filter(state__in=[self.model.State.SUBMITTED, self.model.State.SCORED])

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
            candidate=OuterRef("candidate"), interview=OuterRef("public_id"), started_at=OuterRef("started_at")
        )
        return self.filter(Q(candidate=user) | Exists(grants.filter(coach=user)))

    def with_counts(self) -> Self:
        """Adds `question_count` and `answered_count`."""
        answered = Q(questions__state=InterviewQuestion.State.ANSWERED)
        return self.annotate(question_count=Count("questions"), answered_count=Count("questions", filter=answered))

    def with_questions(self) -> Self:
        """Everything a results page shows, in a constant number of queries."""
        questions = InterviewQuestion.objects.order_by("position").for_results()
        return self.prefetch_related(Prefetch("questions", queryset=questions))

    @contextmanager
    def under_lock(
        self, public_id: uuid.UUID, *, candidate=None, now: datetime, skip_locked: bool = False
    ) -> Iterator["Interview"]:
        """The interview, locked until the block ends, with everything expired that is over at `now`.

        Raises Interview.DoesNotExist, with `skip_locked` also where somebody else holds it, with `candidate` also where
        it is not theirs. `now` is the request's one moment.
        """
        if self.query.where:
            raise TypeError("The lock looks at no filters: say whose interview it must be with candidate=.")
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    lock_and_sheet(self.model, skip_locked=skip_locked),
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

    def start(
        self,
        candidate,
        plan: Track | Topic | Practice,
        *,
        pace: str,
        time_multiplier: Decimal,
        now: datetime,
        seed: int | None = None,
    ) -> "Interview":
        """Draws the questions, pins them and opens the first. The plan is a track, a topic, or chosen practice.

        Starting twice gives the same interview: the candidate's one in progress. Raises
        `drawing.NotEnoughQuestions`, and then writes nothing.
        """
        for running in self.in_progress().filter(candidate=candidate):
            with self.model.objects.under_lock(running.public_id, now=now) as locked:
                if locked.is_in_progress:
                    return locked
        seed = secrets.randbits(31) if seed is None else seed
        if isinstance(plan, Topic):
            plan = Practice(plan.name, draw_versions(candidate, plan, seed=seed), topic=plan)
        is_track = isinstance(plan, Track)
        versions = draw_versions(candidate, plan, seed=seed) if is_track else plan.versions
        if not versions:
            raise drawing.NotEnoughQuestions("There are no published questions to practise.")
        interview = self.model(
            candidate=candidate,
            track=plan if is_track else None,
            topic=None if is_track else plan.topic,
            title=plan.name,
            pace=pace,
            time_multiplier=time_multiplier,
            limit_seconds=plan.limit_seconds if is_track else sum(v.limit_seconds for v in versions),
            seed=seed,
            started_at=now,
        )
        interview.deadline_at = interview.deadline_from_terms()
        try:
            with transaction.atomic():
                interview.save()
                sheet = InterviewQuestion.objects.bulk_create(
                    InterviewQuestion(
                        interview=interview,
                        position=position,
                        question_id=version.question_id,
                        version_id=version.pk,
                        limit_seconds=version.limit_seconds,
                    )
                    for position, version in enumerate(versions, start=1)
                )
                with interview.holding_its_row(sheet=sheet):
                    interview.record("started", actor=candidate, now=now, seed=seed)
                    interview.open_next(now=now)
        except IntegrityError as error:
            if "one_interview_in_progress_per_candidate" not in str(error):
                raise
            return self.start(candidate, plan, pace=pace, time_multiplier=time_multiplier, now=now, seed=seed)
        return interview

    @transaction.atomic
    def start_as_guest(
        self, track: Track, *, browser: str, time_zone: str, pace: str, time_multiplier: Decimal, now: datetime
    ) -> "Interview":
        """An interview of a new guest; a double click, known by its `browser` (guest_of), gives the first one's.

        Raises `drawing.NotEnoughQuestions`, and then there is no guest either.
        """
        guest = get_user_model().objects.guest_of(browser, time_zone=time_zone)
        return self.start(guest, track, pace=pace, time_multiplier=time_multiplier, now=now)


def draw_versions(candidate, plan: Track | Topic, *, seed: int) -> list[drawing.Drawable]:
    """The questions of one interview, in order; what the person has seen least recently comes last."""
    if isinstance(plan, Track):
        wanted = [(section.name, section.count, in_section(section)) for section in plan.sections.all()]
    else:
        wanted = [(plan.name, DRILL_QUESTIONS, on_topics([plan.slug]))]
    pools = QuestionVersion.objects.published().for_drawing(*(fitting for _, _, fitting in wanted))
    slots = [drawing.Slot(name, count, pool) for (name, count, _), pool in zip(wanted, pools, strict=True)]
    return drawing.draw(slots, seen=InterviewQuestion.objects.last_seen(candidate), seed=seed)
