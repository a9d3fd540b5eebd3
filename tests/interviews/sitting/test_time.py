"""Deadlines hold whatever clocks do: summer time, a server clock set back, the grace to the millisecond."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from interviews import tasks
from interviews.sitting.models import AnswerRevision, Interview, InterviewQuestion, Outcome
from tests.factories import NOON, make_interview, make_track, make_version, question_of, write

pytestmark = pytest.mark.django_db
State = InterviewQuestion.State
MILLISECOND = timedelta(milliseconds=1)
AROUND_AN_EDGE = [(-MILLISECOND, True), (timedelta(0), True), (MILLISECOND, False)]


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(interview: Interview, at: datetime) -> Interview:
    with Interview.objects.under_lock(interview.public_id, now=at) as locked:
        return locked


@pytest.fixture
def set_clock(monkeypatch):
    """Sets the server's clock, as every request reads it."""
    return lambda moment: monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def clock(client, interview: Interview) -> dict:
    return client.get(reverse("interviews:clock", args=[interview.public_id])).json()


# --- summer time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="03:00 becomes 02:00 in mid-interview"),
        pytest.param(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), id="02:00 becomes 03:00 in mid-interview"),
    ],
)
def test_an_interview_over_a_change_of_summer_time_keeps_its_45_minutes(candidate_client, candidate, set_clock, start):
    candidate.time_zone = "Europe/Berlin"
    candidate.save()
    make_version(limit_seconds=45 * 60)
    make_track(count=1, limit_seconds=45 * 60)
    set_clock(start)
    candidate_client.post(
        reverse("interviews:interview_new"), {"plan": "screen", "pace": "strict", "time_multiplier": "1"}
    )
    interview = candidate.interviews.get()
    assert clock(candidate_client, interview)["interview_ms"] == 45 * 60_000
    set_clock(start + timedelta(minutes=40))
    assert clock(candidate_client, interview)["interview_ms"] == 5 * 60_000
    set_clock(start + timedelta(minutes=45, seconds=31))
    assert clock(candidate_client, interview)["state"] == Interview.State.SUBMITTED
    interview.refresh_from_db()
    assert interview.closed_at == start + timedelta(minutes=45)


# --- the server's clock set back a minute between two requests ----------------------------------------


def submit_all(interview: Interview, now: datetime) -> None:
    for position in [1, 2, 3]:
        write(interview, position, "text", act="submit_answer", now=now)


def in_one_request(act: str, **fields):
    def request(interview: Interview, now: datetime) -> None:
        with Interview.objects.under_lock(interview.public_id, now=now) as locked:
            getattr(locked, act)(now=now, **fields)

    return request


@pytest.mark.parametrize(
    ("request_", "state"),
    [
        pytest.param(lambda interview, now: write(interview, 1, "text", now=now), "in_progress", id="save"),
        pytest.param(submit_all, "submitted", id="submit to the end"),
        pytest.param(in_one_request("finish", lease=1), "submitted", id="finish"),
        pytest.param(in_one_request("adjust", seconds=60, reason="Alarm", by=None), "in_progress", id="adjust"),
        pytest.param(in_one_request("void", reason="Test", by=None), "void", id="void"),
        pytest.param(lambda interview, now: tasks.sweep_once(now=now), "in_progress", id="sweep"),
    ],
)
def test_a_server_clock_set_back_a_minute_breaks_no_request(request_, state):
    interview = make_interview()
    request_(interview, after(-60))
    interview.refresh_from_db()
    assert interview.state == state
    assert interview.closed_at is None or interview.closed_at >= interview.started_at
    closed = [question for question in interview.questions.all() if question.is_closed]
    assert all(question.seconds_used >= 0 for question in closed)


def test_a_server_clock_set_back_in_a_pause_takes_no_time_away():
    interview = make_interview(pace="gentle", limit_seconds=150)
    in_one_request("pause")(interview, after(30))
    in_one_request("resume")(interview, after(-30))
    interview.refresh_from_db()
    assert (interview.paused_at, interview.deadline_at) == (None, after(150))


def test_time_given_after_the_clock_was_set_back_reaches_the_open_question():
    interview = make_interview(limit_seconds=150, question_seconds=60)
    in_one_request("adjust", seconds=30, reason="Alarm", by=None)(interview, after(-60))
    interview.refresh_from_db()
    assert (interview.deadline_at, question_of(interview, 1).deadline_at) == (after(180), after(90))


def test_a_server_clock_set_back_neither_reopens_nor_closes_a_question_twice():
    interview = make_interview(question_seconds=60)
    look(interview, after(71))
    assert write(interview, 1, "typed on", now=after(11)) is Outcome.LATE
    look(interview, after(72))
    assert question_of(interview, 1).closed_at == after(60)
    assert interview.events.filter(kind="timed_out").count() == 1


def test_answers_are_in_the_report_when_the_workers_clock_is_behind():
    """Also without a wrong clock: a sweep that began just before the last answer scores it with its own moment."""
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "20", act="submit_answer", now=after(5))
    tasks.sweep_once(now=after(4.9))
    tasks.sweep_once(now=after(24.9))
    assert interview.candidate.reports.first().data["basis"]["answers"] == 1


