"""Scores of answers, whoever gave them: all are kept, one counts."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

# Which grade counts when a question has several; suggestions of a machine never do.
GRADE_PRECEDENCE = ["coach", "auto", "self"]


class GradeQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Those that may count: no suggestions, and no coach's grade whose review was taken back.

        A grade belongs to the sending of its review that has the same moment.
        """
        taken_back = Q(review__isnull=False) & (Q(review__sent_at__isnull=True) | ~Q(at=models.F("review__sent_at")))
        return self.exclude(source=Grade.Source.SUGGESTED).exclude(taken_back)

    def of_reviews(self) -> Self:
        """What coaches said on their own, who are still here; second marks after an appeal are not among them."""
        return self.standing().filter(source=Grade.Source.COACH, review__isnull=False, by__isnull=False)


class Grade(models.Model):
    """A score in [0, 1] with its source and evidence. Append-only: a trigger refuses UPDATE and DELETE."""

    class Source(models.TextChoices):
        AUTO = "auto", "Scored automatically"
        SELF = "self", "Scored by you"
        COACH = "coach", "Scored by a coach"
        SUGGESTED = "suggested", "Suggested, not counted"

    question = models.ForeignKey("interviews.InterviewQuestion", models.CASCADE, related_name="grades")
    source = models.CharField(max_length=10, choices=Source)
    score = models.FloatField()
    evidence = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    review = models.ForeignKey("interviews.Review", models.CASCADE, null=True, blank=True, related_name="grades")

    objects = GradeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="grade_score_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.score:.2f}"
