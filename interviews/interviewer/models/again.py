"""Answering one point of a question again, afterwards: practice with the first answer in view, outside the report."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from interviews.sitting.models import InterviewQuestion
from interviews.sitting.scoring import MARK_LABELS
from questions.models import RubricPoint

LIMIT_SECONDS = 90
LONGEST_TRY = 5_000
# Kept of one point: who has tried so often has learnt it or will not learn it here.
MOST_TRIES = 20


class SecondTryQuerySet(models.QuerySet):
    def of_point(self, question: InterviewQuestion, point: RubricPoint) -> Self:
        return self.filter(question=question, point=point)

    def save_draft(self, text: str) -> bool:
        """What has been typed so far; of a try that was handed in nothing changes, and that is False."""
        return bool(self.filter(handed_in_at=None).update(text=text))

    def begin(self, question: InterviewQuestion, point: RubricPoint, *, now: datetime) -> "SecondTry":
        """A new try, or the one that has begun and is not handed in."""
        tries = self.of_point(question, point)
        running = tries.filter(handed_in_at=None).first()
        return running or self.create(question=question, point=point, started_at=now)


class SecondTry(models.Model):
    """One try at one point. It has no score: its mark is one's own, and counts nowhere."""

    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="second_tries")
    point = models.ForeignKey(RubricPoint, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    mark = models.CharField(max_length=6, blank=True, choices=list(MARK_LABELS.items()))

    objects = SecondTryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "second tries"
        constraints = [
            models.UniqueConstraint(
                fields=["question", "point"], condition=Q(handed_in_at__isnull=True), name="one_try_of_a_point_at_once"
            ),
            models.CheckConstraint(condition=Q(mark__in=["", *MARK_LABELS]), name="second_try_mark_is_known"),
        ]

    def __str__(self) -> str:
        return f"Another try at point {self.point_id}"

    @property
    def limit(self) -> timedelta:
        return timedelta(seconds=LIMIT_SECONDS * float(self.question.interview.time_multiplier))

    def left(self, now: datetime) -> timedelta:
        """Negative once the time is over: nothing closes, and what is handed in late is kept."""
        return self.started_at + self.limit - now

    @property
    def took(self) -> timedelta | None:
        return self.handed_in_at and self.handed_in_at - self.started_at

    @property
    def is_late(self) -> bool:
        return self.took is not None and self.took > self.limit

    def hand_in(self, text: str, *, now: datetime) -> None:
        """A repeat changes nothing."""
        if self.handed_in_at is None:
            self.text, self.handed_in_at = text, now
            self.save(update_fields=["text", "handed_in_at"])
