"""What counts in a report, and how much: pure functions, no Django (docs/statistics.md).

The history in PostgreSQL counts by the same rules (interviews/report/history.py), and a test holds the two together.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

HALF_LIFE = timedelta(days=180)  # an answer this old counts half
REPEAT_AFTER = timedelta(days=21)  # an earlier repeat shows memory of the question, not the topic
WINDOW = timedelta(days=1080)  # older answers would weigh less than 1/64
MONTH = timedelta(days=30)
AGE_CAP_MONTHS = 6  # a straight line over a year is no model of a person
GRADER_WEIGHT: Mapping[str, float] = {"auto": 1.0, "coach": 1.0, "self": 0.5}
TOPIC_WEIGHTS: Mapping[int, tuple[float, ...]] = {1: (1.0,), 2: (0.65, 0.35), 3: (0.5, 0.3, 0.2)}


@dataclass(frozen=True, slots=True)
class Response:
    """One attempt at a question. `answered_at` is aware and in UTC: other zones' clocks jump."""

    question: Hashable
    answered_at: datetime
    graded_by: str  # auto, coach or self
    score: float | None  # 0 to 1; None while ungraded, which still makes it the previous attempt


@dataclass(frozen=True, slots=True)
class Counted:
    """What all counted responses to one question amount to."""

    weight: float  # W = sum(w)
    score: float  # sum(w y) / W
    capped_weight: float  # min(1, W): however often repeated, a question has one vote
    self_share: float = 0.0  # of W, by responses that their candidate scored
    age: float = 0.0  # sum(w * months) / W, at most 6 months each


def count_responses(responses: Iterable[Response], now: datetime) -> dict[Hashable, Counted]:
    """Question to what its counted responses amount to; questions without one are left out.

    Counted: graded, and the first attempt or at least 21 days after the previous one (counted or not), among
    the attempts of the 1,080 days up to `now`. Its weight is w = grader weight * 2^(-age / 180 days).
    """
    attempts = defaultdict(list)
    for response in responses:
        if now - WINDOW < response.answered_at <= now:
            attempts[response.question].append(response)
    counted = {}
    for question, history in attempts.items():
        votes = list(_votes(history, now))
        if votes:
            weight = math.fsum(vote.weight for vote in votes)
            counted[question] = Counted(
                weight=weight,
                score=math.fsum(vote.weight * vote.score for vote in votes) / weight,
                capped_weight=min(1.0, weight),
                self_share=math.fsum(vote.weight for vote in votes if vote.is_own) / weight,
                age=math.fsum(vote.weight * vote.months for vote in votes) / weight,
            )
    return counted


def age_months(age: timedelta) -> float:
    """In months of 30 days, at most 6."""
    return min(age / MONTH, AGE_CAP_MONTHS)


class _Vote(NamedTuple):
    weight: float
    score: float
    months: float
    is_own: bool


def _votes(history: Iterable[Response], now: datetime) -> Iterator[_Vote]:
    """The counted responses among the attempts at one question."""
    previous = None
    for response in sorted(history, key=_attempt_order):
        is_fresh = previous is None or response.answered_at - previous >= REPEAT_AFTER
        previous = response.answered_at
        if is_fresh and response.score is not None:
            age = now - response.answered_at
            weight = GRADER_WEIGHT[response.graded_by] * 2 ** -(age / HALF_LIFE)
            yield _Vote(weight, response.score, age_months(age), response.graded_by == "self")


def _attempt_order(response: Response) -> tuple[datetime, float, str]:
    """By time; what follows only makes the order of attempts at the same instant definite."""
    return response.answered_at, -1.0 if response.score is None else response.score, response.graded_by


def topic_weights(topics: Sequence[str]) -> dict[str, float]:
    """The weights of a question's one to three distinct topics, primary first; they sum to 1.

    ValueError for any other list.
    """
    if len(topics) not in TOPIC_WEIGHTS or len(set(topics)) != len(topics):
        raise ValueError(f"a question has 1 to 3 different topics, not {list(topics)}")
    return dict(zip(topics, TOPIC_WEIGHTS[len(topics)], strict=True))
