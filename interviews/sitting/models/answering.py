"""Saving, handing in, skipping and going on: how words get from a page into an interview."""

from datetime import datetime
from enum import Enum

from interviews.sitting.models.answer import LARGEST_REV_STEP, AnswerRevision, Written
from interviews.sitting.models.question import InterviewQuestion


class Refused(Exception):
    """What was asked cannot be done in the interview's present state. The message is for the person who asked."""


class Outcome(Enum):
    """What became of something that a page sent."""

    SAVED = "saved"
    HELD = "held"  # an older or repeated save: what the server holds stands
    LATE = "late"  # after the question's end: kept, shown later, not scored
    ELSEWHERE = "elsewhere"  # another page has taken over, or gone on with the text: kept beside the answer
    MOVED = "moved"  # the question is closed, the next one open or the interview finished


class Answering:
    """The part of Interview that takes answers. Every method runs under the interview's lock."""

    def save_answer(self, position: int, written: Written, *, now: datetime) -> Outcome:
        """Keeps a draft. Nothing that arrives here is thrown away: what cannot count is kept beside.

        Raises InterviewQuestion.DoesNotExist for a question not yet shown, Refused for an impossible `rev`.
        """
        question = self.shown_question(position)
        return self._take(question, written, AnswerRevision.Kind.DRAFT, now=now)

    def submit_answer(self, position: int, written: Written, *, now: datetime) -> Outcome:
        """Hands the answer in and opens the next question. A repeat changes nothing and moves nothing.

        Where a newer save has overtaken it on the way, the newer words are handed in and its own kept beside.
        """
        question = self.shown_question(position)
        outcome = self._take(question, written, AnswerRevision.Kind.FINAL, now=now)
        if outcome in (Outcome.SAVED, Outcome.HELD) and question.is_open:
            if outcome is Outcome.HELD:
                question.hold(question.held(lease=self.lease), AnswerRevision.Kind.FINAL, now=now)
            self.close_question(question, question.state_when_left(), now=now)
            return Outcome.MOVED
        return outcome

    def skip(self, position: int, written: Written, *, now: datetime) -> Outcome:
        """Leaves the question unanswered; what was typed is kept as a draft. A repeat changes nothing."""
        question = self.shown_question(position)
        outcome = self._take(question, written, AnswerRevision.Kind.DRAFT, now=now)
        if outcome in (Outcome.SAVED, Outcome.HELD) and question.is_open:
            self.close_question(question, InterviewQuestion.State.SKIPPED, now=now)
            return Outcome.MOVED
        return outcome

    def take_hint(self, position: int, written: Written, *, now: datetime) -> Outcome:
        """Shows the hint from here on, and keeps what was typed. A repeat changes nothing.

        Raises Refused where there is none, or where the clock is strict.
        """
        question = self.shown_question(position)
        if not question.has_hint:
            raise Refused("This question has no hint.")
        outcome = self._take(question, written, AnswerRevision.Kind.DRAFT, now=now)
        if outcome in (Outcome.SAVED, Outcome.HELD) and question.is_open and question.hinted_at is None:
            question.hinted_at = now
            self.writes.change(question, ["hinted_at"])
            self.record("hinted", actor=self.candidate, now=now, question=question)
        return outcome

    def show_case(self, position: int, case: dict, *, now: datetime) -> None:
        """What a worker found for the hint. A repeat, or one that comes after the end, changes nothing."""
        question = self.shown_question(position)
        if question.awaits_case:
            question.hinted_case = case
            self.writes.change(question, ["hinted_case"])
            self.record("case_shown", now=now, question=question)

    def go_on(self, position: int, *, lease: int, now: datetime) -> Outcome:
        """From a question whose time ran out, or whose feedback was read, to the next. A repeat changes nothing."""
        question = self.shown_question(position)
        if lease != self.lease:
            return Outcome.ELSEWHERE
        if self.is_in_progress and question.is_closed and question is self.current_question():
            self.resume(now=now)
            self.open_next(after=question, now=now)
            return Outcome.MOVED
        return Outcome.HELD

    def shown_question(self, position: int) -> InterviewQuestion:
        """Raises InterviewQuestion.DoesNotExist where the question does not exist or is not shown yet."""
        self._require_lock()
        for question in self.sheet:
            if question.position == position and not question.is_pending:
                return question.with_version()
        raise InterviewQuestion.DoesNotExist

    def _take(self, question: InterviewQuestion, written: Written, kind: str, *, now: datetime) -> Outcome:
        """Where the outcome is SAVED, the question holds what was written.

        That takes the newest page, and a text that grew from what is held: an older one, of a device that was offline,
        replaces nothing by itself however often a key was pressed there.
        """
        if not 0 < written.rev <= question.rev + LARGEST_REV_STEP:
            raise Refused("This page is out of date. Reload it. Your text is kept here.")
        is_open = self.is_in_progress and (question.is_open or question.still_takes(now))
        is_grown = question.is_grown_by(written)
        is_newest_page = written.lease == self.lease
        is_overtaken = is_grown and (
            written.rev < question.rev
            or (written.rev == question.rev and (kind == AnswerRevision.Kind.DRAFT or not is_open))
        )
        if is_open and is_newest_page and is_grown and not is_overtaken:
            question.hold(written, kind, now=now)
            if question.is_closed:
                question.state = question.state_when_left()
                self.writes.change(question, ["state"])
            return Outcome.SAVED
        is_same = written.answer == question.answer
        if not is_same:
            is_side = is_open or is_overtaken
            beside = AnswerRevision.Kind.SIDE if is_side else AnswerRevision.Kind.LATE
            question.keep_beside(written, beside, now=now)
        if is_same and not is_open:
            return Outcome.HELD
        if not is_newest_page or (is_open and not is_grown):
            return Outcome.ELSEWHERE
        return Outcome.HELD if is_overtaken else Outcome.LATE
