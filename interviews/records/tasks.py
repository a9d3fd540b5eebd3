from celery import shared_task
from django.utils import timezone

from interviews.records import erasure, exporting, retention


@shared_task(name="interviews.tasks.build_export", soft_time_limit=780, time_limit=800)
def build_export(export_id: int) -> None:
    """Safe to repeat, also at once: one of them builds it."""
    exporting.build(export_id, now=timezone.now())


@shared_task(name="interviews.tasks.erase", soft_time_limit=780, time_limit=800)
def erase(user_id: int) -> None:
    """Safe to repeat, also at once: one of them erases, and only who is due."""
    erasure.erase(user_id, now=timezone.now())


@shared_task(name="interviews.tasks.remove_forgotten_guests", soft_time_limit=780, time_limit=800)
def remove_forgotten_guests() -> None:
    """Nightly, see retention.py. Safe to repeat, also at once."""
    retention.remove_forgotten_guests(now=timezone.now())


@shared_task(name="interviews.tasks.thin_revisions", soft_time_limit=780, time_limit=800)
def thin_revisions() -> None:
    """Nightly, see retention.py. Safe to repeat, also at once."""
    retention.thin_revisions(now=timezone.now())


@shared_task(name="interviews.tasks.tidy", soft_time_limit=780, time_limit=800)
def tidy() -> None:
    """Nightly, see retention.py. Safe to repeat, also at once."""
    retention.tidy(now=timezone.now())
