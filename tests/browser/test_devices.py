"""Two devices or tabs in one answer, offline at will, closed, full, logged out: every word is on the server or offered.

What of this is the server's rule, every order of it is tried in tests/interviews/sitting/test_two_pages.py.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import log_in
from tests.browser.test_saving import FIELD, alert, begin, eventually, local_copies, saved, texts
from tests.factories import make_interview, question_of

pytestmark = pytest.mark.django_db(transaction=True)
OFFER = "[data-kept] [data-key]"


@pytest.fixture
def phone(browser, person, home):
    """A device of its own: another browser, logged in."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    log_in(page, home, person.email)
    yield page
    context.close()


def type_offline(page: Page, context: BrowserContext, text: str) -> None:
    context.set_offline(True)
    page.locator(FIELD).press("Control+End")
    page.locator(FIELD).press_sequentially(text)
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))


def carry_on(page: Page, address: str, text: str) -> None:
    page.goto(address)
    page.locator(FIELD).press("Control+End")
    page.locator(FIELD).press_sequentially(text)
    saved(page)


def offered(page: Page):
    return expect(page.locator(OFFER))


def test_a_laptop_closed_offline_offers_its_text_when_a_phone_has_gone_on(candidate_page, person, home, context, phone):
    laptop = candidate_page
    interview = begin(laptop, home, person)
    laptop.locator(FIELD).press_sequentially("Start.")
    saved(laptop)
    type_offline(laptop, context, " Never sent.")
    address = laptop.url
    laptop.close()
    carry_on(phone, address, " The phone typed far more than that, key by key.")
    context.set_offline(False)
    laptop = context.new_page()
    laptop.goto(address)
    expect(laptop.locator(FIELD)).to_have_value("Start. The phone typed far more than that, key by key.")
    offered(laptop).to_have_count(1)
    offered(laptop).to_contain_text("Text from this device that was never sent")
    eventually(lambda: "Start. Never sent." in texts(interview, "side"))
    laptop.get_by_text("Show text", exact=True).click()
    expect(laptop.locator("[data-kept-text]")).to_have_text("Start. Never sent.")
    assert question_of(interview, 1).answer == ["Start. The phone typed far more than that, key by key."]


def test_an_older_text_with_more_keys_replaces_nothing_until_it_is_put_in(candidate_page, person, home, context, phone):
    laptop = candidate_page
    interview = begin(laptop, home, person)
    type_offline(laptop, context, "Sixty and more keys were pressed here before the laptop was closed.")
    address = laptop.url
    laptop.close()
    carry_on(phone, address, "Newer.")
    context.set_offline(False)
    laptop = context.new_page()
    laptop.goto(address)
    expect(laptop.locator(FIELD)).to_have_value("Newer.")
    laptop.get_by_role("button", name="Insert it").click()
    expect(laptop.locator(FIELD)).to_have_value(re.compile("^Sixty"))
    saved(laptop)
    # What stood there is not lost: it changes places.
    offered(laptop).to_contain_text("The text that was here before")
    laptop.get_by_role("button", name="Insert it").click()
    expect(laptop.locator(FIELD)).to_have_value("Newer.")
    eventually(lambda: question_of(interview, 1).answer == ["Newer."])


def test_discarding_asks_and_the_server_keeps_the_text_all_the_same(candidate_page, person, home, context, phone):
    laptop = candidate_page
    interview = begin(laptop, home, person)
    type_offline(laptop, context, "Unwanted.")
    carry_on(phone, laptop.url, "Wanted.")
    context.set_offline(False)
    expect(laptop.locator(".save-state[id]")).to_contain_text("open elsewhere", timeout=15_000)
    laptop.get_by_role("link", name="Continue here").click()
    laptop.get_by_role("button", name="Discard").click()
    expect(laptop.get_by_text("Discard this text?")).to_be_visible()
    expect(laptop.get_by_role("button", name="Keep it")).to_be_focused()
    laptop.get_by_role("button", name="Keep it").click()
    offered(laptop).to_have_count(1)
    laptop.get_by_role("button", name="Discard").click()
    laptop.get_by_role("button", name="Discard it").click()
    offered(laptop).to_have_count(0)
    laptop.reload()
    expect(laptop.locator(FIELD)).to_have_value("Wanted.")
    offered(laptop).to_have_count(0)
    assert "Unwanted." in texts(interview, "side")


