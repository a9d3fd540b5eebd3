"""Whisper on this machine, one thread, in pieces of at most two minutes. Without Django.

No prompt and no hotwords: with a prompt Whisper repeats it on noise, with hotwords it loops and loses stretches. The
voice-activity filter keeps it from inventing words in silence, noise and hum. benchmarks/README.md has the numbers.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from typing import BinaryIO

import numpy as np
from faster_whisper import WhisperModel

from interviews.speech import sound
from interviews.speech.heard import DAMAGED, Heard, Word
from interviews.speech.pauses import pauses

VERSION = version("faster-whisper")
# It says of each file how long it is.
logging.getLogger("faster_whisper").setLevel(logging.WARNING)


@cache
def load(folder: str) -> WhisperModel:
    """Once a process: it takes a second and most of the memory. Raises what the library raises."""
    return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True)


def transcribe(
    file: BinaryIO,
    content_type: str,
    *,
    folder: str,
    most_seconds: float,
    note_progress: Callable[[float], None] = lambda seconds: None,
) -> Heard:
    """`note_progress` is told how many seconds have been heard, every half minute of sound or so."""
    model = load(folder)
    words: list[Word] = []
    levels: list[np.ndarray] = []
    samples = 0
    try:
        for piece in sound.pieces(file, content_type, most_seconds=most_seconds):
            words += words_of(model, piece, samples / sound.RATE, note_progress)
            levels.append(sound.loudness(piece))
            samples += len(piece)
            note_progress(samples / sound.RATE)
    except sound.Unreadable:
        return DAMAGED
    found = pauses(np.concatenate(levels), first_word=words[0].start, last_word=words[-1].end) if words else []
    return Heard(words, seconds=samples / sound.RATE, pauses=found)


def words_of(model: WhisperModel, piece: np.ndarray, start: float, note_progress) -> Iterator[Word]:
    """Of one piece, which begins at `start`."""
    segments, _ = model.transcribe(
        piece,
        language="en",
        beam_size=1,
        vad_filter=True,
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    for segment in segments:
        yield from joined(segment.words, start)
        note_progress(start + segment.end)


def joined(parts, start: float) -> list[Word]:
    """What Whisper gives in parts ("low", "-latency") is one word: only what follows a space begins one."""
    words: list[Word] = []
    for part in parts:
        text = part.word.strip()
        if not text:
            continue
        if words and not part.word.startswith(" "):
            before = words[-1]
            probability = min(before.probability, part.probability)
            words[-1] = Word(before.text + text, before.start, start + part.end, probability)
        else:
            words.append(Word(text, start + part.start, start + part.end, part.probability))
    return words
