"""Faults that the state machine found, as examples."""

from datetime import timedelta

import pytest

from interviews import tasks
from interviews.sitting.models import Interview, Outcome
from tests.factories import NOON, make_interview, question_of, write

pytestmark = pytest.mark.django_db


def request(interview: Interview, act: str, *args, seconds_in: float, **fields) -> object:
    now = NOON + timedelta(seconds=seconds_in)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        return getattr(locked, act)(*args, now=now, **fields)


def test_moving_on_ends_a_pause_and_the_next_question_has_its_own_time_only():
    interview = make_interview(pace="gentle", limit_seconds=300, question_seconds=60)
    request(interview, "pause", seconds_in=10)
    write(interview, 1, "text", act="submit_answer", now=NOON + timedelta(seconds=100))
    request(interview, "resume", seconds_in=110)
    interview.refresh_from_db()
    assert (interview.paused_at, interview.deadline_at) == (None, NOON + timedelta(seconds=390))
    assert question_of(interview, 2).deadline_at == NOON + timedelta(seconds=160)


def test_next_does_nothing_while_a_reopened_question_is_open():
    interview = make_interview(formats=("free_text", "free_text"))
    write(interview, 1, "text", act="submit_answer")
    write(interview, 2, "text", act="submit_answer")
    request(interview, "reopen", 1, seconds=60, reason="The line was cut", by=None, seconds_in=10)
    assert request(interview, "go_on", 2, lease=1, seconds_in=20) is Outcome.HELD
    interview.refresh_from_db()
    assert interview.is_in_progress
    assert question_of(interview, 1).is_open


def test_a_void_asks_for_a_report_without_the_interview():
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "20", act="submit_answer")
    tasks.sweep_once(now=NOON)
    request(interview, "void", reason="Test run", by=None, seconds_in=10)
    tasks.sweep_once(now=NOON + timedelta(seconds=20))
    assert [report.data["basis"]["answers"] for report in interview.candidate.reports.order_by("pk")] == [1, 0]