# --- limits -------------------------------------------------------------------------------------------


def test_an_interview_of_three_hours_ends_after_three_hours():
    interview = make_interview(formats=("free_text",), limit_seconds=3 * 3600, question_seconds=3 * 3600)
    assert write(interview, 1, "text", now=after(3 * 3600 + 30)) is Outcome.SAVED
    seen = look(interview, after(3 * 3600 + 31))
    assert (seen.state, seen.closed_at) == (Interview.State.SUBMITTED, after(3 * 3600))


def test_ten_times_the_limit_is_ten_times_the_limit():
    interview = make_interview(time_multiplier=Decimal(10), limit_seconds=150, question_seconds=60)
    assert (interview.deadline_at, question_of(interview, 1).deadline_at) == (after(1500), after(600))
    assert write(interview, 1, "text", now=after(610)) is Outcome.SAVED


def test_limits_are_not_rounded_to_seconds():
    interview = make_interview(time_multiplier=Decimal("1.25"), limit_seconds=150, question_seconds=61)
    assert (interview.deadline_at, question_of(interview, 1).deadline_at) == (after(187.5), after(76.25))


def test_a_question_begun_20_seconds_before_the_end_has_20_seconds(candidate, candidate_client, set_clock):
    interview = make_interview(candidate=candidate, limit_seconds=80, question_seconds=60)
    write(interview, 1, "text", act="submit_answer", now=after(60))
    set_clock(after(60))
    assert question_of(interview, 2).deadline_at == after(80)
    assert clock(candidate_client, interview)["question_ms"] == 20_000


@pytest.mark.parametrize("reopened_at", [20, 100, 149, 151, 5000])
def test_a_reopened_question_has_the_time_given_whenever_that_is(reopened_at):
    interview = make_interview(formats=("free_text",), limit_seconds=150, question_seconds=60)
    write(interview, 1, "text", act="submit_answer", now=after(10))
    in_one_request("reopen", position=1, seconds=40, reason="Alarm", by=None)(interview, after(reopened_at))
    assert question_of(interview, 1).deadline_at == after(reopened_at + 40)


@pytest.mark.parametrize(("left", "is_opened"), [(2.001, True), (2, True), (1.999, False)])
def test_with_less_than_two_seconds_left_no_question_begins(left, is_opened):
    interview = make_interview(limit_seconds=150, question_seconds=150)
    write(interview, 1, "text", act="submit_answer", now=after(150 - left))
    assert (question_of(interview, 2).state == State.OPEN) == is_opened
    interview.refresh_from_db()
    assert interview.is_in_progress == is_opened


def test_the_clock_at_zero_is_zero_milliseconds(candidate, candidate_client, set_clock):
    interview = make_interview(candidate=candidate, limit_seconds=60, question_seconds=60)
    set_clock(after(60))
    shown = clock(candidate_client, interview)
    assert (shown["question_ms"], shown["interview_ms"]) == (0, 0)


# --- the grace, to the millisecond --------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "counts"), AROUND_AN_EDGE)
@pytest.mark.parametrize("act", ["save_answer", "submit_answer"])
@pytest.mark.parametrize(("limit_seconds", "grace_ends"), [(150, after(70)), (60, after(90))])
def test_text_counts_until_the_grace_ends(limit_seconds, grace_ends, act, offset, counts):
    interview = make_interview(limit_seconds=limit_seconds, question_seconds=60)
    outcome = write(interview, 1, "in flight", act=act, now=grace_ends + offset)
    assert (outcome is not Outcome.LATE) == counts
    assert question_of(interview, 1).answer == (["in flight"] if counts else [])
    assert AnswerRevision.objects.get().answer == ["in flight"]


@pytest.mark.parametrize(("offset", "counts"), AROUND_AN_EDGE)
def test_the_sweep_ends_an_interview_only_after_its_grace(offset, counts):
    interview = make_interview(limit_seconds=60, question_seconds=60)
    tasks.sweep_once(now=after(90) + offset)
    interview.refresh_from_db()
    assert interview.is_in_progress == counts
    assert question_of(interview, 1).closed_at == (None if counts else after(60))


def test_what_is_handed_in_within_the_grace_is_closed_at_the_deadline():
    interview = make_interview(formats=("free_text",), limit_seconds=60, question_seconds=60)
    write(interview, 1, "in flight", act="submit_answer", now=after(75))
    interview.refresh_from_db()
    assert (interview.closed_at, question_of(interview, 1).closed_at) == (after(60), after(60))


def test_a_laptop_that_slept_for_a_day_loses_no_text():
    interview = make_interview(limit_seconds=150, question_seconds=60)
    write(interview, 1, "before", rev=1, now=after(30))
    assert write(interview, 1, "before and after", rev=2, now=after(86_400)) is Outcome.LATE
    interview.refresh_from_db()
    assert (interview.state, interview.closed_at) == (Interview.State.SUBMITTED, after(150))
    assert question_of(interview, 1).answer == ["before"]
    assert AnswerRevision.objects.get(kind="late").answer == ["before and after"]
