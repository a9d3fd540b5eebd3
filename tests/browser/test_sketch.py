"""A sketch is drawn by keyboard alone, is still there after a reload, and is shown in the results."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import TOO_SOON_MS, axe_violations
from tests.factories import make_interview, question_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sketch_drawn_by_keyboard_survives_a_reload_and_is_in_the_results(candidate_page, person, home):
    page = candidate_page
    formats, now = ("staged",), timezone.now()
    interview = make_interview(
        candidate=person, formats=formats, pace="gentle", question_seconds=600, limit_seconds=600, now=now
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    for name in ("API", "Feature store"):
        page.get_by_role("button", name="Add box").press("Enter")
        expect(page.get_by_label("Label")).to_be_focused()
        page.keyboard.type(name)
    page.get_by_label("Arrow to").select_option("Box API")
    page.get_by_role("button", name="Add arrow").press("Enter")
    board = page.get_by_role("application", name="Sketch board")
    board.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_label("2. Model").focus()  # the second stage's clock runs now
    expect(page.locator(".save-state.is-saved")).to_be_visible()
    page.wait_for_function("(({ base, rev }) => base.value === rev.value)(document.querySelector('#question-form'))")
    kept = question_of(interview, 1)
    assert kept.stage == 1
    assert '"kind":"arrow","from":2,"to":1' in kept.sketch
    page.reload()
    expect(board.locator("text")).to_have_text(["API", "Feature store"])
    assert not axe_violations(page)
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Results")
    expect(page.get_by_role("img", name="Arrow from box “Feature store” to box “API”")).to_be_visible()
    assert question_of(interview, 1).sketch == kept.sketch
