"""Marking one question across everybody of a cohort who waits for a review, in an order of each coach's own.

Whoever is marked first or last is so by chance and for one coach alone: tiredness and contrast fall on nobody in
particular. The marks are those of each person's review, as if it had been opened by itself.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Cohort, User
from interviews.coaching.models import AnswerReview, Review
from interviews.sitting.models import InterviewQuestion


@dataclass(frozen=True, slots=True)
class QuestionToMark:
    version: int
    title: str
    total: int
    done: int

    @property
    def left(self) -> int:
        return self.total - self.done


def waiting_answers(cohort: Cohort, coach: User) -> QuerySet[InterviewQuestion]:
    """Answers that people mark, in reviews of this cohort that wait for this coach; with `is_done`."""
    reviews = Review.objects.for_coach(coach).awaiting_review().filter(interview__cohort=cohort)
    done = AnswerReview.objects.filter(review__in=reviews, question=OuterRef("pk"), is_complete=True)
    asked = InterviewQuestion.objects.for_rubric().filter(interview__in=reviews.values("interview"))
    return asked.annotate(is_done=Exists(done)).order_by()


def questions_to_mark(cohort: Cohort, coach: User) -> list[QuestionToMark]:
    """The one with the most left first."""
    rows = waiting_answers(cohort, coach).values("version", "version__title")
    counted = rows.annotate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    found = [QuestionToMark(*row) for row in counted.values_list("version", "version__title", "total", "done")]
    return sorted(found, key=lambda one: (-one.left, one.title))


class Stack:
    """The answers to one question, in this coach's order."""

    def __init__(self, cohort: Cohort, coach: User, version: int):
        rows = waiting_answers(cohort, coach).filter(version=version).values_list("pk", "is_done")
        chance = {pk: sha256(f"{coach.pk} {version} {pk}".encode()).digest() for pk, _ in rows}
        self.done = {pk for pk, is_done in rows if is_done}
        self.order = sorted(chance, key=chance.get)

    def place(self, pk: int) -> int:
        """From 1 on. Raises ValueError for an answer that is not among them."""
        return self.order.index(pk) + 1

    def before(self, pk: int) -> int | None:
        place = self.order.index(pk)
        return self.order[place - 1] if place else None

    def next_unmarked(self, after: int | None = None) -> int | None:
        """Behind `after`, else from the beginning; None: all are marked."""
        start = self.order.index(after) + 1 if after in self.order else 0
        rest = self.order[start:] + self.order[:start]
        return next((pk for pk in rest if pk not in self.done and pk != after), None)
