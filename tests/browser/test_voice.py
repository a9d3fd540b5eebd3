"""A spoken answer in a real browser, with Chromium's own microphone: a beep a second that no hardware makes."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from interviews.speech.models import Recording
from tests.browser.conftest import axe_violations, log_in
from tests.browser.test_saving import alert, begin, eventually, let_pass
from tests.factories import question_of

pytestmark = pytest.mark.django_db(transaction=True)

STATE = "[data-voice=state]"


def button(page: Page, name: str):
    return page.locator(".voice").get_by_role("button", name=name, exact=True)


def record(page: Page, seconds: int = 2, again: bool = False) -> None:
    """Records until that much of it has been heard and kept."""
    button(page, "Record again" if again else "Record").click()
    expect(button(page, "Stop recording")).to_be_visible()  # until then the time of the one before stands there
    expect(page.locator("[data-voice=time]")).to_have_text(re.compile(f"0:0[{seconds}-9]|0:[1-9]"), timeout=30_000)


def kept_on_device(page: Page) -> int:
    """Pieces in IndexedDB."""
    return page.evaluate(
        """() => new Promise((resolve) => {
            const opening = indexedDB.open("holdout", 1);
            opening.onsuccess = () => {
                const counting = opening.result.transaction("pieces").objectStore("pieces").count();
                counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
            };
        })"""
    )


def is_sent(page: Page, seconds: str = "(0[2-9]|[12])") -> None:
    expect(page.locator(STATE)).to_have_text(re.compile(f"Recorded, 0:{seconds}"), timeout=15_000)


def is_unsent(page: Page) -> None:
    expect(page.locator(STATE)).to_have_text("Not sent – kept on this device")


def assert_nothing_is_left_on_the_device(page: Page) -> None:
    eventually(lambda: kept_on_device(page) == 0)


def test_record_stop_listen_replace_and_delete(candidate_page, person, home):
    page = candidate_page
    page.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.asked = 0;
        navigator.mediaDevices.getUserMedia = (what) => { window.asked += 1; return ask(what); };"""
    )
    interview = begin(page, home, person)
    expect(page.get_by_text("The microphone is off until you press Record.")).to_be_visible()
    assert page.evaluate("window.asked") == 0
    record(page)
    expect(button(page, "Stop recording")).to_be_focused()
    expect(page.locator("[data-voice=left]")).to_have_text(re.compile("4:5[0-8]"))
    eventually(lambda: page.locator("[data-voice=level]").evaluate("(meter) => meter.value > 0.2"))
    assert axe_violations(page) == []
    button(page, "Stop recording").click()
    is_sent(page)
    expect(button(page, "Record again")).to_be_focused()
    first = Recording.objects.get()
    assert (first.kind, first.content_type, first.is_measured) == ("answer", "audio/webm", True)
    assert 1.9 < first.seconds < 60
    player = page.locator("[data-voice=player]")
    jumped = player.evaluate(
        """async (player) => {
            await player.play();
            player.pause();
            player.currentTime = 1.5;
            await new Promise((resolve) => player.addEventListener("seeked", resolve, { once: true }));
            return [player.duration, player.currentTime];
        }"""
    )
    assert jumped == [pytest.approx(first.seconds, abs=0.1), pytest.approx(1.5, abs=0.1)]
    assert axe_violations(page) == []
    record(page, again=True)
    assert Recording.objects.filter(pk=first.pk).exists()  # until the new one is there
    button(page, "Stop recording").click()
    is_sent(page)
    second = Recording.objects.get()
    assert second.pk != first.pk
    page.reload()
    is_sent(page)
    button(page, "Delete the recording").click()
    button(page, "Keep it").click()
    button(page, "Delete the recording").click()
    assert axe_violations(page) == []
    button(page, "Delete it").click()
    expect(button(page, "Record")).to_be_focused()
    assert not Recording.objects.exists()
    assert not question_of(interview, 1).has_recording
    assert_nothing_is_left_on_the_device(page)


