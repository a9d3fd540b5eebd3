"""Every screen of a candidate: no axe violation in both themes and two sizes, no sideways scroll at 320 px, no
violation of the content security policy (the `visitor` fixture fails on one)."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Route, expect

from interviews.report import compiling
from interviews.report.models import ReportShare
from interviews.sitting.models import EvidenceChange, Interview
from questions import flagging
from tests.browser.conftest import TOO_SOON_MS
from tests.browser.looking import look_at_each, looked_at, resize
from tests.factories import (
    PASSWORD,
    make_finished_interview,
    make_interview,
    make_track,
    make_version,
    question_of,
    write,
)
from tests.interviews.factories import client_of

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("single_choice", "multiple_choice", "numeric", "ordering", "free_text", "staged", "code", "sql")


def test_pages_for_when_something_is_wrong(visitor, home):
    for name in ("400", "403", "403_csrf", "404", "429", "429_limit", "500", "503"):
        visitor.route(f"{home}/{name}/", partial(fulfil, body=render_to_string(f"{name}.html")))
        visitor.goto(f"{home}/{name}/")
        assert looked_at(visitor) == [], name


def fulfil(route: Route, *, body: str) -> None:
    route.fulfill(body=body, content_type="text/html")


def test_pages_of_a_candidate(candidate_page, person, home):
    page = candidate_page
    empty = [
        ("interviews:dashboard",),
        ("interviews:plan",),
        ("interviews:debriefs",),
        ("interviews:report",),
        ("interviews:report_share",),
        ("questions:flags",),
    ]
    look_at_each(page, home, *empty)
    done = make_finished_interview(candidate=person, scores=(0,) * 9, now=timezone.now() - timedelta(days=2))
    sat = make_interview(candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=3000)
    for position, answer in enumerate(answers_to(sat), start=1):
        write(sat, position, answer, now=timezone.now(), act="submit_answer")
    compiling.compile_requested(person.pk, now=timezone.now())
    flag = resolve(flagging.address(question_of(sat, 5).version, person)).kwargs["reference"]
    _, token = ReportShare.objects.share(person.reports.first(), days=7, shows_name=True, now=timezone.now())
    look_at_each(
        page,
        home,
        ("interviews:dashboard",),
        ("interviews:plan",),
        ("interviews:interview_new",),
        ("interviews:report",),
        ("interviews:report_evidence", "misconceptions"),
        ("interviews:report_share",),
        ("interviews:shared_report", token),
        ("interviews:results", done.public_id),
        ("interviews:results", sat.public_id),
        ("interviews:replay", sat.public_id, 5),
        ("questions:flag", flag),
    )
    page.goto(f"{home}/no/such/page/")
    assert looked_at(page) == [], "no such page"
    EvidenceChange.note(person.pk, now=timezone.now())
    look_at_each(page, home, ("interviews:report",))
    expect(page.get_by_text("We’re compiling your report")).to_be_visible()
    EvidenceChange.objects.update(attempts=EvidenceChange.MAX_ATTEMPTS)
    look_at_each(page, home, ("interviews:report",))
    expect(page.get_by_text("We couldn’t compile your newest report")).to_be_visible()


def test_an_interview_that_is_open_elsewhere_without_javascript(visitor, person, home):
    interview = make_interview(candidate=person, now=timezone.now())
    save = reverse("interviews:save", args=[interview.public_id, 1])
    stale = client_of(person).post(save, {"answer": "Words.", "rev": 1, "lease": interview.lease + 1})
    assert stale.status_code == 409
    visitor.route(f"{home}{save}", partial(fulfil, body=stale.content.decode()))
    visitor.goto(home + save)
    assert looked_at(visitor) == []


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
        candidate=person, formats=FORMATS, now=timezone.now(), limit_seconds=3000, time_multiplier=Decimal(4)
    )
    for position, format in enumerate(FORMATS, start=1):
        page.goto(f"{home}/interviews/{interview.public_id}/")
        expect(page.get_by_text(f"Question {position} of {len(FORMATS)}", exact=True)).to_be_visible()
        if format in ("code", "sql"):
            expect(page.locator("[data-editor-state=ready]")).to_have_count(1)
        assert looked_at(page) == [], format
        if format == "numeric":
            page.locator("input[name=answer]").fill("many")
            page.keyboard.press("Enter")
            expect(page.locator("[aria-invalid=true]")).to_be_focused()
            assert looked_at(page) == [], "invalid"
            page.locator("input[name=answer]").fill("")
        page.wait_for_timeout(TOO_SOON_MS)
        page.locator("[data-action=skip]").click()
        if position < len(FORMATS):
            expect(page.get_by_text(f"Question {position + 1} of {len(FORMATS)}", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()


def test_what_opens_over_a_question_and_what_goes_wrong_with_it(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, now=timezone.now() - timedelta(seconds=75), pace="gentle")
    address = f"{home}/interviews/{interview.public_id}/"
    page.goto(address)
    expect(page.locator(".time-up-notice")).to_contain_text("You can finish your thought")
    assert looked_at(page) == [], "gentle, over time"
    page.get_by_role("button", name="1/3").click()
    assert looked_at(page) == [], "list of questions"
    page.keyboard.press("Escape")
    resize(page, 1280)
    page.get_by_role("button", name="? Shortcuts").click()
    assert looked_at(page) == [], "shortcuts"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Report a problem").click()
    assert looked_at(page) == [], "report a problem"
    page.keyboard.press("Escape")

    field = page.locator("textarea[name=answer]")
    page.route("**/save/", lambda route: route.abort())
    field.fill("Kept here.")
    expect(page.get_by_text("Not saved – kept on this device")).to_be_visible()
    expect(page.locator("#alert")).to_have_text(re.compile("Not saved"))
    assert looked_at(page) == [], "not saved"
    page.unroute("**/save/")
    page.request.get(address)  # another window takes over
    field.fill("Kept beside.")
    expect(page.get_by_role("link", name="Continue here")).to_be_visible()
    assert looked_at(page) == [], "open elsewhere"
    page.goto(address)
    page.context.clear_cookies(name="sessionid")
    field.fill("Kept until the next log-in.")
    expect(page.get_by_text("You're logged out.").first).to_be_visible()
    assert looked_at(page) == [], "signed out"


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
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Finish…").click()
    expect(page.get_by_role("heading", name="Finish this interview?")).to_be_visible()
    expect(page.get_by_role("link", name="Go back to the question")).to_be_focused()
    assert looked_at(page) == [], "finish"
    page.wait_for_timeout(TOO_SOON_MS)
    page.get_by_role("button", name="Finish now").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    gentle = make_interview(candidate=person, now=timezone.now(), pace="gentle")
    page.goto(f"{home}/interviews/{gentle.public_id}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    assert looked_at(page) == [], "paused"


def test_a_visitor_tries_an_interview_signs_up_and_has_a_plan_to_a_date_in_under_ten_steps(
    visitor, home, settings, tmp_path
):
    """A step is one press that brings a newcomer on, from signing up over a first scored mock to a plan with a date."""
    settings.EMAIL_BACKEND = "accounts.mail.DevelopmentBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.DEBUG = True
    make_version(format="free_text", limit_seconds=300)
    make_version(format="single_choice", limit_seconds=300)
    make_track(slug="trial", count=1, formats=["free_text"])
    make_track(slug="screen", count=1, formats=["single_choice"])
    page = visitor
    page.goto(home)
    page.get_by_role("link", name="Try a 10-minute interview").click()
    page.wait_for_url("**/trial/")
    page.get_by_text("More time, or no clock").click()
    assert looked_at(page) == [], "trial"
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/interviews/*-*/")
    page.locator("textarea[name=answer]").fill("Words of a guest.")
    page.get_by_role("button", name="Save and finish").click()
    page.wait_for_url("**/results/")
    expect(page.get_by_text("Words of a guest.")).to_be_visible()
    assert looked_at(page) == [], "results of a guest"

    steps = []

    def press(button) -> None:
        steps.append(button)
        button.click()

    press(page.get_by_role("link", name="Keep this trial"))
    page.wait_for_url("**/signup/")
    page.get_by_label("Email").fill("grace@example.com")
    page.get_by_label("Password").fill("a long enough password")
    press(page.get_by_role("main").get_by_role("button", name="Sign up"))
    page.wait_for_url("**/confirm-email/")
    page.get_by_role("link", name="Read its emails here").click()
    page.wait_for_url("**/development/mail/")
    assert looked_at(page) == [], "mails"
    press(page.get_by_role("link", name="Open the link"))  # in the mail itself, where there is a mail server
    page.wait_for_url("**/confirm-email/*/")
    press(page.get_by_role("button", name="confirm"))
    expect(page).to_have_url(f"{home}/interviews/")
    expect(page.get_by_text("You're using Holdout as a guest")).to_have_count(0)
    expect(page.get_by_role("link", name="Trial")).to_be_visible()

    press(page.get_by_role("button", name=re.compile("^Start.*Mock interview: Screen")))
    page.wait_for_url("**/interviews/*-*/")
    page.locator("input[name=answer]").first.check()
    page.wait_for_timeout(TOO_SOON_MS)
    press(page.get_by_role("button", name="Save and finish"))
    page.wait_for_url("**/results/")
    expect(page.locator("#summary-score")).to_contain_text("of the points")
    press(page.get_by_role("link", name="Your plan"))
    page.wait_for_url("**/plan/")
    page.get_by_label("Interview date").fill(f"{timezone.localdate() + timedelta(days=21):%Y-%m-%d}")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("21 days to your interview")).to_be_visible()
    assert len(steps) < 10


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