def test_a_text_whose_ground_nobody_changed_goes_in_by_itself(candidate_page, person, home, context, phone):
    """The phone only looked."""
    laptop = candidate_page
    interview = begin(laptop, home, person)
    laptop.locator(FIELD).press_sequentially("Start.")
    saved(laptop)
    type_offline(laptop, context, " And more.")
    phone.goto(laptop.url)
    context.set_offline(False)
    expect(laptop.locator(".save-state[id]")).to_contain_text("open elsewhere", timeout=15_000)
    laptop.get_by_role("link", name="Continue here").click()
    expect(laptop.locator(FIELD)).to_have_value("Start. And more.")
    eventually(lambda: question_of(interview, 1).answer == ["Start. And more."])
    offered(laptop).to_have_count(0)
    eventually(lambda: local_copies(laptop) == [])


def test_a_reply_that_was_lost_makes_no_conflict_of_ones_own_words(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)

    def lose_the_reply(route):
        route.fetch()
        route.abort()

    page.route("**/save/", lose_the_reply)
    page.locator(FIELD).press_sequentially("Stored")
    eventually(lambda: page.wait_for_timeout(50) or question_of(interview, 1).answer == ["Stored"])
    page.unroute("**/save/")
    page.route("**/save/", lambda route: route.abort())
    page.locator(FIELD).press_sequentially(" and more")
    page.reload()
    expect(page.locator(FIELD)).to_have_value("Stored and more")
    offered(page).to_have_count(0)


