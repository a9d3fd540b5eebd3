"""A coach adds time while a candidate writes: the open page follows by itself."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories import make_coach, make_interview
from tests.interviews.factories import client_of, make_grant

pytestmark = pytest.mark.django_db(transaction=True)


def test_added_time_reaches_the_open_page_with_the_next_save_and_the_next_look_without_a_reload(
    candidate_page, person, home
):
    coach = client_of(make_grant(person, make_coach(email="grace@example.com")).coach)
    interview = make_interview(candidate=person, now=timezone.now(), limit_seconds=1800, question_seconds=900)
    time_path = reverse("interviews:interview_time", args=[interview.public_id])
    page = candidate_page
    page.goto(f"{home}/interviews/{interview.public_id}/")
    clock = page.locator("[data-clock='interview'] .clock-time")
    expect(clock).to_have_text(re.compile(r"^2\d:\d\d$"))
    page.evaluate("window.wasNeverLoadedAgain = true")

    coach.post(time_path, {"action": "add", "minutes": 30, "reason": "Fire alarm."})
    page.locator("textarea").first.fill("What I wrote before the alarm.")
    expect(clock).to_have_text(re.compile(r"^5\d:\d\d$"))
    expect(page.locator("#status")).to_have_text(re.compile("^Time was added: 5"))
    expect(page.locator("textarea").first).to_have_value("What I wrote before the alarm.")

    coach.post(time_path, {"action": "add", "minutes": 60, "reason": "Another one."})
    page.wait_for_function(
        """() => {
            window.dispatchEvent(new Event("focus"));
            return /^1:5\\d:/.test(document.querySelector("[data-clock='interview'] .clock-time").textContent);
        }""",
        polling=500,
    )
    assert page.evaluate("window.wasNeverLoadedAgain") is True
    expect(page.locator("#status")).to_have_text(re.compile("^Time was added: 1 hour 5"))


@pytest.mark.parametrize("state", ["open", "timed_out"])
def test_added_time_reaches_a_page_that_nobody_touches_within_15_seconds(candidate_page, person, home, state):
    """Also while a time-out is on the screen and the next question waits."""
    coach = client_of(make_grant(person, make_coach(email="grace@example.com")).coach)
    seconds = {"open": 900, "timed_out": 60}[state]
    began = timezone.now() - timedelta(seconds=90)
    interview = make_interview(candidate=person, now=began, limit_seconds=1800, question_seconds=seconds)
    page = candidate_page
    page.goto(f"{home}/interviews/{interview.public_id}/")
    expect(page.locator(f"#interview-panel[data-state='{state}']")).to_have_count(1)
    clock = page.locator("[data-clock='interview'] .clock-time")
    expect(clock).to_have_text(re.compile(r"^2\d:\d\d$"))
    path = reverse("interviews:interview_time", args=[interview.public_id])
    coach.post(path, {"action": "add", "minutes": 30, "reason": "Fire alarm."})
    expect(clock).to_have_text(re.compile(r"^5\d:\d\d$"), timeout=15_000)
