"""A whole general-screen interview in a browser, from the set-up to the report that a worker compiled."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.sitting.models import AnswerRevision, Interview, InterviewQuestion
from tests.browser.conftest import TOO_SOON_MS, log_in
from tests.factories import make_interview

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "I would say that bias is the error of the model's assumptions."


def seconds(clock: str) -> int:
    minutes, rest = clock.split(":")
    return int(minutes) * 60 + int(rest)


def clocks(page: Page) -> list[int]:
    return [seconds(text) for text in page.locator(".clock-time").all_inner_texts()]


def start(page: Page, home: str) -> None:
    page.goto(f"{home}/interviews/new/")
    page.get_by_label("Ask follow-up questions").uncheck()
    page.get_by_role("button", name=re.compile("^Start")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/interviews/[0-9a-f-]{36}/$"))


def answer_by_mouse(page: Page) -> str:
    format = page.locator(".answer").get_attribute("data-format")
    if format == "free_text":
        page.locator("textarea[name=answer]").fill(TEXT)
    elif format == "numeric":
        page.locator("input[name=answer]").fill("20")
    elif format == "multiple_choice":
        page.locator(".choice").nth(0).click()
        page.locator(".choice").nth(2).click()
    elif format == "single_choice":
        page.locator(".choice").nth(1).click()
    elif format == "staged":
        page.locator("textarea[name=answer]").first.fill(TEXT)
    return format


def test_a_whole_interview_by_mouse_and_keyboard_ends_in_a_compiled_report(
    candidate_page, person, home, catalog, worker
):
    page = candidate_page
    start(page, home)
    interview = Interview.objects.get(candidate=person)

    # Both clocks move.
    before = clocks(page)
    page.wait_for_timeout(2200)
    after = clocks(page)
    assert len(before) == 2
    assert all(earlier > later for earlier, later in zip(before, after, strict=True))

    # htmx swaps the region, the page itself stays: a mark on the window survives.
    page.evaluate("window.wasNeverLoadedAgain = true")
    formats = []
    reloaded = False
    for position in range(1, 9):
        expect(page.get_by_text(f"Question {position} of 8", exact=True)).to_be_visible()
        assert page.locator("#interview-panel").count() == 1
        format = answer_by_mouse(page)
        formats.append(format)
        if format == "ordering":
            # By keyboard: the second step up, its new place is spoken.
            page.locator(".step-move button[value$=':up']").nth(1).focus()
            page.keyboard.press("Enter")
            expect(page.locator("#status")).to_have_text("Place 1 of " + str(page.locator(".step").count()) + ".")
        if format == "free_text" and not reloaded:
            reloaded = True
            assert page.evaluate("window.wasNeverLoadedAgain") is True
            expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"))
            left = clocks(page)[0]
            page.reload()
            expect(page.locator("textarea[name=answer]")).to_have_value(TEXT)
            assert clocks(page)[0] <= left, "a reload gives no time"
            page.locator("textarea[name=answer]").press("Control+End")
            page.locator("textarea[name=answer]").press_sequentially(" And more.")
        if position % 2:
            page.get_by_role("button", name=re.compile("^Save and (next|finish)$")).click()
        else:
            page.keyboard.press("Control+Enter")
        if position < 8:
            expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert {"single_choice", "multiple_choice", "numeric", "ordering", "free_text"} <= set(formats)

    # Results: score every open answer, then its model answer shows.
    expect(page).to_have_url(re.compile("/results/$"), timeout=20_000)  # the first look reads the answers
    answered = InterviewQuestion.objects.filter(interview=interview, state="answered")
    assert answered.count() == 8
    assert AnswerRevision.objects.filter(question__interview=interview, kind="final").count() == 8
    assert [TEXT + " And more."] in [question.answer for question in answered]
    forms = page.locator("form[action*='self-score']")
    expect(forms).to_have_count(formats.count("free_text"))
    page.get_by_role("link", name="Score your open answers").click()
    while forms.count():
        form = page.locator("form[action*='self-score']:visible")
        card = page.locator("article.card", has=form).first
        card_id = card.get_attribute("id")
        assert card.get_by_text("Model answer", exact=True).count() == 0
        for point in form.locator("fieldset").all():
            point.locator(".segment").nth(1).click()
        form.get_by_role("button", name="Save my score and show the model answer").click()
        expect(page.locator(f"#{card_id}").get_by_text("Model answer", exact=True)).to_be_visible()
        if forms.count():
            page.get_by_role("link", name=re.compile("^Score the next answer")).click()

    # The report appears by itself and then the page polls no more.
    page.goto(f"{home}/report/")
    expect(page.get_by_text("8 in all, 8 counted")).to_be_attached(timeout=20_000)  # folded, with the method
    expect(page.locator("#report-panel")).not_to_have_attribute("hx-trigger", re.compile("."))
    expect(page.get_by_text(re.compile("^Not enough evidence yet")).first).to_be_visible()
    report = person.reports.first()
    assert report.data["basis"]["self_graded"] == formats.count("free_text")


def test_a_whole_interview_works_without_javascript(browser, live_server, person, home, catalog, worker):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    log_in(page, home, person.email)
    start(page, home)
    for position in range(1, 9):
        expect(page.get_by_text(f"Question {position} of 8", exact=True)).to_be_visible()
        format = answer_by_mouse(page)
        if format == "ordering":
            second = page.locator(".step .choice-text").nth(1).inner_text()
            page.locator(".step-move button[value$=':up']").nth(1).click()
            expect(page.locator(".step .choice-text").first).to_have_text(second)
        page.get_by_role("button", name=re.compile("^Save and (next|finish)$")).last.click()
    expect(page).to_have_url(re.compile("/results/$"), timeout=20_000)
    interview = Interview.objects.get(candidate=person)
    assert interview.questions.filter(state="answered").count() == 8
    forms = page.locator("form[action*='self-score']")
    while forms.count():
        form = forms.first
        for point in form.locator("fieldset").all():
            point.locator(".segment").nth(0).click()
        left = forms.count() - 1
        form.get_by_role("button", name="Save my score and show the model answer").click()
        expect(forms).to_have_count(left)
    page.goto(f"{home}/report/")
    for _ in range(40):
        if page.get_by_text("8 in all, 8 counted").count():
            break
        page.wait_for_timeout(500)
        page.goto(f"{home}/report/")
    expect(page.get_by_text("8 in all, 8 counted")).to_be_attached()
    context.close()


def test_text_typed_just_before_a_submit_is_handed_in(candidate_page, person, home, catalog):
    """Within the autosave's delay: the submit itself carries the text."""
    page = candidate_page
    start(page, home)
    interview = Interview.objects.get(candidate=person)
    while page.locator(".answer").get_attribute("data-format") != "free_text":
        position = int(page.locator("[name=position]").get_attribute("value"))
        page.wait_for_timeout(TOO_SOON_MS)
        page.locator("[data-action=skip]").click()
        expect(page.get_by_text(f"Question {position + 1} of 8", exact=True)).to_be_visible()
    position = int(page.locator("[name=position]").get_attribute("value"))
    page.locator("textarea[name=answer]").press_sequentially("to the last key")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"Question {position + 1} of 8", exact=True)).to_be_visible()
    assert interview.questions.get(position=position).answer == ["to the last key"]


def test_a_choice_made_before_the_scripts_have_come_is_saved(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, now=timezone.now(), formats=("single_choice", "single_choice"))
    held = []
    page.route("**/js/sitting/answer*.js", lambda route: held.append(route))
    page.goto(f"{home}/interviews/{interview.public_id}/", wait_until="commit")
    page.locator(".choice input").nth(1).check()
    held[0].continue_()
    expect(page.locator(".save-state[id]")).to_have_class(re.compile("is-saved"))
    assert interview.questions.get(position=1).answer == [page.locator(".choice input").nth(1).get_attribute("value")]


def test_a_problem_is_reported_beside_the_question_and_the_text_stays(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, now=timezone.now(), limit_seconds=3000, question_seconds=600)
    page.goto(f"{home}/interviews/{interview.public_id}/")
    field = page.locator("textarea[name=answer]")
    field.fill(TEXT)
    page.get_by_role("button", name="Report a problem").click()
    page.get_by_label("What is wrong?").select_option(index=1)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Reported. Thank you")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Reported. Thank you")).to_be_hidden()
    expect(field).to_have_value(TEXT)
    assert person.question_flags.get().version == interview.questions.get(position=1).version
