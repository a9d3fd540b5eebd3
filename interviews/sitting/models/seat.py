"""The second seat: a coach or a peer who sits beside the candidate while the interview runs.

All that they do is done to an ordinary interview. When they leave, or their connection is lost, the candidate goes on
as without them.
"""

from datetime import datetime

from interviews.sitting.models.answering import Refused
from interviews.sitting.models.clocks import QUESTION_GRACE
from interviews.sitting.models.question import OWN_WORDS_SECONDS, InterviewQuestion
from interviews.sitting.models.speaking import spoken_limit

MOST_ASKED_BACK = 8  # after one question
ASKED_LIVE = "Asked by the person who sat beside you."


class SecondSeat:
    """The part of Interview that the second seat calls. Every method runs under its lock, and raises Refused to
    whoever does not have that seat at this moment.
    """

    def ask_back(self, position: int, *, probe: int | None = None, ask: str = "", by, now: datetime) -> None:
        """A follow-up to a question that was shown: a reviewed one by its place, or one in own words.

        It comes at once where that question is open or nothing is, else after what is open. A repeat changes nothing.
        """
        self._require_seat(by)
        asked = self.shown_question(position)
        drawn = (asked.follows or asked).with_version()
        before = [other for other in self.sheet if other.follows is drawn]
        if any((other.probe, other.ask) == (probe, ask) for other in before):
            return
        if len(before) >= MOST_ASKED_BACK:
            raise Refused("That is enough follow-ups to one question.")
        if probe is not None and not 0 <= probe < len(drawn.version.follow_ups):
            raise Refused("This question has no such follow-up.")
        limit_seconds = OWN_WORDS_SECONDS if probe is None else drawn.version.follow_ups[probe]["limit_seconds"]
        follow_up = InterviewQuestion(
            interview=self,
            position=max(other.position for other in self.sheet) + 1,
            question_id=drawn.question_id,
            version=drawn.version,
            follows=drawn,
            probe=probe,
            ask=ask,
            asked_because=ASKED_LIVE,
            is_spoken=self.speaks,
            limit_seconds=spoken_limit("free_text", limit_seconds) if self.speaks else limit_seconds,
        )
        follow_up.save()
        self.put_behind(follow_up)
        self.record("asked_back", actor=by, now=now, question=follow_up)
        current = self.current_question()
        if current is drawn or current.is_closed:
            self._move_on_from(current, by=by, now=now)

    def move_on(self, position: int, *, by, now: datetime) -> None:
        """Closes the question at `position` as it is saved, and opens the next. A repeat changes nothing.

        Raises Refused where it is the last: it is for the candidate to finish.
        """
        self._require_seat(by)
        current = self.current_question()
        if current.position != position:
            return
        if not self.has_more:
            raise Refused("This is the last question. The candidate finishes the interview.")
        self._move_on_from(current, by=by, now=now)

    def end_seat(self, *, by, now: datetime) -> None:
        """By the candidate or by who has it: nobody sits beside them any more. A repeat changes nothing."""
        self._require_lock()
        if self.second_seat_id is None:
            return
        self.second_seat = None
        self.writes.change(self, ["second_seat"])
        self.record("seat_ended", actor=by, now=now)

    def _move_on_from(self, question: InterviewQuestion, *, by, now: datetime) -> None:
        self.resume(by=by, now=now)
        if question.is_open:
            state = question.state_when_left()
            question.close(state, at=min(now, question.deadline_at) if self.is_strict else now)
            question.taken_until = now + QUESTION_GRACE
            self.writes.change(question, ["taken_until"])
            self.record(state, actor=by, now=now, question=question)
        self.open_next(after=question, now=now)

    def _require_seat(self, by) -> None:
        self._require_lock()
        if not (self.is_in_progress and self.second_seat_id == by.pk):
            raise Refused("This mock interview is over, or the candidate continues alone.")
