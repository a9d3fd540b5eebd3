"""A candidate's appeal against one mark of a sent review, and the second mark that a coach gives.

Every change happens under the lock of the interview's row, as in a review. The second mark stands beside the first:
it is a new grade that differs from the newest coach's in this one point, and the newest coach's grade counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from interviews.coaching.models.autosave import Autosaved, Draft, KeptDraft, SaveOutcome
from interviews.coaching.models.review import Review
from interviews.sitting import scoring
from interviews.sitting.models import Grade, Interview, InterviewQuestion, Refused
from questions.models import RubricPoint

MARKS = [(mark, mark) for mark in scoring.MARKS]


class AppealQuerySet(models.QuerySet):
    def for_coach(self, coach) -> Self:
        """Asked of this coach, about interviews that a live grant lets them read now."""
        readable = Interview.objects.reviewable_by(coach)
        return self.filter(coach=coach, withdrawn_at=None, review__interview__in=readable)

    def given_back_by(self, coach) -> Self:
        """With a reason, of interviews that a live grant lets them read now."""
        readable = Interview.objects.reviewable_by(coach)
        return self.filter(coach=coach, review__interview__in=readable).exclude(withdrawn_reason="")

    def of_candidate(self, candidate) -> Self:
        return self.filter(review__interview__candidate=candidate)

    def of_interview(self, public_id: UUID) -> Self:
        return self.filter(review__interview__public_id=public_id)

    def waiting(self) -> Self:
        return self.filter(answered_at=None, withdrawn_at=None)

    def answered(self) -> Self:
        return self.filter(answered_at__isnull=False)

    def longest_waiting_first(self) -> Self:
        return self.order_by("asked_at", "pk")

    def with_people(self) -> Self:
        return self.select_related(
            "coach", "review__coach", "review__interview__candidate", "question__version", "point"
        )

    def ask(
        self, review: Review, question: InterviewQuestion, point: RubricPoint, *, coach, reason: str, now: datetime
    ):
        """Under the review's lock. The same again changes nothing and gives the first.

        Raises Refused where the point was not marked, or appealed in other words or to somebody else.
        """
        review._require_lock()
        if (
            not (review.is_sent and review.interview.is_finished)
            or str(point.pk) not in review.answer_to(question).marks
        ):
            raise Refused("There's no mark here to appeal.")
        if before := self.filter(review=review, point=point, withdrawn_at=None).first():
            if (before.coach, before.reason) == (coach, reason):
                return before
            raise Refused("This point has already been appealed.")
        appeal = self.create(review=review, question=question, point=point, coach=coach, reason=reason, asked_at=now)
        review.interview.record(
            "appeal_asked", actor=review.interview.candidate, now=now, question=question, appeal=appeal.pk
        )
        return appeal

    @contextmanager
    def under_lock(self, pk: int) -> Iterator["Appeal"]:
        """One of these appeals, whose interview's row stays locked until the block ends. Raises Appeal.DoesNotExist."""
        with transaction.atomic():
            interview = self.get(pk=pk).review.interview_id  # who may not see it waits for no lock and holds none
            Interview.objects.select_for_update(of=("self",), no_key=True).get(pk=interview)
            appeal = self.with_people().get(pk=pk)
            appeal.is_locked = True
            try:
                yield appeal
            finally:
                appeal.is_locked = False


class Appeal(Autosaved):
    """Against the mark of one point in one review. `mark` and `explanation` count once it is answered."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="appeals")
    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="appeals")
    point = models.ForeignKey(RubricPoint, models.PROTECT, related_name="+")
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who was asked to mark again."
    )
    reason = models.TextField(help_text="The candidate's.")
    asked_at = models.DateTimeField()
    mark = models.CharField(max_length=6, choices=MARKS, blank=True)
    explanation = models.TextField(blank=True, help_text="Of the second mark; the candidate reads it.")
    answered_at = models.DateTimeField(null=True, blank=True)
    grade = models.OneToOneField(Grade, models.CASCADE, null=True, blank=True, related_name="appeal")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, help_text="Of a coach who gave it back.")

    objects = AppealQuerySet.as_manager()

    # Set by under_lock.
    is_locked = False

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "point"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_appeal_per_point_and_review",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_has_a_reason"),
            models.CheckConstraint(condition=Q(mark="") | Q(mark__in=list(scoring.MARKS)), name="appeal_mark_is_known"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, grade__isnull=True)
                | (Q(answered_at__isnull=False, grade__isnull=False) & ~Q(mark="") & ~Q(explanation="")),
                name="answered_appeal_has_a_mark_and_its_grade",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="answered_appeal_is_not_withdrawn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["coach"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
                name="appeal_waiting_by_coach",
            ),
        ]

    def __str__(self) -> str:
        return f"Appeal of point {self.point_id} in {self.review}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None

    @property
    def part(self) -> str:
        """Its name among the parts of the review whose text is kept."""
        return f"a{self.pk}"

    # --- changes, under the lock ------------------------------------------------------------------

    def save_draft(self, draft: Draft, *, by, now: datetime) -> SaveOutcome:
        """The second mark and its explanation, as far as they are. The same content again changes nothing."""
        self._require_lock()
        if not self.is_waiting:
            outcome = SaveOutcome.SENT
        elif self.is_stale(draft):
            outcome = SaveOutcome.STALE
        else:
            if self.differs(draft) and not self.is_overtaken(draft):
                self.write(draft, now=now)
            return SaveOutcome.SAVED
        KeptDraft.objects.keep(self.review, draft, part=self.part, by=by, now=now)
        return outcome

    def answer(self, *, by, now: datetime) -> None:
        """Makes the second mark count. A repeat changes nothing. The caller asks for a new report.

        Raises Refused while the mark or its explanation is missing, and where the mark means nothing any more.
        """
        self._require_lock()
        if self.is_answered:
            return
        if not self.is_waiting:
            raise Refused("The candidate has withdrawn this appeal.")
        if not (self.mark and self.explanation.strip()):
            raise Refused("Choose a mark and say why. The candidate reads it.")
        counting = self.question.grades.standing().filter(source=Grade.Source.COACH).last()
        if counting is None or self.question.graded_by != Grade.Source.COACH:
            raise Refused("The candidate has answered this question again since. Give the appeal back.")
        evidence = counting.evidence
        marks = {int(pk): mark for pk, mark in evidence["points"].items()}
        self.grade = self.question.grade_by_rubric(
            marks | {self.point_id: self.mark},
            by=by,
            source=Grade.Source.COACH,
            misconceptions=evidence.get("misconceptions", ()),
            quotes=evidence.get("quotes"),
            now=now,
        )
        self.answered_at = now
        self.save(update_fields=["grade", "answered_at"])
        self._record("appeal_answered", by, now)

    def withdraw(self, *, by, reason: str = "", now: datetime) -> None:
        """The candidate no longer asks, or the coach gives it back: then with a reason. A repeat changes nothing."""
        self._require_lock()
        if self.is_answered:
            raise Refused("This appeal has been answered.")
        if not self.is_waiting:
            return
        self.withdrawn_at, self.withdrawn_reason = now, reason
        self.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        self._record("appeal_withdrawn", by, now)

    def _record(self, kind: str, by, now: datetime) -> None:
        self.review.interview.record(kind, actor=by, now=now, question=self.question, appeal=self.pk)

    def _require_lock(self) -> None:
        if not self.is_locked:
            raise RuntimeError("An appeal changes only inside under_lock().")
