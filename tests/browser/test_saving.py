"""What a browser does with somebody's words when the network, the session, the clock or a second tab gets in the way.

Limits are short and time is moved on the server, so that nothing here waits for an interview's real length.
"""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.sitting.models import AnswerRevision, Interview
from tests.browser.conftest import log_in
from tests.factories import make_interview, question_of

pytestmark = pytest.mark.django_db(transaction=True)
FIELD = "textarea[name=answer]"


def begin(page: Page, home: str, person, **fields) -> Interview:
    """An interview of free-text questions that has just been started, and its page."""
    interview = make_interview(candidate=person, now=timezone.now(), **{"limit_seconds": 900} | fields)
    page.goto(f"{home}/interviews/{interview.public_id}/")
    return interview


def let_pass(interview: Interview, seconds: float) -> None:
    """Everything the interview knows of time lies that much further back."""
    step = timedelta(seconds=seconds)
    Interview.objects.filter(pk=interview.pk).update(
        started_at=F("started_at") - step, deadline_at=F("deadline_at") - step, expires_at=F("expires_at") - step
    )
    interview.questions.filter(state="open").update(
        opened_at=F("opened_at") - step, deadline_at=F("deadline_at") - step
    )


def saved(page: Page):
    return expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"))


def alert(page: Page):
    return expect(page.locator("#alert"))


def shown_seconds(page: Page, clock: str = "question") -> int:
    minutes, seconds = page.locator(f"[data-clock={clock}] .clock-time").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def assert_right_time(page: Page, interview: Interview) -> None:
    """Within a second; another for the page's rounding up and the way to and fro on a busy machine."""
    left = (question_of(interview, 1).deadline_at - timezone.now()).total_seconds()
    assert abs(shown_seconds(page) - left) < 2


def texts(interview: Interview, kind: str) -> list[str]:
    revisions = AnswerRevision.objects.filter(question__interview=interview, kind=kind)
    return [revision.answer[0] for revision in revisions]


def eventually(fact, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)


def local_copies(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('holdout:'))")


# --- the network ------------------------------------------------------------------------------------


def test_text_typed_offline_counts_when_the_network_is_back_in_time(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person)
    context.set_offline(True)
    page.locator(FIELD).press_sequentially("Every word of this.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – kept on this device")
    context.set_offline(False)
    saved(page)
    assert question_of(interview, 1).answer == ["Every word of this."]
    assert local_copies(page) == []


def test_text_typed_offline_through_the_questions_end_is_late_text_and_the_page_says_so(
    candidate_page, person, home, context, short_grace
):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=5)
    page.locator(FIELD).press_sequentially("In time.")
    saved(page)
    context.set_offline(True)
    page.locator(FIELD).press_sequentially(" After the bell.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – kept on this device")
    expect(page.locator(FIELD)).to_have_js_property("readOnly", True, timeout=15_000)
    expect(page.locator(".time-up-notice")).to_contain_text("Time is up for this question.")
    context.set_offline(False)
    alert(page).to_contain_text("kept as late text", timeout=15_000)
    assert texts(interview, "late")[-1] == "In time. After the bell."
    assert question_of(interview, 1).answer == ["In time."]
    assert question_of(interview, 1).state == "timed_out"
    assert local_copies(page) == []


def test_text_typed_offline_through_the_interviews_end_is_late_text_and_the_results_show_it(
    candidate_page, person, home, context, short_grace
):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=4, limit_seconds=4, formats=("free_text",))
    context.set_offline(True)
    page.locator(FIELD).press_sequentially("Nobody heard this.")
    expect(page.locator(FIELD)).to_have_js_property("readOnly", True, timeout=15_000)
    context.set_offline(False)
    page.wait_for_url("**/results/")
    eventually(lambda: texts(interview, "late"))
    assert texts(interview, "late")[-1] == "Nobody heard this."
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Nobody heard this.")


def test_a_device_that_comes_back_after_the_interview_hands_its_text_to_the_results(
    candidate_page, person, home, context, short_grace
):
    page = candidate_page
    page.goto(f"{home}/interviews/")
    interview = make_interview(candidate=person, now=timezone.now() - timedelta(hours=1), formats=("free_text",))
    copy = '{"rev": 3, "answer": ["From a laptop that was closed."], "confidence": null}'
    page.evaluate(f"localStorage.setItem('holdout:{interview.public_id}:1', '{copy}')")
    page.goto(f"{home}/interviews/{interview.public_id}/")
    page.wait_for_url("**/results/")
    alert(page).to_contain_text("kept as late text")
    assert texts(interview, "late") == ["From a laptop that was closed."]
    assert local_copies(page) == []


