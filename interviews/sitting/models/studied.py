"""Questions whose answer a candidate looked up without being asked: no measurement for a while, and never unseen again.

Here, because the draw and the report both ask for it; who may study what is decided in plan/library/studying.py.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from questions.models import Question

# Going on reading is not studying again; it also bounds how many rows one person can make.
ONE_READING = timedelta(days=1)


class StudiedQuerySet(models.QuerySet):
    def of_candidate(self, candidate) -> Self:
        return self.filter(candidate=candidate)

    def being_read(self, now: datetime) -> Self:
        """Begun so short a time ago that the answer is still shown."""
        return self.filter(studied_at__gt=now - ONE_READING)

    def last_studied(self) -> Self:
        """(question id, moment) of the newest of each question."""
        return self.order_by().values_list("question_id").annotate(last=models.Max("studied_at"))

    def record(self, candidate, question_ids: Iterable[int], *, now: datetime) -> None:
        """What is being read already is not recorded again."""
        reading = self.of_candidate(candidate).being_read(now).values_list("question_id", flat=True)
        new = set(question_ids) - set(reading)
        self.bulk_create(self.model(candidate=candidate, question_id=pk, studied_at=now) for pk in sorted(new))


class Studied(models.Model):
    """One look at a question's answer in the library."""

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="studied")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    studied_at = models.DateTimeField()

    objects = StudiedQuerySet.as_manager()

    class Meta:
        ordering = ["-studied_at"]
        verbose_name_plural = "studied"
        indexes = [models.Index(fields=["candidate", "question", "-studied_at"], name="studied_by_candidate")]

    def __str__(self) -> str:
        return f"{self.question}, {self.studied_at:%Y-%m-%d}"
