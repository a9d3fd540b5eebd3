"""What changes an interview's course: pauses, time added, a reopening, a void."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from interviews.sitting.models.answering import Refused
from interviews.sitting.models.evidence import EvidenceChange
from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.record import TimeAdjustment


class Interventions:
    """The part of Interview that a pause, a coach or an administrator calls. Every method runs under its lock."""

    def pause(self, *, by=None, now: datetime) -> None:
        """Both clocks stand still and the prompt is hidden; a repeat changes nothing.

        The candidate (`by` None) can in a gentle interview alone, the second seat wherever there are clocks.
        """
        self._require_lock()
        if by is not None:
            self._require_seat(by)
        if self.is_untimed or (by is None and self.is_strict):
            raise Refused("Only a gentle interview can be paused.")
        if self.is_in_progress and self.paused_at is None:
            self.paused_at = now
            self.expires_at = self.next_expiry(self._open_question())
            self.writes.change(self, ["paused_at", "expires_at"])
            self.record("paused", actor=by or self.candidate, now=now)

    def resume(self, *, by=None, now: datetime) -> None:
        """Ends a pause, whoever began it: its length is added to both clocks."""
        self._require_lock()
        if self.paused_at is None:
            return
        seconds = max(0.0, (now - self.paused_at).total_seconds())  # a server's clock may have been set back
        self.paused_at = None
        self.writes.change(self, ["paused_at"])
        self.record("resumed", actor=by or self.candidate, now=now)
        if question := self._open_question():
            question.paused_seconds += seconds
            self.writes.change(question, ["paused_seconds"])
        self._add_time(seconds, question, reason="Pause", by=by or self.candidate, now=now)

    def adjust(self, seconds: float, *, reason: str, by, now: datetime) -> None:
        """Adds time (or takes it) while the interview runs: to it and to the question that is open."""
        self._require_lock()
        if not self.is_in_progress or self.deadline_at is None:
            raise Refused("You can change the time only while a timed interview is in progress.")
        self._add_time(seconds, self._open_question(), reason=reason, by=by, now=now)
        self.record("adjusted", actor=by, now=now, seconds=seconds, reason=reason)

    def _add_time(self, seconds: float, question: InterviewQuestion | None, *, reason: str, by, now: datetime) -> None:
        TimeAdjustment.objects.create(
            interview=self,
            question=question,
            opening=question.opening if question else 1,
            seconds=seconds,
            reason=reason,
            by=by,
            at=now,
        )
        self._recompute_deadlines(question)

    def _recompute_deadlines(self, question: InterviewQuestion | None) -> None:
        self.deadline_at = self.deadline_from_terms()
        if question:
            question.deadline_at = self.question_deadline_from_terms(question)
            self.writes.change(question, ["deadline_at"])
        self.expires_at = self.next_expiry(question)
        self.writes.change(self, ["deadline_at", "expires_at"])

    def reopen(self, position: int, *, seconds: float, reason: str, by, now: datetime) -> None:
        """Gives a finished interview and one of its questions `seconds` more, from now on.

        The question keeps its answer and its earlier revisions; its grade goes, since the answer may change. Raises
        Refused where there is nothing to reopen or the candidate sits another interview at the moment.
        """
        self._require_lock()
        if not self.is_finished:
            raise Refused("You can reopen only a finished interview.")
        question = next((one for one in self.sheet if one.position == position), None)
        if question is None or question.is_pending:
            raise Refused("You can reopen only a question that was shown.")
        self.state = self.State.IN_PROGRESS
        self.closed_at = self.scored_at = self.thinned_at = None
        self.scoring_attempts = 0
        try:
            with transaction.atomic():
                self.save(update_fields=["state", "closed_at", "scored_at", "scoring_attempts", "thinned_at"])
        except IntegrityError as taken:
            self.refresh_from_db()
            raise Refused("The candidate is in another interview right now.") from taken
        question.reopen(seconds=seconds, now=now)
        self.record(
            "reopened", actor=by, now=now, question=question, seconds=seconds, reason=reason, asked=str(question)
        )
        if self.deadline_at is not None:
            more = (now + timedelta(seconds=seconds) - self.deadline_at).total_seconds()
            if more > 0:
                self._add_time(more, None, reason=reason, by=by, now=now)
            self._recompute_deadlines(question)

    def void(self, *, reason: str, by, now: datetime) -> None:
        """Takes the interview out of everything: it is in no report. Staff only; the reason is kept."""
        self._require_lock()
        if question := self._open_question():
            question.close(InterviewQuestion.State.SKIPPED, at=now)
        self.state = self.State.VOID
        self.closed_at = self.closed_at or max(now, self.started_at)
        self.expires_at = self.paused_at = self.second_seat = None
        self.writes.change(self, ["state", "closed_at", "expires_at", "paused_at", "second_seat"])
        self.record("voided", actor=by, now=now, reason=reason)
        EvidenceChange.note(self.candidate_id, now=now)
