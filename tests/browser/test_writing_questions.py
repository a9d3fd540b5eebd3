"""A question with an image and follow-ups: written by one curator, sent back and then published by another."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from questions.models import Question, QuestionVersion, Status
from tests.browser.conftest import axe_violations
from tests.browser.looking import enter
from tests.factories import make_curator, make_topic
from tests.questions.factories import make_version
from tests.questions.test_figures import drawn

pytestmark = pytest.mark.django_db(transaction=True)


def fill_follow_up(page, place: int, ask: str) -> None:
    row = page.locator(f"[data-rows=follow_ups] > ol > li >> nth={place}")
    row.get_by_label("Ask").fill(ask)
    row.get_by_label("After").select_option("always")
    row.get_by_label("Limit seconds").fill("60")
    row.get_by_label("Model answer").fill("So.")
    row.get_by_role("button", name="Add a point").click()
    row.locator("[data-rows$=rubric]").get_by_label("Point", exact=True).fill("Gives a reason")


def test_a_question_goes_from_its_author_to_a_reviewer_and_back(visitor, home, settings):
    settings.CURATORS_MAY_PUBLISH_OWN = False
    page = visitor
    make_topic(slug="evaluation")
    version = make_version(format="free_text", published=False, limit_seconds=300)
    change = home + reverse("admin:questions_questionversion_change", args=[version.pk])
    enter(page, home, make_curator(email="author@example.com"))
    page.goto(change)
    page.locator("#id_prompt").fill("Which is better?\n\n![Two curves that cross](figure:roc.png)")
    for place, ask in enumerate(["Why?", "And with few data?"]):
        page.get_by_role("button", name="Add a follow-up").click()
        fill_follow_up(page, place, ask)
    page.get_by_role("button", name="Move follow-up 2 up").click()
    expect(page.get_by_role("button", name="Move follow-up 1 up")).to_be_focused()
    page.get_by_text("Add another Image").click()
    page.locator("#id_figures-0-file").set_input_files({"name": "ROC.png", "mimeType": "image/png", "buffer": drawn()})
    page.get_by_role("button", name="Save and send to review").click()
    page.wait_for_url("**/questionversion/")
    page.goto(change)
    assert page.locator(".question-preview img").evaluate("image => image.naturalWidth") == 60
    assert axe_violations(page, within=".rows") == []
    enter(page, home, make_curator(email="reviewer@example.com"))
    page.goto(change)
    page.get_by_label("Comment on").select_option("follow_ups")
    page.get_by_label("Comment:").fill("The first asks for too little.")
    page.get_by_role("button", name="Comment and send back").click()
    page.wait_for_url("**/questionversion/")
    version.refresh_from_db()
    assert version.status == Status.DRAFT
    page.goto(change)
    expect(page.get_by_text("The first asks for too little.")).to_be_visible()
    page.get_by_role("button", name="Save and publish").click()
    page.wait_for_url("**/questionversion/")
    published = QuestionVersion.objects.published().get(question=version.question)
    assert [one["ask"] for one in published.follow_ups] == ["And with few data?", "Why?"]
    assert published.figures.get().name == "roc.png"
    assert Question.objects.count() == 1
