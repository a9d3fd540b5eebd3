"""The weakness report as it was compiled, and the request for the next one."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q


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


class ReportRequestQuerySet(models.QuerySet):
    def pending(self) -> Self:
        """Asked for and not served since, without those that failed three times."""
        return self.filter(served__lt=F("requested"), attempts__lt=ReportRequest.MAX_ATTEMPTS)


class ReportRequest(models.Model):
    """Whose report is out of date: written with the evidence that made it so, so that a lost message loses nothing.

    Counters, not moments: two requests that commit in the other order than they began must both be served.
    """

    MAX_ATTEMPTS = 3

    candidate = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="report_request"
    )
    requested_at = models.DateTimeField()
    requested = models.PositiveIntegerField(default=0, help_text="How often the evidence changed.")
    served = models.PositiveIntegerField(default=0, help_text="Up to which change the newest report goes.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since the last change; three, then it is left.")

    objects = ReportRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(served__lt=F("requested")), name="report_request_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"Request of {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_pending(self) -> bool:
        return self.served < self.requested

    @property
    def has_failed(self) -> bool:
        return self.is_pending and self.attempts >= self.MAX_ATTEMPTS

    @classmethod
    def note(cls, candidate_id: int, *, now: datetime) -> None:
        """The candidate's evidence changed at `now`: call it in the transaction that changes it."""
        row = cls.objects.filter(candidate_id=candidate_id)
        change = {"requested": F("requested") + 1, "requested_at": now, "attempts": 0}
        if not row.update(**change):
            cls.objects.bulk_create([cls(candidate_id=candidate_id, requested_at=now)], ignore_conflicts=True)
            row.update(**change)
