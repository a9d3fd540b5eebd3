"""A transcription service in Whisper's place: any that speaks OpenAI's `/v1/audio/transcriptions`. Without Django."""

import json
from typing import BinaryIO

import urllib3

from interviews.speech.audio import EXTENSIONS
from interviews.speech.heard import EngineAway, Heard, Word

# It may work through 45 minutes of sound before it says the first word.
TIMEOUT = urllib3.Timeout(connect=10, read=600)
# What it says of 45 minutes; more is no transcript.
MOST_BYTES = 8_000_000


def transcribe(file: BinaryIO, content_type: str, *, url: str, key: str, model: str) -> Heard:
    """Raises EngineAway where it cannot be asked, or answers with nothing that can be read."""
    fields = [
        ("file", (f"answer.{EXTENSIONS[content_type]}", file.read(), content_type)),
        ("model", model),
        ("language", "en"),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
    ]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with urllib3.PoolManager(retries=False, timeout=TIMEOUT) as pool:
            reply = pool.request("POST", url, fields=fields, headers=headers, redirect=False, preload_content=False)
            body = reply.read(MOST_BYTES)
    except urllib3.exceptions.HTTPError as error:
        raise EngineAway(f"The transcription service could not be asked: {type(error).__name__}.") from error
    if reply.status != 200:
        raise EngineAway(f"The transcription service answered {reply.status}.")
    try:
        said = json.loads(body)
        words = [Word(str(one["word"]).strip(), float(one["start"]), float(one["end"]), None) for one in said["words"]]
        return Heard(words, seconds=float(said["duration"]))
    except (ValueError, KeyError, TypeError) as error:
        raise EngineAway("The transcription service answered with no transcript.") from error
