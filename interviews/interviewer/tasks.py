from celery import shared_task
from django.utils import timezone

from interviews.interviewer import asking, finding


@shared_task(name="interviews.tasks.find_points")
def find_points(interview_id: int) -> None:
    """What was found in the answers of a finished interview. Safe to repeat, also at once."""
    finding.find_in(interview_id, now=timezone.now())


@shared_task(name="interviews.tasks.ask_model", expires=900)
def ask_model(question_id: int) -> None:
    """What a language model finds in an answer, where the site has one and the candidate allows it. Safe to repeat."""
    asking.ask_about(question_id, now=timezone.now())
