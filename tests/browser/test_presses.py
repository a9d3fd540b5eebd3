"""Things that happen by accident: a key that types, a second press, an empty answer, Skip beside the main button."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.coaching.models import Review
from interviews.sitting.models import Interview
from tests.browser.conftest import TOO_SOON_MS, log_in
from tests.browser.looking import looked_at
from tests.browser.test_saving import FIELD, begin, eventually, saved
from tests.factories import make_interview, question_of
from tests.interviews.factories import make_answered_interview, make_grant

pytestmark = pytest.mark.django_db(transaction=True)


def states(interview: Interview) -> list[str]:
    return [question.state for question in interview.questions.order_by("position")]


def on_question(page: Page, position: int) -> None:
    expect(page.get_by_text(f"Question {position} of 3", exact=True)).to_be_visible()


# --- keys that type -----------------------------------------------------------------------------------


@pytest.mark.parametrize("focus", [FIELD, "h1"])
def test_no_letter_with_alt_does_anything(candidate_page, person, home, focus):
    """On a Mac Option+N types ~, Option+S ß, Option+A å: the key is not the letter."""
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).fill("Written.")
    page.wait_for_timeout(TOO_SOON_MS)
    page.locator(focus).focus()
    for code, typed in (
        ("KeyN", "~"),
        ("KeyS", "ß"),
        ("KeyA", "å"),
        ("KeyT", "†"),
        ("KeyR", "®"),
        ("KeyN", "n"),
        ("KeyS", "s"),
    ):
        page.evaluate(
            """([code, key]) => document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key, code, altKey: true, bubbles: true, cancelable: true }))""",
            [code, typed],
        )
        page.keyboard.press(f"Alt+{code}")
    page.wait_for_timeout(500)
    assert states(interview) == ["open", "pending", "pending"]
    expect(page.locator(".clocks")).not_to_have_class(re.compile("is-hidden"))
    on_question(page, 1)


def test_control_and_enter_hand_in_from_the_field(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).press_sequentially("Done")
    page.keyboard.press("Control+Enter")
    on_question(page, 2)
    page.locator(FIELD).press_sequentially("Done")
    page.keyboard.press("Meta+Enter")
    on_question(page, 3)
    assert states(interview) == ["answered", "answered", "open"]
    assert question_of(interview, 1).answer == ["Done"]


def test_letters_work_outside_text_once_their_list_was_read(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).fill("s n a t r ?")
    page.wait_for_timeout(TOO_SOON_MS)
    page.locator("h1").focus()
    page.keyboard.press("t")
    page.keyboard.press("n")
    expect(page.locator(".clocks")).not_to_have_class(re.compile("is-hidden"))
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Shortcuts")).to_be_visible()
    page.keyboard.press("n")  # the list is open: nothing is handed in behind it
    page.keyboard.press("Escape")
    page.locator("h1").focus()
    page.keyboard.press("r")
    expect(page.locator("#status")).to_contain_text("left. Interview:")
    page.keyboard.press("t")
    expect(page.locator(".clocks")).to_have_class(re.compile("is-hidden"))
    page.keyboard.press("a")
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type("nst")
    expect(page.locator(FIELD)).to_have_value(re.compile("nst"))
    page.locator("h1").focus()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Skip and lose your answer?")).to_be_visible()
    assert states(interview) == ["open", "pending", "pending"]


def test_with_shortcuts_turned_off_no_key_hands_in(candidate_page, person, home):
    person.uses_shortcuts = False
    person.save()
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).press_sequentially("Text")
    for keys in ("Control+Enter", "Meta+Enter"):
        page.keyboard.press(keys)
    page.locator("h1").focus()
    for keys in ("?", "n", "s"):
        page.keyboard.press(keys)
    page.wait_for_timeout(400)
    assert states(interview) == ["open", "pending", "pending"]
    expect(page.locator("#shortcuts")).to_be_hidden()


# --- skipping, leaving empty --------------------------------------------------------------------------


def test_skip_asks_where_something_is_written_and_staying_is_the_default(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).press_sequentially("Forty-five minutes of work.")
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="Skip and lose your answer?")).to_be_visible()
    assert looked_at(page) == []
    expect(page.get_by_role("link", name="Keep writing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(FIELD)).to_have_value("Forty-five minutes of work.")
    assert states(interview) == ["open", "pending", "pending"]
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Skip").click()
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Skip this question").click()
    on_question(page, 2)
    assert states(interview) == ["skipped", "open", "pending"]
    assert question_of(interview, 1).answer == ["Forty-five minutes of work."]


def test_an_empty_answer_is_asked_about_once(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Save and next").last.click()
    expect(page.get_by_role("heading", name="No answer yet. Leave it empty?")).to_be_visible()
    assert looked_at(page) == []
    assert states(interview) == ["open", "pending", "pending"]
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Leave it empty").click()
    on_question(page, 2)
    assert states(interview) == ["skipped", "open", "pending"]


def test_skip_of_an_empty_answer_asks_nothing(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Skip").click()
    on_question(page, 2)
    assert states(interview) == ["skipped", "open", "pending"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_skip_stands_apart_from_the_main_button(candidate_page, person, home, width):
    page = candidate_page
    page.set_viewport_size({"width": width, "height": 844})
    begin(page, home, person)
    skip = page.locator("[data-action=skip]").bounding_box()
    main = page.locator("[data-action=next]").bounding_box()
    across = max(main["x"] - skip["x"] - skip["width"], skip["x"] - main["x"] - main["width"])
    down = max(main["y"] - skip["y"] - skip["height"], skip["y"] - main["y"] - main["height"])
    assert max(across, down) >= 32
    assert looked_at(page) == []


def test_without_javascript_skip_and_an_empty_answer_ask(browser, person, home):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, home, person.email)
    interview = begin(page, home, person)
    page.locator(FIELD).fill("Written without scripts.")
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("link", name="Keep writing").click()
    expect(page.locator(FIELD)).to_have_value("Written without scripts.")
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Skip this question").click()
    on_question(page, 2)
    page.get_by_role("button", name="Save and next").last.click()
    page.get_by_role("button", name="Leave it empty").click()
    on_question(page, 3)
    assert states(interview) == ["skipped", "skipped", "open"]
    context.close()


# --- the second press ---------------------------------------------------------------------------------


PRESS_AGAIN = """([action, pause]) => {
    document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
        document.querySelector(`[data-action=${action}]`).click();
        window.wasPressedAgain = true;
    }, pause), { once: true });
}"""


@pytest.mark.parametrize("pause_ms", [0, 300, 1000])
@pytest.mark.parametrize("action", ["next", "skip"])
def test_a_second_press_leaves_the_new_question_alone(candidate_page, person, home, action, pause_ms):
    """Timed in the page: what the test's own clicks would take says nothing here."""
    page = candidate_page
    interview = begin(page, home, person)
    if action == "next":
        page.locator(FIELD).press_sequentially("Once.")
        saved(page)
    else:
        page.wait_for_timeout(TOO_SOON_MS)
    page.evaluate(PRESS_AGAIN, [action, pause_ms])
    page.locator(f"[data-action={action}]").click()
    eventually(lambda: page.evaluate("window.wasPressedAgain"))
    page.wait_for_timeout(300)
    on_question(page, 2)
    assert states(interview)[1:] == ["open", "pending"]


