"""When a question is due again: FSRS with settings that are repeatable. No Django (docs/statistics.md).

FSRS models the recall of one question; mastery of a topic is weakness.py's, and neither enters the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from fsrs import Card, Rating, Scheduler, State

# The library's own defaults draw due dates at random and begin with steps of minutes.
SCHEDULER = Scheduler(
    desired_retention=0.9, learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False
)
HARD_FROM, GOOD_FROM, EASY_FROM = 0.4, 0.7, 0.95  # score
EASY_CONFIDENCE = 0.8
EASY_TIME_RATIO = 0.5


@dataclass(frozen=True, slots=True)
class GradedAttempt:
    answered_at: datetime  # aware
    score: float  # 0 to 1
    confidence: float | None = None  # stated share of the points
    time_ratio: float | None = None  # seconds used / seconds allotted; None when untimed


@dataclass(frozen=True, slots=True)
class Memory:
    """What is left of a question after its attempts. `stability` in days, `difficulty` from 1 to 10."""

    stability: float
    difficulty: float
    reviewed_at: datetime
    due_at: datetime

    def retrievability(self, now: datetime) -> float:
        """The probability of recalling it at `now`, from 0 to 1; counts whole days."""
        card = Card(
            card_id=0,
            state=State.Review,
            stability=self.stability,
            difficulty=self.difficulty,
            last_review=self.reviewed_at.astimezone(UTC),
        )
        return SCHEDULER.get_card_retrievability(card, now.astimezone(UTC))


def rating(attempt: GradedAttempt) -> Rating:
    """Below 40 % of the points Again, below 70 % Hard, else Good; Easy from 95 %, when sure and quick as well."""
    if attempt.score < HARD_FROM:
        return Rating.Again
    if attempt.score < GOOD_FROM:
        return Rating.Hard
    is_sure = attempt.confidence is not None and attempt.confidence >= EASY_CONFIDENCE
    is_quick = attempt.time_ratio is not None and attempt.time_ratio <= EASY_TIME_RATIO
    return Rating.Easy if attempt.score >= EASY_FROM and is_sure and is_quick else Rating.Good


def remember(attempts: Iterable[GradedAttempt]) -> Memory | None:
    """The memory after these attempts at one question, in whatever order they come; None without any."""
    # An id of our own: without one the library sleeps a millisecond and takes the clock.
    card = Card(card_id=0)
    for attempt in sorted(attempts, key=lambda attempt: (attempt.answered_at, attempt.score)):
        card, _ = SCHEDULER.review_card(card, rating(attempt), attempt.answered_at.astimezone(UTC))
    if card.last_review is None:
        return None
    return Memory(card.stability, card.difficulty, card.last_review, card.due)
