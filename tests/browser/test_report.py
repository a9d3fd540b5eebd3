"""From a claim of the report to its evidence, to the drill that it recommends; and on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.report import compiling
from interviews.sitting.models import Interview, InterviewQuestion
from tests.browser.conftest import axe_violations
from tests.factories import make_finished_interview, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history(person):
    """Five sittings over 80 days, mostly wrong and stated with 90 %: every part of the report has something to say."""
    now = timezone.now()
    for days in (80, 60, 40, 20, 2):
        make_finished_interview(candidate=person, scores=(1, 0, 0, 0, 1), now=now - timedelta(days=days))
    InterviewQuestion.objects.update(confidence=90)
    for topic in ("nlp", "nlp", "mlops", "maths", "maths", "evaluation"):
        make_version(topics=(topic,))
    return compiling.compile_report(person, now=now)


def test_a_claim_leads_to_its_answers_and_the_report_to_the_drill_it_recommends(candidate_page, person, home, history):
    page = candidate_page
    page.goto(f"{home}/report/")
    claim = page.locator(".topic-line", has=page.get_by_text(re.compile("very likely below your 70% target"))).first
    page.evaluate("window.isTheSamePage = true")
    claim.locator("summary").first.click()
    evidence = claim.locator("li").get_by_role("link").first
    title = evidence.inner_text()  # once it is loaded into its place
    assert page.evaluate("window.isTheSamePage")
    expect(claim.get_by_role("link", name="The answers behind this")).to_have_count(0)
    evidence.click()
    expect(page).to_have_url(re.compile(r"/interviews/[0-9a-f-]{36}/results/#result-\d+$"))
    expect(page.get_by_role("heading", name=title)).to_be_visible()

    page.goto(f"{home}/report/")
    section = page.get_by_role("form", name="Practice")
    section.get_by_text("What to practise next, and why").click()
    titles = section.locator("li strong").all_inner_texts()
    assert len(titles) >= 5
    assert section.locator("li .muted").count() == len(titles), "each line says why"
    expect(section.get_by_role("heading", name="Counts in the report")).to_be_visible()
    expect(section.get_by_role("heading", name="Review")).to_be_visible()
    section.get_by_role("button", name=f"Practise these {len(titles)}").click()
    expect(page).to_have_url(re.compile(r"/interviews/[0-9a-f-]{36}/$"))
    drill = Interview.objects.in_progress().get(candidate=person)
    asked = drill.questions.order_by("position").select_related("version")
    assert [question.version.title for question in asked] == titles
    assert drill.pace == "gentle"
    expect(page.get_by_role("heading", level=1, name=titles[0])).to_be_visible()


def test_what_an_interview_changed_leads_from_its_results_to_the_answers_behind_it(candidate_page, person, home):
    now = timezone.now()
    make_finished_interview(candidate=person, scores=(0,) * 10, now=now - timedelta(days=9))
    compiling.compile_report(person, now=now - timedelta(days=8))
    newest = make_finished_interview(candidate=person, scores=(1,) * 10, now=now - timedelta(hours=1))
    compiling.compile_requested(person.pk, now=now)

    page = candidate_page
    page.goto(f"{home}/interviews/{newest.public_id}/results/")
    page.get_by_role("link", name="See what changed").click()
    expect(page).to_have_url(re.compile(rf"/report/\?interview={newest.public_id}#changes$"))
    section = page.locator("section", has=page.get_by_role("heading", name=re.compile("^What changed since")))
    expect(section).to_contain_text("Over all topics your new answers were better")
    claim = section.locator("details").first
    expect(claim).to_contain_text(re.compile(r"^Evaluation: clearly up from about \d+% to about \d+% since"))
    expect(claim).to_contain_text("by 10 new answers, most by “Title of")
    claim.locator("summary").first.click()
    evidence = claim.locator("li").get_by_role("link")
    expect(evidence).to_have_count(10)
    titles = evidence.all_inner_texts()
    evidence.first.click()
    expect(page).to_have_url(re.compile(rf"/interviews/{newest.public_id}/results/#result-\d+$"))
    expect(page.get_by_role("heading", name=titles[0])).to_be_visible()


def test_without_scripts_a_claim_leads_to_its_answers(candidate_page, browser, home, history):
    context = browser.new_context(java_script_enabled=False, storage_state=candidate_page.context.storage_state())
    page = context.new_page()
    page.goto(f"{home}/report/")
    claim = page.locator(".topic-line", has=page.get_by_text(re.compile("very likely below your 70% target"))).first
    claim.locator("summary").first.click()
    claim.get_by_role("link", name="The answers behind this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers behind your report")
    expect(page.get_by_text(re.compile("very likely below your 70% target"))).to_be_visible()
    page.get_by_role("main").locator("li").get_by_role("link", name="Title of").first.click()
    expect(page).to_have_url(re.compile(r"/interviews/[0-9a-f-]{36}/results/#result-\d+$"))
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_is_accessible_and_fits_the_screen(candidate_page, home, history, scheme, width):
    page = candidate_page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/report/", "/report/evidence/misconceptions/", "/report/share/", "/interviews/"):
        page.goto(home + address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        expect(page.get_by_role("link", name="The answers behind this")).to_have_count(0)
        assert axe_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_report_prints_on_two_pages_at_most(candidate_page, home, history):
    candidate_page.goto(f"{home}/report/")
    printed = candidate_page.pdf(format="A4")
    (pages,) = re.findall(rb"/Type /Pages\s.*?/Count (\d+)", printed, re.DOTALL)
    assert int(pages) <= 2


def test_a_shared_report_opens_for_somebody_without_an_account(candidate_page, browser, home, history):
    page = candidate_page
    page.goto(f"{home}/report/share/")
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    reader = browser.new_context().new_page()
    reader.goto(link)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Weakness report")
    expect(reader.get_by_text(re.compile("80% range")).first).to_be_visible()
    assert axe_violations(reader) == []
    page.get_by_role("button", name=re.compile("^Revoke")).click()
    expect(page.get_by_role("button", name=re.compile("^Revoke"))).to_have_count(0)
    assert reader.goto(link).status == 404
    reader.context.close()
