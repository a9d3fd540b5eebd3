"""The weakness report as it was compiled."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models


class WeaknessReportQuerySet(models.QuerySet):
    def before(self, report: "WeaknessReport") -> Self:
        """Earlier ones, newest first; bounded, and without their data."""
        return self.filter(pk__lt=report.pk).order_by("-pk").only("public_id", "compiled_at")[:100]


class WeaknessReport(models.Model):
    """One immutable report: everything the page shows stands in `data`, so that an old one still reads the same."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports")
    compiled_at = models.DateTimeField()
    evidence_version = models.CharField(
        max_length=64,
        help_text="SHA-256 of the history, the model, the difficulties and the target it rests on.",
    )
    model_version = models.CharField(max_length=20)
    difficulty_snapshot = models.CharField(max_length=40)
    data = models.JSONField()

    objects = WeaknessReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "evidence_version"], name="one_report_per_candidate_and_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"Report of {self.compiled_at:%Y-%m-%d %H:%M}"
