"""That a candidate's evidence changed: an answer was scored, marked by somebody, or taken out of everything."""

from datetime import datetime
from typing import Self

from celery import signature
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.publishing import publish

# By name: who reads these rows stands above, and the engine imports nothing from there.
READ_BY = signature("interviews.tasks.compile_report")


class EvidenceChangeQuerySet(models.QuerySet):
    def pending(self) -> Self:
        """Changed and not served since, without those that failed three times."""
        return self.filter(served__lt=F("requested"), attempts__lt=EvidenceChange.MAX_ATTEMPTS)


class EvidenceChange(models.Model):
    """Whose evidence has changed since it was last looked at: one row a candidate.

    Written in the transaction that changes it. The engine knows nothing of reports; `report` reads this row.

    Counters, not moments: two requests that commit in the other order than they began must both be served.
    """

    MAX_ATTEMPTS = 3

    candidate = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="evidence_change"
    )
    requested_at = models.DateTimeField()
    requested = models.PositiveIntegerField(default=0, help_text="How often the evidence changed.")
    served = models.PositiveIntegerField(default=0, help_text="Up to which change the newest report goes.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since the last change; three, then it is left.")

    objects = EvidenceChangeQuerySet.as_manager()

    class Meta:
        db_table = "interviews_reportrequest"
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(served__lt=F("requested")), name="report_request_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"Evidence of {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_pending(self) -> bool:
        return self.served < self.requested

    @property
    def has_failed(self) -> bool:
        return self.is_pending and self.attempts >= self.MAX_ATTEMPTS

    @classmethod
    def note(cls, candidate_id: int, *, now: datetime) -> None:
        """The candidate's evidence changed at `now`: call it in the transaction that changes it.

        Whoever reads the row is told after the commit; a message that gets lost is made up for by the sweep.
        """
        row = cls.objects.filter(candidate_id=candidate_id)
        change = {"requested": F("requested") + 1, "requested_at": now, "attempts": 0}
        if not row.update(**change):
            cls.objects.bulk_create([cls(candidate_id=candidate_id, requested_at=now)], ignore_conflicts=True)
            row.update(**change)
        publish(READ_BY, candidate_id)
