"""What we added to Django's admin. Its own frame, lists and forms are Django's."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.looking import LONG_NAME, enter, look_at_each, looked_at
from tests.factories import make_admin, make_candidate, make_curator, make_interview, make_topic, make_version
from tests.questions.test_exchange import ENTRY, SAMPLES

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "#content"


def test_pages_of_a_curator(visitor, home):
    page = visitor
    make_topic(slug="coding")
    enter(page, home, make_curator())
    look_at_each(page, home, ("admin:questions_questionversion_upload",), within=OURS)
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
    expect(page.get_by_role("button", name="Yes, go on")).to_be_visible()
    assert looked_at(page, within=OURS) == [], "a step of many"


def test_pages_of_an_upload(visitor, home, tmp_path):
    page = visitor
    make_topic(slug="coding")
    make_topic(slug="evaluation")
    enter(page, home, make_curator())
    broken = tmp_path / "broken.yaml"
    broken.write_text(ENTRY.format(slug="a", topic="no-such-topic"))
    for file, heading in ((SAMPLES / "quiz.gift", "would change"), (broken, "cannot be loaded")):
        page.goto(home + reverse("admin:questions_questionversion_upload"))
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Show what would change").click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert looked_at(page, within=OURS) == [], file.name


def test_pages_of_an_administrator(visitor, home):
    interview = make_interview(candidate=make_candidate(name=LONG_NAME), now=timezone.now())
    enter(visitor, home, make_admin())
    look_at_each(visitor, home, ("admin:interviews_interview_intervene", interview.pk), within=OURS)
    look_at_each(visitor, home, ("interviews:styleguide",))
