"""An answer as a page sends it, and every state of it that was saved: append-only."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

# A page counts its revisions up; one that jumps further than this would shut out every later save.
LARGEST_REV_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """What a page sent: the answer as posted (a list of strings), its revision, its lease, the confidence."""

    answer: list[str]
    rev: int
    lease: int
    confidence: int | None = None


def checksum(answer: Sequence[str]) -> str:
    """CRC-32 in hex of the parts joined by U+001F: the page computes the same (static/js/sitting/answer.js)."""
    return f"{zlib.crc32(chr(31).join(answer).encode()):08x}"


class AnswerRevision(models.Model):
    """One saved state of one answer. Append-only: a trigger refuses UPDATE and DELETE (0002_append_only)."""

    class Kind(models.TextChoices):
        DRAFT = "draft", "Saved while writing"
        FINAL = "final", "Handed in"
        LATE = "late", "After the bell: kept, not scored"
        SIDE = "side", "Overtaken, or from a page open elsewhere: kept, not scored"

    question = models.ForeignKey("interviews.InterviewQuestion", models.CASCADE, related_name="revisions")
    opening = models.PositiveSmallIntegerField()
    lease = models.PositiveIntegerField()
    rev = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    answer = models.JSONField()
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "opening", "lease", "rev"],
                condition=Q(kind="draft"),
                name="one_draft_per_rev_and_lease",
            ),
            models.UniqueConstraint(
                fields=["question", "opening"], condition=Q(kind="final"), name="one_final_answer_per_opening"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rev}"


def late_texts() -> models.Prefetch:
    """`late_revisions` of each question: what came after the bell, without its hundreds of drafts."""
    late = AnswerRevision.objects.filter(kind=AnswerRevision.Kind.LATE)
    return models.Prefetch("revisions", queryset=late, to_attr="late_revisions")
