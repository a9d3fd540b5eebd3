"""What we added to Django's admin. Its own frame, lists and forms are Django's."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from questions.exchange import uploads
from questions.models import QuestionUpload, QuestionVersion
from tests.browser.looking import LONG_NAME, enter, look_at_each, looked_at
from tests.factories import make_admin, make_candidate, make_curator, make_interview, make_topic, make_version
from tests.questions.test_exchange import ENTRY, SAMPLES
from tests.questions.test_exchange_cases import CASES

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "#content"


def test_pages_of_a_curator(visitor, home):
    page = visitor
    make_topic(slug="coding")
    enter(page, home, make_curator())
    new = [("admin:questions_questionversion_upload",), ("admin:interviews_points_by_difference",)]
    look_at_each(page, home, *new, within=OURS)
    choice = make_version(format="single_choice", options=[(LONG_NAME * 2, True), ("wrong", False)])
    newer = choice.question.versions.create(
        number=2, title=LONG_NAME, level="advanced", category="theory", format="single_choice", limit_seconds=60,
        prompt="Another prompt.", model_answer="Another answer.",
    )  # fmt: skip
    look_at_each(page, home, ("admin:questions_questionversion_compare", newer.pk), within=OURS)
    look_at_each(page, home, ("admin:questions_questionversion_as_candidate", choice.pk))
    page.goto(home + reverse("admin:questions_questionversion_changelist"))
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("send_to_review")
    page.locator("button[name=index]").click()
    expect(page.get_by_role("button", name="Yes, continue")).to_be_visible()
    assert looked_at(page, within=OURS) == [], "a step of many"


def upload(page, home, file):
    page.goto(home + reverse("admin:questions_questionversion_upload"))
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()


@pytest.fixture
def curator_page(visitor, home):
    make_topic(slug="coding")
    make_topic(slug="evaluation")
    enter(visitor, home, make_curator())
    return visitor


def test_file_goes_through_the_worker_to_drafts_by_itself(curator_page, home, worker, tmp_path):
    page = curator_page
    broken = tmp_path / "broken.yaml"
    broken.write_text(ENTRY.format(slug="a", topic="no-such-topic"))
    for file in (SAMPLES / "quiz.gift", CASES / "09-image-only-question.xml", broken):
        upload(page, home, file)
        expect(page.get_by_role("heading", name="would change")).to_be_visible(timeout=60_000)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert looked_at(page, within=OURS) == [], file.name
    expect(page.get_by_text("There is nothing to load")).to_be_visible()

    upload(page, home, CASES / "03-one-cloze-refuses-the-file.gift")
    page.get_by_label("What becomes of line 1", exact=True).select_option("Skip", timeout=60_000)
    page.get_by_role("button", name="Load as drafts").click()
    expect(page.get_by_text("Loaded: 1 new question, 0 new versions, 0 unchanged, 1 skipped.")).to_be_visible(
        timeout=60_000
    )
    assert looked_at(page, within=OURS) == [], "loaded"
    assert QuestionVersion.objects.get().title == "Q3"


def test_file_that_waits_for_a_worker_says_so(curator_page, home):
    upload(curator_page, home, SAMPLES / "quiz.gift")
    expect(curator_page.get_by_role("status")).to_have_text("The file is waiting to be read")
    assert looked_at(curator_page, within=OURS) == []


def test_upload_works_without_javascript(browser, home):
    make_topic(slug="coding")
    page = browser.new_context(java_script_enabled=False).new_page()
    enter(page, home, make_curator())
    upload(page, home, CASES / "03-one-cloze-refuses-the-file.gift")
    uploads.work_on(QuestionUpload.objects.get().pk, now=timezone.now())
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Load as drafts").click()
    uploads.work_on(QuestionUpload.objects.get().pk, now=timezone.now())
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Loaded: 2 new")).to_be_visible()
    page.context.close()


def test_pages_of_an_administrator(visitor, home):
    interview = make_interview(candidate=make_candidate(name=LONG_NAME), now=timezone.now())
    enter(visitor, home, make_admin())
    look_at_each(visitor, home, ("admin:interviews_interview_intervene", interview.pk), within=OURS)
    look_at_each(visitor, home, ("interviews:styleguide",))
