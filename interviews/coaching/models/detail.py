"""A candidate would like more detail on what a sent review says to one answer: cheap, and no appeal against a mark."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from interviews.coaching.models.review import Review
from interviews.sitting.models import InterviewQuestion, Refused

# About one review: whoever has more to ask had better talk.
MOST = 20


class DetailRequestQuerySet(models.QuerySet):
    def for_coach(self, coach) -> Self:
        """About reviews that this coach sent, of interviews that a live grant lets them read now."""
        return self.filter(review__in=Review.objects.for_coach(coach).sent().by_coach(coach))

    def waiting(self) -> Self:
        return self.filter(replied_at=None)

    def with_people(self) -> Self:
        return self.select_related("review__coach", "review__interview__candidate", "question__version")

    def ask(self, review: Review, question: InterviewQuestion, *, note: str, now: datetime) -> "DetailRequest":
        """Under the review's lock. While one is open for this answer, a second is the same. Raises Refused."""
        review._require_lock()
        if not review.is_sent or question.pk not in review.answers_by_question:
            raise Refused("There's no review of this answer to ask about.")
        given = self.filter(review=review)
        if waiting := given.waiting().filter(question=question).first():
            return waiting
        if given.count() >= MOST:
            raise Refused(f"You have asked {MOST} times about this review. Ask your coach directly.")
        return self.create(review=review, question=question, note=note, asked_at=now)

    def of_interview(self, public_id: UUID) -> Self:
        return self.filter(review__interview__public_id=public_id)


class DetailRequest(models.Model):
    review = models.ForeignKey(Review, models.CASCADE, related_name="detail_requests")
    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="detail_requests")
    note = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    objects = DetailRequestQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "question"], condition=Q(replied_at=None), name="one_open_detail_request_per_answer"
            ),
            models.CheckConstraint(
                condition=Q(replied_at__isnull=True, reply="") | (Q(replied_at__isnull=False) & ~Q(reply="")),
                name="detail_request_is_replied_to_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review}, answer {self.question_id}"

    def respond(self, reply: str, *, now: datetime) -> bool:
        """Once; False where somebody has replied already."""
        waiting = DetailRequest.objects.waiting().filter(pk=self.pk)
        return bool(waiting.update(reply=reply, replied_at=now))
