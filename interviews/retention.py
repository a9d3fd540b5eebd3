"""What is kept how long. docs/operating.md says it to operators, the page "Your data" to everybody."""

import logging
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts import sessions
from accounts.models import CoachGrant, User
from interviews import calibration, erasure, voice_files
from interviews.models import DataExport, Notice, ReportShare

# Drafts thin out then; what was handed in and what came late stays.
KEPT_WHOLE = timedelta(days=180)
# What nobody can use any more: invitations and links that have expired or were taken back.
KEPT_USELESS = timedelta(days=30)
NOTICES_KEPT = timedelta(days=180)
BATCH = 5000

log = logging.getLogger(__name__)

# Of a question's old drafts stay the first, the last and the first of every minute.
THIN = """
DELETE FROM interviews_answerrevision WHERE id IN (
    SELECT id FROM (
        SELECT id,
            row_number() OVER answer AS first, row_number() OVER (answer_backwards) AS last,
            row_number() OVER same_minute AS in_minute
        FROM interviews_answerrevision
        WHERE kind = 'draft' AND saved_at < %(before)s
        WINDOW answer AS (PARTITION BY question_id, opening ORDER BY id),
            answer_backwards AS (PARTITION BY question_id, opening ORDER BY id DESC),
            same_minute AS (PARTITION BY question_id, opening, date_trunc('minute', saved_at) ORDER BY id)
    ) draft WHERE first > 1 AND last > 1 AND in_minute > 1
    LIMIT %(batch)s
)
"""


def thin_revisions(*, now: datetime) -> int:
    """Deletes what has served its time; gives how many rows. Harmless twice; short transactions."""
    deleted = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # The trigger lets nothing else delete a revision (migration 0002_append_only).
            cursor.execute("SET LOCAL holdout.erasing = 'on'")
            cursor.execute(THIN, {"before": now - KEPT_WHOLE, "batch": BATCH})
            gone = cursor.rowcount
        deleted += gone
        if gone < BATCH:
            return deleted


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
        CoachGrant.objects.useless(now - KEPT_USELESS).delete,
        ReportShare.objects.useless(now - KEPT_USELESS).delete,
        Notice.objects.made_before(now - NOTICES_KEPT).delete,
        lambda: delete_expired_exports(now=now),
        DataExport.objects.forgotten(now).delete,
        delete_orphans,
        lambda: voice_files.remove_orphans(now=now),
        lambda: calibration.forget_old_attempts(now=now),
    ):
        try:
            delete()
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("The tidying could not delete all it should; it goes on.")


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
