"""What is kept how long: drafts thin out after half a year, handed-in and late texts stay; guests go when forgotten."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import User

KEPT_WHOLE = timedelta(days=180)
BATCH = 5000
GUESTS_BATCH = 100

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
    removed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL holdout.erasing = 'on'")
            guests = User.objects.forgotten_guests(now).order_by("pk").select_for_update(skip_locked=True)
            batch = list(guests[:GUESTS_BATCH])
            User.objects.filter(pk__in=[guest.pk for guest in batch]).delete()
        removed += len(batch)
        if len(batch) < GUESTS_BATCH:
            return removed
