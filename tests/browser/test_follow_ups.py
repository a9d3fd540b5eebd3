"""An answer, a follow-up to it and what was found in both, without a mouse."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.sitting.models import Interview
from questions import listening
from tests.browser.conftest import axe_violations
from tests.browser.test_keyboard import tab_to
from tests.factories import make_follow_up, make_track, make_version

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "Dropout regularises a network, and it is cheap"


def hand_in(page, text: str) -> None:
    tab_to(page, "textarea[name=answer]")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")


def test_a_follow_up_and_what_was_found_by_keyboard(candidate_page, person, home):
    page = candidate_page
    for number in range(6):
        make_version(points=(f"Says something of planets and rivers {number}",), level="advanced")
    follow_ups = [
        make_follow_up(ask="Could you say more about `folds`?", after="missed", point=1, hint="Think of time.")
    ]
    points = ("Names the folds of time series", "States that dropout regularises a network")
    make_version(points=points, limit_seconds=900, follow_ups=follow_ups)
    track = make_track(count=1, levels=["intermediate"], limit_seconds=960)
    listening.lexical_grader.cache_clear()
    listening.asked_of.cache_clear()
    interview = Interview.objects.start(person, track, pace="strict", time_multiplier=1, now=timezone.now())
    page.goto(f"{home}/interviews/{interview.public_id}/")
    hand_in(page, f"{SAID}.")
    expect(page.get_by_text("Question 1 of 1, follow-up", exact=True)).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("#status")).to_have_text("Question 1 of 1, follow-up.")
    expect(page.locator(".own-answer")).to_have_text(f"{SAID}.")
    assert axe_violations(page) == []
    page.wait_for_timeout(1600)  # a question takes no press in its first moment
    hand_in(page, "They must not be shuffled.")
    page.wait_for_url("**/results/")
    expect(page.get_by_text("Asked because we found no sentence about this point")).to_be_visible()
    expect(page.get_by_text(f"You may have said this here: «{SAID}».")).to_be_visible()
    assert axe_violations(page) == []
    tab_to(page, "input[value=hit]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "input[name*=keep]")
    page.keyboard.press("Space")
    tab_to(page, "input[value=hit]")
    page.keyboard.press("Space")
    tab_to(page, ".button.is-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("partly, after a follow-up", exact=True)).to_be_visible()
    expect(page.get_by_text(f"“{SAID}”", exact=True)).to_be_visible()
    page.get_by_role("link", name="Answer this point again").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_label("Your second try")).to_be_focused()
    assert axe_violations(page) == []
