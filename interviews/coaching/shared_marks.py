"""The marks of points that two coaches gave to the same answers, read for one of them (agreement.py)."""

from collections import defaultdict
from dataclasses import dataclass

from interviews.coaching.models import Appeal
from interviews.sitting.models import Grade, Interview


@dataclass(frozen=True, slots=True)
class SharedMark:
    """A point of an answer that both coaches marked. After an appeal the second one saw the first mark."""

    answer: int  # the InterviewQuestion's id
    point: str
    own: str
    other: str
    is_appealed: bool


def shared_marks(coach) -> dict[int, list[SharedMark]]:
    """By the other coach's id; only of interviews that `coach` may read now. A coach's newest review counts."""
    readable = Interview.objects.finished().readable_by(coach)
    reviewed = Grade.objects.of_reviews().filter(question__interview__in=readable)
    appeals = Appeal.objects.answered().filter(coach__isnull=False, question__interview__in=readable)
    own_answers = {
        *reviewed.filter(by=coach).values_list("question", flat=True),
        *appeals.filter(coach=coach).values_list("question", flat=True),
    }
    # (answer, point) → coach → (mark, whether an appeal led to it); what a coach said without one goes first.
    marks: dict[tuple, dict[int, tuple[str, bool]]] = defaultdict(dict)
    for answer, point, by, mark in appeals.filter(question__in=own_answers).values_list(
        "question", "point", "coach", "mark"
    ):
        marks[answer, str(point)][by] = mark, True
    for grade in reviewed.filter(question__in=own_answers).order_by("pk"):
        for point, mark in grade.evidence["points"].items():
            marks[grade.question_id, point][grade.by_id] = mark, False
    shared = defaultdict(list)
    for (answer, point), given in sorted(marks.items()):
        own, own_is_appealed = given.pop(coach.pk, (None, False))
        for other, (mark, is_appealed) in given.items() if own else ():
            shared[other].append(SharedMark(answer, point, own, mark, own_is_appealed or is_appealed))
    return dict(shared)
