from celery import shared_task
from django.utils import timezone

from accounts.publishing import publish
from interviews.speech import hearing, storing
from interviews.speech.models import Recording


@shared_task(name="interviews.tasks.store_recording")
def store_recording(recording_id: int) -> None:
    """Makes a file of a recording that has arrived. Safe to repeat, also at once."""
    store(recording_id, now=timezone.now())


# 45 minutes of sound are some three minutes of work; on a busy machine it may be four times that.
@shared_task(name="interviews.tasks.transcribe_recording", soft_time_limit=840, time_limit=870)
def transcribe_recording(recording_id: int) -> None:
    """Safe to repeat, also at once."""
    hearing.hear(recording_id, now=timezone.now())


def store(recording_id: int, *, now) -> None:
    """Makes a file of it and asks for its transcript."""
    if storing.store(recording_id, now=now):
        publish(transcribe_recording, recording_id)


def ask_again(recording_id: int, *, now) -> None:
    """For its transcript: whoever was asked is dead, or the message lost."""
    Recording.objects.filter(pk=recording_id).update(asked_at=now)
    publish(transcribe_recording, recording_id)
