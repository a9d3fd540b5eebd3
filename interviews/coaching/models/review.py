"""A coach's review of one interview: asked for, written with autosave, sent, and for ten minutes taken back.

Every change happens inside `under_lock`, which holds the interview's row. Looking changes nothing, and never
expires an interview: only finished ones are reviewed.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from interviews.coaching import scorecard
from interviews.coaching.models.answer_review import AnswerReview
from interviews.coaching.models.autosave import Autosaved, Draft, KeptDraft, SaveOutcome
from interviews.coaching.models.review_queries import ReviewQuerySet
from interviews.interviewer.quoting import is_quotable
from interviews.sitting.models import Grade, Interview, InterviewQuestion, Refused
from questions.models import Level

LEASE_LASTS = timedelta(minutes=30)
UNDO_LASTS = timedelta(minutes=10)
# The part of a review that is about the whole session; the other parts are named by their position.
SCORECARD = "scorecard"
RATINGS = {1: "Not helpful", 2: "A little helpful", 3: "Partly helpful", 4: "Helpful", 5: "Very helpful"}


class Review(Autosaved):
    """One review; its own columns hold the scorecard of the session, `answers` what is said answer by answer."""

    VERDICTS = list(scorecard.VERDICTS.items())

    interview = models.ForeignKey(Interview, models.CASCADE, related_name="reviews")
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviews",
        help_text="Who was asked, later who sent it; empty: whoever of the granted coaches is free first.",
    )
    due_on = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField()
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    held_until = models.DateTimeField(null=True, blank=True)
    scores = models.JSONField(default=dict, blank=True, help_text='{"framing": 3, …}, from 1 to 4, or 0: not seen')
    quotes = models.JSONField(default=dict, blank=True, help_text='{"framing": "…"}')
    verdict = models.CharField(max_length=10, choices=VERDICTS, blank=True)
    level = models.CharField(max_length=12, choices=Level, blank=True)
    next_action = models.TextField(blank=True)
    public_notes = models.TextField(blank=True)
    private_notes = models.TextField(blank=True, help_text="For coaches only: shown to the candidate nowhere.")
    sent_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="By the candidate: 1 (not helpful) to 5 (very helpful)."
    )
    rating_comment = models.TextField(blank=True, db_default="")

    objects = ReviewQuerySet.as_manager()

    # Set by under_lock.
    is_locked = False

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interview"],
                condition=Q(sent_at__isnull=True, withdrawn_at__isnull=True),
                name="one_waiting_review_per_interview",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True)
                | (~Q(verdict="") & ~Q(level="") & ~Q(next_action="") & Q(withdrawn_at__isnull=True)),
                name="sent_review_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(verdict__in=list(scorecard.VERDICTS)), name="review_verdict_is_known"
            ),
            models.CheckConstraint(condition=Q(level="") | Q(level__in=Level.values), name="review_level_is_known"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__in=list(RATINGS)), name="rating_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(sent_at__isnull=False), name="only_a_sent_review_is_rated"
            ),
        ]
        indexes = [
            models.Index(
                fields=["coach"],
                condition=Q(sent_at__isnull=True, withdrawn_at__isnull=True),
                name="review_waiting_by_coach",
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.interview}"

    # --- reading ----------------------------------------------------------------------------------

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.sent_at is None and self.withdrawn_at is None

    @property
    def rating_word(self) -> str:
        return RATINGS.get(self.rating, "")

    @property
    def undo_until(self) -> datetime | None:
        return self.sent_at and self.sent_at + UNDO_LASTS

    @property
    def shown_questions(self) -> list[InterviewQuestion]:
        return list(self.interview.questions.all())

    @property
    def answers_by_question(self) -> dict[int, AnswerReview]:
        return {answer.question_id: answer for answer in self.answers.all()}

    @property
    def to_review_count(self) -> int:
        return sum(question.is_for_rubric for question in self.shown_questions)

    @property
    def reviewed_count(self) -> int:
        return sum(answer.is_complete for answer in self.answers.all())

    @property
    def scorecard_rows(self) -> list[tuple[scorecard.Dimension, int | None, str]]:
        """(dimension, score, quote)."""
        return [(one, self.scores.get(one.key), self.quotes.get(one.key, "")) for one in scorecard.DIMENSIONS]

    @property
    def parts(self) -> list[dict]:
        """Each shown answer with how far its marks are: marked, begun, to mark, or nothing to mark."""
        said = self.answers_by_question
        return [{"position": one.position, "state": mark_state(one, said.get(one.pk))} for one in self.shown_questions]

    @property
    def quoted(self) -> list[tuple[int, str]]:
        """(position of the answer, words of it) collected while marking."""
        positions = {question.pk: question.position for question in self.shown_questions}
        said = sorted(self.answers.all(), key=lambda one: positions.get(one.question_id, 0))
        return [
            (positions[one.question_id], words)
            for one in said
            if one.question_id in positions
            for words in one.quotes.values()
        ]

    def can_undo(self, now: datetime) -> bool:
        return self.is_sent and now <= self.undo_until

    def is_held_by_other(self, coach, now: datetime) -> bool:
        return self.held_by_id not in (None, coach.pk) and now < self.held_until

    def answer_to(self, question: InterviewQuestion) -> AnswerReview:
        """What is said to this answer; an unsaved blank before anything was."""
        return self.answers_by_question.get(question.pk) or AnswerReview(review=self, question=question)

    def missing_answers(self) -> list[InterviewQuestion]:
        """Answers with a point that is not marked yet."""
        said = self.answers_by_question
        return [
            question
            for question in self.shown_questions
            if question.is_for_rubric and not (question.pk in said and said[question.pk].is_complete)
        ]

    def answers_misquoted(self) -> list[InterviewQuestion]:
        """Answers that were not given in the words of a quote."""
        return [
            question
            for question in self.shown_questions
            if not all(is_quotable(quote, question) for quote in self.answer_to(question).quotes.values())
        ]

    def missing_in_scorecard(self) -> list[str]:
        missing = list(scorecard.faults(self.scores, self.quotes, self.verdict))
        if not self.level:
            missing.append("No level yet.")
        if not self.next_action.strip():
            missing.append("No next action yet: one thing to do before the next interview.")
        return missing

    # --- changes, under the lock ------------------------------------------------------------------

    def save_answer(
        self, question: InterviewQuestion, draft: Draft, *, by, now: datetime, holds_review: bool = True
    ) -> SaveOutcome:
        """Marks, quotes, misconceptions and comments of one answer. The same content again changes nothing.

        Whoever marks by question holds no review, so that coaches can share the questions of a cohort between them:
        of the same answer the page that saved first is the one that counts.
        """
        self._require_lock()
        said = self.answers.filter(question=question).first() or AnswerReview(review=self, question=question)
        points = {str(point.pk) for point in question.version.rubric_points.all()}
        content = draft.content | {"is_complete": question.is_for_rubric and points == set(draft.content["marks"])}
        draft = replace(draft, content=content)
        outcome = self._save_part(said, draft, str(question.position), by=by, now=now, holds_review=holds_review)
        # What was prefetched is no longer true.
        self._prefetched_objects_cache = {}
        return outcome

    def save_scorecard(self, draft: Draft, *, by, now: datetime) -> SaveOutcome:
        self._require_lock()
        return self._save_part(self, draft, SCORECARD, by=by, now=now)

    def _save_part(
        self, part: Autosaved, draft: Draft, name: str, *, by, now: datetime, holds_review: bool = True
    ) -> SaveOutcome:
        if holds_review and self.is_held_by_other(by, now):
            outcome = SaveOutcome.HELD
        elif self.is_sent:
            outcome = SaveOutcome.SENT
        elif part.is_stale(draft):
            outcome = SaveOutcome.STALE
        else:
            if holds_review:
                self.held_by, self.held_until = by, now + LEASE_LASTS
                self.save(update_fields=["held_by", "held_until"])
            if part.differs(draft) and not part.is_overtaken(draft):
                part.write(draft, now=now)
            return SaveOutcome.SAVED
        KeptDraft.objects.keep(self, draft, part=name, by=by, now=now)
        return outcome

    def send(self, *, by, now: datetime) -> None:
        """Shows the review to the candidate and appends a coach's grade to each marked answer.

        A repeat changes nothing. Raises Refused while something is missing or another coach is reviewing.
        The caller asks for a new report.
        """
        self._require_lock()
        if self.is_sent:
            return
        if self.is_held_by_other(by, now):
            raise Refused(f"{self.held_by} is reviewing this interview.")
        if self.missing_answers() or self.missing_in_scorecard():
            raise Refused("Something is still missing.")
        if misquoted := self.answers_misquoted():
            raise Refused(f"Answer {misquoted[0].position} has a quote with words that aren't in it.")
        self.coach, self.sent_at = by, now
        self.held_by = self.held_until = None
        self.save(update_fields=["coach", "sent_at", "held_by", "held_until"])
        for question in self.shown_questions:
            if question.is_for_rubric:
                said = self.answer_to(question)
                question.grade_by_rubric(
                    {int(pk): mark for pk, mark in said.marks.items()},
                    by=by,
                    source=Grade.Source.COACH,
                    misconceptions=said.misconceptions,
                    quotes=said.quotes,
                    after_follow_up=said.after_follow_up,
                    review=self,
                    now=now,
                )
        self.interview.record("review_sent", actor=by, now=now, review=self.pk)

    def undo(self, *, by, now: datetime) -> None:
        """Takes the sent review back: the candidate sees it no more and their scores are what they were.

        A repeat changes nothing. Raises Refused after ten minutes, or when the candidate has gone on from it.
        """
        self._require_lock()
        if not self.is_sent:
            return
        if not self.can_undo(now):
            raise Refused("You can take a review back for ten minutes only.")
        if Review.objects.filter(interview=self.interview).awaiting_review().exists():
            raise Refused("The candidate has asked for another review since, so this one stays.")
        if self.appeals.exclude(withdrawn_at__isnull=False).exists():
            raise Refused("The candidate has appealed a point since, so this review stays.")
        if self.detail_requests.exists():
            raise Refused("The candidate has asked for more detail since, so this review stays.")
        self.sent_at = self.rating = None
        self.rating_comment = ""
        self.save(update_fields=["sent_at", "rating", "rating_comment"])
        for question in self.shown_questions:
            question.recount()
        self.interview.record("review_taken_back", actor=by, now=now, review=self.pk)

    def withdraw(self, *, by, reason: str = "", now: datetime) -> None:
        """The candidate no longer asks, or the coach cannot review: then with a reason. A repeat changes nothing."""
        self._require_lock()
        if not self.is_waiting:
            return
        self.withdrawn_at, self.withdrawn_by, self.withdrawn_reason = now, by, reason
        self.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        self.interview.record("review_withdrawn", actor=by, now=now, review=self.pk)

    def skip(self, *, by, reason: str, now: datetime) -> None:
        """Out of this coach's inbox, with a reason that the candidate reads. A repeat changes nothing.

        What was several coaches asked goes on waiting for the others; without any, the request ends. Raises
        Refused once the review is sent.
        """
        self._require_lock()
        if self.is_sent:
            raise Refused("This review has been sent.")
        if not self.is_waiting:
            return
        if self.coach is None:
            SkippedReview.objects.create(review=self, coach=by, reason=reason, at=now)
            if self._waits_for_others():
                if self.held_by_id == by.pk:
                    self.held_by = self.held_until = None
                    self.save(update_fields=["held_by", "held_until"])
                self.interview.record("review_skipped", actor=by, now=now, review=self.pk)
                return
        self.withdraw(by=by, reason=reason, now=now)

    def _waits_for_others(self) -> bool:
        skipped = set(self.skips.values_list("coach", flat=True))
        return any(coach.pk not in skipped for coach in self.interview.coaches())

    def rate(self, rating: int, comment: str, *, now: datetime) -> None:
        """What the candidate thinks of the sent review, for its coach to read; a later rating replaces it."""
        self._require_lock()
        if not self.is_sent:
            raise Refused("This review has been taken back.")
        self.rating, self.rating_comment = rating, comment
        self.save(update_fields=["rating", "rating_comment"])
        self.interview.record("review_rated", actor=self.interview.candidate, now=now, review=self.pk, rating=rating)

    def _require_lock(self) -> None:
        if not self.is_locked:
            raise RuntimeError("A review changes only inside under_lock().")


def mark_state(question: InterviewQuestion, said: AnswerReview | None) -> str:
    if said and said.is_complete:
        return "marked"
    if said and (said.marks or said.comments):
        return "begun"
    return "to mark" if question.is_for_rubric else "nothing to mark"


class SkippedReview(models.Model):
    """One of several coaches who were asked cannot review it; the others still can."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="skips")
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "coach"], name="a_coach_skips_a_review_once"),
        ]

    def __str__(self) -> str:
        return f"{self.review}, skipped"
