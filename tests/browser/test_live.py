"""Two browsers: a candidate who writes, and a coach who reads along, asks back, and loses the page for a while."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.coaching.models import LiveMock
from tests.browser.conftest import TOO_SOON_MS, axe_violations, log_in
from tests.factories import make_follow_up, make_member, make_track, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_written_is_seen_a_follow_up_is_asked_and_answered_and_a_lost_tab_changes_nothing(
    candidate_page, person, home, browser
):
    follow_ups = [make_follow_up(ask="And with drift?"), make_follow_up(ask="What would you read?")]
    for _ in range(2):
        make_version(limit_seconds=600, follow_ups=follow_ups)
    track = make_track(count=2, limit_seconds=1800)
    coach, now = make_member(email="grace@example.com", name="Grace"), timezone.now()
    mock = LiveMock.objects.make(by=coach, candidate=person, interviewer=coach, track=track, now=now)
    mock.accept(person, now=now)
    page = candidate_page
    page.goto(f"{home}/live/{mock.public_id}/")
    page.get_by_role("button", name="Start").click()
    page.wait_for_timeout(TOO_SOON_MS)
    room = browser.new_context().new_page()
    log_in(room, home, coach.email)
    room.goto(f"{home}/live/{mock.public_id}/")
    room.get_by_role("link", name="Open the room").click()
    room.get_by_label("Private note").fill("Half a note")
    page.get_by_role("textbox", name="Your answer").fill("The variance falls.")
    expect(room.locator("#room-answer pre")).to_have_text("The variance falls.")
    expect(room.get_by_label("Private note")).to_have_value("Half a note")
    assert axe_violations(room) == []
    assert axe_violations(page) == []

    room.get_by_role("button", name="Ask follow-up 1").click()
    expect(page.get_by_role("heading", name="And with drift?")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Question 1 of 2, follow-up.")
    room.close()
    page.get_by_role("textbox", name="Your answer").fill("It rises again.")
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Save and next").last.click()
    expect(page.get_by_text("Question 2 of 2").first).to_be_visible()

    room = room.context.new_page()
    room.goto(f"{home}/live/{mock.public_id}/")
    room.get_by_role("link", name="Open the room").click()
    expect(room.get_by_role("heading", name="Question 2 of 2")).to_be_visible()
    room.get_by_role("button", name="Pause both clocks").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    room.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("textbox", name="Your answer")).to_be_visible()
    room.context.close()
