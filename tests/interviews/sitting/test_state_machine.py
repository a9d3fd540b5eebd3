"""The engine against a plain model of its specification (engine_model.py), step by step, on real PostgreSQL.

Hypothesis drives one candidate through saves, moves, pauses, take-overs, time and sweeps in every order it can
think of. After each step the database must hold what the model says, and every word that was ever sent.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
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
from interviews.sitting.models import EvidenceChange, Interview, InterviewQuestion, Refused, Written
from interviews.speech import receiving
from interviews.speech.models import Recording
from questions.models import Track
from tests.factories import (
    NOON,
    make_candidate,
    make_follow_up,
    make_track,
    make_version,
    question_of,
)
from tests.interviews.sitting.engine_model import (
    FOLLOW_UP_LIMIT,
    FOLLOW_UPS,
    LIMIT,
    QUESTION_LIMIT,
    QUESTIONS,
    Sitting,
)
from tests.interviews.speech.sounds import make_webm

MILLISECOND = timedelta(milliseconds=1)
SOUND = make_webm(seconds=3)
ACTS = ["save_answer", "submit_answer", "skip"]
ANY_ACT = st.sampled_from(ACTS)


class EngineMachine(RuleBasedStateMachine):
    """One candidate, several sittings one after the other; all of it in a transaction that is rolled back."""

    def __init__(self, track: Track):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.track, self.now, self.texts = track, NOON, 0
        self.sittings: dict[int, Sitting] = {}
        self.met: dict[int, set[int]] = defaultdict(set)  # by version
        self.last_write = None

    def teardown(self):
        try:
            for pk, sitting in self.sittings.items():
                check(pk, sitting)
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(
        pace=st.sampled_from(["strict", "strict", "gentle", "gentle", "untimed"]),
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
            first = question_of(self.interview, 1).version_id
            self.sittings[self.interview.pk] = Sitting(pace, multiplier, self.now, self.met[first])
            self.last_write = None

    @property
    def sitting(self) -> Sitting:
        return self.sittings[self.interview.pk]

    def request(self, change: Callable[[Interview], object], expected: Callable[[Sitting], object]) -> None:
        """One request to the engine and to the model: the same outcome; scoring is queued when it ended the sitting."""
        sitting, times_ended = self.sitting, self.sitting.times_ended
        with Interview.objects.under_lock(self.interview.public_id, now=self.now) as locked:
            sitting.expire(self.now)
            assert outcome_of(change, locked) == expected(sitting)
        assert locked.was_just_submitted == (sitting.times_ended > times_ended)

    def both(self, act: str, *args, **fields) -> None:
        self.request(
            lambda locked: getattr(locked, act)(*args, now=self.now, **fields),
            lambda sitting: getattr(sitting, act)(*args, now=self.now, **fields),
        )

    def position(self, offset: int) -> int:
        """Counted along what was shown; beyond it one that is not shown yet."""
        shown = self.sitting.shown
        if offset > 0:
            return next(position for position in range(1, len(shown) + 2) if position not in shown)
        return shown[max(0, len(shown) - 1 + offset)]

    def write(
        self,
        act: str,
        *,
        step: int = 1,
        offset: int = 0,
        lease_age: int = 0,
        is_blank: bool = False,
        base_age: int | None = None,
    ) -> None:
        """`step`: from the held `rev` to the one sent; `offset`: from the newest question to the one meant;
        `base_age`: from the revision that it grew from to the held one.
        """
        position = self.position(offset)
        self.texts += 1
        text = " " if is_blank else f"text {self.texts}"
        held = self.sitting.questions[position - 1].rev if position in self.sitting.shown else 0
        base = None if base_age is None else held - base_age
        sent = act, position, Written([text], held + step, self.sitting.lease - lease_age, base=base)
        self.both(*sent)
        self.last_write = sent if position in self.sitting.shown else None

    @rule(step=st.sampled_from([1, 3, 10_000]))
    def save(self, step):
        self.write("save_answer", step=step)

    @rule(act=st.sampled_from(["save_answer", *ACTS]), step=st.sampled_from([0, -1, -2]))
    def overtaken_on_the_way(self, act, step):
        self.write("save_answer", step=3)
        self.write(act, step=step)

    @rule(act=ANY_ACT, step=st.sampled_from([-20_000, 10_001]))
    def write_with_an_impossible_revision(self, act, step):
        self.write(act, step=step)

    @rule(is_blank=st.booleans())
    def submit(self, is_blank):
        self.write("submit_answer", is_blank=is_blank)

    @rule()
    def skip(self):
        self.write("skip")

    @rule(act=ANY_ACT, base_age=st.sampled_from([None, 0, 1]), step=st.sampled_from([1, -1]))
    def write_from_a_page_that_was_taken_over(self, act, base_age, step):
        self.write(act, lease_age=1, base_age=base_age, step=step)

    @rule(act=ANY_ACT, base_age=st.sampled_from([0, 1, 5]), step=st.sampled_from([1, 60, -1]), takes_over=st.booleans())
    def write_what_grew_from_an_older_text(self, act, base_age, step, takes_over):
        if takes_over:
            self.take_over()
        self.write(act, base_age=base_age, step=step)

    @rule(offset=st.sampled_from([0, 0, -1, 1]), lease_age=st.sampled_from([0, 0, 1]))
    def speak(self, offset, lease_age):
        position, lease = self.position(offset), self.sitting.lease - lease_age

        def send(locked: Interview) -> None:
            public_id = uuid4()
            receiving.receive_part(locked, position, public_id, offset=0, content=SOUND, now=self.now)
            for _ in range(2):  # a reply that was lost
                receiving.finish(locked, position, public_id, claimed_seconds=3, lease=lease, now=self.now)

        self.request(send, lambda sitting: sitting.record(position, lease))

    @rule(offset=st.sampled_from([0, 0, -1, 1]), lease_age=st.sampled_from([0, 0, 1]))
    def take_the_recording_back(self, offset, lease_age):
        position, lease = self.position(offset), self.sitting.lease - lease_age
        held = Recording.objects.filter(
            question__interview=self.interview, question__position=position, kind=Recording.Kind.ANSWER
        ).first()
        public_id = held.public_id if held else uuid4()
        self.request(
            lambda locked: receiving.take_back(locked, position, public_id, lease=lease, now=self.now),
            lambda sitting: sitting.delete_recording(position, lease),
        )

    @rule(act=ANY_ACT, offset=st.sampled_from([-1, 1]), step=st.sampled_from([1, 0]))
    def write_to_another_question(self, act, offset, step):
        self.write(act, offset=offset, step=step)

    @precondition(lambda self: self.last_write)
    @rule()
    def send_again(self):
        """The reply to it was lost, so the page repeats it: nothing moves twice, nothing is kept twice."""
        before = self.revisions()
        self.both(*self.last_write)
        assert self.revisions() == before

    def revisions(self) -> int:
        return sum(question.revisions.count() for question in self.interview.questions.all())

    @rule(offset=st.sampled_from([0, 0, -1, 1]), lease_age=st.sampled_from([0, 0, 0, 1]))
    def go_on(self, offset, lease_age):
        self.both("go_on", self.position(offset), lease=self.sitting.lease - lease_age)

    @precondition(lambda self: self.sitting.is_in_progress)
    @rule()
    def finish_with_a_double_click(self):
        self.both("finish", lease=self.sitting.lease)
        self.both("finish", lease=self.sitting.lease)

    @rule()
    def finish_from_a_page_that_was_taken_over(self):
        self.both("finish", lease=self.sitting.lease - 1)

    @rule(seconds=st.sampled_from([1, 100]), act=st.sampled_from(["resume", "finish", *ACTS]))
    def pause_and(self, seconds, act):
        self.both("pause")
        self.now += timedelta(seconds=seconds)
        if act in ACTS:
            self.write(act)
        else:
            self.both(act, **({"lease": self.sitting.lease} if act == "finish" else {}))

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
            assert EvidenceChange.objects.pending().filter(candidate=self.candidate).exists()

    @precondition(lambda self: self.sitting.closed_at)
    @rule(offset=st.sampled_from([0, -1, -2, 1]), seconds=st.sampled_from([60, 300]))
    def reopen(self, offset, seconds):
        self.both("reopen", self.position(offset), seconds=seconds, reason="The line was cut", by=None)
        self.last_write = None

    @rule()
    def look(self):
        self.request(lambda locked: None, lambda sitting: None)

    @rule()
    def take_over(self):
        def load_page(interview: Interview | Sitting) -> None:
            if interview.is_in_progress:
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
        running = self.interview.pk if self.sitting.is_in_progress else None
        self.begin(pace, multiplier)
        assert running in (None, self.interview.pk)

    @rule(seconds=st.sampled_from([0.25, 1, 5, 20, 60, 200, 4000]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.sitting.is_in_progress and self.sitting.is_strict)
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
            check(self.interview.pk, self.sitting)


def outcome_of(change: Callable[[Interview], object], interview: Interview) -> object:
    try:
        outcome = change(interview)
    except Refused:
        return "refused"
    except InterviewQuestion.DoesNotExist:
        return "not shown"
    return getattr(outcome, "value", None)


HELD = """
SELECT state, lease, paused_at, deadline_at, closed_at, ARRAY(
    SELECT kind FROM interviews_interviewevent WHERE interview_id = interview.id ORDER BY id
) FROM interviews_interview interview WHERE id = %s
"""
HELD_QUESTIONS = """
SELECT state, opened_at, deadline_at, closed_at, rev, answer ->> 0, score, probe, ARRAY(
    SELECT answer ->> 0 FROM interviews_answerrevision WHERE question_id = place.id
), ARRAY(
    SELECT answer ->> 0 FROM interviews_answerrevision
    WHERE question_id = place.id AND kind = 'final' AND opening = place.opening
), ARRAY(
    SELECT kind FROM interviews_recording WHERE question_id = place.id ORDER BY id
), has_recording FROM interviews_interviewquestion place WHERE interview_id = %s ORDER BY position
"""


def check(interview_id: int, sitting: Sitting) -> None:
    with connection.cursor() as cursor:
        interview = cursor.execute(HELD, [interview_id]).fetchone()
        questions = cursor.execute(HELD_QUESTIONS, [interview_id]).fetchall()
    assert interview == (
        sitting.state,
        sitting.lease,
        sitting.paused_at,
        sitting.deadline_at,
        sitting.closed_at,
        sitting.events,
    )
    for (*held, revisions, final, recordings, has_recording), asked in zip(questions, sitting.questions, strict=True):
        assert held == [
            asked.state,
            asked.opened_at,
            asked.deadline_at,
            asked.closed_at,
            asked.rev,
            asked.answer,
            asked.score,
            asked.probe,
        ]
        assert asked.sent <= set(revisions), "words were lost"
        assert final in ([], [asked.answer])
        assert recordings == asked.recordings
        assert has_recording == ("answer" in recordings)


@pytest.mark.django_db
def test_every_order_of_requests_ends_where_the_specification_says():
    for _ in range(QUESTIONS):
        follow_ups = [make_follow_up(limit_seconds=FOLLOW_UP_LIMIT.seconds) for _ in range(FOLLOW_UPS)]
        make_version(limit_seconds=QUESTION_LIMIT.seconds, follow_ups=follow_ups)
    track = make_track(count=QUESTIONS, limit_seconds=LIMIT.seconds)
    run_state_machine_as_test(
        lambda: EngineMachine(track),
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
