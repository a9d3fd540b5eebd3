"""Requests, sweeps and tasks that meet: real threads, real PostgreSQL, one legal state at the end of each."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, connections

from interviews import tasks
from interviews.report import compiling
from interviews.sitting.models import (
    AnswerRevision,
    EvidenceChange,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    Outcome,
    Refused,
)
from interviews.speech.heard import Heard, Word
from interviews.speech.models import Recording, Transcript
from questions import listening
from tests.factories import (
    NOON,
    make_candidate,
    make_follow_up,
    make_interview,
    make_recording,
    make_track,
    make_version,
    question_of,
    write,
)

pytestmark = pytest.mark.django_db(transaction=True)
State = InterviewQuestion.State
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def at_once(transactional_db):
    """Begins its calls at the same moment, each in its own thread and connection, and gives what they gave.

    Raises what a call raised.
    """
    pool, widest = ThreadPoolExecutor(20), 0

    def run_at_once(*calls: Callable[[], object]) -> list:
        nonlocal widest
        widest = max(widest, len(calls))
        barrier = Barrier(len(calls))

        def run(call):
            connection.ensure_connection()
            barrier.wait(timeout=10)
            return call()

        return [future.result() for future in [pool.submit(run, call) for call in calls]]

    with pool:
        yield run_at_once
        run_at_once(*[connections.close_all] * widest)


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


def sitting_of_one_track(count: int = 3, limit_seconds: int = 150) -> Callable[[], Interview]:
    """Starts an interview of a new candidate; all of them share one track and its questions."""
    for _ in range(count):
        make_version(limit_seconds=60)
    track = make_track(count=count, limit_seconds=limit_seconds)
    start = partial(Interview.objects.start, plan=track, pace="strict", time_multiplier=Decimal(1), now=NOON)
    return lambda: start(make_candidate())


def kept(interview: Interview, position: int) -> set[str]:
    """Every text that some revision of the question holds."""
    revisions = AnswerRevision.objects.filter(question__interview=interview, question__position=position)
    return {text for answer in revisions.values_list("answer", flat=True) for text in answer}


def times(kind: str, *interviews: Interview) -> Counter:
    """How often each interview has an event of the kind."""
    events = InterviewEvent.objects.filter(interview__in=interviews, kind=kind)
    return Counter(events.values_list("interview_id", flat=True))


def states(interview: Interview) -> list[str]:
    return list(interview.questions.order_by("position").values_list("state", flat=True))


def adjust(interview: Interview, seconds: float, now) -> bool:
    """Whether the time could still be given."""
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        try:
            locked.adjust(seconds, reason="Fire alarm", by=None, now=now)
        except Refused:
            return False
    return True


# --- one question ------------------------------------------------------------------------------------


def test_twenty_submits_of_one_question_move_once(at_once):
    interview = make_interview()
    outcomes = at_once(*[partial(write, interview, 1, "text", act="submit_answer", now=after(20))] * 20)
    assert Counter(outcomes) == {Outcome.MOVED: 1, Outcome.HELD: 19}
    assert states(interview) == [State.ANSWERED, State.OPEN, State.PENDING]
    assert AnswerRevision.objects.filter(kind="final").count() == 1
    assert times("answered", interview).total() == 1


def test_twenty_submits_with_other_texts_keep_every_text(at_once):
    interview = make_interview()
    texts = [f"text {number}" for number in range(20)]
    outcomes = at_once(*[partial(write, interview, 1, text, act="submit_answer", now=after(20)) for text in texts])
    assert outcomes.count(Outcome.MOVED) == 1
    assert question_of(interview, 1).answer == [texts[outcomes.index(Outcome.MOVED)]]
    assert kept(interview, 1) == set(texts)
    assert states(interview) == [State.ANSWERED, State.OPEN, State.PENDING]


def test_a_save_that_meets_a_submit_never_undoes_it_and_is_kept(at_once):
    start, chance = sitting_of_one_track(), random.Random(1)

    def late_by(milliseconds: float, interview, text, rev, act):
        time.sleep(milliseconds / 1000)
        return write(interview, 1, text, rev=rev, act=act, now=after(5))

    for _ in range(25):
        interview = start()
        saved, submitted = at_once(
            partial(late_by, chance.uniform(0, 20), interview, "typed before", 1, "save_answer"),
            partial(late_by, chance.uniform(0, 20), interview, "handed in", 2, "submit_answer"),
        )
        assert (saved in (Outcome.SAVED, Outcome.HELD), submitted) == (True, Outcome.MOVED)
        assert question_of(interview, 1).answer == ["handed in"]
        assert states(interview) == [State.ANSWERED, State.OPEN, State.PENDING]
        assert kept(interview, 1) == {"typed before", "handed in"}


def test_a_save_that_meets_a_take_over_is_saved_or_kept_aside(at_once):
    start = sitting_of_one_track()

    def take_over(interview):
        with Interview.objects.under_lock(interview.public_id, now=after(5)) as locked:
            locked.take_lease()

    for _ in range(10):
        interview = start()
        saved, _ = at_once(partial(write, interview, 1, "text", lease=1, now=after(5)), partial(take_over, interview))
        held = {Outcome.SAVED: ["text"], Outcome.ELSEWHERE: []}[saved]
        assert question_of(interview, 1).answer == held
        assert kept(interview, 1) == {"text"}


def test_hand_ins_that_meet_a_transcript_ask_back_once_and_by_rule(at_once):
    """Whether it was heard in time or not: one follow-up, and the one that belongs to what was known."""
    for _ in range(2):
        make_version(follow_ups=[make_follow_up(ask="Gap?", after="missed", point=1), make_follow_up(ask="Always?")])
    interview = Interview.objects.start(
        make_candidate(), make_track(count=2, limit_seconds=180), pace="strict", time_multiplier=1, now=NOON
    )
    recording = make_recording(interview=interview, position=1)
    Recording.objects.filter(pk=recording.pk).update(asked_at=NOON)
    write(interview, 1, "", act="submit_answer", now=after(5))
    InterviewQuestion.objects.filter(interview=interview, position=2).update(follow_up_places=0)
    listening.lexical_grader.cache_clear()
    heard = Heard([Word(word, 0, 1, 0.9) for word in ["Nothing", "of", "that", "kind", "was", "said"]], seconds=9)
    at_once(
        *[lambda: write(interview, 2, "x", act="submit_answer", now=after(10))] * 5,
        lambda: Transcript.objects.keep(recording, heard, engine="test", version="1", now=after(10)),
    )
    (asked,) = InterviewQuestion.objects.filter(interview=interview, follows__isnull=False)
    assert (asked.number, asked.state, Transcript.objects.count()) == (1, "open", 1)
    assert asked.title in ("Gap?", "Always?")
    assert asked.asked_because.startswith("Asked because" if asked.title == "Gap?" else "Asked of everybody")


def test_a_sweep_that_meets_a_submit_at_the_bell_closes_the_question_once(at_once):
    start, bell = sitting_of_one_track(), after(70)
    for _ in range(15):
        interview = start()
        submitted, _ = at_once(
            partial(write, interview, 1, "text", act="submit_answer", now=bell),
            partial(tasks.sweep_once, now=bell + MILLISECOND),
        )
        expected = {
            Outcome.MOVED: ([State.ANSWERED, State.OPEN, State.PENDING], ["text"]),
            Outcome.LATE: ([State.TIMED_OUT, State.PENDING, State.PENDING], []),
        }[submitted]
        assert (states(interview), question_of(interview, 1).answer) == expected
        assert kept(interview, 1) == {"text"}
        assert question_of(interview, 1).closed_at == after(60)
        assert (times("answered", interview) + times("timed_out", interview)).total() == 1


# --- one interview -----------------------------------------------------------------------------------


def test_twenty_starts_make_one_interview(at_once):
    make_version()
    track, candidate = make_track(count=1), make_candidate()
    start = partial(Interview.objects.start, candidate, track, pace="strict", time_multiplier=Decimal(1), now=NOON)
    interviews = at_once(*[start] * 20)
    assert len({interview.public_id for interview in interviews}) == 1
    assert Interview.objects.get().questions.count() == 1
    assert times("started", interviews[0]).total() == 1


def test_a_start_that_meets_the_end_of_the_one_in_progress_starts_another(at_once):
    interview = make_interview()

    def finish_it():
        with Interview.objects.under_lock(interview.public_id, now=after(9)) as locked:
            locked.finish(lease=locked.lease, now=after(9))

    def finish_it_when_the_insert_was_refused(execute, sql, params, many, context):
        try:
            return execute(sql, params, many, context)
        except IntegrityError:
            at_once(finish_it)
            raise

    with connection.execute_wrapper(finish_it_when_the_insert_was_refused):
        again = Interview.objects.start(
            interview.candidate, interview.track, pace="strict", time_multiplier=Decimal(1), now=after(9)
        )
    assert again.is_in_progress


def test_time_given_while_saves_arrive_is_given_in_full(at_once):
    interview = make_interview(limit_seconds=150, question_seconds=60)
    saves = [partial(write, interview, 1, f"text {rev}", rev=rev, now=after(5)) for rev in range(1, 19)]
    at_once(partial(adjust, interview, 30, after(5)), *saves, partial(adjust, interview, 12.5, after(5)))
    interview.refresh_from_db()
    assert (interview.deadline_at, question_of(interview, 1).deadline_at) == (after(192.5), after(102.5))
    assert question_of(interview, 1).answer == ["text 18"]
    assert kept(interview, 1) == {f"text {rev}" for rev in range(1, 19)}


def test_time_given_at_the_bell_either_counts_or_is_refused(at_once):
    start, bell = sitting_of_one_track(limit_seconds=60), after(90)
    for _ in range(15):
        interview = start()
        was_given, _ = at_once(partial(adjust, interview, 120, bell), partial(tasks.sweep_once, now=bell + MILLISECOND))
        interview.refresh_from_db()
        if was_given:
            assert (interview.state, interview.deadline_at) == (Interview.State.IN_PROGRESS, after(180))
            assert states(interview)[0] == State.OPEN
        else:
            assert (interview.state, interview.closed_at) == (Interview.State.SCORED, after(60))
            assert states(interview)[0] == State.TIMED_OUT
        assert times("adjusted", interview).total() + times("expired", interview).total() == 1


# --- sweeps and reports ------------------------------------------------------------------------------


def test_four_sweeps_at_once_end_score_and_report_each_interview_once(at_once, caplog):
    start = sitting_of_one_track(count=2)
    interviews = [start() for _ in range(30)]
    at_once(*[partial(tasks.sweep_once, now=after(1000))] * 4)
    once = {interview.pk: 1 for interview in interviews}
    for kind in ["timed_out", "expired", "scored"]:
        assert times(kind, *interviews) == once, kind
    assert set(Interview.objects.values_list("state", "closed_at")) == {(Interview.State.SCORED, after(150))}
    assert [interview.candidate.reports.count() for interview in interviews] == [1] * 30
    assert not EvidenceChange.objects.pending().exists()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_scoring_at_once_grades_once(at_once):
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "20", act="submit_answer")
    at_once(*[partial(tasks.score_submitted, interview.pk, now=after(1))] * 4)
    assert [grade.score for grade in question_of(interview, 1).grades.all()] == [1.0]
    assert times("scored", interview).total() == 1


def test_two_compilations_at_once_make_one_report(at_once):
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "20", act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=after(1)) as locked:
        locked.score(now=after(1))
    at_once(*[partial(compiling.compile_requested, interview.candidate_id, now=after(2))] * 2)
    assert interview.candidate.reports.count() == 1
    assert not EvidenceChange.objects.get().is_pending


def test_a_request_that_meets_a_compilation_is_served(at_once):
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "20", act="submit_answer")
    candidate_id = interview.candidate_id
    for _ in range(10):
        EvidenceChange.note(candidate_id, now=after(1))
        at_once(
            partial(compiling.compile_requested, candidate_id, now=after(2)),
            partial(EvidenceChange.note, candidate_id, now=after(2)),
        )
        compiling.compile_requested(candidate_id, now=after(3))
        assert not EvidenceChange.objects.get().is_pending


def test_the_second_seat_acts_while_the_candidate_hands_in(at_once):
    """A follow-up asked twice, "Move on" and a hand-in: one of them closes the question, and nothing comes twice."""
    start = sitting_of_one_track(limit_seconds=900)
    for _ in range(3):
        interview, coach = start(), make_candidate()
        Interview.objects.filter(pk=interview.pk).update(second_seat=coach)

        def act(name: str, *, interview=interview, coach=coach, **fields) -> None:
            with Interview.objects.under_lock(interview.public_id, now=after(20)) as locked:
                getattr(locked, name)(1, by=coach, now=after(20), **fields)

        ask = partial(act, "ask_back", ask="Why?")
        at_once(
            ask, ask, partial(act, "move_on"), partial(write, interview, 1, "text", act="submit_answer", now=after(20))
        )
        assert question_of(interview, 1).answer == ["text"]
        assert question_of(interview, 1).state == State.ANSWERED
        assert interview.questions.filter(follows__position=1).count() == 1
        assert times("answered", interview).total() + times("skipped", interview).total() == 1
        assert states(interview).count(State.OPEN) == 1
