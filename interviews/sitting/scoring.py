"""An answer → a score in [0, 1] with its evidence. The closed formats' own rules: questions/formats/."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from questions import formats
from questions.models import QuestionVersion

MARKS = {"hit": 1.0, "partly": 0.5, "missed": 0.0}
MARK_LABELS = {"hit": "Hit", "partly": "Partly", "missed": "Missed"}
# How a form sends "partly" of a point that came only when it was asked for: worth as much.
AFTER_FOLLOW_UP, AFTER_FOLLOW_UP_LABEL = "partly-later", "Partly, after a follow-up"


def rubric_score(points: Iterable[tuple[float, str]], misconceptions: int = 0) -> float:
    """Σ weight × mark / Σ weight, each ticked misconception taking off one point's mean weight; never below 0.

    `points`: (weight, "hit" | "partly" | "missed"). Raises KeyError for another mark, ValueError without points.
    """
    points = list(points)
    if not points:
        raise ValueError("A rubric has at least one point.")
    total = sum(weight for weight, _ in points)
    reached = sum(weight * MARKS[mark] for weight, mark in points)
    return max(0.0, reached / total - misconceptions / len(points))


def with_rubric(run: float, rubric: float, rubric_share: float) -> float:
    """An answer that was run and marked: `run` is the share of its cases that passed."""
    return (1 - rubric_share) * run + rubric_share * rubric


def score_by_machine(version: QuestionVersion, answer: list[str]) -> formats.Scored:
    """What a machine can say of an answer. One that its format does not take any more scores 0, with the reason as
    evidence.
    """
    question_format = formats.get(version.format)
    try:
        answer = question_format.clean(version, answer)
    except ValidationError as error:
        return formats.Scored(0.0, {"unreadable": " ".join(error.messages)})
    return question_format.score(version, answer)