def test_a_recording_is_handed_in_with_its_question(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    record(page)
    page.keyboard.press("Control+Enter")  # without a stop
    expect(page.get_by_role("heading", level=1)).to_have_text(question_of(interview, 2).version.title)
    question = question_of(interview, 1)
    assert (question.state, question.answer, question.has_recording) == ("answered", [""], True)
    assert Recording.objects.get().seconds > 1.9
    expect(button(page, "Record")).to_be_visible()
    assert_nothing_is_left_on_the_device(page)


def test_an_upload_that_fails_midway_goes_on_from_there_also_after_a_reload(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person)
    parts = []

    def fail_after_the_first(route) -> None:
        parts.append(route.request.url)
        if len(parts) == 1:
            route.continue_()
        elif len(parts) == 2:
            route.fulfill(status=429, headers={"Retry-After": "1"}, body="")
        else:
            route.abort()

    page.route("**/part/**", fail_after_the_first)
    record(page, seconds=6)
    button(page, "Stop recording").click()
    is_unsent(page)
    alert(page).to_contain_text("kept on this device")
    held = Recording.objects.get()
    assert held.size > 0
    assert not held.is_finished
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator("[data-voice=error]")).to_contain_text("If you press again")
    assert question_of(interview, 1).is_open
    page.reload()
    is_unsent(page)
    page.unroute("**/part/**")
    is_sent(page, "(0[6-9]|[1-5])")
    whole = Recording.objects.get()
    assert (whole.pk, whole.kind) == (held.pk, "answer")
    assert whole.seconds > 5.5
    assert_nothing_is_left_on_the_device(page)


def test_a_reload_in_the_middle_keeps_what_was_said(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person)
    page.route("**/part/**", lambda route: route.abort())
    record(page, seconds=3)
    eventually(lambda: kept_on_device(page) >= 2)
    page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave
    page.unroute("**/part/**")
    page.reload()
    is_sent(page, "(0[1-9]|[1-5])")
    assert Recording.objects.get().kind == "answer"
    assert_nothing_is_left_on_the_device(page)


def test_a_lost_log_in_keeps_the_recording_and_the_next_one_sends_it(candidate_page, person, home, context):
    page = candidate_page
    begin(page, home, person)
    record(page)
    Session.objects.all().delete()
    button(page, "Stop recording").click()
    expect(page.locator(".signed-out-notice")).to_be_visible()
    alert(page).to_contain_text("Your recording is kept on this device")
    log_in(context.new_page(), home, person.email)
    page.bring_to_front()
    is_sent(page)
    assert Recording.objects.get().kind == "answer"


def test_a_recording_that_arrives_after_the_bell_is_late_kept_and_shown(
    candidate_page,
    person,
    home,
    context,
    short_grace,
):
    page = candidate_page
    interview = begin(page, home, person, formats=("free_text",), limit_seconds=60, question_seconds=60)
    record(page)
    context.set_offline(True)
    let_pass(interview, 58)
    page.evaluate("document.dispatchEvent(new CustomEvent('holdout:time-up'))")  # its clock knows of no leap
    is_unsent(page)
    let_pass(interview, 10)
    context.set_offline(False)
    page.wait_for_url("**/results/")
    eventually(lambda: Recording.objects.filter(kind="late").exists())
    page.reload()
    expect(page.get_by_text("Late recording, not scored")).to_be_visible()
    assert_nothing_is_left_on_the_device(page)


def test_a_recording_of_a_window_that_was_taken_over_is_kept_beside(candidate_page, person, home, context):
    page = candidate_page
    interview = begin(page, home, person)
    record(page)
    newer = context.new_page()
    newer.goto(f"{home}/interviews/{interview.public_id}/")
    page.bring_to_front()
    button(page, "Stop recording").click()
    expect(page.locator("[data-voice=error]")).to_contain_text("open elsewhere")
    assert Recording.objects.get().kind == "side"
    assert not question_of(interview, 1).has_recording


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
            "Your browser is blocking the microphone.",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))",
            "No microphone was found.",
        ),
    ],
)
def test_without_a_microphone_clear_words_and_the_text_goes_on(candidate_page, person, home, script, words):
    page = candidate_page
    page.add_init_script(script)
    begin(page, home, person)
    button(page, "Record").click()
    expect(page.locator("[data-voice=error]")).to_contain_text(words)
    expect(button(page, "Record")).to_be_enabled()
    expect(page.locator("textarea[name=answer]")).to_be_editable()


def test_a_browser_that_cannot_record_offers_nothing_and_says_so(candidate_page, person, home):
    page = candidate_page
    page.add_init_script("delete window.MediaRecorder")
    begin(page, home, person)
    expect(page.get_by_text("This browser can't record. Write your answer instead.")).to_be_visible()
    expect(page.locator(".voice button:visible")).to_have_count(0)


def test_logging_out_leaves_no_recording_on_the_device(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person)
    page.route("**/part/**", lambda route: route.abort())
    record(page)
    button(page, "Stop recording").click()
    is_unsent(page)
    page.goto(f"{home}/interviews/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{home}/")
    assert "holdout" not in [one["name"] for one in page.evaluate("indexedDB.databases()")]
