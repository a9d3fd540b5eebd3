"""A drill that follows the candidate: the next question by what was known of them and what they answered since.

Pure: the same start, seed and answers give the same questions. The start stands with the interview as plain numbers.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Self

from questions.statistics import Cell, attenuation, estimate_difficulty, logistic

# The score to expect of the next question: hard enough to teach, and an answer that tells much.
EXPECTED = 0.6


@dataclass(frozen=True, slots=True)
class Pooled:
    """A question that the drill may ask. `wait`: 0 never seen, 1 seen, but counts in the report again, 2 the rest."""

    version_id: int
    question_id: int
    family: int
    difficulty: float  # logits
    limit_seconds: int
    wait: int
    is_too_easy: bool  # by more than one level below the candidate's target


@dataclass(frozen=True, slots=True)
class Drill:
    """What was known when it began: the posterior of the topic, and the questions with their difficulties."""

    mean: float
    variance: float
    pool: Sequence[Pooled]

    def as_json(self) -> dict:
        return {"mean": self.mean, "variance": self.variance, "pool": [list(astuple(one)) for one in self.pool]}

    @classmethod
    def from_json(cls, data: dict) -> Self:
        return cls(data["mean"], data["variance"], [Pooled(*row) for row in data["pool"]])

    def next(self, asked: Mapping[int, float | None], seed: int) -> Pooled | None:
        """The question to ask now. `asked`: by question id the score, None while there is none; None: nothing is left.

        Never a too easy one and never one of a family that was asked while there are others; then the one whose
        expected score is nearest 0.6, among those never seen, else among those that count again.
        """
        known = {one.question_id: one for one in self.pool}
        families = {known[pk].family for pk in asked if pk in known}
        scored = [(known[pk].difficulty, score) for pk, score in asked.items() if pk in known and score is not None]
        mean, variance = ability(self.mean, self.variance, scored)
        luck = random.Random(seed)  # noqa: S311 – a draw to be repeated, not a secret
        chances = {one.question_id: luck.random() for one in sorted(self.pool, key=lambda one: one.question_id)}
        spread = attenuation(variance)
        return min(
            (one for one in self.pool if one.family not in families),
            key=lambda one: (
                one.is_too_easy,
                one.wait,
                round(abs(logistic((mean - one.difficulty) / spread) - EXPECTED), 9),
                chances[one.question_id],
            ),
            default=None,
        )


def ability(mean: float, variance: float, scored: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The posterior after these (difficulty, score).

    logistic(level - difficulty) is logistic((-difficulty) - (-level)): a difficulty is found from abilities alike.
    """
    mirrored = estimate_difficulty([Cell(-difficulty, 1, score) for difficulty, score in scored], -mean, variance)
    return -mirrored.value, mirrored.standard_error**2
