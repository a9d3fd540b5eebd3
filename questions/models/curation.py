"""Draft → in review → published → retired: who may take which step, and the record of who took it."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.rights import acting


class Status(models.TextChoices):
    DRAFT = "draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published"
    RETIRED = "retired"


class VersionEvent(models.Model):
    """A step in the life of a version. The database writes it (0003_curation), so that no program can forget to.

    Append-only, likewise; a draft that was never published takes its events along when it is deleted.
    """

    class Kind(models.TextChoices):
        WRITTEN = "written"
        EDITED = "edited"
        SENT_BACK = "draft", "Sent back to its author"
        IN_REVIEW = "in_review", "Sent to review"
        PUBLISHED = "published"
        RETIRED = "retired"

    AUTHORSHIP = [Kind.WRITTEN, Kind.EDITED]

    version = models.ForeignKey("questions.QuestionVersion", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Empty: the catalog's files.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "actor", "at"],
                condition=Q(kind="edited"),
                nulls_distinct=False,
                name="one_edit_of_a_version_per_transaction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class VersionComment(models.Model):
    """What an author and a reviewer say to each other about a version that is not published yet. It stays with it."""

    version = models.ForeignKey("questions.QuestionVersion", on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    field = models.CharField(max_length=30, blank=True, help_text="Empty: the whole of it.")
    text = models.TextField(max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def about(self) -> str:
        return self.field.replace("_", " ").capitalize()


class Curation:
    """The part of QuestionVersion that moves through the statuses. A step taken twice changes nothing.

    Every step raises ValidationError where the version is not in the status that the step starts from.
    """

    def send_to_review(self, *, by=None) -> None:
        self._move(Status.DRAFT, Status.IN_REVIEW, "Only a draft goes to review.", by=by)

    def send_back(self, *, by=None) -> None:
        """To its author: a draft again."""
        self._move(Status.IN_REVIEW, Status.DRAFT, "Only a version in review goes back to its author.", by=by)

    def comment(self, text: str, *, field: str = "", by, now: datetime) -> VersionComment:
        return VersionComment.objects.create(version=self, author=by, field=field, text=text, at=now)

    def retire(self, *, by=None) -> None:
        self._move(Status.PUBLISHED, Status.RETIRED, "Only a published version retires.", by=by)

    def _move(self, source: str, target: str, refusal: str, *, by) -> None:
        with acting(by):
            self.question.lock()
            self.refresh_from_db(fields=["status"])
            if self.status == target:
                return
            if self.status != source:
                raise ValidationError(refusal)
            self.status = target
            self.save(update_fields=["status"])

    def publish(self, *, by=None, now: datetime | None = None) -> None:
        """Takes the place of the question's published version, which retires.

        A person publishes what is in review, and not their own work (CURATORS_MAY_PUBLISH_OWN). Without a person
        it is the catalog, whose files were reviewed as files: that publishes from any status.
        """
        with acting(by):
            self.question.lock()
            self.refresh_from_db(fields=["status"])
            if self.status == Status.PUBLISHED:
                return
            if by is not None and self.status != Status.IN_REVIEW:
                raise ValidationError("Only a version in review is published.")
            if by is not None and not self.may_be_published_by(by):
                raise ValidationError("You wrote at least part of this version, so someone else has to publish it.")
            self.question.versions.published().update(status=Status.RETIRED)
            self.status, self.published_by, self.published_at = Status.PUBLISHED, by, now or timezone.now()
            self.save(update_fields=["status", "published_by", "published_at"])

    def may_be_published_by(self, user) -> bool:
        return settings.CURATORS_MAY_PUBLISH_OWN or not self.is_written_by(user)

    def is_written_by(self, user) -> bool:
        """Whether they wrote it or changed it since."""
        return (
            self.created_by_id == user.pk or self.events.filter(kind__in=VersionEvent.AUTHORSHIP, actor=user).exists()
        )
