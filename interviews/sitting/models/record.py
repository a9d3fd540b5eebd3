"""What changed an interview's time, and everything that happened to it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from interviews.sitting.models.question import InterviewQuestion


class TimeAdjustment(models.Model):
    """Time given to (or taken from) an interview and the question then open; a pause is one, too."""

    interview = models.ForeignKey("interviews.Interview", models.CASCADE, related_name="adjustments")
    question = models.ForeignKey(InterviewQuestion, models.CASCADE, null=True, blank=True, related_name="adjustments")
    opening = models.PositiveSmallIntegerField(default=1, help_text="Which opening of the question it belongs to.")
    seconds = models.FloatField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seconds:+.0f} s: {self.reason}"


class InterviewEventQuerySet(models.QuerySet):
    def interventions(self) -> Self:
        """What a coach or an administrator did to it."""
        return self.filter(kind__in=["adjusted", "reopened", "voided"]).select_related("actor")

    def not_run(self) -> Self:
        """Answers that no engine could run, which was our fault."""
        return self.filter(kind="not_run")


class InterviewEvent(models.Model):
    """What happened, when and by whom. Append-only: a trigger refuses UPDATE and DELETE (0002_append_only)."""

    interview = models.ForeignKey("interviews.Interview", models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the system.",
    )
    at = models.DateTimeField()
    data = models.JSONField(default=dict, blank=True)

    objects = InterviewEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["at"], condition=Q(kind="not_run"), name="event_of_answer_not_run")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"
