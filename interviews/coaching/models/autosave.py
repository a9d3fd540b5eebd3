"""Parts of a review that one page at a time writes; what another page or coach had written is kept beside them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.db import models


class SaveOutcome(Enum):
    """What became of an autosave. All but SAVED keep its text beside the review (KeptDraft)."""

    SAVED = "saved"
    STALE = "stale"  # another window has saved since this one was loaded
    HELD = "held"  # another coach is reviewing
    SENT = "sent"  # the review has been sent


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page sent: the values of one part, the revision it was loaded with and the page's own random name."""

    content: dict
    rev: int
    page: str
    changes: int = 0  # how many the page had seen: of its own requests an older one may arrive later


class Autosaved(models.Model):
    """A part of a review that one page at a time writes.

    `rev` counts its changes. A page that has not seen the newest one is stale, unless it made that change itself:
    the reply to its last save may have been lost.
    """

    rev = models.PositiveIntegerField(default=0)
    saved_by_page = models.CharField(max_length=32, blank=True)
    saved_changes = models.PositiveIntegerField(default=0, db_default=0)
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def is_stale(self, draft: Draft) -> bool:
        return draft.rev != self.rev and draft.page != self.saved_by_page

    def is_overtaken(self, draft: Draft) -> bool:
        """By a later request of the same page: what this one says is older."""
        return draft.page == self.saved_by_page and draft.changes < self.saved_changes

    def differs(self, draft: Draft) -> bool:
        return any(getattr(self, name) != value for name, value in draft.content.items())

    def write(self, draft: Draft, *, now: datetime) -> None:
        for name, value in draft.content.items():
            setattr(self, name, value)
        self.rev += 1
        self.saved_by_page, self.saved_changes = draft.page, draft.changes
        self.saved_at = now
        self.save()


class KeptDraftQuerySet(models.QuerySet):
    def of_parts(self, *parts: str, by) -> list["KeptDraft"]:
        return list(self.filter(part__in=parts, coach=by))

    def keep(self, review, draft: Draft, *, part: str, by, now: datetime) -> None:
        """The newest text of each page."""
        self.update_or_create(
            review=review, coach=by, part=part, page=draft.page, defaults={"content": draft.content, "at": now}
        )


class KeptDraft(models.Model):
    """Text that could not be saved because another window or coach was first: shown to its writer, never lost."""

    review = models.ForeignKey("interviews.Review", models.CASCADE, related_name="kept_drafts")
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    part = models.CharField(max_length=10)
    page = models.CharField(max_length=32)
    content = models.JSONField()
    at = models.DateTimeField()

    objects = KeptDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["review", "coach", "part", "page"], name="one_kept_draft_per_page"),
        ]

    def __str__(self) -> str:
        return f"{self.part} of {self.at:%H:%M}"
