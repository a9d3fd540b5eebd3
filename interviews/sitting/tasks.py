"""Scoring after the end, and expiring what is over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from celery import shared_task, signature
from django.db import connection
from django.utils import timezone

from accounts.publishing import publish
from interviews.sitting.models import Interview, InterviewQuestion
from questions.running.parts import EngineFault

log = logging.getLogger(__name__)

RUNNING_LOCK = 7_269  # of PostgreSQL's advisory locks: any number that nobody else takes
# By name: who looks for rubric points in the answers stands above the engine.
LOOKED_AT_BY = signature("interviews.tasks.find_points")
# A message that waited longer is worth nothing: the sweep has sent another.
RUNNING_EXPIRES = 60


def request_scoring(interview: Interview) -> None:
    publish(score_interview, interview.pk)
    publish(LOOKED_AT_BY, interview.pk)


@shared_task(name="interviews.tasks.score_interview")
def score_interview(interview_id: int) -> None:
    """Grades what needs no running, and asks for the rest to be run. Safe to repeat, also at once."""
    score_submitted(interview_id, now=timezone.now())


@shared_task(
    name="interviews.tasks.run_answers",
    expires=RUNNING_EXPIRES,
    soft_time_limit=780,
    time_limit=800,  # below the 900 s after which the broker gives it to another worker
)
def run_answers(interview_id: int) -> None:
    """Runs what candidates wrote, in a worker that does nothing else. Safe to repeat, also at once."""
    run_submitted(interview_id, now=timezone.now())


@shared_task(name="interviews.tasks.find_case", expires=RUNNING_EXPIRES)
def find_case(question_id: int) -> None:
    """For a hint: runs an open answer for a hidden case that it fails. Safe to repeat, also at once."""
    show_failing_case(question_id, now=timezone.now())


def show_failing_case(question_id: int, *, now: datetime) -> None:
    question = InterviewQuestion.objects.select_related("interview", "version").get(pk=question_id)
    with _alone(question.interview_id) as is_alone:
        if not (is_alone and question.awaits_case):
            return
        try:
            case = question.format.failing_case(question.version, question.answer)
        except EngineFault as fault:
            log.error("An answer to %s could not be run for its hint: %s", question.version, fault)
            case = question.format.case_not_run(question.version)
        with Interview.objects.under_lock(question.interview.public_id, now=now) as locked:
            locked.show_case(question.position, case, now=now)


def ask_for_case(question_id: int, *, now: datetime) -> None:
    publish(find_case, question_id)


def score_submitted(interview_id: int, *, now: datetime) -> None:
    """The attempt is counted before the work: an interview that kills its worker is tried three times."""
    interview = Interview.objects.unscored().filter(pk=interview_id).first()
    if interview is None:
        return
    if not interview.has_answers_to_run():
        _count_attempt(interview)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.score(now=now)
        if locked.has_answers_to_run():
            publish(run_answers, interview.pk)


def run_submitted(interview_id: int, *, now: datetime) -> None:
    """What takes long is worked out before the lock is taken. The third attempt that fails is the last.

    The sweep asks again while a message waits in a long queue: who comes second leaves it to the first.
    """
    with _alone(interview_id) as is_alone:
        interview = Interview.objects.unscored().filter(pk=interview_id).first()
        if interview is None or not is_alone:
            return
        _count_attempt(interview)
        worked_out = interview.work_out()
        is_last = interview.scoring_attempts >= Interview.MAX_SCORING_ATTEMPTS
        with Interview.objects.under_lock(interview.public_id, now=now) as locked:
            locked.score(now=now, worked_out=worked_out, gives_up=is_last)


@contextmanager
def _alone(interview_id: int) -> Iterator[bool]:
    """Whether nobody else runs its answers; PostgreSQL forgets it with the connection of a worker that was killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [RUNNING_LOCK, interview_id % 2**31])
        is_alone = cursor.fetchone()[0]
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [RUNNING_LOCK, interview_id % 2**31])


def _count_attempt(interview: Interview) -> None:
    interview.scoring_attempts += 1
    interview.save(update_fields=["scoring_attempts"])


def expire(public_id: UUID, *, now: datetime) -> None:
    """Closes what is over at `now`, unless somebody holds it at this moment, who expires it on the way."""
    try:
        with Interview.objects.under_lock(public_id, now=now, skip_locked=True):
            pass
    except Interview.DoesNotExist:
        pass
