"""Two browsers: a candidate invites, asks, reads and appeals; a coach reviews with the keyboard and marks again."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from interviews.coaching.models import Review
from tests.browser.conftest import axe_violations, log_in
from tests.factories import PASSWORD
from tests.interviews.factories import make_answered_interview, make_grant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coach(transactional_db) -> User:
    user = User.objects.create_user("grace@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def coach_page(browser, coach, home) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(10_000)
    log_in(page, home, coach.email)
    yield page
    page.context.close()


def test_invite_ask_review_send_appeal_and_second_mark(candidate_page, coach_page, person, coach, home):
    interview = make_answered_interview(candidate=person, count=2)
    results = f"{home}/interviews/{interview.public_id}/results/"

    # The candidate invites with a link, the coach accepts.
    candidate_page.goto(results)
    candidate_page.get_by_role("link", name="Invite a coach").click()
    candidate_page.wait_for_url("**/coaches/**")
    candidate_page.get_by_role("button", name="Invite").click()
    link = candidate_page.get_by_label("One-time link").input_value()
    coach_page.goto(link)
    coach_page.get_by_role("button", name="Accept").click()
    coach_page.wait_for_url("**/coaching/")
    expect(coach_page.get_by_text("Nothing to review")).to_be_visible()

    # The candidate asks, the coach finds it.
    candidate_page.goto(results)
    candidate_page.get_by_role("button", name="Ask for a review").click()
    expect(candidate_page.get_by_text("Withdraw the request")).to_be_visible()
    coach_page.reload()
    coach_page.get_by_role("link", name=str(person), exact=True).click()
    coach_page.wait_for_url("**/coaching/interviews/**")  # keys count once the page's scripts have run

    # Marks by number keys; the candidate's own view comes with the last one, without a reload.
    coach_page.evaluate("window.wasNeverLoadedAgain = true")
    own_view = coach_page.locator("#own-view")
    expect(own_view).not_to_contain_text("80% sure")
    coach_page.locator("input[name^='point-']").first.focus()
    coach_page.keyboard.press("1")
    expect(coach_page.locator(".save-state")).to_have_class(re.compile("is-saved"))
    coach_page.keyboard.press("3")
    expect(own_view).to_contain_text("80% sure")
    expect(coach_page.locator("#review-progress")).to_have_text("1 of 2 answers reviewed")
    coach_page.get_by_text("Comment on paragraph 2").click()
    coach_page.get_by_label("Comment on paragraph 2").fill("Say what the number becomes.")
    assert coach_page.evaluate("window.wasNeverLoadedAgain") is True
    assert axe_violations(coach_page) == []

    # The help of the keys; then going on by key saves what was typed a moment ago.
    coach_page.locator("input[name^='point-']").first.focus()
    coach_page.keyboard.press("?")
    expect(coach_page.get_by_role("heading", name="Keys")).to_be_visible()
    coach_page.keyboard.press("Escape")
    coach_page.keyboard.press("n")
    coach_page.wait_for_url("**/answers/2/")
    coach_page.locator("input[name^='point-']").first.focus()
    coach_page.keyboard.type("22")
    coach_page.get_by_role("button", name="Scorecard").click()
    coach_page.wait_for_url("**/scorecard/")
    coach_page.locator("input[name='score-framing']").first.focus()
    coach_page.keyboard.type("33333")  # five dimensions
    coach_page.keyboard.type("32")  # the verdict, the level
    coach_page.get_by_label("One next action").fill("Draw the confusion matrix first.")
    coach_page.get_by_label("Private notes").fill("The private canary.")
    coach_page.get_by_role("button", name="Send review…").click()
    expect(coach_page.get_by_text("Say what the number becomes.")).to_be_visible()
    coach_page.get_by_role("button", name="Send review").click()
    expect(coach_page.get_by_role("button", name="Take it back")).to_be_visible()

    # The candidate reads, finds both marks side by side, and appeals one.
    candidate_page.goto(results)
    expect(candidate_page.get_by_text("Draw the confusion matrix first.")).to_be_visible()
    expect(candidate_page.get_by_text("Say what the number becomes.")).to_be_visible()
    expect(candidate_page.get_by_role("heading", name="Your scores and the coach's")).to_be_visible()
    assert "private canary" not in candidate_page.content()
    assert axe_violations(candidate_page) == []
    candidate_page.get_by_role("row", name=re.compile("second thing")).first.get_by_role("link").click()
    candidate_page.wait_for_url("**/appeal/")
    assert axe_violations(candidate_page) == []
    candidate_page.get_by_label("Why the mark should change").fill("The second paragraph says so.")
    candidate_page.get_by_role("button", name="Ask for a second mark").click()
    candidate_page.wait_for_url("**/results/**")
    expect(candidate_page.get_by_role("button", name="Withdraw the appeal")).to_be_visible()

    # It waits in the coach's inbox; the second mark goes by keys, and is shown before it is sent.
    coach_page.goto(f"{home}/coaching/")
    coach_page.get_by_role("link", name=re.compile("answer 1")).click()
    coach_page.wait_for_url("**/appeals/**")
    expect(coach_page.get_by_text("The second paragraph says so.")).to_be_visible()
    assert axe_violations(coach_page) == []
    coach_page.locator("input[name=mark]").first.focus()
    coach_page.keyboard.press("1")
    coach_page.get_by_label("Why").fill("So it does.")
    coach_page.keyboard.press("Control+Enter")
    coach_page.wait_for_url("**/answer/")
    coach_page.get_by_role("button", name="Send the second mark").click()
    coach_page.wait_for_url("**/coaching/")
    expect(coach_page.get_by_text("Second mark sent")).to_be_visible()

    candidate_page.reload()
    row = candidate_page.get_by_role("row", name=re.compile("second thing")).first
    expect(row).to_contain_text("So it does.")
    expect(row.get_by_role("cell").nth(2)).to_have_text("missed")
    expect(row.get_by_role("cell").nth(3)).to_have_text("hit")
    assert axe_violations(candidate_page) == []


def test_a_review_survives_a_lost_log_in_a_reload_and_a_second_coach(coach_page, browser, person, coach, home):
    second = User.objects.create_user("second@example.com", PASSWORD)
    EmailAddress.objects.create(user=second, email=second.email, verified=True, primary=True)
    interview = make_answered_interview(candidate=person)
    for one in (coach, second):
        make_grant(person, one)
    review = Review.objects.ask(interview, now=interview.closed_at)
    address = f"{home}/coaching/interviews/{interview.public_id}/answers/1/"
    page = coach_page
    page.goto(address)
    page.context.clear_cookies(name="sessionid")
    page.get_by_text("Comment on the whole answer").click()
    comment = page.get_by_label("Comment on the whole answer")
    comment.fill("Ten minutes of work.")
    page.wait_for_url("**/accounts/login/**")
    page.get_by_label("Email").fill(coach.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/answers/1/")
    expect(comment).to_have_value("Ten minutes of work.")
    expect(page.locator(".save-state")).to_have_class(re.compile("is-saved"))
    page.reload()
    expect(comment).to_have_value("Ten minutes of work.")

    # The second coach reads along until the first one's hold ends, and then goes on from what stands there.
    other = browser.new_context().new_page()
    other.set_default_timeout(10_000)
    log_in(other, home, second.email)
    other.goto(address)
    expect(other.get_by_text(f"{coach} is reviewing this interview")).to_be_visible()
    expect(other.get_by_label("Comment on the whole answer")).not_to_be_editable()
    Review.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    other.reload()
    other.get_by_label("Comment on the whole answer").fill("Ten minutes of work, and mine.")
    expect(other.locator(".save-state")).to_have_class(re.compile("is-saved"))
    comment.fill("Ten minutes of work, and more.")
    expect(page.locator(".save-state")).to_contain_text("Another coach is reviewing this interview.")
    page.get_by_role("link", name="Reload the page").click()
    page.get_by_text("that couldn't be saved").click()
    expect(page.get_by_text("Ten minutes of work, and more.")).to_be_visible()
    assert review.answers.get().comments == {"whole": "Ten minutes of work, and mine."}
    other.context.close()


def test_a_second_window_keeps_the_text_of_the_first(coach_page, person, coach, home):
    interview = make_answered_interview(candidate=person)
    make_grant(person, coach)
    review = Review.objects.ask(interview, coach=coach, now=interview.closed_at)
    first, second = coach_page, coach_page.context.new_page()
    for page in (first, second):
        page.goto(f"{home}/coaching/interviews/{interview.public_id}/answers/1/")
        page.get_by_text("Comment on the whole answer").click()
    second.get_by_label("Comment on the whole answer").fill("From the second window.")
    expect(second.locator(".save-state")).to_have_class(re.compile("is-saved"))
    first.get_by_label("Comment on the whole answer").fill("From the first window.")
    expect(first.locator(".save-state")).to_have_class(re.compile("is-failed"))
    assert review.answers.get().comments == {"whole": "From the second window."}
    first.get_by_role("link", name="Reload the page").click()
    expect(first.get_by_label("Comment on the whole answer")).to_have_value("From the second window.")
    first.get_by_text("that couldn't be saved").click()
    expect(first.get_by_text("From the first window.")).to_be_visible()


def test_a_mark_made_before_the_scripts_have_come_is_saved(coach_page, person, coach, home):
    interview = make_answered_interview(candidate=person)
    make_grant(person, coach)
    review = Review.objects.ask(interview, coach=coach, now=interview.closed_at)
    held = []
    coach_page.route("**/js/coaching/review*.js", lambda route: held.append(route))
    coach_page.goto(f"{home}/coaching/interviews/{interview.public_id}/answers/1/", wait_until="commit")
    mark = coach_page.locator("input[name^='point-']").first
    mark.check(force=True)
    held[0].continue_()
    expect(coach_page.locator(".save-state")).to_have_class(re.compile("is-saved"))
    assert list(review.answers.get().marks.values()) == ["hit"]
