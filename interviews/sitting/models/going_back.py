"""Going back to earlier questions, where no strict clock forbids it."""

from datetime import datetime

from interviews.sitting.models.answering import Outcome, Refused
from interviews.sitting.models.question import InterviewQuestion


class GoingBack:
    """The part of Interview that takes up a question again. Every change runs under the interview's lock.

    Whoever hands an earlier question in is led on to the one that they had left for it.
    """

    @property
    def may_go_back(self) -> bool:
        """Not by a strict clock, in a drill, whose answers are shown, with somebody on the second seat, or in a
        reopening, which is of one question.
        """
        has_another_lead = self.gives_feedback or self.second_seat_id is not None
        return not (self.is_strict or has_another_lead or any(question.is_reopened for question in self.sheet))

    def question_left_behind(self) -> InterviewQuestion | None:
        """The one that was left to go back, however far."""
        return next((question for question in self.sheet if question.position == self.left_position), None)

    def question_before(self, question: InterviewQuestion) -> InterviewQuestion | None:
        """The one that was asked before it, where there is a way back."""
        shown = [one for one in self.sheet if not one.is_pending]
        place = shown.index(question)
        return shown[place - 1] if place and self.may_go_back else None

    def go_back(self, position: int, *, lease: int, now: datetime) -> Outcome:
        """Takes up a question that was left, and leaves the open one as it is. A repeat changes nothing.

        Raises InterviewQuestion.DoesNotExist for a question not yet shown, Refused where there is no way back.
        """
        question = self.shown_question(position)
        if not self.is_in_progress or question.is_open:
            return Outcome.HELD
        if not self.may_go_back:
            raise Refused("You can't go back in this interview.")
        if lease != self.lease:
            return Outcome.ELSEWHERE
        self.resume(now=now)
        if left := self._open_question():
            left.close(left.state_when_left(), at=now)
            self.record(left.state, actor=self.candidate, now=now, question=left)
            self.left_position = self.left_position or left.position
        self.take_up(question, now=now)
        return Outcome.MOVED

    def take_up(self, question: InterviewQuestion, *, now: datetime) -> InterviewQuestion:
        if question.position == self.left_position:
            self.left_position = None
        self.writes.change(self, ["left_position"])
        question.take_up(now=now)
        self.record("taken_up", actor=self.candidate, now=now, question=question)
        return question.with_version()
