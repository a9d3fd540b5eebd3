"""A link that shows one report to whoever has it, for a while."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from interviews.report.models.report import WeaknessReport


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ReportShareQuerySet(models.QuerySet):
    def live(self, now: datetime) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)

    def useless(self, since: datetime) -> Self:
        """Those that, since then or longer, lead nowhere."""
        return self.filter(Q(expires_at__lt=since) | Q(revoked_at__lt=since))

    def of_candidate(self, candidate) -> Self:
        return self.filter(report__candidate=candidate)

    def share(self, report: WeaknessReport, *, days: int, shows_name: bool, now: datetime) -> tuple["ReportShare", str]:
        """The share and its token, which is kept nowhere: only its hash is."""
        token = secrets.token_urlsafe(32)
        share = self.create(
            report=report,
            token_hash=token_hash(token),
            shows_name=shows_name,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        return share, token

    def shared_with(self, token: str, *, now: datetime) -> "ReportShare":
        """Raises ReportShare.DoesNotExist for an unknown, expired or revoked token alike."""
        return self.live(now).select_related("report__candidate").get(token_hash=token_hash(token))


class ReportShare(models.Model):
    """One report behind a secret address, until it expires or is revoked. Later reports are not shown by it."""

    report = models.ForeignKey(WeaknessReport, models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the address's token.")
    shows_name = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ReportShareQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="share_expires_after_its_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"Shared until {self.expires_at:%Y-%m-%d}"

    def revoke(self, *, now: datetime) -> None:
        """The address leads nowhere from now on. A repeat changes nothing."""
        ReportShare.objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=now)
