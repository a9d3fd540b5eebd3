"""A file that a curator uploaded: read by a worker, looked at and decided on by its owner, loaded by a worker."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from questions.models.question import Category, Level, Question
from questions.models.topic import Topic

# Longer than the task may take: then whoever was at it is dead, and the sweep may begin again.
WORK_LASTS = timedelta(minutes=15)
# A message that has not been followed by then is lost.
USUAL_WAIT = timedelta(minutes=1)
KEPT = timedelta(days=7)


class QuestionUploadQuerySet(models.QuerySet):
    def waiting(self, now: datetime) -> Self:
        """To be read or to be loaded, by whoever comes first; not those that failed three times."""
        is_due = Q(read_at__isnull=True) | Q(confirmed_at__isnull=False, loaded_at__isnull=True)
        is_free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        return self.filter(is_due, is_free, attempts__lt=QuestionUpload.MAX_ATTEMPTS)

    def overlooked(self, now: datetime) -> Self:
        """Waiting although a worker should have begun: the sweep's."""
        since = now - USUAL_WAIT
        is_late = Q(read_at__isnull=True, requested_at__lt=since) | Q(confirmed_at__lt=since)
        return self.waiting(now).filter(is_late).order_by("requested_at")

    def forgotten(self, now: datetime) -> Self:
        return self.filter(requested_at__lt=now - KEPT)

    def claim(self, pk: int, *, now: datetime) -> "QuestionUpload | None":
        """The attempt is counted before the work, so that a file that kills its worker is tried three times.

        None where there is nothing to do, or somebody else does it.
        """
        counted = {"attempts": F("attempts") + 1, "held_until": now + WORK_LASTS}
        if not self.waiting(now).filter(pk=pk).update(**counted):
            return None
        return self.select_related("user", "topic").filter(pk=pk).first()


class QuestionUpload(models.Model):
    """The row is the state; a message only makes it faster."""

    MAX_ATTEMPTS = 3

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="question_uploads")
    name = models.CharField(max_length=200)
    source = models.BinaryField()
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+", help_text="Where the file does not say.")
    level = models.CharField(max_length=20, choices=Level)
    category = models.CharField(max_length=20, choices=Category)
    is_whole = models.BooleanField(default=False, help_text="With one question at fault none is loaded.")
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, help_text="At what is to be done now.")
    held_until = models.DateTimeField(null=True, help_text="Until then somebody is at it.")
    count = models.PositiveIntegerField(default=0, help_text="Of questions in the file; 0: not counted yet.")
    done = models.PositiveIntegerField(default=0, help_text="How many of them were checked.")
    read_at = models.DateTimeField(null=True)
    # {"faults": [{"line", "about", "why"}, …], "skipped": …, "notes": …}, the first of each, and how many there are.
    remarks = models.JSONField(default=dict)
    remark_counts = models.JSONField(default=dict)
    # What the plan was when its owner confirmed it: it is that, or nothing.
    fingerprint = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    objects = QuestionUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(read_at__isnull=False),
                name="upload_is_read_before_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(loaded_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="upload_is_confirmed_before_loaded",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        """Whether a worker is to read or to load it, or is at it."""
        return self.read_at is None or (self.confirmed_at is not None and self.loaded_at is None)

    def has_failed(self, now: datetime) -> bool:
        is_held = self.held_until is not None and self.held_until >= now
        return self.is_working and self.attempts >= self.MAX_ATTEMPTS and not is_held

    @property
    def percent(self) -> int:
        return 100 * self.done // self.count if self.count else 0

    def note_progress(self, done: int, count: int) -> None:
        QuestionUpload.objects.filter(pk=self.pk).update(done=done, count=count)

    def release(self) -> None:
        """After a failure: the sweep need not wait until this attempt's time is over."""
        QuestionUpload.objects.filter(pk=self.pk).update(held_until=None)

    def confirm(self, fingerprint: str, *, now: datetime) -> bool:
        """To be loaded as its owner has seen it. A repeat changes nothing and is no confirmation."""
        unconfirmed = QuestionUpload.objects.filter(pk=self.pk, read_at__isnull=False, confirmed_at__isnull=True)
        values = {"confirmed_at": now, "fingerprint": fingerprint, "attempts": 0, "held_until": None, "outcome": ""}
        return bool(unconfirmed.update(**values))


class UploadedQuestion(models.Model):
    """A question of an uploaded file that can be loaded, and what becomes of it."""

    class Choice(models.TextChoices):
        NEW = "new", "New question"
        VERSION = "version", "New version of …"
        SKIP = "skip", "Skip"

    upload = models.ForeignKey(QuestionUpload, models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=120, help_text="What it is known by in its file: id:… or name:…")
    is_own = models.BooleanField(default=False, help_text="From a file of ours: it has no other key than its slug.")
    entry = models.JSONField()
    content_hash = models.CharField(max_length=64)
    needs = models.JSONField(default=list, help_text="What it wants before it can be published.")
    lacks = models.JSONField(default=list, help_text="What was to be looked at and could not be kept.")
    choice = models.CharField(max_length=10, choices=Choice)
    # Of which question it is a version, or may be one.
    target = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "place"], name="uploaded_questions_have_places_of_their_own"),
            models.UniqueConstraint(
                fields=["upload", "target"],
                condition=Q(choice="version"),
                name="one_new_version_of_a_question_per_upload",
            ),
        ]

    def __str__(self) -> str:
        return self.entry["title"]

    @property
    def slug(self) -> str:
        return self.entry["slug"]
