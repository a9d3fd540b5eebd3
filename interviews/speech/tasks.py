from celery import shared_task

from interviews.speech import storing


@shared_task(name="interviews.tasks.store_recording")
def store_recording(recording_id: int) -> None:
    """Makes a file of a recording that has arrived. Safe to repeat, also at once."""
    storing.store(recording_id)
