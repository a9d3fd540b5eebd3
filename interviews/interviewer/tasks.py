from celery import shared_task
from django.utils import timezone

from interviews.interviewer import finding


@shared_task(name="interviews.tasks.find_points")
def find_points(interview_id: int) -> None:
    """What was found in the answers of a finished interview. Safe to repeat, also at once."""
    finding.find_in(interview_id, now=timezone.now())
