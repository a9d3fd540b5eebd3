"""What a browser shows of the clocks: wrong wall clocks, sleep, given time, the end."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.sitting.models import Interview
from tests.browser.test_saving import (
    FIELD,
    assert_right_time,
    begin,
    let_pass,
    saved,
    shown_seconds,
)
from tests.factories import question_of

pytestmark = pytest.mark.django_db(transaction=True)


WRONG_CLOCK = """
    window.wrongBy = %d;
    const RightDate = Date;
    window.Date = class extends RightDate {
        constructor(...parts) { parts.length ? super(...parts) : super(RightDate.now() + window.wrongBy); }
        static now() { return RightDate.now() + window.wrongBy; }
    };
"""


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_wall_clock_changes_no_countdown(candidate_page, person, home, context, hours):
    page = candidate_page
    context.add_init_script(WRONG_CLOCK % (hours * 3_600_000))
    interview = begin(page, home, person, question_seconds=200)
    page.wait_for_timeout(1500)
    assert_right_time(page, interview)
    page.evaluate("window.wrongBy = 0")  # the wall clock is set while the interview runs
    page.wait_for_timeout(1500)
    assert_right_time(page, interview)


def test_after_a_laptop_has_slept_the_clock_is_the_servers(candidate_page, person, home, context):
    """While it sleeps performance.now() stands still and the wall clock jumps; the page asks the server."""
    page = candidate_page
    context.add_init_script(WRONG_CLOCK % 0)
    interview = begin(page, home, person, question_seconds=200)
    page.wait_for_timeout(1200)
    let_pass(interview, 100)
    page.evaluate("window.wrongBy = 100_000")
    expect(page.locator("[data-clock=question] .clock-time")).to_have_text(re.compile("^1:[34]"))


def test_time_added_in_mid_interview_comes_with_the_next_autosave(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=60)
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.adjust(300, reason="The fire alarm", by=person, now=timezone.now())
    assert shown_seconds(page) <= 60
    page.locator(FIELD).press_sequentially("Go on.")
    saved(page)
    expect(page.locator("[data-clock=question] .clock-time")).to_have_text(re.compile("^5:"))
    expect(page.locator("[data-clock=interview] .clock-time")).to_have_text(re.compile("^19:"))


def test_a_refused_save_gives_no_time_back(candidate_page, person, home):
    """The numbers on the page are of the moment when they came: reading them again would turn the clock back."""
    page = candidate_page
    interview = begin(page, home, person, question_seconds=60)
    page.wait_for_timeout(4000)
    page.route(
        "**/save/", lambda route: route.fulfill(status=422, body='<span class="save-state" id="save-1">No</span>')
    )
    page.locator(FIELD).press_sequentially("x")
    expect(page.locator(".save-state[id]")).to_have_text("No")
    page.wait_for_timeout(500)
    assert_right_time(page, interview)


def test_at_the_end_of_a_strict_question_the_field_closes_and_the_way_on_has_the_focus(
    candidate_page, person, home, short_grace
):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=3)
    page.locator(FIELD).press_sequentially("To the end")
    expect(page.get_by_role("button", name="Next question")).to_be_focused(timeout=20_000)
    expect(page.locator(FIELD)).to_have_value("To the end")
    expect(page.locator(FIELD)).to_have_js_property("readOnly", True)
    assert question_of(interview, 1).answer == ["To the end"]
    page.keyboard.press("Enter")
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()


def test_at_the_end_of_a_gentle_question_overtime_is_shown_and_nothing_closes(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=2, pace="gentle")
    expect(page.locator("[data-clock=question] .clock-time")).to_have_text(re.compile(r"^\+0:0[1-9]"))
    expect(page.locator("[data-clock=question]")).to_have_class(re.compile("is-over"))
    expect(page.locator(".time-up-notice")).to_contain_text("You can finish your thought")
    page.locator(FIELD).press_sequentially("A thought after the end.")
    saved(page)
    assert question_of(interview, 1).answer == ["A thought after the end."]
    assert question_of(interview, 1).state == "open"


def test_time_that_comes_after_the_bell_takes_the_notice_back(candidate_page, person, home):
    page = candidate_page
    interview = begin(page, home, person, question_seconds=2)
    expect(page.locator(".time-up-notice")).to_be_visible()
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.adjust(300, reason="The fire alarm", by=person, now=timezone.now())
    page.locator(FIELD).press_sequentially("Thanks.")
    saved(page)
    expect(page.locator(".time-up-notice")).to_be_hidden()


def test_each_threshold_is_spoken_once(candidate_page, person, home, context):
    page = candidate_page
    context.add_init_script(
        "window.said = []; document.addEventListener('holdout:say', ({ detail }) => window.said.push(detail))"
    )
    interview = begin(page, home, person, question_seconds=302, limit_seconds=1800)
    for left in (302, 62, 22):
        let_pass(interview, (question_of(interview, 1).deadline_at - timezone.now()).total_seconds() - left)
        page.wait_for_timeout(1200)  # the page asks at most once a second
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.wait_for_timeout(2500)
    news = [(item["region"], item["text"]) for item in page.evaluate("window.said") if "left for" in item["text"]]
    assert news == [
        ("status", "5 minutes left for this question."),
        ("status", "1 minute left for this question."),
        ("alert", "20 seconds left for this question."),
    ]


def test_hidden_timers_stay_hidden_for_this_person(candidate_page, person, home):
    page = candidate_page
    begin(page, home, person)
    with page.expect_response("**/settings/timers/"):
        page.get_by_role("button", name="Hide").click()
    expect(page.locator(".clocks")).to_have_class(re.compile("is-hidden"))
    page.locator(FIELD).press_sequentially("The clocks come anew with each save.")
    saved(page)
    expect(page.locator(".clocks")).to_have_class(re.compile("is-hidden"))
    page.reload()
    expect(page.locator(".clocks")).to_have_class(re.compile("is-hidden"))
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".clocks")).not_to_have_class(re.compile("is-hidden"))