def test_a_save_that_gets_no_answer_is_told_within_ten_seconds_and_repeated_without_a_key(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.route("**/save/", lambda route: None)  # accepted, never answered
    page.locator(FIELD).press_sequentially("Into a hole.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – kept on this device", timeout=10_000)
    alert(page).to_have_text("Not saved. Your text is kept on this device.")
    page.unroute("**/save/")
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"), timeout=15_000)
    assert question_of(interview, 1).answer == ["Into a hole."]


def test_a_save_that_is_told_to_wait_is_kept_and_repeated_without_a_key(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.route("**/save/", lambda route: route.fulfill(status=429, headers={"Retry-After": "1"}))
    page.locator(FIELD).press_sequentially("Too fast.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – kept on this device")
    page.unroute("**/save/")
    saved(page)
    assert question_of(interview, 1).answer == ["Too fast."]


def test_a_reload_brings_back_what_was_only_on_this_device(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).fill("Saved.")
    saved(page)
    page.route("**/save/", lambda route: route.abort())
    page.locator(FIELD).press("Control+End")
    page.locator(FIELD).press_sequentially(" And not saved.")
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    page.reload()
    expect(page.locator(FIELD)).to_have_value("Saved. And not saved.")
    page.unroute("**/save/")
    saved(page)
    assert question_of(interview, 1).answer == ["Saved. And not saved."]


def test_looking_at_the_clocks_forgets_nothing_that_is_only_on_this_device(candidate_page, person, home):
    """Another request's success says nothing about the text."""
    page = candidate_page
    begin(page, home, person)
    page.route("**/save/", lambda route: route.abort())
    page.locator(FIELD).press_sequentially("Only here.")
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    with page.expect_response("**/settings/timers/"):
        page.get_by_role("button", name="Hide").click()
    assert local_copies(page) != []


def test_an_autosave_that_arrives_after_the_submit_alarms_nobody(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    held = []
    page.route("**/save/", lambda route: held.append(route))
    page.locator(FIELD).press_sequentially("Handed in.")
    eventually(lambda: page.wait_for_timeout(50) or held)
    page.get_by_role("button", name="Save and next").last.click()
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    with page.expect_response("**/save/"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator(".is-failed")).to_have_count(0)
    alert(page).to_be_empty()
    assert question_of(interview, 1).answer == ["Handed in."]
    assert question_of(interview, 1).state == "answered"


def test_a_power_cut_two_seconds_before_the_end_loses_at_most_a_second_and_a_half(
    candidate_page, person, home, context
):
    """Somebody who types without a pause gives the autosave no moment; near the end it takes one."""
    page = candidate_page
    interview = begin(page, home, person, question_seconds=9)
    page.evaluate("""() => {
        const field = document.querySelector("textarea[name=answer]");
        setInterval(() => {
            field.value += ` ${Math.round(performance.now())}`;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }, 100);
    }""")
    while (question_of(interview, 1).deadline_at - timezone.now()).total_seconds() > 2:
        page.wait_for_timeout(50)
    cut_at = page.evaluate("performance.now()")
    context.set_offline(True)
    last = int(question_of(interview, 1).answer[0].split()[-1])
    assert cut_at - last < 1500


# --- tabs, sessions, history ------------------------------------------------------------------------


def test_a_second_tab_takes_over_and_the_first_says_so_and_loses_nothing(candidate_page, person, home, context):
    first = candidate_page
    interview = begin(first, home, person)
    first.locator(FIELD).press_sequentially("From the first")
    saved(first)
    second = context.new_page()
    second.goto(first.url)
    expect(second.locator(FIELD)).to_have_value("From the first")
    second.locator(FIELD).press("Control+End")
    second.locator(FIELD).press_sequentially(" and the second.")
    saved(second)
    first.locator(FIELD).press_sequentially(", too late")
    expect(first.locator(".save-state[id]")).to_have_text("This interview is open elsewhere · Continue here")
    expect(first.locator(FIELD)).to_have_js_property("readOnly", True)
    assert "From the first, too late" in texts(interview, "side")
    assert question_of(interview, 1).answer == ["From the first and the second."]
    first.get_by_role("link", name="Continue here").click()
    expect(first.locator(FIELD)).to_have_value("From the first and the second.")
    first.locator(FIELD).press("Control+End")
    first.locator(FIELD).press_sequentially(" Back.")
    saved(first)
    assert question_of(interview, 1).answer == ["From the first and the second. Back."]


def test_signed_out_and_in_again_in_another_tab_the_text_is_saved_by_itself(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person)
    Session.objects.all().delete()
    page.locator(FIELD).press_sequentially("Still here.")
    expect(page.locator(".save-state[id]")).to_have_text("Not saved – log in again")
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("Still here.")
    log_in(context.new_page(), home, person.email)
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"), timeout=30_000)
    expect(page.get_by_role("link", name="Log in again")).to_be_hidden()
    assert question_of(interview, 1).answer == ["Still here."]


def test_the_back_button_shows_no_old_text_and_posts_none(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).fill("Of the first question.")
    page.get_by_role("button", name="Save and next").last.click()
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    count = AnswerRevision.objects.count()
    page.go_back()
    page.go_forward()
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("")
    page.wait_for_timeout(1000)
    assert AnswerRevision.objects.count() == count
    assert question_of(interview, 1).state == "answered"
    assert question_of(interview, 2).rev == 0


@pytest.mark.parametrize("pause_ms", [0, 250])
def test_a_double_click_on_save_and_next_moves_once(candidate_page, person, home, pause_ms):
    """The second click of a slow one lands on the next question's button."""
    page = candidate_page
    interview = begin(page, home, person)
    page.locator(FIELD).fill("Once.")
    saved(page)
    box = page.locator("[data-action=next]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for clicks in (1, 2):
        page.mouse.down(click_count=clicks)
        page.mouse.up(click_count=clicks)
        page.wait_for_timeout(pause_ms)
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    page.wait_for_timeout(500)
    assert [question.state for question in interview.questions.all()] == ["answered", "open", "pending"]


def test_logging_out_clears_what_this_device_kept(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person)
    page.route("**/save/", lambda route: route.abort())
    page.locator(FIELD).press_sequentially("Private.")
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-failed"))
    assert local_copies(page) != []
    page.goto(f"{home}/interviews/")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Log out").click()
    page.wait_for_timeout(300)
    assert asked == ["Some text on this device hasn't been sent yet. Log out and lose it?"]
    assert local_copies(page) != []
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    assert local_copies(page) == []