def test_enter_held_down_hands_in_one_question(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(
        candidate=person, formats=("numeric", "numeric", "numeric"), now=timezone.now(), limit_seconds=900
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    page.locator("input[name=answer]").press_sequentially("20")
    for _ in range(80):  # without a keyup: all but the first are repeats
        page.keyboard.down("Enter")
        page.wait_for_timeout(30)
    page.keyboard.up("Enter")
    on_question(page, 2)
    assert states(interview) == ["answered", "open", "pending"]


def test_enter_held_down_on_a_button_presses_it_once(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).press_sequentially("Text")
    page.locator("[data-action=next]").focus()
    for _ in range(80):
        page.keyboard.down("Enter")
        page.wait_for_timeout(30)
    page.keyboard.up("Enter")
    on_question(page, 2)
    assert states(interview) == ["answered", "open", "pending"]


def test_the_second_press_does_not_answer_what_the_first_one_asked(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).press_sequentially("Work.")
    saved(page)
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Skip this question").click()
    page.wait_for_timeout(400)
    assert states(interview) == ["open", "pending", "pending"]
    expect(page.locator("#status")).to_contain_text("has only just appeared")


def test_who_answers_at_once_need_not_wait(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, formats=("single_choice",) * 3, now=timezone.now(), limit_seconds=900)
    page.goto(f"{home}/interviews/{interview.public_id}/")
    for position in (1, 2):
        on_question(page, position)
        page.locator(".choice").first.click()
        page.keyboard.press("Control+Enter")
    on_question(page, 3)
    assert states(interview) == ["answered", "answered", "open"]


# --- a coach's keys -----------------------------------------------------------------------------------


@pytest.fixture
def review_page(candidate_page, person, home):
    candidate = type(person).objects.create_user("grace@example.com")
    interview = make_answered_interview(candidate=candidate)
    make_grant(candidate, person)
    Review.objects.ask(interview, coach=person, now=interview.closed_at)
    page = candidate_page
    page.goto(home + reverse("interviews:review_answer", args=[interview.public_id, 1]))
    page.locator("#review-form").wait_for()
    return page


def select_words(page: Page) -> None:
    page.locator(".paragraph pre").first.evaluate("node => getSelection().selectAllChildren(node)")


def test_a_quote_lands_on_the_point_just_marked(review_page):
    page = review_page
    page.keyboard.press("?")
    page.keyboard.press("?")
    points = page.locator("fieldset.rubric-point")
    points.nth(0).locator("input[name^=point-]").first.focus()
    page.keyboard.press("1")
    expect(page.locator("#status")).to_contain_text("Next:")
    select_words(page)
    page.keyboard.press("q")
    expect(points.nth(0).locator("textarea")).not_to_have_value("")
    expect(points.nth(1).locator("textarea")).to_have_value("")
    # Who goes to another row chooses that one.
    points.nth(1).locator("input[name^=point-]").nth(1).click()
    select_words(page)
    page.keyboard.press("q")
    expect(points.nth(1).locator("textarea")).not_to_have_value("")


def test_no_letter_with_alt_does_anything_in_a_review(review_page):
    page = review_page
    page.keyboard.press("?")
    page.keyboard.press("?")
    select_words(page)
    address = page.url
    for code in ("KeyN", "KeyP", "KeyM", "KeyQ"):
        page.keyboard.press(f"Alt+{code}")
    page.wait_for_timeout(400)
    assert page.url == address
    assert page.locator("fieldset.rubric-point textarea").evaluate_all("nodes => nodes.every(({ value }) => !value)")
