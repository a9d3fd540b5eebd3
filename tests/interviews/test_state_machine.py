"""The engine against a plain model of its specification, step by step, on real PostgreSQL.

Hypothesis drives one candidate through saves, moves, pauses, take-overs, time and sweeps in every order it can
think of. After each step the database must hold what the model says, and every word that was ever sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from interviews import tasks
from interviews.models import Interview, InterviewEvent, InterviewQuestion, Refused, Written
from questions.models import Track
from tests.factories import NOON, make_candidate, make_track, make_version

LIMIT, QUESTION_LIMIT, QUESTIONS = timedelta(seconds=150), timedelta(seconds=60), 3
MILLISECOND = timedelta(milliseconds=1)


# --- the model: the specification in plain Python, without a database ---------------------------------


@dataclass
class Asked:
    """A question's place in a sitting. Positions count from 1."""

    state: str = "pending"
    opened_at: datetime | None = None
    deadline_at: datetime | None = None
    closed_at: datetime | None = None
    added: timedelta = timedelta(0)
    rev: int = 0
    answer: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)

    def close(self, state: str, at: datetime) -> None:
        self.state, self.closed_at = state, max(at, self.opened_at)

    @property
    def is_blank(self) -> bool:
        return not "".join(self.answer).strip()


class Sitting:
    """What must be true of one interview. Its public methods are named as the engine's and give the same outcomes."""

    def __init__(self, pace: str, multiplier: Decimal, now: datetime):
        self.pace, self.multiplier, self.started_at = pace, float(multiplier), now
        self.state, self.lease, self.added = "in_progress", 1, timedelta(0)
        self.paused_at = self.closed_at = None
        self.questions = [Asked() for _ in range(QUESTIONS)]
        self.events = ["started"]
        self._open_next(now)

    @property
    def is_running(self) -> bool:
        return self.state == "in_progress"

    @property
    def is_strict(self) -> bool:
        return self.pace == "strict"

    @property
    def deadline_at(self) -> datetime | None:
        return None if self.pace == "untimed" else self.started_at + LIMIT * self.multiplier + self.added

    @property
    def newest(self) -> int:
        """The position of the last question that was shown."""
        return sum(question.state != "pending" for question in self.questions)

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
        if not (self.is_running and self.is_strict):
            return
        is_over = now > self.interview_closes_at()
        if self.open_question and (is_over or now > self.question_closes_at()):
            self.open_question.close("timed_out", self.open_question.deadline_at)
            self.events.append("timed_out")
        if is_over:
            self._end(self.deadline_at, "expired")

    def save_answer(self, position: int, written: Written, now: datetime) -> str:
        return self._take(position, written, is_final=False)

    def submit_answer(self, position: int, written: Written, now: datetime) -> str:
        outcome = self._take(position, written, is_final=True)
        if outcome != "saved":
            return outcome
        question = self.questions[position - 1]
        return self._leave(question, "skipped" if question.is_blank else "answered", now)

    def skip(self, position: int, written: Written, now: datetime) -> str:
        outcome = self._take(position, written, is_final=False)
        question = self.questions[position - 1]
        if outcome in ("saved", "held") and question.state == "open":
            return self._leave(question, "skipped", now)
        return outcome

    def go_on(self, position: int, *, lease: int, now: datetime) -> str:
        if position > self.newest:
            return "not shown"
        if lease != self.lease:
            return "elsewhere"
        if not self.is_running or self.open_question or position != self.newest:
            return "held"
        self._open_next(now)
        return "moved"

    def finish(self, now: datetime) -> None:
        if not self.is_running:
            return
        self.resume(now)
        if question := self.open_question:
            question.close("skipped" if question.is_blank else "answered", self._cut(now, question.deadline_at))
            self.events.append(question.state)
        self._end(self._cut(now, self.deadline_at), "finished")

    def pause(self, now: datetime) -> str | None:
        if self.pace != "gentle":
            return "refused"
        if self.is_running and not self.paused_at:
            self.paused_at = now
            self.events.append("paused")
        return None

    def resume(self, now: datetime) -> None:
        if self.paused_at:
            self._add(now - self.paused_at)
            self.paused_at = None
            self.events.append("resumed")

    def adjust(self, seconds: float, *, reason: str, by, now: datetime) -> str | None:
        if not self.is_running or self.pace == "untimed":
            return "refused"
        self._add(timedelta(seconds=seconds))
        self.events.append("adjusted")
        return None

    def void(self, *, reason: str, by, now: datetime) -> None:
        if self.open_question:
            self.open_question.close("skipped", now)
        self.state, self.paused_at = "void", None
        self.closed_at = self.closed_at or now
        self.events.append("voided")

    def score(self) -> None:
        if self.state == "submitted":
            self.state = "scored"
            self.events.append("scored")

    def _take(self, position: int, written: Written, *, is_final: bool) -> str:
        if position > self.newest:
            return "not shown"
        question = self.questions[position - 1]
        if not 0 < written.rev <= question.rev + 10_000:
            return "refused"
        question.sent.update(text for text in written.answer if text.strip())
        if question.state != "open":
            return "held" if written.answer == question.answer or written.rev <= question.rev else "late"
        if written.lease != self.lease:
            return "elsewhere"
        if not is_final and written.rev <= question.rev:
            return "held"
        question.answer, question.rev = written.answer, max(question.rev, written.rev)
        return "saved"

    def _leave(self, question: Asked, state: str, now: datetime) -> str:
        self.resume(now)
        question.close(state, self._cut(now, question.deadline_at))
        self.events.append(state)
        self._open_next(now)
        return "moved"

    def _open_next(self, now: datetime) -> None:
        is_too_late = self.is_strict and self.deadline_at - now < timedelta(seconds=2)
        if self.newest == QUESTIONS or is_too_late:
            self._end(self._cut(now, self.deadline_at), "finished")
            return
        question = self.questions[self.newest]
        question.state, question.opened_at = "open", now
        self.events.append("opened")
        self._set_deadline(question)

    def _set_deadline(self, question: Asked) -> None:
        if self.pace != "untimed":
            own = question.opened_at + QUESTION_LIMIT * self.multiplier + question.added
            question.deadline_at = min(own, self.deadline_at)

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


