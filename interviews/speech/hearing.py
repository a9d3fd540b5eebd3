"""A stored recording becomes a transcript: once, whatever dies in between."""

from datetime import datetime

from django.utils import timezone

from interviews.speech import engines
from interviews.speech.models import LONGEST_SECONDS, Recording, Transcript


def hear(recording_id: int, *, now: datetime) -> None:
    """Safe to repeat, also at once: who claims it transcribes it. Raises what went wrong; the sweep tries again."""
    if not engines.is_on():
        return
    recording = Recording.objects.claim(recording_id, now=now)
    if recording is None:
        return
    try:
        with recording.file.open() as file:
            heard = engines.transcribe(
                file,
                recording.content_type,
                most_seconds=LONGEST_SECONDS + 60,
                note_progress=lambda seconds: recording.note_heard(seconds, now=timezone.now()),
            )
    except Exception:
        recording.release()
        raise
    engine, version = engines.name_and_version()
    Transcript.objects.keep(recording, heard, engine=engine, version=version, now=timezone.now())
