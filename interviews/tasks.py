"""The sweep, and every wing's tasks, so that Celery finds them.

A message only makes things faster: what has to be done stands in PostgreSQL (`Interview.unscored`,
`EvidenceChange.pending`), and the sweep does whatever a lost message left undone. So no task is ever delayed by a
countdown or retried by the broker, and a publisher's failure is logged and forgotten.

The names of the tasks are pinned to what they were before the wings: a message that is on its way when a new version
starts finds its task, and an old version still running finds those of the new.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from interviews.coaching import cohort_notices, invitations
from interviews.coaching.tasks import mail_invitations, remind, tell_assigned, tell_of_coach
from interviews.interviewer import finding
from interviews.interviewer.tasks import ask_model, find_points
from interviews.notices import mailing
from interviews.notices.tasks import mail_notice
from interviews.records import erasure, exporting
from interviews.records.models import DataExport
from interviews.records.tasks import build_export, erase, remove_forgotten_guests, thin_revisions, tidy
from interviews.report import compiling
from interviews.report.tasks import calibrate, compile_report
from interviews.sitting.models import EvidenceChange, Interview, InterviewQuestion
from interviews.sitting.tasks import (
    ask_for_case,
    expire,
    find_case,
    run_answers,
    run_submitted,
    score_interview,
    score_submitted,
    show_failing_case,
)
from interviews.speech import engines, hearing
from interviews.speech import tasks as speech
from interviews.speech.models import Recording
from interviews.speech.tasks import store_recording, transcribe_recording
from questions.exchange import uploads
from questions.models import QuestionUpload

__all__ = [
    "ask_model",
    "build_export",
    "calibrate",
    "compile_report",
    "erase",
    "find_case",
    "find_points",
    "mail_invitations",
    "mail_notice",
    "remind",
    "remove_forgotten_guests",
    "run_answers",
    "score_interview",
    "store_recording",
    "sweep",
    "tell_assigned",
    "tell_of_coach",
    "thin_revisions",
    "tidy",
    "transcribe_recording",
]

log = logging.getLogger(__name__)

# Enough for one sweep of 20 s; what is left is the next sweep's.
SWEEP_BATCH = 500
# A storage that is away lets each of them wait.
STORE_BATCH = 20


@shared_task(soft_time_limit=780, time_limit=800)  # it also deletes people and builds copies
def sweep() -> None:
    """Does what requests and messages left undone; what has to be run or heard it leaves to the workers for that."""
    sweep_once(now=timezone.now(), score=score_submitted, show=ask_for_case, hear=speech.ask_again)


def sweep_once(
    *,
    now: datetime,
    score: Callable[..., None] = run_submitted,
    show: Callable[..., None] = show_failing_case,
    hear: Callable[..., None] = hearing.hear,
) -> None:
    """Expires interviews, scores, compiles reports, mails, stores and hears recordings, erases, reads uploads.

    One's fault stops no other. As it stands it needs nothing but PostgreSQL: `manage.py sweep`.
    """
    for public_id in Interview.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_BATCH]:
        _isolated("expire", public_id, lambda public_id=public_id: expire(public_id, now=now))
    for pk in Interview.objects.unscored().values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("score", pk, lambda pk=pk: score(pk, now=now))
    for pk in InterviewQuestion.objects.awaiting_case(now).values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("find a case for", pk, lambda pk=pk: show(pk, now=now))
    for pk in EvidenceChange.objects.pending().values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("report", pk, lambda pk=pk: compiling.compile_requested(pk, now=now))
    for pk in finding.overlooked(now)[:SWEEP_BATCH]:
        _isolated("find points in", pk, lambda pk=pk: finding.find_in(pk, now=now))
    _isolated("mail", "notices", lambda: mailing.mail_waiting(now=now))
    _isolated("mail", "invitations", lambda: invitations.mail_waiting(most=invitations.INVITATIONS_A_SWEEP, now=now))
    _isolated("ask for", "reviews", lambda: cohort_notices.ask_reviews(now=now))
    for pk in Recording.objects.unstored().values_list("pk", flat=True)[:STORE_BATCH]:
        _isolated("store recording", pk, lambda pk=pk: speech.store(pk, now=now))
    for pk in Recording.objects.overlooked(now).values_list("pk", flat=True)[:STORE_BATCH] if engines.is_on() else ():
        _isolated("transcribe recording", pk, lambda pk=pk: hear(pk, now=now))
    for pk in User.objects.due_for_erasure(now).values_list("pk", flat=True)[:SWEEP_BATCH]:
        _isolated("erase", pk, lambda pk=pk: erasure.erase(pk, now=now))
    for expired in DataExport.objects.expired(now)[:SWEEP_BATCH]:
        _isolated("delete", expired.pk, expired.delete_file)
    # Last and one of each at a time: they may take minutes.
    for pk in QuestionUpload.objects.overlooked(now).values_list("pk", flat=True)[:1]:
        _isolated("work on upload", pk, lambda pk=pk: uploads.work_on(pk, now=now))
    for pk in DataExport.objects.overlooked(now).values_list("pk", flat=True)[:1]:
        _isolated("export", pk, lambda pk=pk: exporting.build(pk, now=now))


def _isolated(what: str, key, do) -> None:
    try:
        do()
    except Exception:
        log.exception("The sweep could not %s %s; it goes on.", what, key)
