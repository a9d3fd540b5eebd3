"""Every screen of a candidate: no axe violation in both themes and two sizes, no sideways scroll at 320 px, no
violation of the content security policy (the `visitor` fixture fails on one)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews import reports
from interviews.models import Interview
from tests.browser.conftest import axe_violations
from tests.factories import PASSWORD, make_finished_interview, make_interview, question_of, write

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("single_choice", "multiple_choice", "numeric", "ordering", "free_text", "staged")


def looked_at(page: Page) -> list[str]:
    """axe's findings in both themes, on a desktop and on a phone."""
    found = []
    for theme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 844})
            page.wait_for_timeout(50)
            found += [f"{theme} {width}: {violation}" for violation in axe_violations(page)]
    return found


def scrolls_sideways(page: Page) -> bool:
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_timeout(100)
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_pages_of_a_visitor(visitor, home):
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        visitor.goto(home + path)
        assert looked_at(visitor) == [], path
        assert not scrolls_sideways(visitor), path


def test_pages_of_a_candidate(candidate_page, person, home):
    page = candidate_page
    assert looked_at(page) == [], "empty dashboard"
    page.goto(f"{home}/report/")
    assert looked_at(page) == [], "empty report"
    done = make_finished_interview(candidate=person, scores=(0,) * 9, now=timezone.now() - timedelta(days=2))
    sat = make_interview(candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=3000)
    for position, answer in enumerate(answers_to(sat), start=1):
        write(sat, position, answer, now=timezone.now(), act="submit_answer")
    reports.compile_requested(person.pk, now=timezone.now())
    for path in (
        "/interviews/",
        "/interviews/new/",
        "/report/",
        "/settings/",
        f"/interviews/{done.public_id}/results/",
        f"/interviews/{sat.public_id}/results/",
        "/no/such/page/",
    ):
        page.goto(home + path)
        assert looked_at(page) == [], path
        assert not scrolls_sideways(page), path


def answers_to(interview: Interview) -> list[list[str]]:
    answers = []
    for question in interview.questions.order_by("position"):
        options = [str(option.pk) for option in question.version.options.all()]
        free = ["some words"] * max(1, len(question.version.stages))
        by_format = {
            "numeric": ["20"],
            "ordering": options,
            "single_choice": options[:1],
            "multiple_choice": options[:2],
        }
        answers.append(by_format.get(question.version.format, free))
    return answers


def test_the_question_screen_in_every_format_and_state(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(
        candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=3000, time_multiplier=Decimal(2)
    )
    for position, format in enumerate(FORMATS, start=1):
        page.goto(f"{home}/interviews/{interview.public_id}/")
        expect(page.get_by_text(f"Question {position} of 6", exact=True)).to_be_visible()
        assert looked_at(page) == [], format
        assert not scrolls_sideways(page), format
        if format == "numeric":
            page.locator("input[name=answer]").fill("many")
            page.keyboard.press("Enter")
            expect(page.locator("[aria-invalid=true]")).to_be_focused()
            assert looked_at(page) == [], "invalid"
        page.locator("[data-action=skip]").click()
        if position < len(FORMATS):
            expect(page.get_by_text(f"Question {position + 1} of 6", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()


def test_time_up_and_finish_and_pause(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, now=timezone.now() - timedelta(seconds=75), limit_seconds=3000)
    page.goto(f"{home}/interviews/{interview.public_id}/")
    expect(page.get_by_text("Time is up for this question.")).to_be_visible()
    expect(page.get_by_role("button", name="Next question")).to_be_visible()
    assert question_of(interview, 1).state == "timed_out"
    assert looked_at(page) == [], "time up"
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_text("Question 2 of 3", exact=True)).to_be_visible()
    page.get_by_role("button", name="Finish…").click()
    expect(page.get_by_role("heading", name="Finish this interview?")).to_be_focused()
    assert looked_at(page) == [], "finish"
    page.get_by_role("button", name="Finish now").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    gentle = make_interview(candidate=person, now=timezone.now(), pace="gentle")
    page.goto(f"{home}/interviews/{gentle.public_id}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    assert looked_at(page) == [], "paused"


def test_signing_up_reads_its_mail_and_comes_in(visitor, home, settings, tmp_path):
    settings.EMAIL_BACKEND = "accounts.mail.DevelopmentBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.DEBUG = True
    page = visitor
    page.goto(f"{home}/accounts/signup/")
    page.get_by_label("Email").fill("grace@example.com")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.get_by_role("link", name="mail").first.click()
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(f"{home}/interviews/")
    expect(page.get_by_text("No interviews yet")).to_be_visible()


def test_logging_in_leads_back_to_the_page_that_was_asked_for(visitor, person, home):
    visitor.goto(f"{home}/report/")
    expect(visitor).to_have_url(f"{home}/accounts/login/?next=/report/")
    visitor.get_by_label("Email").fill(person.email)
    visitor.get_by_label("Password").fill("wrong password")
    visitor.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(visitor.get_by_text("not correct")).to_be_visible()
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(visitor).to_have_url(f"{home}/report/")
