"""A track → the questions of one interview: unseen ones first, topics spread, reproducible from a seed."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from questions.models import QuestionVersion


class NotEnoughQuestions(Exception):
    """Fewer published questions fit a section than it asks for. The message is for the person who starts."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One section to fill: `count` of the `pool`'s versions (with their topics prefetched)."""

    name: str
    count: int
    pool: Sequence[QuestionVersion]


def draw(slots: Sequence[Slot], *, seen: Mapping[int, datetime], seed: int) -> list[QuestionVersion]:
    """One version for each place of each slot, in the slots' order.

    `seen`: when the person was last shown a question, by question id. Preference, in this order: never seen, else
    seen longest ago; a topic drawn less often so far; chance (from the seed alone). A question is drawn
    once, and never together with a companion of its own, which could give the answer away.
    """
    chance = random.Random(seed)  # noqa: S311 – a draw to be repeated, not a secret
    drawn: list[QuestionVersion] = []
    topics: Counter[int] = Counter()
    families: set[int] = set()
    for slot in slots:
        pool = sorted(slot.pool, key=lambda version: version.question_id)
        luck = {version.pk: chance.random() for version in pool}
        for _ in range(slot.count):
            candidates = [version for version in pool if family(version) not in families]
            if not candidates:
                raise NotEnoughQuestions(
                    f"There are not enough published questions for “{slot.name}” ({slot.count} needed)."
                )
            best = min(
                candidates,
                key=lambda version: (
                    last_seen(version, seen),
                    topics[version.primary_topic.pk],
                    luck[version.pk],
                ),
            )
            drawn.append(best)
            topics[best.primary_topic.pk] += 1
            families.add(family(best))
    return drawn


def family(version: QuestionVersion) -> int:
    """A question and its closed companions are one family."""
    return version.question.companion_of_id or version.question_id


def last_seen(version: QuestionVersion, seen: Mapping[int, datetime]) -> float:
    moment = seen.get(version.question_id)
    return moment.timestamp() if moment else 0.0
