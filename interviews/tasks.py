"""The Celery tasks, and the functions that queue them.

A message only makes things faster: what has to be done stands in PostgreSQL (`Interview.unscored`,
`ReportRequest.pending`), and the sweep does whatever a lost message left undone. So nothing here is ever
delayed by a countdown or retried by the broker, and a publisher's failure is logged and forgotten.
"""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from accounts.publishing import publish
from interviews import calibration, data_export, erasure, notices, reports, retention, voice_files
from interviews.models import DataExport, Interview, Recording, ReportRequest

log = logging.getLogger(__name__)

# Enough for one sweep of 20 s; what is left is the next sweep's.
SWEEP_BATCH = 500
# A storage that is away lets each of them wait.
STORE_BATCH = 20


def request_scoring(interview: Interview) -> None:
    publish(score_interview, interview.pk)


def request_report(candidate_id: int, *, now: datetime) -> None:
    """The candidate's evidence changed: their report is compiled anew, once for many such changes."""
    ReportRequest.note(candidate_id, now=now)
    publish(compile_report, candidate_id)


@shared_task
def score_interview(interview_id: int) -> None:
    """Grades the closed questions of a submitted interview, then the report. Safe to repeat, also at once."""
    score_submitted(interview_id, now=timezone.now())


@shared_task
def compile_report(candidate_id: int) -> None:
    """Safe to repeat: a second run on the same history writes nothing new."""
    reports.compile_requested(candidate_id, now=timezone.now())


@shared_task
def store_recording(recording_id: int) -> None:
    """Makes a file of a recording that has arrived. Safe to repeat, also at once."""
    voice_files.store(recording_id)


@shared_task(soft_time_limit=780, time_limit=800)  # it also deletes people and builds copies, see below
def sweep() -> None:
    """Does what requests and messages left undone. Needs only PostgreSQL: `manage.py sweep` is the same."""
    sweep_once(now=timezone.now())


@shared_task
def remind() -> None:
    """Hourly: somewhere it is morning. Safe to repeat, also at once."""
    notices.remind(now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)  # below the 900 s after which the broker gives it to another worker
def calibrate() -> None:
    """Item statistics and difficulties, nightly. Safe to repeat, also at once: `manage.py calibrate` is the same."""
    calibration.calibrate(now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)
def remove_forgotten_guests() -> None:
    """Nightly, see interviews/retention.py. Safe to repeat, also at once."""
    retention.remove_forgotten_guests(now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)
def thin_revisions() -> None:
    """Nightly, see interviews/retention.py. Safe to repeat, also at once."""
    retention.thin_revisions(now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)
def build_export(export_id: int) -> None:
    """Safe to repeat, also at once: one of them builds it."""
    data_export.build(export_id, now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)
def erase(user_id: int) -> None:
    """Safe to repeat, also at once: one of them erases, and only who is due."""
    erasure.erase(user_id, now=timezone.now())


@shared_task(soft_time_limit=780, time_limit=800)
def tidy() -> None:
    """Nightly, see interviews/retention.py. Safe to repeat, also at once."""
    retention.tidy(now=timezone.now())


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
    reports.compile_requested(interview.candidate_id, now=now)


def sweep_once(*, now: datetime) -> None:
    """Expires interviews, scores, compiles reports, mails notices, stores recordings, deletes who is due.

    One's fault stops no other.
    """
    for public_id in Interview.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_BATCH]:
        _isolated("expire", public_id, lambda public_id=public_id: _expire(public_id, now))
    for pk in Interview.objects.unscored().values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("score", pk, lambda pk=pk: score_submitted(pk, now=now))
    for pk in ReportRequest.objects.pending().values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("report", pk, lambda pk=pk: reports.compile_requested(pk, now=now))
    _isolated("mail", "notices", lambda: notices.mail_waiting(now=now))
    for pk in Recording.objects.unstored().values_list("pk", flat=True)[:STORE_BATCH]:
        _isolated("store recording", pk, lambda pk=pk: voice_files.store(pk))
    for pk in User.objects.due_for_erasure(now).values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("erase", pk, lambda pk=pk: erasure.erase(pk, now=now))
    for export in DataExport.objects.expired(now)[:SWEEP_BATCH]:
        _isolated("delete", export.pk, export.delete_file)
    # Last and one at a time: it may take minutes.
    for pk in DataExport.objects.overlooked(now).values_list("pk", flat=True)[:1]:
        _isolated("export", pk, lambda pk=pk: data_export.build(pk, now=now))


def _isolated(what: str, key, do) -> None:
    try:
        do()
    except Exception:
        log.exception("The sweep could not %s %s; it goes on.", what, key)


def _expire(public_id, now: datetime) -> None:
    try:
        with Interview.objects.under_lock(public_id, now=now, skip_locked=True):
            pass
    except Interview.DoesNotExist:
        pass  # somebody holds it at this moment, and expires it on the way
