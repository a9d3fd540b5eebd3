"""What a candidate remembers of each question."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from interviews.report.statistics import recall
from interviews.sitting.models import InterviewQuestion
from questions.models import Question


class PracticeCardQuerySet(models.QuerySet):
    def due(self, now: datetime) -> Self:
        return self.filter(due_at__lte=now, question__versions__status="published")

    def follow(self, candidate, fingerprints: Mapping[int, str], *, now: datetime) -> None:
        """Brings the candidate's cards to where the history is: question id to what its answers amount to.

        Derived, so harmless twice: only questions whose answers have changed are played through again, and a
        regraded or voided answer corrects its card.
        """
        cards = self.filter(candidate=candidate)
        known = dict(cards.values_list("question_id", "fingerprint"))
        if gone := known.keys() - fingerprints.keys():
            cards.filter(question_id__in=gone).delete()
        changed = [question for question, text in fingerprints.items() if known.get(question) != text]
        if not changed:
            return
        answers = InterviewQuestion.objects.evidence_of(candidate, now).filter(question_id__in=changed)
        attempts: dict[int, list[recall.GradedAttempt]] = {}
        for question, score, confidence, opened, closed, deadline in answers.values_list(
            "question_id", "score", "confidence", "opened_at", "closed_at", "deadline_at"
        ):
            attempts.setdefault(question, []).append(
                recall.GradedAttempt(
                    answered_at=closed,
                    score=score,
                    confidence=None if confidence is None else confidence / 100,
                    time_ratio=(closed - opened) / (deadline - opened) if deadline else None,
                )
            )
        if ungraded := (known.keys() & set(changed)) - attempts.keys():
            cards.filter(question_id__in=ungraded).delete()
        self.bulk_create(
            [
                PracticeCard.of(candidate, question, fingerprints[question], recall.remember(history))
                for question, history in attempts.items()
            ],
            update_conflicts=True,
            unique_fields=["candidate", "question"],
            update_fields=["fingerprint", "stability", "difficulty", "reviewed_at", "due_at"],
        )


class PracticeCard(models.Model):
    """An FSRS card (statistics/recall.py) of one candidate and question; written by the report's compilation."""

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_cards")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=32, help_text="MD5 of the answers it was derived from.")
    stability = models.FloatField(help_text="Days until recall falls to 90%.")
    difficulty = models.FloatField()
    reviewed_at = models.DateTimeField()
    due_at = models.DateTimeField()

    objects = PracticeCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "question"], name="one_card_per_candidate_and_question"),
        ]
        indexes = [models.Index(fields=["candidate", "due_at"], name="practice_card_due")]

    def __str__(self) -> str:
        return f"Due {self.due_at:%Y-%m-%d}"

    @classmethod
    def of(cls, candidate, question_id: int, fingerprint: str, memory: recall.Memory) -> "PracticeCard":
        return cls(
            candidate=candidate,
            question_id=question_id,
            fingerprint=fingerprint,
            stability=memory.stability,
            difficulty=memory.difficulty,
            reviewed_at=memory.reviewed_at,
            due_at=memory.due_at,
        )

    @property
    def memory(self) -> recall.Memory:
        return recall.Memory(self.stability, self.difficulty, self.reviewed_at, self.due_at)
