"""What a review says to one answer."""

from django.db import models

from interviews.coaching.models.autosave import Autosaved
from interviews.sitting.models import InterviewQuestion


class AnswerReview(Autosaved):
    """What a review says to one answer."""

    review = models.ForeignKey("interviews.Review", models.CASCADE, related_name="answers")
    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="answer_reviews")
    marks = models.JSONField(default=dict, blank=True, help_text="hit, partly or missed, by rubric point id")
    quotes = models.JSONField(default=dict, blank=True, help_text="The candidate's words, by rubric point id")
    misconceptions = models.JSONField(default=list, blank=True, help_text="Ids of those that the answer holds")
    after_follow_up = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="Ids of points that were made in part, and only in a follow-up",
    )
    comments = models.JSONField(default=dict, blank=True, help_text="By paragraph, see Paragraph.key")
    is_complete = models.BooleanField(default=False, help_text="Every point of the rubric is marked.")

    class Meta:
        ordering = ["question__position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "question"], name="one_answer_review_per_question"),
        ]

    def __str__(self) -> str:
        return f"{self.review}, answer {self.question_id}"
