"""A track → the questions of one interview: unseen ones first, topics spread, reproducible from a seed; and which of
them may have follow-ups.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class NotEnoughQuestions(Exception):
    """Fewer published questions fit a section than it asks for. The message is for the person who starts."""


class Drawable(Protocol):
    """A published version as `for_drawing` reads it: a plain row."""

    pk: int
    question_id: int
    limit_seconds: int
    family: int
    primary_topic_id: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One section to fill: `count` of the `pool`'s versions."""

    name: str
    count: int
    pool: Sequence[Drawable]


def draw(slots: Sequence[Slot], *, seen: Mapping[int, datetime], seed: int) -> list[Drawable]:
    """One version for each place of each slot, in the slots' order.

    `seen`: when the person was last shown a question, by question id. Preference, in this order: never seen, else
    seen longest ago; a topic drawn less often so far; chance (from the seed alone). A question is drawn
    once, and never together with a companion of its own, which could give the answer away.
    """
    chance = random.Random(seed)  # noqa: S311 – a draw to be repeated, not a secret
    drawn: list[Drawable] = []
    topics: Counter[int] = Counter()
    families: set[int] = set()
    for slot in slots:
        pool = sorted(slot.pool, key=lambda version: version.question_id)
        luck = {version.pk: chance.random() for version in pool}
        for _ in range(slot.count):
            candidates = [version for version in pool if version.family not in families]
            if not candidates:
                raise NotEnoughQuestions(
                    f"There are not enough published questions for “{slot.name}” ({slot.count} needed)."
                )
            best = min(
                candidates,
                key=lambda version: (
                    last_seen(version, seen),
                    topics[version.primary_topic_id],
                    luck[version.pk],
                ),
            )
            drawn.append(best)
            topics[best.primary_topic_id] += 1
            families.add(best.family)
    return drawn


def fill(pool: Sequence[Drawable], *, seconds: int, seen: Mapping[int, datetime], seed: int) -> list[Drawable]:
    """As many of the pool as fit the time, in `draw`'s order of preference, until nothing more fits; perhaps none."""
    chance = random.Random(seed)  # noqa: S311 – a draw to be repeated, not a secret
    drawn: list[Drawable] = []
    topics: Counter[int] = Counter()
    waiting = sorted(pool, key=lambda version: version.question_id)
    luck = {version.pk: chance.random() for version in waiting}
    while waiting := [version for version in waiting if version.limit_seconds <= seconds]:
        best = min(
            waiting,
            key=lambda version: (last_seen(version, seen), topics[version.primary_topic_id], luck[version.pk]),
        )
        drawn.append(best)
        topics[best.primary_topic_id] += 1
        seconds -= best.limit_seconds
        waiting = [version for version in waiting if version.family != best.family]
    return drawn


def keep_places(limits: Mapping[int, Sequence[int]], *, spare_seconds: int) -> dict[int, int]:
    """How many follow-ups each version may have in one interview, so that whichever are asked fit what time is left.

    `limits`: in the order of the questions, of each follow-up that may come after a version. First each gets one
    place, then a second, and so on.
    """
    longest = {pk: sorted(limits, reverse=True) for pk, limits in limits.items()}
    places = dict.fromkeys(longest, 0)
    for round_ in range(max(map(len, longest.values()), default=0)):
        for pk, seconds in longest.items():
            if places[pk] == round_ < len(seconds) and seconds[round_] <= spare_seconds:
                places[pk] += 1
                spare_seconds -= seconds[round_]
    return places


def last_seen(version: Drawable, seen: Mapping[int, datetime]) -> float:
    moment = seen.get(version.question_id)
    return moment.timestamp() if moment else 0.0
