"""What candidates report about a question, and what a curator answered."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from questions.models.question import Question, QuestionVersion

MAX_COMMENT = 2_000
# Far above what a person who reads questions finds, far below what a script would file.
FLAGS_AN_HOUR = 20


class TooManyFlags(Exception):
    """The person has filed as many in this hour as one may. The message is for them."""


class QuestionFlagQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(answered_at=None)

    def answered(self) -> Self:
        return self.exclude(answered_at=None)

    def newest_by_question(self) -> dict[int, "QuestionFlag"]:
        """The newest flag of each question, by question id."""
        return {flag.question_id: flag for flag in self.order_by("question_id", "-pk").distinct("question_id")}

    def report(self, version: QuestionVersion, *, by, reason: str, comment: str, now: datetime) -> "QuestionFlag":
        """Files a flag; while one's earlier flag of this question is open, the comment is added to that.

        The same again changes nothing. Raises TooManyFlags, and then writes nothing.
        """
        with transaction.atomic():
            flag, is_new = self.get_or_create(
                question=version.question,
                reporter=by,
                answered_at=None,
                defaults={"version": version, "reason": reason, "comment": comment, "created_at": now},
            )
            if is_new and self.filter(reporter=by, created_at__gt=now - timedelta(hours=1)).count() > FLAGS_AN_HOUR:
                raise TooManyFlags("You’ve reported a lot of questions this hour. Send this one later.")
            if not is_new and comment and comment not in flag.comment:
                flag.comment = f"{flag.comment}\n\n{comment}".strip()
                if len(flag.comment) > 5 * MAX_COMMENT:
                    raise TooManyFlags("You’ve written a lot about this question. Wait for a reply first.")
                flag.save(update_fields=["comment"])
        return flag


class QuestionFlag(models.Model):
    """A candidate's report that something is wrong with a question. Curators see it without the person's name."""

    class Reason(models.TextChoices):
        WRONG = "wrong", "The answer called right is wrong"
        AMBIGUOUS = "ambiguous", "Unclear, or several answers are right"
        OUTDATED = "outdated", "Out of date"
        BROKEN = "broken", "A formula, the code or the page is broken"
        TIME = "time", "The time does not fit"
        OTHER = "other", "Something else"

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="flags")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="flags")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="question_flags")
    reason = models.CharField(max_length=20, choices=Reason)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()
    answer = models.TextField(blank=True, max_length=MAX_COMMENT, help_text="Plain text, shown to whoever reported.")
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = QuestionFlagQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "reported problem"
        constraints = [
            models.UniqueConstraint(
                fields=["question", "reporter"],
                condition=Q(answered_at=None),
                name="one_open_flag_per_person_and_question",
            ),
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answer=""), name="answered_flag_has_an_answer"),
        ]
        indexes = [
            models.Index(fields=["question"], condition=Q(answered_at=None), name="open_flag_of_question"),
            models.Index(fields=["reporter", "-created_at"], name="flag_by_reporter"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.question}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    def respond(self, answer: str, *, by, now: datetime) -> None:
        """The curator's answer; it closes the flag, and a second one replaces the first."""
        self.answer, self.answered_by, self.answered_at = answer, by, now
        self.save(update_fields=["answer", "answered_by", "answered_at"])
