"""The two clocks: one deadline for the interview, one for its open question, stored and never counted down.

The deadlines are recomputed from their terms in the transaction that changes a term; whatever is shown is
derived from them and the request's one moment.
"""

from datetime import datetime, timedelta

from django.db.models import Sum

from interviews.sitting.models.question import InterviewQuestion

# Requests that were on their way when the clock reached zero still count. Never shown, never promised.
QUESTION_GRACE = timedelta(seconds=10)
INTERVIEW_GRACE = timedelta(seconds=30)
# With less than this left a new question would only be a flash on the screen.
SHORTEST_OPENING = timedelta(seconds=2)


class Clocks:
    """The part of Interview that knows its time."""

    @property
    def limit_with_multiplier(self) -> timedelta:
        return timedelta(seconds=float(self.limit_seconds * self.time_multiplier))

    def interview_left(self, now: datetime) -> timedelta | None:
        """Time to the interview's deadline, negative in overtime; None when untimed. Stands still in a pause."""
        return self.deadline_at and self.deadline_at - (self.paused_at or now)

    def question_limit(self, question: InterviewQuestion) -> timedelta:
        """What the question's clock began with: limit × multiplier, or the seconds that a reopening gave."""
        if question.given_seconds is not None:
            return timedelta(seconds=question.given_seconds)
        return timedelta(seconds=float(question.limit_seconds * self.time_multiplier))

    def question_left(self, question: InterviewQuestion, now: datetime) -> timedelta | None:
        """Stands still in a pause, and when the question is closed."""
        return question.deadline_at and question.deadline_at - (question.closed_at or self.paused_at or now)

    def deadline_from_terms(self) -> datetime | None:
        """started_at + limit × multiplier + Σ adjustments (a pause is an adjustment, too)."""
        if self.is_untimed:
            return None
        added = self.pk and self.adjustments.aggregate(sum=Sum("seconds"))["sum"]
        return self.started_at + self.limit_with_multiplier + timedelta(seconds=added or 0)

    def question_deadline_from_terms(self, question: InterviewQuestion, *, is_new: bool = False) -> datetime | None:
        """min(opened_at + limit × multiplier + Σ adjustments of this opening, interview.deadline_at).

        A reopening gives its own seconds in place of limit × multiplier.
        """
        if self.deadline_at is None:
            return None
        ends_at = question.opened_at + self.question_limit(question)
        if not is_new:  # time is given to an open question: one that is only just being opened has none
            added = question.adjustments.filter(opening=question.opening).aggregate(sum=Sum("seconds"))["sum"]
            ends_at += timedelta(seconds=added or 0)
        return min(ends_at, self.deadline_at)

    def grace(self, question: InterviewQuestion) -> timedelta:
        """How long after zero a request that was on its way still counts."""
        return INTERVIEW_GRACE if question.deadline_at == self.deadline_at else QUESTION_GRACE

    def closing_time(self, question: InterviewQuestion) -> datetime | None:
        """Until when text for an open question counts: its deadline with the grace. None: no end."""
        if not self.is_strict:
            return None
        return question.deadline_at + self.grace(question)

    def next_expiry(self, open_question: InterviewQuestion | None) -> datetime | None:
        if not self.is_strict or self.paused_at:
            return None
        ends = self.deadline_at + INTERVIEW_GRACE
        return min(ends, self.closing_time(open_question)) if open_question else ends
