from celery import shared_task
from django.utils import timezone

from interviews.coaching import notices


@shared_task(name="interviews.tasks.remind")
def remind() -> None:
    """Hourly: somewhere it is morning. Safe to repeat, also at once."""
    notices.remind(now=timezone.now())
