"""What was found in a finished answer about each point of its rubric, and what its candidate says does make a point."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from interviews.interviewer import wording
from interviews.sitting.models import InterviewQuestion
from interviews.speech.models import answer_text
from questions.models import RubricPoint

# Sentences that the matcher takes into account besides the rubric's own paraphrases: of one version, the newest.
MOST_EXAMPLES = 30


class PointSuggestion(models.Model):
    """Where an answer may say a point: a suggestion for whoever marks it, and never a score.

    One row a point, also where nothing was found; of an answer that was given again after a reopening new ones.
    """

    class Verdict(models.TextChoices):
        FOUND = "found"
        CHECK = "check"
        NOT_FOUND = "not_found"

    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="suggestions")
    opening = models.PositiveSmallIntegerField()
    point = models.ForeignKey(RubricPoint, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=9, choices=Verdict)
    confidence = models.FloatField(
        null=True,
        help_text="How likely such a sentence is about the point, where its grader says so. Nobody is shown it.",
    )
    start = models.PositiveIntegerField(help_text="Of the sentence in what was written, else heard.")
    end = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, blank=True, help_text="Why it is to be checked.")
    grader = models.CharField(max_length=40)
    grader_version = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "opening", "point", "grader"], name="one_suggestion_per_point_and_grader"
            ),
            models.CheckConstraint(condition=Q(end__gte=models.F("start")), name="suggestion_ends_after_its_start"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: point {self.point_id}"

    @property
    def sentence(self) -> str:
        return "" if self.verdict == self.Verdict.NOT_FOUND else answer_text(self.question)[self.start : self.end]

    @property
    def says(self) -> str:
        return wording.SUGGESTION[self.verdict].format(sentence=" ".join(self.sentence.split()))


class PointExampleQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(decided_at=None)

    def keep(self, question: InterviewQuestion, quotes: Mapping[int, str], *, now: datetime) -> None:
        """The sentences in which the candidate says that they made a point. The same again changes nothing."""
        candidate = question.interview.candidate
        rows = [
            self.model(candidate=candidate, question=question, point_id=point, text=text, at=now)
            for point, text in quotes.items()
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    def for_matching(self, version_id: int, *, candidate_id: int) -> dict[int, list[str]]:
        """By rubric point: the candidate's own at once, others' where a curator took them into the bank."""
        usable = Q(candidate=candidate_id) | Q(is_approved=True)
        found = self.filter(usable, point__version=version_id).exclude(is_approved=False).order_by("-pk")
        examples = defaultdict(list)
        for point, text in found.values_list("point", "text")[:MOST_EXAMPLES]:
            examples[point].append(text)
        return examples


class PointExample(models.Model):
    """A sentence with which somebody made a point, by their own word: the matcher finds others like it.

    In their own answers at once; in everybody's when a curator took it into the bank, who does not see whose it is.
    """

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="point_examples")
    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="point_examples")
    point = models.ForeignKey(RubricPoint, models.PROTECT, related_name="examples")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    is_approved = models.BooleanField(null=True, blank=True, help_text="By a curator; not decided yet: unknown.")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PointExampleQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "sentence for a rubric point"
        verbose_name_plural = "sentences for rubric points"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "point", "text"], name="one_example_per_sentence"),
            models.CheckConstraint(
                condition=Q(is_approved__isnull=True, decided_at__isnull=True)
                | Q(is_approved__isnull=False, decided_at__isnull=False),
                name="decided_example_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def decide(self, *, approves: bool, by, now: datetime) -> None:
        self.is_approved, self.decided_by, self.decided_at = approves, by, now
        self.save(update_fields=["is_approved", "decided_by", "decided_at"])
