"""With scripts switched off: a log-in that waits goes on by itself, and a log-in that ends loses no text."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from accounts import turns
from interviews.models import Interview
from tests.accounts.test_turns import full_queue
from tests.browser.conftest import log_in
from tests.browser.looking import looked_at
from tests.factories import PASSWORD, make_interview

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Bias falls, and variance grows with every tree."


@pytest.fixture
def plain(browser, person):
    """A page without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def type_log_in(page, home: str, person) -> None:
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()


def test_a_log_in_that_waits_goes_on_by_itself(plain, person, home):
    with full_queue():
        type_log_in(plain, home, person)
        expect(plain.get_by_role("heading", name="Logging you in")).to_be_visible()
        plain.wait_for_url("**/accounts/login/turn/")  # it has asked again, and waits on
        expect(plain.get_by_role("heading", name="Logging you in")).to_be_visible()
    plain.wait_for_url("**/interviews/")
    assert turns.COOKIE not in {cookie["name"] for cookie in plain.context.cookies()}


def test_the_page_that_waits_is_for_everybody(visitor, person, home):
    with full_queue():
        visitor.goto(f"{home}/accounts/login/")
        visitor.get_by_label("Email").fill(person.email)
        visitor.get_by_label("Password").fill(PASSWORD)
        visitor.get_by_role("main").get_by_role("button", name="Log in").click()
        expect(visitor.get_by_role("heading", name="Logging you in")).to_be_visible()
        visitor.evaluate("window.stop()")  # the refresh: looking takes a while
        assert looked_at(visitor) == []
    visitor.get_by_role("link", name="Try now").click()
    visitor.wait_for_url("**/interviews/")


def start(person) -> Interview:
    return make_interview(candidate=person, now=timezone.now(), limit_seconds=3600, question_seconds=1800)


def test_a_log_in_that_ends_in_mid_question_loses_no_text(plain, person, home):
    interview = start(person)
    log_in(plain, home, person.email)
    plain.goto(f"{home}/interviews/{interview.public_id}/")
    field = plain.get_by_role("textbox", name="Your answer")
    field.fill(TEXT)
    Session.objects.all().delete()
    plain.get_by_role("button", name="Save and next").last.click()
    plain.get_by_label("Email").fill(person.email)
    plain.get_by_label("Password").fill(PASSWORD)
    plain.get_by_role("main").get_by_role("button", name="Log in").click()
    plain.wait_for_url(f"**/interviews/{interview.public_id}/")
    expect(field).to_have_value(TEXT)
    expect(plain.get_by_text("but not submitted yet.")).to_be_visible()
    assert interview.questions.get(position=1).answer == [TEXT]
    plain.get_by_role("button", name="Save and next").last.click()
    expect(plain.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    assert interview.questions.get(position=1).state == "answered"


def test_out_in_one_tab_and_in_again_in_another_loses_no_text(plain, person, home):
    interview = start(person)
    log_in(plain, home, person.email)
    plain.goto(f"{home}/interviews/{interview.public_id}/")
    plain.get_by_role("textbox", name="Your answer").fill(TEXT)
    other = plain.context.new_page()
    other.goto(f"{home}/interviews/")
    other.get_by_role("button", name="Log out").click()
    log_in(other, home, person.email)
    plain.get_by_role("button", name="Save and next").last.click()
    plain.wait_for_url(f"**/interviews/{interview.public_id}/")
    expect(plain.get_by_role("textbox", name="Your answer")).to_have_value(TEXT)
    assert interview.questions.get(position=1).answer == [TEXT]
