"""Scoring after the end, and expiring what is over."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.publishing import publish
from interviews.sitting.models import Interview


def request_scoring(interview: Interview) -> None:
    publish(score_interview, interview.pk)


@shared_task(name="interviews.tasks.score_interview")
def score_interview(interview_id: int) -> None:
    """Grades the closed questions of a submitted interview. Safe to repeat, also at once."""
    score_submitted(interview_id, now=timezone.now())


def score_submitted(interview_id: int, *, now: datetime) -> None:
    """The attempt is counted before the work: an interview that kills its worker is tried three times.

    What takes long (a query that runs) is worked out before the lock is taken.
    """
    unscored = Interview.objects.unscored().filter(pk=interview_id)
    interview = unscored.first()
    if interview is None:
        return
    unscored.update(scoring_attempts=interview.scoring_attempts + 1)
    worked_out = interview.work_out()
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.score(now=now, worked_out=worked_out)


def expire(public_id: UUID, *, now: datetime) -> None:
    """Closes what is over at `now`, unless somebody holds it at this moment, who expires it on the way."""
    try:
        with Interview.objects.under_lock(public_id, now=now, skip_locked=True):
            pass
    except Interview.DoesNotExist:
        pass
