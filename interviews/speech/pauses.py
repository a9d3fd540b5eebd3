"""Where somebody who spoke paused, from the sound's energy: between words they come out half a second short."""

from itertools import pairwise

import numpy as np

LEAST_SECONDS = 2.0
FRAME_SECONDS = 0.02
# A breath, a click or a chair within a pause does not end it.
BLIP_SECONDS = 0.1
# Below this share of the way from the room's loudness to the voice's it is quiet.
QUIET_SHARE = 0.35
# Less between the two than this is no voice in a room.
LEAST_SPAN_DB = 8.0


def pauses(loudness: np.ndarray, *, first_word: float, last_word: float) -> list[tuple[float, float]]:
    """(start, end) in seconds of each pause between the first word and the last.

    `loudness`: decibels, one value per FRAME_SECONDS.
    """
    room, voice = np.percentile(loudness, [5, 90])
    if voice - room < LEAST_SPAN_DB:
        return []
    is_loud = loudness > room + QUIET_SHARE * (voice - room)
    stretches = runs(without_blips(is_loud))
    found = [(start * FRAME_SECONDS, end * FRAME_SECONDS) for start, end, loud in stretches if not loud]
    return [
        (round(start, 1), round(end, 1))
        for start, end in found
        if end - start >= LEAST_SECONDS and start > first_word and end < last_word
    ]


def without_blips(is_loud: np.ndarray) -> np.ndarray:
    least = round(BLIP_SECONDS / FRAME_SECONDS)
    kept = is_loud.copy()
    for start, end, loud in runs(is_loud):
        if loud and end - start < least:
            kept[start:end] = False
    return kept


def runs(values: np.ndarray) -> list[tuple[int, int, bool]]:
    """(start, end, value) of each stretch of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [(start, end, bool(values[start])) for start, end in pairwise(edges) if end > start]
