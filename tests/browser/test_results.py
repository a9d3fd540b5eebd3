"""Results in a browser: one question at a time, by hand and by key, and all of them on paper."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.interviews.factories import make_answered_interview

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_question_at_a_time_by_key_and_all_in_print_and_a_score_moves_the_summary(candidate_page, person, home):
    page = candidate_page
    interview = make_answered_interview(candidate=person, count=3, score_self=False, now=timezone.now())
    page.goto(home + reverse("interviews:results", args=[interview.public_id]))
    cards = page.locator(".result-card")
    expect(page.locator("#result-place")).to_have_text("Question 1 of 3")
    expect(cards.nth(1)).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_be_visible()
    expect(cards.nth(0)).to_be_hidden()
    expect(page.locator("#result-strip [aria-current]")).to_have_attribute("data-question", "2")
    for point in cards.nth(1).locator(".rubric-point").all():
        point.locator(".segment").first.click()
    page.keyboard.press("ArrowRight")  # in a radio group an arrow chooses
    expect(cards.nth(1)).to_be_visible()
    page.get_by_role("button", name="Save my score").locator("visible=true").click()
    expect(page.get_by_text("1 of 3 scored")).to_be_visible()
    expect(page.locator("#summary-score")).to_contain_text("of the points")
    page.get_by_role("link", name="Score the next answer: question 3").click()
    expect(page.locator("#result-place")).to_have_text("Question 3 of 3")
    page.emulate_media(media="print")
    for card in cards.all():
        expect(card).to_be_visible()
