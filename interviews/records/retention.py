"""How long we keep your data. docs/operating.md says it to operators, the page "Your data" to everybody."""

import logging
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts import sessions
from accounts.attempts import PasswordAttempt
from accounts.models import CoachGrant, CohortCoach, CohortMember, User
from interviews.coaching.models import LiveMock
from interviews.interviewer.models import ModelCall, asked
from interviews.notices.models import Notice
from interviews.records import erasure
from interviews.records.models import DataExport
from interviews.report import calibration
from interviews.report.models import ReportShare
from interviews.sitting.models import Interview
from interviews.speech import storing
from questions.models import Figure, QuestionUpload

# Drafts thin out then; what was handed in and what came late stays.
KEPT_WHOLE = timedelta(days=180)
# What nobody can use any more: invitations and links that have expired or were taken back.
KEPT_USELESS = timedelta(days=30)
NOTICES_KEPT = timedelta(days=180)
# Interviews thinned in one transaction: some thousand rows.
BATCH = 20

log = logging.getLogger(__name__)

# Of the drafts of an answer stay the first, the last and the first of every minute.
THIN = """
DELETE FROM interviews_answerrevision WHERE id IN (
    SELECT id FROM (
        SELECT revision.id,
            row_number() OVER answer AS first, row_number() OVER answer_backwards AS last,
            row_number() OVER same_minute AS in_minute
        FROM interviews_answerrevision revision
        JOIN interviews_interviewquestion question ON question.id = revision.question_id
        WHERE question.interview_id = ANY(%(interviews)s) AND revision.kind = 'draft'
        WINDOW answer AS (PARTITION BY question.id, revision.opening ORDER BY revision.id),
            answer_backwards AS (PARTITION BY question.id, revision.opening ORDER BY revision.id DESC),
            same_minute AS (
                PARTITION BY question.id, revision.opening, date_trunc('minute', saved_at) ORDER BY revision.id
            )
    ) draft WHERE first > 1 AND last > 1 AND in_minute > 1
)
"""


def thin_revisions(*, now: datetime) -> int:
    """Deletes what has served its time; gives how many rows. Harmless twice, also at once; short transactions.

    Each interview has its turn once, so that a night's work does not grow with the years that went before.
    """
    deleted = 0
    whole = Interview.objects.to_thin(now - KEPT_WHOLE).select_for_update(no_key=True, skip_locked=True)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            interviews = list(whole.order_by("closed_at").values_list("pk", flat=True)[:BATCH])
            if not interviews:
                return deleted
            # The trigger lets nothing else delete a revision (migration 0002_append_only).
            cursor.execute("SET LOCAL holdout.erasing = 'on'")
            cursor.execute(THIN, {"interviews": interviews})
            deleted += cursor.rowcount
            Interview.objects.filter(pk__in=interviews).update(thinned_at=now)


def remove_forgotten_guests(*, now: datetime) -> int:
    """Deletes guests that nobody can come back to, with all they wrote; gives how many. Harmless twice."""
    forgotten = User.objects.forgotten_guests(now)
    return sum(_remove_guest(pk, now) for pk in forgotten.order_by("pk").values_list("pk", flat=True))


def _remove_guest(pk: int, now: datetime) -> bool:
    """In a transaction of its own: one who cannot be deleted keeps no other."""
    try:
        with transaction.atomic():
            guest = User.objects.forgotten_guests(now).select_for_update(skip_locked=True).filter(pk=pk).first()
            if guest:
                erasure.delete_everything(guest, now=now)
        return guest is not None
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("Guest %s could not be deleted; the others are.", pk)
        return False


def tidy(*, now: datetime) -> None:
    """Deletes what has no use any more. Harmless twice. Where one kind cannot be deleted, the others are."""
    for delete in (
        SessionStore.clear_expired,
        sessions.forget_ended_devices,
        forget_ended_counts,
        PasswordAttempt.objects.ended(now).delete,
        CoachGrant.objects.useless(now - KEPT_USELESS).delete,
        CohortCoach.objects.useless(now - KEPT_USELESS).delete,
        CohortMember.objects.forgotten(now - KEPT_USELESS).delete,
        ReportShare.objects.useless(now - KEPT_USELESS).delete,
        LiveMock.objects.useless(now - KEPT_USELESS).delete,
        ModelCall.objects.made_before(now - asked.KEPT).delete,
        Notice.objects.made_before(now - NOTICES_KEPT).delete,
        lambda: delete_expired_exports(now=now),
        DataExport.objects.forgotten(now).delete,
        QuestionUpload.objects.forgotten(now).delete,
        Figure.objects.unused(now).delete,
        delete_orphans,
        lambda: storing.remove_orphans(now=now),
        lambda: calibration.forget_old_attempts(now=now),
    ):
        try:
            delete()
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("The tidying could not delete all it should; it goes on.")


def forget_ended_counts() -> None:
    """Of log-ins and other limits: the cache's table throws nothing away by itself until it is full."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < now()")


def delete_expired_exports(*, now: datetime) -> None:
    for export in DataExport.objects.expired(now):
        export.delete_file()


def delete_orphans() -> None:
    """Files of exports that no row names: whoever built one was killed while its person was erased."""
    try:
        _, names = default_storage.listdir("exports")
    except FileNotFoundError:  # before the first export
        return
    # After the files: each is named before it exists, so none that was just built looks like an orphan.
    named = set(DataExport.objects.exclude(file="").values_list("file", flat=True))
    for name in names:
        if f"exports/{name}" not in named:
            default_storage.delete(f"exports/{name}")
