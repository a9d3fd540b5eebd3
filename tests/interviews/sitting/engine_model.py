"""The specification of a timed interview in plain Python, without a database: what test_state_machine.py holds
the engine against. Written from the specification's words; it shares no code with the engine.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from interviews.sitting.models import Written

QUESTION_LIMIT, FOLLOW_UP_LIMIT, QUESTIONS = timedelta(seconds=60), timedelta(seconds=30), 3
# Room for one follow-up: after the first question.
LIMIT = QUESTIONS * QUESTION_LIMIT + FOLLOW_UP_LIMIT
FOLLOW_UPS = 2  # of each question, of the kind that may always be asked


@dataclass
class Asked:
    """A question's place in a sitting. Positions count from 1; a follow-up's come after all that were drawn."""

    state: str = "pending"
    opened_at: datetime | None = None
    deadline_at: datetime | None = None
    closed_at: datetime | None = None
    added: timedelta = timedelta(0)
    given: timedelta | None = None  # by a reopening, in place of the limit
    rev: int = 0
    lease: int = 0  # of the page that wrote the answer
    answer: str | None = None
    score: float | None = None
    limit: timedelta = QUESTION_LIMIT
    probe: int | None = None  # of a follow-up
    sent: set[str] = field(default_factory=set)
    recordings: list[str] = field(default_factory=list)  # of what kind each is

    def close(self, state: str, at: datetime) -> None:
        self.state, self.closed_at = state, max(at, self.opened_at)

    @property
    def is_blank(self) -> bool:
        return not (self.answer or "").strip() and "answer" not in self.recordings

    @property
    def recordings_beside(self) -> int:
        return len(self.recordings) - self.recordings.count("answer")

    def drop_recording(self) -> None:
        if "answer" in self.recordings:
            self.recordings.remove("answer")


class Sitting:
    """What must be true of one interview. Its public methods are named as the engine's and give the same outcomes."""

    def __init__(self, pace: str, multiplier: Decimal, now: datetime, met: set[int]):
        """`met`: the follow-ups to the first question that the candidate was asked so far; it is kept up to date."""
        self.pace, self.multiplier, self.started_at = pace, float(multiplier), now
        self.state, self.lease, self.added = "in_progress", 1, timedelta(0)
        self.paused_at = self.closed_at = None
        self.questions = [Asked() for _ in range(QUESTIONS)]
        self.events, self.met = ["started"], met
        self.shown: list[int] = []  # positions, in the order of their first opening
        self._open_next(now)

    @property
    def is_in_progress(self) -> bool:
        return self.state == "in_progress"

    @property
    def times_ended(self) -> int:
        return sum(event in ("finished", "expired") for event in self.events)

    @property
    def is_strict(self) -> bool:
        return self.pace == "strict"

    @property
    def deadline_at(self) -> datetime | None:
        return None if self.pace == "untimed" else self.started_at + LIMIT * self.multiplier + self.added

    @property
    def newest(self) -> int:
        """The position of the last question that was shown."""
        return self.shown[-1]

    @property
    def current(self) -> int:
        """The position of the question that its page shows: where a question was reopened, the last of those."""
        reopened = [question for question in self.questions if question.given is not None]
        last = max(reopened, key=lambda question: question.opened_at, default=None)
        return self.questions.index(last) + 1 if last else self.newest

    @property
    def open_question(self) -> Asked | None:
        return next((question for question in self.questions if question.state == "open"), None)

    def question_closes_at(self) -> datetime:
        """Until when text for the open question counts: 10 s after its own end, 30 s after the interview's."""
        deadline = self.open_question.deadline_at
        return deadline + timedelta(seconds=30 if deadline == self.deadline_at else 10)

    def interview_closes_at(self) -> datetime:
        return self.deadline_at + timedelta(seconds=30)

    def expire(self, now: datetime) -> None:
        if not (self.is_in_progress and self.is_strict):
            return
        is_over = now > self.interview_closes_at()
        question = self.open_question
        is_closing = question and (is_over or now > self.question_closes_at())
        if is_closing:
            question.close("timed_out", question.deadline_at)
            self.events.append("timed_out")
        if is_over:
            self._end(self.deadline_at, "expired")

    def save_answer(self, position: int, written: Written, now: datetime) -> str:
        return self._take(position, written, is_final=False)

    def submit_answer(self, position: int, written: Written, now: datetime) -> str:
        outcome = self._take(position, written, is_final=True)
        if outcome not in ("saved", "held") or self.questions[position - 1].state != "open":
            return outcome
        question = self.questions[position - 1]
        return self._leave(question, "skipped" if question.is_blank else "answered", now)

    def skip(self, position: int, written: Written, now: datetime) -> str:
        outcome = self._take(position, written, is_final=False)
        if outcome in ("saved", "held") and self.questions[position - 1].state == "open":
            return self._leave(self.questions[position - 1], "skipped", now)
        return outcome

    def go_on(self, position: int, *, lease: int, now: datetime) -> str:
        if position not in self.shown:
            return "not shown"
        if lease != self.lease:
            return "elsewhere"
        if not self.is_in_progress or self.open_question or position != self.current:
            return "held"
        self._go_on(self.questions[position - 1], now)
        return "moved"

    def finish(self, *, lease: int, now: datetime) -> str:
        if not self.is_in_progress:
            return "held"
        if lease != self.lease:
            return "elsewhere"
        self.resume(now)
        if question := self.open_question:
            question.close("skipped" if question.is_blank else "answered", self._cut(now, question.deadline_at))
            self.events.append(question.state)
        self._end(self._cut(now, self.deadline_at), "finished")
        return "moved"

    def record(self, position: int, lease: int) -> str | None:
        """A whole recording, sent in one piece."""
        if position not in self.shown:
            return "not shown"
        question = self.questions[position - 1]
        if question.recordings_beside >= 10:
            return "refused"
        in_time = "answer" if lease == self.lease else "side"
        kind = in_time if question.state == "open" else "late"
        if kind == "answer":
            question.drop_recording()
        question.recordings.append(kind)
        self.events.append("recorded")
        return None

    def delete_recording(self, position: int, lease: int) -> str:
        """Of the one that answers the question."""
        if position not in self.shown:
            return "not shown"
        question = self.questions[position - 1]
        if question.state != "open":
            return "refused"
        if lease != self.lease:
            return "elsewhere"
        if "answer" not in question.recordings:
            return "held"
        question.drop_recording()
        self.events.append("recording_deleted")
        return "saved"

    def pause(self, now: datetime) -> str | None:
        if self.pace != "gentle":
            return "refused"
        if self.is_in_progress and not self.paused_at:
            self.paused_at = now
            self.events.append("paused")
        return None

    def resume(self, now: datetime) -> None:
        if self.paused_at:
            self._add(now - self.paused_at)
            self.paused_at = None
            self.events.append("resumed")

    def adjust(self, seconds: float, *, reason: str, by, now: datetime) -> str | None:
        if not self.is_in_progress or self.pace == "untimed":
            return "refused"
        self._add(timedelta(seconds=seconds))
        self.events.append("adjusted")
        return None

    def reopen(self, position: int, *, seconds: float, reason: str, by, now: datetime) -> str | None:
        if self.state not in ("submitted", "scored") or position not in self.shown:
            return "refused"
        question = self.questions[position - 1]
        question.state, question.opened_at, question.closed_at, question.score = "open", now, None, None
        question.given, question.added = timedelta(seconds=seconds), timedelta(0)
        self.state, self.closed_at = "in_progress", None
        if self.pace != "untimed":
            self.added += max(timedelta(0), now + question.given - self.deadline_at)
            self._set_deadline(question)
        self.events.append("reopened")
        return None

    def void(self, *, reason: str, by, now: datetime) -> None:
        if self.open_question:
            self.open_question.close("skipped", now)
        self.state, self.paused_at = "void", None
        self.closed_at = self.closed_at or now
        self.events.append("voided")

    def take_lease(self) -> None:
        self.lease += 1

    def score(self) -> None:
        if self.state == "submitted":
            self.state = "scored"
            for question in self.questions:
                is_unanswered = question.state == "timed_out" and question.is_blank
                if question.probe is None and (question.state == "skipped" or is_unanswered):
                    question.score = 0.0
            self.events.append("scored")

    def _take(self, position: int, written: Written, *, is_final: bool) -> str:
        if position not in self.shown:
            return "not shown"
        question = self.questions[position - 1]
        if not 0 < written.rev <= question.rev + 10_000:
            return "refused"
        [text] = written.answer
        question.sent |= {text} if text.strip() else set()
        is_its_page = written.lease == question.lease
        grew_from_it = written.base in (None, question.rev) or is_its_page or text == question.answer
        if question.state != "open":
            if text == question.answer:
                return "held"
            if written.lease != self.lease:
                return "elsewhere"
            return "held" if grew_from_it and written.rev <= question.rev else "late"
        if written.lease != self.lease or not grew_from_it:
            return "elsewhere"
        if written.rev < question.rev or (written.rev == question.rev and not is_final):
            return "held"
        question.answer, question.rev, question.lease = text, max(question.rev, written.rev), written.lease
        return "saved"

    def _leave(self, question: Asked, state: str, now: datetime) -> str:
        self.resume(now)
        question.close(state, self._cut(now, question.deadline_at))
        self.events.append(state)
        self._go_on(question, now)
        return "moved"

    def _go_on(self, question: Asked, now: datetime) -> None:
        """A reopening is of one question: after it comes the end."""
        if question.given is None:
            self._open_next(now, after=question)
        else:
            self._end(self._cut(now, self.deadline_at), "finished")

    def _open_next(self, now: datetime, after: Asked | None = None) -> None:
        is_too_late = self.is_strict and self.deadline_at - now < timedelta(seconds=2)
        is_followed = after is not None and self._asks_back_after(after)
        position = next((place for place in range(1, QUESTIONS + 1) if place not in self.shown), None)
        if is_too_late or not (is_followed or position):
            self._end(self._cut(now, self.deadline_at), "finished")
            return
        if is_followed:
            probe = next((probe for probe in range(FOLLOW_UPS) if probe not in self.met), 0)
            self.met.add(probe)
            self.questions.append(Asked(limit=FOLLOW_UP_LIMIT, probe=probe))
            position = len(self.questions)
        question = self.questions[position - 1]
        self.shown.append(position)
        question.state, question.opened_at = "open", now
        self.events.append("opened")
        self._set_deadline(question)

    def _asks_back_after(self, left: Asked) -> bool:
        """About the first question: when it is left; one later if it was said, as it has to be heard first."""
        first, second = self.questions[:2]
        is_answered = first.state != "skipped" and not first.is_blank
        return is_answered and left is (second if "answer" in first.recordings else first)

    def _set_deadline(self, question: Asked) -> None:
        if self.pace != "untimed":
            limit = question.limit * self.multiplier if question.given is None else question.given
            question.deadline_at = min(question.opened_at + limit + question.added, self.deadline_at)

    def _add(self, time: timedelta) -> None:
        self.added += time
        if question := self.open_question:
            question.added += time
            self._set_deadline(question)

    def _cut(self, now: datetime, deadline: datetime | None) -> datetime:
        """A strict clock stops at zero, also for what was handed in within the grace."""
        return min(now, deadline) if self.is_strict else now

    def _end(self, at: datetime, event: str) -> None:
        self.state, self.closed_at = "submitted", at
        self.events.append(event)