# --- the machine: the same requests to both -----------------------------------------------------------


class EngineMachine(RuleBasedStateMachine):
    """One candidate, several sittings one after the other; all of it in a transaction that is rolled back."""

    def __init__(self, track: Track):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.track, self.now, self.texts = track, NOON, 0
        self.sittings: dict[int, Sitting] = {}
        self.last_write = None

    def teardown(self):
        try:
            for pk, sitting in self.sittings.items():
                check(Interview.objects.get(pk=pk), sitting)
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(
        pace=st.sampled_from(["strict", "strict", "strict", "gentle", "untimed"]),
        multiplier=st.sampled_from([Decimal(1), Decimal("1.25"), Decimal(10)]),
    )
    def first_start(self, pace, multiplier):
        self.candidate = make_candidate()
        self.begin(pace, multiplier)

    def begin(self, pace: str, multiplier: Decimal) -> None:
        self.interview = Interview.objects.start(
            self.candidate, self.track, pace=pace, time_multiplier=multiplier, now=self.now
        )
        if self.interview.pk not in self.sittings:
            self.sittings[self.interview.pk] = Sitting(pace, multiplier, self.now)
            self.last_write = None

    @property
    def sitting(self) -> Sitting:
        return self.sittings[self.interview.pk]

    def request(self, change: Callable[[Interview], object], expected: Callable[[Sitting], object]) -> None:
        """One request to the engine and to the model: the same outcome; scoring is queued when it ended the sitting."""
        sitting, was_running = self.sitting, self.sitting.is_running
        with Interview.objects.under_lock(self.interview.public_id, now=self.now) as locked:
            sitting.expire(self.now)
            assert outcome_of(change, locked) == expected(sitting)
        assert locked.was_just_submitted == (was_running and sitting.state == "submitted")

    def both(self, act: str, *args, **fields) -> None:
        self.request(
            lambda locked: getattr(locked, act)(*args, now=self.now, **fields),
            lambda sitting: getattr(sitting, act)(*args, now=self.now, **fields),
        )

    def position(self, offset: int) -> int:
        return max(1, self.sitting.newest + offset)

    @rule(
        act=st.sampled_from(["save_answer", "save_answer", "save_answer", "submit_answer", "skip"]),
        offset=st.sampled_from([0, 0, 0, 0, -1, 1]),
        step=st.sampled_from([1, 1, 1, 2, 10_000, 10_001, 0, 0, -1, -2]),
        lease_age=st.sampled_from([0, 0, 0, 0, 1]),
        is_blank=st.sampled_from([False, False, False, False, True]),
    )
    def write(self, act, offset, step, lease_age, is_blank):
        position = self.position(offset)
        self.texts += 1
        text = " " if is_blank else f"text {self.texts}"
        rev = self.sitting.questions[position - 1].rev + step if position <= QUESTIONS else 1
        self.last_write = act, position, Written([text], rev, self.sitting.lease - lease_age)
        self.both(*self.last_write)

    @precondition(lambda self: self.last_write)
    @rule()
    def send_again(self):
        """The answer to it was lost, so the page repeats it: nothing moves twice, nothing is kept twice."""
        before = self.revisions()
        self.both(*self.last_write)
        assert self.revisions() == before

    def revisions(self) -> int:
        return sum(question.revisions.count() for question in self.interview.questions.all())

    @rule(offset=st.sampled_from([0, 0, -1, 1]), lease_age=st.sampled_from([0, 0, 0, 1]))
    def go_on(self, offset, lease_age):
        self.both("go_on", self.position(offset), lease=self.sitting.lease - lease_age)

    @rule()
    def finish(self):
        self.both("finish")

    @precondition(lambda self: self.sitting.pace == "gentle" or len(self.sitting.events) < 4)
    @rule()
    def pause(self):
        self.both("pause")

    @precondition(lambda self: self.sitting.paused_at)
    @rule()
    def resume(self):
        self.both("resume")

    @rule(seconds=st.sampled_from([0.5, 45, 600]))
    def adjust(self, seconds):
        self.both("adjust", seconds, reason="Fire alarm", by=None)

    @precondition(lambda self: self.sitting.state != "void")
    @rule(is_wanted=st.sampled_from([True, False, False]))
    def void(self, is_wanted):
        if is_wanted:
            self.both("void", reason="Test run", by=None)

    @rule()
    def look(self):
        self.request(lambda locked: None, lambda sitting: None)

    @rule()
    def take_over(self):
        def load_page(interview):
            if interview.is_running if isinstance(interview, Sitting) else interview.is_in_progress:
                if isinstance(interview, Sitting):
                    interview.lease += 1
                else:
                    interview.take_lease()

        self.request(load_page, load_page)

    @rule()
    def sweep(self):
        tasks.sweep_once(now=self.now)
        for sitting in self.sittings.values():
            sitting.expire(self.now)
            sitting.score()

    @rule(pace=st.sampled_from(["strict", "gentle"]), multiplier=st.sampled_from([Decimal(1), Decimal("1.5")]))
    def start_again(self, pace, multiplier):
        """Gives the interview in progress; one whose time is over is none."""
        self.sitting.expire(self.now)
        running = self.interview.pk if self.sitting.is_running else None
        self.begin(pace, multiplier)
        assert running in (None, self.interview.pk)

    @rule(seconds=st.sampled_from([0.25, 1, 5, 20, 60, 200, 4000]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.sitting.is_running and self.sitting.is_strict)
    @rule(
        edge=st.sampled_from(["question closes", "interview closes", "no time for another"]),
        offset=st.sampled_from([-MILLISECOND, timedelta(0), MILLISECOND]),
    )
    def time_reaches_an_edge(self, edge, offset):
        sitting = self.sitting
        if edge == "question closes" and sitting.open_question:
            moment = sitting.question_closes_at()
        elif edge == "no time for another":
            moment = sitting.deadline_at - timedelta(seconds=2)
        else:
            moment = sitting.interview_closes_at()
        self.now = max(self.now, moment + offset)

    @invariant()
    def database_holds_what_the_model_says(self):
        if self.sittings:
            check(Interview.objects.get(pk=self.interview.pk), self.sitting)


def outcome_of(change: Callable[[Interview], object], interview: Interview) -> object:
    try:
        outcome = change(interview)
    except Refused:
        return "refused"
    except InterviewQuestion.DoesNotExist:
        return "not shown"
    return getattr(outcome, "value", None)


def check(interview: Interview, sitting: Sitting) -> None:
    assert (interview.state, interview.lease, interview.paused_at) == (sitting.state, sitting.lease, sitting.paused_at)
    assert (interview.deadline_at, interview.closed_at) == (sitting.deadline_at, sitting.closed_at)
    assert list(InterviewEvent.objects.filter(interview=interview).values_list("kind", flat=True)) == sitting.events
    places = list(interview.questions.order_by("position").prefetch_related("revisions"))
    for place, asked in zip(places, sitting.questions, strict=True):
        assert (place.state, place.rev, place.answer) == (asked.state, asked.rev, asked.answer)
        assert (place.opened_at, place.deadline_at, place.closed_at) == (
            asked.opened_at,
            asked.deadline_at,
            asked.closed_at,
        )
        is_unanswered = asked.state == "skipped" or (asked.state == "timed_out" and asked.is_blank)
        assert place.score == (0 if interview.state == "scored" and is_unanswered else None)
        revisions = place.revisions.all()
        lost = asked.sent - {text for revision in revisions for text in revision.answer}
        assert not lost, f"lost from question {place.position}: {lost}"
        final = [revision.answer for revision in revisions if revision.kind == "final"]
        assert final in ([], [place.answer])


@pytest.mark.django_db
def test_every_order_of_requests_ends_where_the_specification_says():
    for _ in range(QUESTIONS):
        make_version(limit_seconds=QUESTION_LIMIT.seconds)
    track = make_track(count=QUESTIONS, limit_seconds=LIMIT.seconds)
    run_state_machine_as_test(
        lambda: EngineMachine(track),
        settings=settings(
            max_examples=100,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
