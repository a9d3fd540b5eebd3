"""A recording's file as samples, a piece at a time: a long one needs no more memory than two minutes.

PyAV and NumPy come with requirements-speech.txt; only what transcribes imports this. Without Django.
"""

from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np

RATE = 16_000
# The voice filter looks at a whole piece at once: five minutes took 714 MB, two stay near 500.
PIECE_SECONDS = 120
# A piece is cut where it is quietest in its last stretch.
CUT_WITHIN_SECONDS = 30
BATCH = 10 * RATE
FRAME = RATE // 50  # 20 ms: what loudness is measured in
# How FFmpeg calls what audio.py lets in. It must not guess: some of its formats open other files and addresses.
CONTAINERS = {"audio/webm": "matroska", "audio/ogg": "ogg", "audio/mp4": "mp4"}
CODECS = {"opus", "aac"}


class Unreadable(ValueError):
    """There is no sound to be had from the file."""


def pieces(file: BinaryIO, content_type: str, *, most_seconds: float) -> Iterator[np.ndarray]:
    """Mono samples at RATE as floats in [-1, 1], at most PIECE_SECONDS at a time, cut at quiet places.

    A file that was cut off, or is damaged later on, gives what is there. Raises Unreadable where that is nothing.
    """
    held = np.zeros(0, np.int16)
    is_empty = True
    for batch in batches(decoded(file, content_type), round(most_seconds * RATE)):
        held = np.concatenate([held, batch])
        while len(held) > PIECE_SECONDS * RATE:
            cut = quietest(held[: PIECE_SECONDS * RATE])
            yield as_floats(held[:cut])
            held, is_empty = held[cut:], False
    if len(held):
        yield as_floats(held)
    elif is_empty:
        raise Unreadable


def batches(decoded: Iterator[np.ndarray], most: int) -> Iterator[np.ndarray]:
    """The first `most` samples, some seconds at a time: a packet has a fiftieth of one."""
    fresh: list[np.ndarray] = []
    for samples in decoded:
        fresh.append(samples[:most])
        most -= len(fresh[-1])
        if sum(map(len, fresh)) >= BATCH or most == 0:
            yield np.concatenate(fresh)
            fresh = []
        if most == 0:
            return
    if fresh:
        yield np.concatenate(fresh)


def as_floats(samples: np.ndarray) -> np.ndarray:
    return samples.astype(np.float32) / 32_768


def quietest(piece: np.ndarray) -> int:
    """The sample in the middle of the quietest 0.3 s of the last CUT_WITHIN_SECONDS."""
    start = len(piece) - CUT_WITHIN_SECONDS * RATE
    power = 10 ** (loudness(as_floats(piece[start:])) / 10)
    around = np.convolve(power, np.ones(15), mode="valid")
    return start + (int(np.argmin(around)) + 7) * FRAME


def loudness(samples: np.ndarray) -> np.ndarray:
    """Decibels below full scale of each whole frame of 20 ms; silence is -100."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return 10 * np.log10(np.mean(np.square(frames), axis=1, dtype=np.float64) + 1e-10)


def decoded(file: BinaryIO, content_type: str) -> Iterator[np.ndarray]:
    """Ends where the file does, or where it makes no more sense. What was left out while recording is silence."""
    try:
        with av.open(file, format=CONTAINERS[content_type], metadata_errors="ignore") as container:
            stream = next((one for one in container.streams.audio if one.codec_context.name in CODECS), None)
            if stream is None:
                return
            stream.thread_count = 1
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            given = 0
            for packet in container.demux(stream):
                for frame in frames_of(packet):
                    missing = round(frame.time * RATE) - given if frame.time else 0
                    if missing > RATE // 5:
                        yield from silence(missing)
                        given += missing
                    for samples in resampled(resampler, frame):
                        given += len(samples)
                        yield samples
            yield from resampled(resampler, None)
    except (av.FFmpegError, OSError, ValueError):
        return


def frames_of(packet: av.Packet) -> list[av.AudioFrame]:
    """None of a damaged packet: those after it may be whole."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        return []


def resampled(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[np.ndarray]:
    for done in resampler.resample(frame):
        yield done.to_ndarray().reshape(-1)


def silence(count: int) -> Iterator[np.ndarray]:
    """So many samples, some seconds at a time: a false time in the file must not fill the memory."""
    for start in range(0, count, BATCH):
        yield np.zeros(min(BATCH, count - start), np.int16)
