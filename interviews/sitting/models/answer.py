"""An answer as a page sends it, and every state of it that was saved: append-only."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Cast, Length

# A page counts its revisions up; one that jumps further than this would shut out every later save.
LARGEST_REV_STEP = 10_000
# Characters of drafts kept of one answer; each counts as so many at least, which makes them a few hundred.
DRAFTS_BUDGET = 4_000_000
LEAST_DRAFT = 10_000
# Characters of late and overtaken texts kept of one person in a day, and such texts of one question.
BESIDE_BUDGET = 2_000_000
MOST_BESIDE = 200
BESIDE_PERIOD = timedelta(days=1)
# Characters of each part of a late text that the results show, and such parts; the replay has it whole.
EXCERPT = 3_000
PARTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Written:
    """What a page sent: the answer as posted (a list of strings), its revision, its lease, the confidence.

    `base`: the server's revision that it grew from, `stage`: the one at work; None where the page does not say.
    """

    answer: list[str]
    rev: int
    lease: int
    confidence: int | None = None
    base: int | None = None
    stage: int | None = None

    @property
    def size(self) -> int:
        """In characters."""
        return sum(map(len, self.answer))


def checksum(answer: Sequence[str]) -> str:
    """CRC-32 in hex of the parts joined by U+001F: the page computes the same (static/js/sitting/answer.js)."""
    return f"{zlib.crc32(chr(31).join(answer).encode()):08x}"


class AnswerRevisionQuerySet(models.QuerySet):
    def beside(self) -> Self:
        """What was kept and does not count."""
        return self.filter(kind__in=[AnswerRevision.Kind.LATE, AnswerRevision.Kind.SIDE])

    def is_beside_full(self, question, *, now: datetime) -> bool:
        """Whether all that may be kept beside answers is: of this question, or of its candidate in the last day."""
        if self.filter(question=question).beside().count() >= MOST_BESIDE:
            return True
        candidate = question.interview.candidate_id
        lately = self.filter(question__interview__candidate=candidate, saved_at__gt=now - BESIDE_PERIOD).beside()
        size = models.Sum(Length(Cast("answer", models.TextField())))
        return (lately.aggregate(size=size)["size"] or 0) >= BESIDE_BUDGET

    def erase_newest_beside(self) -> None:
        """So that a newer one can take its place. The trigger lets it pass for this statement alone."""
        newest = self.beside().order_by("-pk").values_list("pk", flat=True).first()
        if newest is None:
            return
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL holdout.erasing = 'on'")
            self.model.objects.filter(pk=newest).delete()
            cursor.execute("SET LOCAL holdout.erasing = 'off'")


class AnswerRevision(models.Model):
    """One saved state of one answer. Append-only: a trigger refuses UPDATE and DELETE (0002_append_only).

    Two things may delete all the same: retention (records/retention.py), and a budget that is used up.
    """

    class Kind(models.TextChoices):
        DRAFT = "draft", "Saved while writing"
        FINAL = "final", "Submitted"
        LATE = "late", "After the time was up: kept, not scored"
        SIDE = "side", "From another page or device: kept, not scored"

    question = models.ForeignKey("interviews.InterviewQuestion", models.CASCADE, related_name="revisions")
    opening = models.PositiveSmallIntegerField()
    lease = models.PositiveIntegerField()
    rev = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    answer = models.JSONField()
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    saved_at = models.DateTimeField()

    objects = AnswerRevisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "opening", "lease", "rev"],
                condition=Q(kind="draft"),
                name="one_draft_per_rev_and_lease",
            ),
            models.UniqueConstraint(
                fields=["question", "opening", "rev"], condition=Q(kind="final"), name="one_final_answer_per_rev"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rev}"


class Excerpt(models.Func):
    """The first parts of an answer, each cut: a list of strings, without the whole leaving the database."""

    template = f"""to_jsonb(ARRAY(
        SELECT left(part, {EXCERPT}) FROM jsonb_array_elements_text(%(expressions)s) part LIMIT {PARTS_SHOWN}
    ))"""  # noqa: S608 # nosec B608 (numbers of ours)
    output_field = models.JSONField()


class IsCut(models.Func):
    """Whether its Excerpt leaves something out of a part."""

    template = f"""EXISTS(
        SELECT FROM jsonb_array_elements_text(%(expressions)s) part WHERE length(part) > {EXCERPT}
    )"""  # nosec B608 (a number of ours)
    output_field = models.BooleanField()


def late_texts() -> models.Prefetch:
    """`late_revisions` of each question: the newest that came after its end, as an `excerpt` that `is_cut` or not, with
    the `count` of all. Never the whole history.
    """
    late = AnswerRevision.objects.filter(kind=AnswerRevision.Kind.LATE)
    same = late.filter(question=models.OuterRef("question")).order_by().values("question")
    newest = late.order_by("question_id", "-pk").distinct("question_id").defer("answer")
    count = models.Subquery(same.annotate(count=models.Count("pk")).values("count"))
    shown = newest.annotate(excerpt=Excerpt("answer"), is_cut=IsCut("answer"), count=count)
    return models.Prefetch("revisions", queryset=shown, to_attr="late_revisions")
