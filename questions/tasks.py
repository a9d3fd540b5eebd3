"""The Celery tasks of the item bank. What is to be done stands in a row: a lost message costs time, never work."""

from celery import shared_task
from django.utils import timezone

from questions.exchange import uploads


@shared_task(soft_time_limit=780, time_limit=800)  # below the 900 s after which the broker gives it to another worker
def work_on_upload(upload_id: int) -> None:
    """Safe to repeat, also at once: one of them does the work."""
    uploads.work_on(upload_id, now=timezone.now())
