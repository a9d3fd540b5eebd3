"""Nothing moves by itself: swapped questions, saves; and what people set in their system is honoured."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOO_SOON_MS
from tests.factories import make_interview

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("single_choice", "free_text", "code", "ordering", "sql", "staged", "numeric")
# Chromium's own measure of what moved (Layout Instability), with the parts that did.
WATCH = """() => {
  const note = ({ value, sources }) => window.shifts.push([value, sources.map(({ node }) => node?.className ?? "?")]);
  window.shifts = [];
  window.shiftObserver = new PerformanceObserver((list) => list.getEntries().forEach(note));
  window.shiftObserver.observe({ type: "layout-shift" });
  window.takeShifts = async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    window.shiftObserver.takeRecords().forEach(note);
    return window.shifts.splice(0);
  };
}"""
# A tenth of what counts as good over a page's whole life.
NOTHING = 0.01


def shifts(page: Page) -> list:
    return page.evaluate("takeShifts()")


def test_nothing_moves_when_a_question_is_swapped_or_saved(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(
        candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=6000, question_seconds=900
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    page.evaluate(WATCH)
    for position, format in enumerate(FORMATS, start=1):
        page.set_viewport_size({"width": 390 if position % 2 else 1280, "height": 844})
        expect(page.get_by_text(f"Question {position} of {len(FORMATS)}", exact=True)).to_be_visible()
        shifts(page)  # of the new width
        if format == "free_text":
            page.locator("textarea[name=answer]").fill("Some words.")
            expect(page.locator(".interview-actions .save-state")).to_have_class(re.compile("is-saved"))
            moved = shifts(page)
            assert sum(value for value, _ in moved) < NOTHING, ("save", moved)
        if position == len(FORMATS):
            break
        if format == "ordering":
            page.locator(".step-move button:enabled").first.click()
            shifts(page)  # the steps change places
        if format in ("free_text", "ordering"):
            page.keyboard.press("Control+Enter")
        else:
            page.wait_for_timeout(TOO_SOON_MS)
            page.locator("[data-action=skip]").click()
        expect(page.get_by_text(f"Question {position + 1} of {len(FORMATS)}", exact=True)).to_be_visible()
        if FORMATS[position] in ("code", "sql"):
            expect(page.locator("[data-editor-state=ready]")).to_have_count(1)
        moved = shifts(page)
        assert sum(value for value, _ in moved) < NOTHING, (FORMATS[position], moved)


def test_forced_colours_and_reduced_motion_are_honoured(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, formats=("single_choice",), now=timezone.now())
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(f"{home}/interviews/{interview.public_id}/")
    page.locator(".choice").first.click()
    page.locator(".confidence .segment").nth(2).click()
    style = "(node, name) => getComputedStyle(node)[name]"
    chosen, other = page.locator(".confidence .segment").nth(2), page.locator(".confidence .segment").nth(3)
    assert chosen.evaluate(style, "backgroundColor") != other.evaluate(style, "backgroundColor")
    assert page.locator(".choice").first.evaluate(style, "outlineStyle") == "solid"
    current, pending = page.locator("[data-action=next]"), page.locator("[data-action=skip]")
    assert current.evaluate(style, "backgroundColor") != pending.evaluate(style, "backgroundColor")
    dot = page.locator(".interview-actions .save-state").evaluate(
        "node => getComputedStyle(node, '::before').backgroundColor"
    )
    assert dot != page.locator(".interview-actions").evaluate(style, "backgroundColor")
    assert current.evaluate(style, "transitionDuration") == "0s"
    assert page.evaluate("document.getAnimations().filter(({ playState }) => playState === 'running').length") == 0
