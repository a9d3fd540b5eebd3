"""A copy of everything that a person has here, as one file: asked for, built by a worker, deleted after a day."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from accounts.models import User

EXPORT_LASTS = timedelta(hours=24)
# Longer than the task may take: then whoever built it is dead, and the sweep may begin again.
BUILDING_LASTS = timedelta(minutes=15)
# A message that has not been followed by then is lost.
USUAL_WAIT = timedelta(minutes=1)
# What was deleted can still be named for a while: "it has expired" says more than "there is no such page".
REMEMBERED = timedelta(days=30)


def file_name(export: "DataExport", _: str) -> str:
    return f"exports/{export.public_id}.zip"


class DataExportQuerySet(models.QuerySet):
    def waiting(self, now: datetime) -> Self:
        """To be built, by whoever comes first; not those that failed three times or are being built."""
        is_free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        return self.filter(is_free, ready_at__isnull=True, attempts__lt=DataExport.MAX_ATTEMPTS)

    def overlooked(self, now: datetime) -> Self:
        """Waiting although a worker should have begun, or begun again after a failure: the sweep's."""
        return self.waiting(now).filter(requested_at__lt=now - USUAL_WAIT).order_by("requested_at")

    def failed(self, now: datetime) -> Self:
        return self.filter(ready_at__isnull=True, attempts__gte=DataExport.MAX_ATTEMPTS).exclude(held_until__gte=now)

    def expired(self, now: datetime) -> Self:
        """Those whose file is still to be deleted."""
        return self.filter(expires_at__lte=now).exclude(file="")

    def forgotten(self, now: datetime) -> Self:
        return self.filter(file="", requested_at__lt=now - REMEMBERED)

    def newest_of(self, user) -> "DataExport | None":
        return self.filter(user=user).order_by("-pk").first()

    @transaction.atomic
    def request(self, user, *, now: datetime) -> "DataExport":
        """While one is being built, asking again gives that one."""
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        unfinished = self.filter(user=user, ready_at__isnull=True).first()
        if unfinished and not unfinished.has_failed(now):
            return unfinished
        if unfinished:
            unfinished.delete()
        return self.create(user=user, requested_at=now)

    def claim(self, pk: int, *, now: datetime) -> "DataExport | None":
        """The attempt is counted before the work, so that one that kills its worker is tried three times.

        None where there is nothing to build, or somebody else builds it.
        """
        if (
            not self.waiting(now)
            .filter(pk=pk)
            .update(attempts=models.F("attempts") + 1, held_until=now + BUILDING_LASTS, parts_done=0)
        ):
            return None
        return self.select_related("user").filter(pk=pk).first()


class DataExport(models.Model):
    """One copy. The row is the state; a message only makes it faster."""

    MAX_ATTEMPTS = 3

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    held_until = models.DateTimeField(null=True, help_text="Until then somebody is building it.")
    parts = models.PositiveIntegerField(default=0, help_text="Of how many it consists; 0: not counted yet.")
    parts_done = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to=file_name, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ready_at__isnull=True), name="one_export_being_built_per_person"
            ),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True) | Q(expires_at__isnull=False), name="ready_export_expires"
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(ready_at__isnull=True), name="export_to_be_built"),
        ]

    def __str__(self) -> str:
        return f"Export of {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    @property
    def percent(self) -> int:
        return 100 * self.parts_done // self.parts if self.parts else 0

    def has_failed(self, now: datetime) -> bool:
        is_held = self.held_until is not None and self.held_until >= now
        return not self.is_ready and self.attempts >= self.MAX_ATTEMPTS and not is_held

    def has_expired(self, now: datetime) -> bool:
        return self.is_ready and now >= self.expires_at

    def note_progress(self, parts_done: int, parts: int) -> None:
        DataExport.objects.filter(pk=self.pk).update(parts_done=parts_done, parts=parts)

    def release(self) -> None:
        """After a failure: the sweep need not wait for the builder's time to run out."""
        DataExport.objects.filter(pk=self.pk, ready_at__isnull=True).update(held_until=None)

    def store(self, content, *, now: datetime) -> bool:
        """Keeps the built file; False where the person was erased meanwhile.

        The row names the file before it exists, so that no file is ever without a row.
        """
        storage, name = self.file.storage, file_name(self, "")
        if not DataExport.objects.filter(pk=self.pk).update(file=name):
            return False
        storage.delete(name)
        storage.save(name, content)
        is_kept = DataExport.objects.filter(pk=self.pk).update(
            ready_at=now, expires_at=now + EXPORT_LASTS, size=storage.size(name), held_until=None
        )
        if not is_kept:
            storage.delete(name)
        return bool(is_kept)

    def delete_file(self) -> None:
        """A repeat changes nothing."""
        self.file.storage.delete(self.file.name)
        DataExport.objects.filter(pk=self.pk).update(file="")