def test_the_text_of_a_tab_that_lost_its_session_is_in_the_tab_after_it(candidate_page, person, home, context):
    """Logged out and in again from a second tab: what only the first one had is saved from the second."""
    first = candidate_page
    interview = begin(first, home, person)
    first.route("**/save/", lambda route: route.abort())
    first.locator(FIELD).press_sequentially("Only in the first tab.")
    expect(first.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    second = context.new_page()
    second.goto(f"{home}/interviews/")
    second.once("dialog", lambda dialog: dialog.accept())
    second.get_by_role("button", name="Log out").click()
    expect(second.get_by_role("link", name="Log in").first).to_be_visible()
    first.unroute("**/save/")
    expect(first.locator(".save-state[id]")).to_have_text("Not saved – log in again", timeout=15_000)
    log_in(second, home, person.email)
    second.goto(first.url)
    expect(second.locator(FIELD)).to_have_value("Only in the first tab.")
    eventually(lambda: question_of(interview, 1).answer == ["Only in the first tab."])


def test_a_revision_far_ahead_is_counted_anew_and_the_text_is_sent(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator("[name=rev]").evaluate("(field) => { field.value = 50_000; }")
    copy = '{"base": 0, "rev": 50000, "answer": ["Fifty thousand keys."], "confidence": null}'
    page.evaluate(f"localStorage.setItem('holdout:{interview.public_id}:1:1', '{copy}')")
    page.reload()
    expect(page.locator(FIELD)).to_have_value("Fifty thousand keys.")
    saved(page)
    assert question_of(interview, 1).answer == ["Fifty thousand keys."]
    assert question_of(interview, 1).rev < 10_000


def test_a_page_that_counts_too_far_starts_again_from_what_is_held(candidate_page, person, home, context):
    """Fifteen thousand changes offline, in one page."""
    page = candidate_page
    interview = begin(page, home, person)
    context.set_offline(True)
    page.evaluate("""() => {
        const field = document.querySelector("textarea[name=answer]");
        for (let change = 0; change < 10_500; change++) {
            field.value = `Change ${change}`;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }""")
    context.set_offline(False)
    eventually(lambda: page.wait_for_timeout(50) or question_of(interview, 1).answer == ["Change 10499"])
    saved(page)
    assert local_copies(page) == []


def test_text_of_an_older_page_is_late_text_once_the_question_was_handed_in(
    candidate_page, person, home, context, phone
):
    laptop = candidate_page
    interview = begin(laptop, home, person)
    type_offline(laptop, context, "On the laptop.")
    address = laptop.url
    laptop.close()
    carry_on(phone, address, "On the phone.")
    phone.keyboard.press("Control+Enter")
    expect(phone.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    context.set_offline(False)
    laptop = context.new_page()
    laptop.goto(address)
    alert(laptop).to_contain_text("kept as late text")
    assert texts(interview, "late") == ["On the laptop."]
    assert question_of(interview, 1).answer == ["On the phone."]
    eventually(lambda: local_copies(laptop) == [])


def test_choices_are_offered_in_words(candidate_page, person, home, context, phone):
    laptop = candidate_page
    interview = make_interview(candidate=person, formats=("single_choice",), now=timezone.now(), limit_seconds=900)
    laptop.goto(f"{home}/interviews/{interview.public_id}/")
    context.set_offline(True)
    laptop.locator(".choice").nth(0).click()
    mine = laptop.locator(".choice-text").nth(0).inner_text()
    expect(laptop.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    address = laptop.url
    laptop.close()
    phone.goto(address)
    phone.locator(".choice").nth(1).click()
    saved(phone)
    context.set_offline(False)
    laptop = context.new_page()
    laptop.goto(address)
    laptop.get_by_text("Show text", exact=True).click()
    expect(laptop.locator("[data-kept-text]")).to_have_text(mine)
    expect(laptop.locator(".choice input").nth(1)).to_be_checked()
    laptop.get_by_role("button", name="Insert it").click()
    expect(laptop.locator(".choice input").nth(0)).to_be_checked()


# --- devices that keep nothing -------------------------------------------------------------------------

FORBIDDEN = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
)
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"


@pytest.mark.parametrize("script", [FORBIDDEN, FULL], ids=["forbidden", "full"])
def test_a_device_that_can_keep_nothing_says_so_and_asks_before_it_closes(
    candidate_page, person, home, context, script
):
    page = candidate_page
    context.add_init_script(script)
    interview = begin(page, home, person)
    type_offline(page, context, "Only on the screen.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – keep this page open")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    eventually(lambda: page.wait_for_timeout(50) or asked == ["beforeunload"])
    context.set_offline(False)
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"), timeout=15_000)
    assert question_of(interview, 1).answer == ["Only on the screen."]
    page.goto(f"{home}/interviews/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


# --- handing in without a connection -------------------------------------------------------------------


def test_handed_in_offline_it_waits_for_the_connection_and_says_so(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person)
    context.set_offline(True)
    page.locator(FIELD).press_sequentially("All of it.")
    page.keyboard.press("Control+Enter")
    alert(page).to_contain_text("Waiting for the connection")
    expect(page.locator(".save-state[id]")).to_have_text("Waiting for the connection")
    context.set_offline(False)
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible(timeout=15_000)
    assert question_of(interview, 1).state == "answered"


def test_who_writes_on_while_it_waits_is_not_handed_in(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person)
    context.set_offline(True)
    page.locator(FIELD).press_sequentially("First")
    page.keyboard.press("Control+Enter")
    alert(page).to_contain_text("Waiting for the connection")
    page.locator(FIELD).press_sequentially(" and second")
    context.set_offline(False)
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"), timeout=15_000)
    page.wait_for_timeout(500)
    assert question_of(interview, 1).state == "open"
    assert question_of(interview, 1).answer == ["First and second"]


def test_who_moves_another_step_while_it_waits_is_not_handed_in(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person, formats=("ordering", "free_text"))
    down = page.locator(".step-move button[value$=':down']").first
    down.click()
    saved(page)
    context.set_offline(True)
    page.keyboard.press("Control+Enter")
    alert(page).to_contain_text("Waiting for the connection")
    down.click()
    sent = []
    page.on("request", lambda request: sent.append(request.url.rstrip("/").rpartition("/")[2]))
    context.set_offline(False)
    eventually(lambda: page.wait_for_timeout(50) or "save" in sent)
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"), timeout=15_000)
    page.wait_for_timeout(300)  # it would be handed in at once
    assert "submit" not in sent
    assert question_of(interview, 1).state == "open"


def test_a_form_with_a_field_named_action_can_be_sent(candidate_page, home):
    page = candidate_page
    page.goto(f"{home}/interviews/")
    page.evaluate("""() => {
        const form = document.createElement("form");
        form.innerHTML = "<input name='action' value='x'>";
        form.addEventListener("submit", (event) => { event.preventDefault(); window.wasSent = true; });
        document.body.append(form);
        form.requestSubmit();
    }""")
    assert page.evaluate("window.wasSent")
