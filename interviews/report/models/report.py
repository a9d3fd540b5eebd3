"""The weakness report as it was compiled."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, When

from accounts.composed import composed

# What changed is told of the last week; before there is a report so old, since the oldest of another day.
COMPARED_AFTER, COMPARED_AT_LEAST_AFTER = timedelta(days=7), timedelta(days=1)


class WeaknessReportQuerySet(models.QuerySet):
    def newest_of(self, candidates: Iterable[int]) -> Self:
        """The newest report of each."""
        return self.filter(candidate__in=candidates).order_by("candidate", "-pk").distinct("candidate")

    def to_compare_with(self, now: datetime) -> "WeaknessReport | None":
        """The newest that is a week old, else the oldest that is a day old."""
        of_another_day = self.filter(compiled_at__lte=now - COMPARED_AT_LEAST_AFTER)
        old = Case(When(compiled_at__lte=now - COMPARED_AFTER, then="compiled_at"))
        return of_another_day.order_by(old.desc(nulls_last=True), "compiled_at").first()

    def before(self, report: "WeaknessReport") -> Self:
        """Earlier ones, newest first; bounded, and without their data."""
        return self.filter(pk__lt=report.pk).order_by("-pk").only("public_id", "compiled_at", "candidate")[:100]


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

    @staticmethod
    def newest(candidate) -> "WeaknessReport | None":
        return next(iter(newest_of(candidate.pk)), None)


@composed
def newest_of(candidate):
    return WeaknessReport.objects.filter(candidate=candidate).order_by("-pk")[:1]
