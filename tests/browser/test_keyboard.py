"""Without a mouse: a whole interview and a whole review, with every focus in sight and every swap spoken."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone
from playwright.sync_api import Page, TimeoutError, expect

from interviews.coaching.models import Review
from tests.factories import make_interview
from tests.interviews.factories import make_answered_interview, make_grant

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("single_choice", "multiple_choice", "numeric", "ordering", "free_text", "staged", "code")
MOST_TABS = 60
# Whether the focused element can be seen: it has a ring of its own or its box has, and no bar lies over its middle. A
# player's buttons, which the page cannot look at, are drawn by the browser with theirs.
SEEN = """() => {
  const focused = document.activeElement;
  const { left, top, width, height } = focused.getBoundingClientRect();
  const above = document.elementFromPoint(left + width / 2, top + Math.min(height, innerHeight) / 2);
  const label = focused.closest("label, .code-editor") ?? focused;
  const hasRing = [focused, label].some((part) => getComputedStyle(part).outlineStyle !== "none");
  return (hasRing || focused.matches("audio")) && (label.contains(above) || above?.contains(focused) || false);
}"""


@contextmanager
def saying_what_is_hidden(page: Page) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        focused = page.evaluate(
            """() => { const { top, bottom } = document.activeElement.getBoundingClientRect();
            return `${document.activeElement.outerHTML.slice(0, 300)} from ${top} to ${bottom} of ${innerHeight}`; }"""
        )
        raise AssertionError(f"The focus cannot be seen: {focused}") from None


def tab_to(page: Page, selector: str) -> None:
    """Tab until this has the focus; whatever has it on the way can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        with saying_what_is_hidden(page):
            page.wait_for_function(SEEN)  # a busy browser scrolls to the focus a moment later
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{MOST_TABS} tabs lead to no {selector}")


def answer(page: Page, format: str) -> None:
    if format == "single_choice":
        tab_to(page, "input[name=answer]")
        page.keyboard.press("ArrowDown")
    elif format == "multiple_choice":
        tab_to(page, "input[name=answer]")
        page.keyboard.press("Space")
    elif format == "numeric":
        tab_to(page, "input[name=answer]")
        page.keyboard.type("20")
    elif format == "ordering":
        tab_to(page, ".step-move button[value$=':down']")
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_have_text("Place 2 of 4.")
    elif format == "code":
        expect(page.locator("[data-editor-state=ready]")).to_have_count(1)
        tab_to(page, ".code-editor")
        page.keyboard.type("x = 1")
        page.keyboard.press("Escape")  # and the next Tab leaves the editor
    else:
        tab_to(page, "textarea[name=answer]")
        page.keyboard.type("By keyboard alone.")


def test_a_whole_interview(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(
        candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=6000, question_seconds=900
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    count = len(FORMATS)
    for position, format in enumerate(FORMATS, start=1):
        expect(page.get_by_text(f"Question {position} of {count}", exact=True)).to_be_visible()
        if position > 1:
            expect(page.locator("h1")).to_be_focused()
            expect(page.locator("#status")).to_have_text(f"Question {position} of {count}.")
            expect(page).to_have_title(re.compile(f"^Question {position} of {count}"))
        answer(page, format)
        if format == "numeric":
            tab_to(page, "input[name=confidence]")
            page.keyboard.press("ArrowRight")
        tab_to(page, "[data-action=next]")
        page.keyboard.press("Enter")
    page.wait_for_url("**/results/")
    assert set(interview.questions.values_list("state", flat=True)) == {"answered"}
    assert interview.questions.get(position=3).confidence is not None

    # Scoring oneself on an open answer shows its model answer.
    form = page.locator("form[action*='self-score']").first
    card = form.locator("xpath=ancestor::article").get_attribute("id")
    tab_to(page, "a[data-question].is-primary")
    page.keyboard.press("Enter")
    for _ in range(2):  # points of the rubric
        tab_to(page, "form[action*='self-score'] input[type=radio]")
        page.keyboard.press("Space")
    tab_to(page, "form[action*='self-score'] button")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{card}").get_by_text("Model answer", exact=True)).to_be_visible()


def test_a_whole_review(candidate_page, person, home):
    page, coach = candidate_page, person
    candidate = type(person).objects.create_user("grace@example.com")
    interview = make_answered_interview(candidate=candidate)
    make_grant(candidate, coach)
    review = Review.objects.ask(interview, coach=coach, now=interview.closed_at)
    page.goto(f"{home}/coaching/")
    tab_to(page, "main a[href*='/coaching/interviews/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/coaching/interviews/**")
    tab_to(page, "input[name^='point-']")
    page.keyboard.type("12")
    expect(page.locator(".interview-actions .save-state")).to_have_class(re.compile("is-saved"))
    tab_to(page, ".interview-actions .button:not(.is-quiet)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scorecard/")
    tab_to(page, "input[name='score-framing']")
    page.keyboard.type("33333")
    page.keyboard.type("32")
    tab_to(page, "[name=next_action]")
    page.keyboard.type("Draw the confusion matrix first.")
    tab_to(page, ".interview-actions .is-primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/send/")
    tab_to(page, "main form[action$='/send/'] .is-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    review.refresh_from_db()
    assert review.is_sent
