"""A member joins by a link and sits what is assigned; the coach marks by question and reads what is missed."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from interviews.coaching.invitations import join_path
from tests.browser.conftest import TOO_SOON_MS, axe_violations, log_in
from tests.factories import PASSWORD, make_candidate, make_track, make_version
from tests.interviews.factories import assign_to, make_cohort, sit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coach(transactional_db) -> User:
    user = User.objects.create_user("grace@example.com", PASSWORD, name="Grace")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def coach_page(browser, coach, home) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(10_000)
    log_in(page, home, coach.email)
    yield page
    page.context.close()


def test_join_sit_mark_by_question_and_insights(candidate_page, coach_page, person, coach, home):
    now = timezone.now()
    make_version(format="free_text")
    cohort = make_cohort(owner=coach, now=now)
    given = assign_to(cohort, track=make_track(count=1, limit_seconds=600), now=now, has_same_questions=True)
    for number in range(7):
        other = make_candidate(name=f"Member {number}")
        given.give([cohort.join(other, shares="cohort", now=now)], now=now)
        sit(other, given, now=now)

    candidate_page.goto(home + join_path(cohort))
    expect(candidate_page.get_by_role("listitem").filter(has_text="Grace")).to_be_visible()
    assert axe_violations(candidate_page) == []
    candidate_page.get_by_role("button", name="Join").click()
    candidate_page.wait_for_url("**/interviews/")
    candidate_page.goto(f"{home}/assignments/{person.assignments.get().pk}/")
    candidate_page.get_by_role("button", name="Start").click()
    candidate_page.get_by_role("main").get_by_role("textbox").first.fill("The second thing is missing here.")
    candidate_page.wait_for_timeout(TOO_SOON_MS)
    candidate_page.keyboard.press("Control+Enter")
    candidate_page.wait_for_url("**/results/")

    # All eight by keyboard, without a name on the screen; a snippet comes with a slash.
    coach_page.goto(f"{home}/coaching/cohorts/{cohort.pk}/mark/")
    coach_page.locator("td a").click()
    for place in range(8):
        expect(coach_page.locator("#stack-progress")).to_have_attribute("value", str(place))
        coach_page.wait_for_load_state()  # keys count once the page's scripts have run
        assert "Member" not in coach_page.content()
        coach_page.locator("input[name^='point-']").first.focus()
        coach_page.keyboard.press("1")
        coach_page.keyboard.press("3")
        if place == 0:
            assert axe_violations(coach_page) == []
            coach_page.get_by_text("Comment on the whole answer").click()
            comment = coach_page.get_by_label("Comment on the whole answer")
            comment.fill("Say what **follows**.")
            coach_page.get_by_role("button", name="Preview").last.click()
            expect(coach_page.locator(".preview strong")).to_have_text("follows")
            coach_page.get_by_role("button", name="Save as snippet").last.click()
            expect(coach_page.get_by_text("Saved. Type /")).to_be_visible()
        if place == 1:
            coach_page.get_by_text("Comment on the whole answer").click()
            comment = coach_page.get_by_label("Comment on the whole answer")
            comment.press_sequentially("and/or /fol")
            expect(coach_page.get_by_role("option")).to_have_text("Say what **follows**.")
            coach_page.keyboard.press("Enter")
            expect(comment).to_have_value("and/or Say what **follows**.")
        coach_page.keyboard.press("Control+Enter")
    expect(coach_page.get_by_text("8 of 8")).to_be_visible()

    coach_page.goto(f"{home}/coaching/cohorts/{cohort.pk}/insights/")
    row = coach_page.get_by_role("row").filter(has_text="States the second thing")
    expect(row).to_contain_text("8 of 8")
    assert axe_violations(coach_page) == []
    row.get_by_role("link").click()
    expect(coach_page.get_by_text("The second thing is missing here.")).to_be_visible()
