"""Times, counts and reasons, as the pages put them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.coaching.models import Review
from interviews.sitting.clock_text import allowance, time_used
from interviews.sitting.models import Interview
from tests.factories import NOON, make_admin, make_interview, make_version, question_of, write
from tests.interviews.factories import client_of, make_grant

pytestmark = pytest.mark.django_db
MINUTES = 60


def after(minutes: float):
    return NOON + timedelta(minutes=minutes)


def change(interview: Interview, act: str, *args, minutes: float, **fields) -> None:
    with Interview.objects.under_lock(interview.public_id, now=after(minutes)) as locked:
        getattr(locked, act)(*args, now=after(minutes), **fields)


def asked(interview: Interview):
    return interview.questions.select_related("interview").get(position=1)


# --- time used ----------------------------------------------------------------------------------------


def test_time_used_leaves_pauses_out_and_says_what_was_added():
    interview = make_interview(
        pace="gentle", time_multiplier=Decimal(2), question_seconds=5 * MINUTES, limit_seconds=60 * MINUTES
    )
    change(interview, "pause", minutes=2)
    change(interview, "resume", minutes=5)
    change(interview, "adjust", 5 * MINUTES, minutes=6, reason="Fire alarm", by=None)
    write(interview, 1, "text", act="submit_answer", now=after(10))
    assert time_used(asked(interview)) == "7 of 15 minutes"
    assert allowance(asked(interview)) == "×2, 5 minutes added, paused for 3 minutes, gentle"


def test_overtime_is_said():
    interview = make_interview(pace="gentle", question_seconds=10 * MINUTES, limit_seconds=60 * MINUTES)
    write(interview, 1, "text", act="submit_answer", now=after(12))
    assert time_used(asked(interview)) == "12 of 10 minutes, 2 minutes over"


def test_without_a_clock_nothing_is_allowed_or_exceeded():
    interview = make_interview(pace="untimed")
    write(interview, 1, "text", act="submit_answer", now=after(90))
    assert (time_used(asked(interview)), allowance(asked(interview))) == ("1 hour 30 minutes", "untimed")


def test_after_a_reopening_both_openings_are_told():
    interview = make_interview(formats=("free_text",), question_seconds=10 * MINUTES, limit_seconds=10 * MINUTES)
    write(interview, 1, "text", act="submit_answer", now=after(7))
    change(interview, "reopen", 1, minutes=100, seconds=5 * MINUTES, reason="The line was cut", by=None)
    write(interview, 1, "more text", rev=2, act="submit_answer", now=after(103))
    assert time_used(asked(interview)) == "3 of 5 minutes after it was reopened, 7 minutes before"


def test_the_coach_reads_the_allowance_and_the_candidate_the_time(candidate, candidate_client, coach):
    now = timezone.now()
    interview = make_interview(
        candidate=candidate,
        formats=("free_text",),
        time_multiplier=Decimal(2),
        now=now,
        question_seconds=5 * MINUTES,
        limit_seconds=60 * MINUTES,
    )
    write(interview, 1, "text", act="submit_answer", now=now + timedelta(minutes=7))
    make_grant(candidate, coach)
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    assert "7 of 10 minutes" in results
    interview.refresh_from_db()
    Review.objects.ask(interview, coach=coach, now=now + timedelta(minutes=8))
    path = reverse("interviews:review_answer", args=[interview.public_id, 1])
    assert "7 of 10 minutes (×2, strict)" in client_of(coach).get(path, follow=True).content.decode()


def test_a_strict_clock_stands_still_once_the_question_is_closed(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now() - timedelta(seconds=75), limit_seconds=3000)
    page = candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    assert "Time is up for this question." in page
    clock = page.split('data-clock="question"')[1].split("</span></span>")[0]
    assert "0:00" in clock
    assert "is-over" not in page.split('<span class="clock ')[1][:20]


@pytest.mark.parametrize(
    ("limit", "used", "said"),
    [
        (75, 52, "0:52 of 1:15 minutes"),
        (90, 89, "1:29 of 1:30 minutes"),
        (90, 100, "1:40 of 1:30 minutes, 10 seconds over"),
        (180, 200, "3:20 of 3:00 minutes, 20 seconds over"),
        (30, 12, "12 seconds of 30 seconds"),
        (600, 45, "45 seconds of 10 minutes"),
    ],
)
def test_a_short_time_is_told_to_the_second(limit, used, said):
    interview = make_interview(pace="gentle", question_seconds=limit, limit_seconds=3600)
    write(interview, 1, "text", act="submit_answer", now=after(used / 60))
    assert time_used(asked(interview)) == said


# --- counts -------------------------------------------------------------------------------------------


def test_a_full_answer_that_timed_out_counts_as_answered_in_the_list(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    write(interview, 1, "a full answer", now=interview.started_at)
    candidate_client.get(reverse("interviews:results", args=[interview.public_id]))
    page = candidate_client.get(reverse("interviews:dashboard")).content.decode()
    assert "1 of 1 still to score" in page


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_blanks_are_no_answer_in_the_list(candidate, candidate_client, text):
    interview = make_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    write(interview, 1, text, now=interview.started_at)
    candidate_client.get(reverse("interviews:results", args=[interview.public_id]))
    assert Interview.objects.with_counts().get().answered_count == 0


def test_one_question_is_one_question_and_a_drill_states_its_minutes(candidate_client):
    for limit in (10, 20, 21):
        make_version(topics=("system-design",), limit_seconds=limit * MINUTES)
    page = candidate_client.get(reverse("interviews:interview_new"), {"topic": "system-design"}).content.decode()
    assert "System Design: 5 questions, about 1 hour 25 minutes" in page
    assert "1 questions" not in page
    assert "clocks start now" not in page


# --- a void -------------------------------------------------------------------------------------------


def test_of_a_void_the_candidate_and_the_coach_are_told_with_the_reason(candidate, candidate_client, coach):
    interview = make_interview(candidate=candidate, now=timezone.now())
    make_grant(candidate, coach)
    path = reverse("admin:interviews_interview_intervene", args=[interview.pk])
    client_of(make_admin()).post(path, {"action": "void", "reason": "The questions had leaked"})
    for person in (candidate, coach):
        assert "no longer counts: Screen. Reason: The questions had leaked." in person.notices.get(kind="voided").text
    page = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    assert "The questions had leaked" in page
    assert question_of(interview, 1).state == "skipped"
