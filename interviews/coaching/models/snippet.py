"""Words that a coach writes again and again: kept once, inserted while writing."""

from collections import Counter
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Cohort
from interviews.coaching.models.answer_review import AnswerReview
from interviews.sitting.models import Refused
from questions.models import Question

LONGEST = 500
MOST = 200
# So often, a comment is worth keeping; of so many answers the newest comments are looked at.
USED_OFTEN = 3
ANSWERS_READ = 300


class SnippetQuerySet(models.QuerySet):
    def for_coach(self, coach) -> Self:
        """One's own, and those of the cohorts that one coaches now."""
        return self.filter(Q(coach=coach, cohort=None) | Q(cohort__in=Cohort.objects.of_coach(coach)))

    def beside(self, question_id: int | None, *, coach, cohort_id: int | None) -> list["Snippet"]:
        """What fits here: of this question first, then for any; one's own and this cohort's."""
        own = self.filter(Q(coach=coach, cohort=None) | Q(cohort__isnull=False, cohort=cohort_id))
        fitting = own.filter(Q(question=None) | Q(question=question_id))
        return sorted(fitting[:MOST], key=lambda one: (one.question_id is None, one.text.lower()))

    def keep(self, text: str, *, coach, cohort=None, question: Question | None = None, now) -> "Snippet":
        """The same again is the same snippet. Raises Refused."""
        text = text.strip()[:LONGEST]
        if not text:
            raise Refused("There's nothing to save yet.")
        if self.filter(coach=coach).count() >= MOST:
            raise Refused(f"You have {MOST} snippets. Delete some first.")
        return self.get_or_create(
            coach=coach, cohort=cohort, question=question, text=text, defaults={"created_at": now}
        )[0]


class Snippet(models.Model):
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="snippets")
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="snippets")
    question = models.ForeignKey(Question, models.CASCADE, null=True, blank=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    objects = SnippetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["coach", "cohort", "question", "text"], nulls_distinct=False, name="each_snippet_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


def written_often(coach) -> list[tuple[str, int]]:
    """(comment, how often) that this coach has written word for word, and not kept yet."""
    answers = AnswerReview.objects.filter(review__held_by=coach) | AnswerReview.objects.filter(review__coach=coach)
    newest = answers.order_by("-pk").values_list("comments", flat=True)[:ANSWERS_READ]
    counts = Counter(text.strip() for comments in newest for text in comments.values() if len(text) <= LONGEST)
    kept = set(Snippet.objects.filter(coach=coach).values_list("text", flat=True))
    return [(text, count) for text, count in counts.most_common(20) if count >= USED_OFTEN and text not in kept]
