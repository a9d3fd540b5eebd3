"""What the page says of a number while it is typed, and when an order becomes an answer."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.sitting.models import Interview
from tests.browser.conftest import log_in
from tests.browser.looking import looked_at
from tests.factories import make_interview, question_of

pytestmark = pytest.mark.django_db(transaction=True)
FIELD = "input[name=answer].is-number"


def begin(page: Page, home: str, person, *formats: str) -> Interview:
    interview = make_interview(
        candidate=person, formats=formats, now=timezone.now(), limit_seconds=6000, question_seconds=900
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    return interview


def reading(page: Page):
    return expect(page.locator(".reading"))


def saved(page: Page):
    return expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"))


def next_question(page: Page) -> None:
    page.wait_for_timeout(1600)  # a question takes no press in its first 1.5 s on the screen
    page.locator("[data-action=next]").click()


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_read_shows_while_one_types_and_moves_nothing(candidate_page, person, home, width):
    page = candidate_page
    page.set_viewport_size({"width": width, "height": 844})
    begin(page, home, person, "numeric", "numeric")
    below = page.locator(".confidence")
    place = below.bounding_box()["y"]
    page.locator(FIELD).press_sequentially("10/45 = 0.222")
    reading(page).to_contain_text("Read as 0.222 = 22.2%")
    assert below.bounding_box()["y"] == place
    # What is on screen is of the text in the field, never of an older one.
    page.locator(FIELD).press_sequentially("5")
    expect(page.locator(".reading > p")).to_be_hidden()
    reading(page).to_contain_text("Read as 0.2225 = 22.25%")
    expect(page.locator(".reading > p")).to_be_visible()
    page.locator(FIELD).fill("")
    reading(page).to_be_empty()


def test_the_other_reading_is_one_tap_away(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, "numeric", "numeric")
    page.locator(FIELD).press_sequentially("14.400")
    reading(page).to_contain_text("Read as 14.4%")
    page.get_by_role("button", name="Did you mean 14,400%?").click()
    expect(page.locator(FIELD)).to_have_value("14400")
    expect(page.locator(FIELD)).to_be_focused()
    reading(page).to_have_text(re.compile(r"^\s*Read as 14,400%\s*$"))
    assert question_of(interview, 1).answer == ["14400"]


def test_an_unreadable_number_is_said_at_the_first_save_and_asked_about_once_at_the_end(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, "numeric", "numeric")
    page.locator(FIELD).press_sequentially("about a fifth")
    reading(page).to_contain_text("We can’t read this as a number. It’s saved as you typed it.")
    saved(page)
    assert question_of(interview, 1).answer == ["about a fifth"]
    next_question(page)
    expect(page.locator(".error")).to_contain_text("It would score 0.")
    expect(page.locator(FIELD)).to_have_value("about a fifth")
    expect(page.locator(FIELD)).to_be_focused()
    # The question goes when the text can be read, and comes no second time for the same text.
    page.locator(FIELD).fill("0.2")
    reading(page).to_contain_text("Read as 0.2 = 20%")
    expect(page.locator(".error")).to_have_count(0)
    expect(page.locator(FIELD)).not_to_have_attribute("aria-invalid", "true")
    page.locator(FIELD).fill("about a fifth")
    next_question(page)
    expect(page.get_by_text("Question 2 of 2", exact=True)).to_be_visible()
    assert question_of(interview, 1).state == "answered"


def test_a_blank_behind_the_number_is_nobody_elses_text(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person, "numeric", "numeric")
    page.locator(FIELD).press_sequentially("22 ")
    reading(page).to_contain_text("Read as 22%")
    saved(page)
    page.locator(FIELD).press_sequentially("%")
    reading(page).to_contain_text("Read as 22%")
    saved(page)
    expect(page.locator("#alert")).to_be_empty()


@pytest.mark.parametrize("text", ["14.400", "about a fifth"])
def test_the_screen_of_a_number_is_accessible(candidate_page, person, home, text):
    page = candidate_page
    begin(page, home, person, "numeric", "numeric")
    page.locator(FIELD).press_sequentially(text)
    expect(page.locator(".reading > p")).to_be_visible()
    assert looked_at(page) == []


def test_without_javascript_a_number_can_be_saved_and_checked(browser, live_server, person, home):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, home, person.email)
    interview = begin(page, home, person, "numeric", "numeric")
    page.locator(FIELD).fill("14.400")
    page.get_by_role("button", name="Save and check how it reads").click()
    reading(page).to_contain_text("Read as 14.4%")
    expect(page.locator(".reading noscript p")).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("14.400")
    page.locator(FIELD).fill("about a fifth")
    next_question(page)
    expect(page.locator(".error")).to_contain_text("press the button again to submit it as it is")
    expect(page.locator(FIELD)).to_have_value("about a fifth")
    next_question(page)
    expect(page.get_by_text("Question 2 of 2", exact=True)).to_be_visible()
    assert question_of(interview, 1).answer == ["about a fifth"]
    context.close()


# --- orders -------------------------------------------------------------------------------------------


def shown_steps(page: Page) -> list[str]:
    return [step.get_attribute("value") for step in page.locator(".step input").all()]


def test_an_order_that_was_only_looked_at_is_no_answer(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, "ordering", "ordering")
    page.get_by_role("radio").first.check(force=True)  # how sure one is says nothing about the order
    saved(page)
    assert question_of(interview, 1).answer == []
    next_question(page)
    leave_empty = page.get_by_role("button", name="Leave it empty")
    expect(leave_empty).to_be_visible()
    page.wait_for_timeout(1600)  # nor does what is asked
    leave_empty.click()
    expect(page.get_by_text("Question 2 of 2", exact=True)).to_be_visible()
    assert question_of(interview, 1).state == "skipped"


def test_an_order_is_ticked_as_right_with_the_keyboard(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, "ordering", "ordering")
    steps = shown_steps(page)
    box = page.get_by_role("checkbox", name="This order is correct")
    box.focus()
    page.keyboard.press("Space")
    saved(page)
    assert question_of(interview, 1).answer == steps
    page.keyboard.press("Space")  # taken back
    expect(box).not_to_be_checked()
    page.wait_for_timeout(1000)
    saved(page)
    assert question_of(interview, 1).answer == []
    page.keyboard.press("Space")
    next_question(page)
    expect(page.get_by_text("Question 2 of 2", exact=True)).to_be_visible()
    assert (question_of(interview, 1).state, question_of(interview, 1).answer) == ("answered", steps)
    expect(page.locator("#alert")).to_be_empty()


def test_a_moved_step_makes_the_order_an_answer_that_a_reload_and_a_lost_network_keep(
    candidate_page, person, home, context
):
    page = candidate_page
    interview = begin(page, home, person, "ordering", "ordering")
    steps = shown_steps(page)
    page.get_by_role("button", name="Down").first.focus()
    page.keyboard.press("Enter")
    moved = [steps[1], steps[0], *steps[2:]]
    saved(page)
    assert question_of(interview, 1).answer == moved
    expect(page.get_by_role("checkbox")).to_have_count(0)
    page.reload()
    assert shown_steps(page) == moved
    expect(page.get_by_role("checkbox")).to_have_count(0)
    context.set_offline(True)
    page.get_by_role("button", name="Up").nth(1).click()  # back to what was shown at first
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    context.set_offline(False)
    page.reload()
    assert shown_steps(page) == steps
    next_question(page)
    expect(page.get_by_text("Question 2 of 2", exact=True)).to_be_visible()
    assert (question_of(interview, 1).state, question_of(interview, 1).answer) == ("answered", steps)


def test_a_first_move_made_offline_is_an_answer_after_a_reload(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person, "ordering", "ordering")
    steps = shown_steps(page)
    page.route("**/save/", lambda route: route.abort())
    page.get_by_role("button", name="Down").first.click()
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    page.unroute("**/save/")
    page.reload()
    saved(page)
    assert question_of(interview, 1).answer == [steps[1], steps[0], *steps[2:]]
    expect(page.get_by_role("checkbox")).to_have_count(0)


def test_without_javascript_an_order_is_ticked_or_moved(browser, live_server, person, home):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, home, person.email)
    interview = begin(page, home, person, "ordering", "ordering", "ordering")
    next_question(page)
    page.get_by_role("button", name="Leave it empty").click()
    assert question_of(interview, 1).state == "skipped"
    steps = shown_steps(page)
    page.get_by_role("checkbox", name="This order is correct").check()
    next_question(page)
    assert (question_of(interview, 2).state, question_of(interview, 2).answer) == ("answered", steps)
    steps = shown_steps(page)
    page.get_by_role("button", name="Down").first.click()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    next_question(page)
    page.wait_for_url("**/results/")
    assert question_of(interview, 3).answer == [steps[1], steps[0], *steps[2:]]
    context.close()


def test_the_screen_of_an_order_is_accessible(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person, "ordering", "ordering")
    assert looked_at(page) == []
