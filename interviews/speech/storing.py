"""Recordings as files in Django's storage: written after they have arrived, and found again when nothing owns them."""

from datetime import datetime

from django.core.files.storage import default_storage

from interviews.speech import engines
from interviews.speech.models import FOLDER, UNFINISHED_KEPT, Recording


def store(recording_id: int, *, now: datetime) -> bool:
    """Safe to repeat, also at once. True: it is a file since just now, and a transcript of it is due."""
    recording = Recording.objects.unstored().filter(pk=recording_id).first()
    is_heard_here = engines.is_on()
    return bool(recording and recording.store(asked_at=now if is_heard_here else None) and is_heard_here)


def store_all_of(candidate, *, now: datetime) -> None:
    """What has not become a file yet, before somebody's files are gathered. The sweep asks for the transcripts."""
    for recording in Recording.objects.of_candidate(candidate).unstored():
        store(recording.pk, now=now)


def remove_orphans(*, now: datetime) -> tuple[int, int]:
    """Deletes uploads that were never sent to the end, and files without a row; gives how many of each.

    A file is written a moment before its row names it: only files older than a day are orphans.
    """
    abandoned = Recording.objects.abandoned(now)
    uploads = abandoned.count()
    abandoned.delete()
    named = set(Recording.objects.exclude(file="").values_list("file", flat=True))
    orphans = {f"{FOLDER}/{name}" for name in _names()} - named
    return uploads, sum(_remove_if_old(name, now) for name in orphans)


def _names() -> list[str]:
    try:
        return default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:  # nothing was ever recorded
        return []


def _remove_if_old(name: str, now: datetime) -> bool:
    if default_storage.get_modified_time(name) > now - UNFINISHED_KEPT:
        return False
    default_storage.delete(name)
    return True
