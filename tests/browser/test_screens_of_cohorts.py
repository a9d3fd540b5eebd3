"""Every screen of a cohort, from its coach's and from a member's side, with long names; and a point answered again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Cohort, User
from interviews.coaching import cohort_notices, invitations, roster
from interviews.coaching.by_question import Stack
from interviews.coaching.models import CohortAssignment, DetailRequest, Review, Snippet
from interviews.interviewer.models import SecondTry
from questions.models import QuestionVersion
from tests.browser.looking import GLANCES, LONG_NAME, enter, look_at_each, looked_at
from tests.factories import make_candidate, make_coach, make_track, make_version, question_of
from tests.interviews.factories import assign_to, client_of, make_answered_interview, make_cohort, send, sit

pytestmark = pytest.mark.django_db(transaction=True)
LONG_ADDRESS = "a-very-long-address-without-any-space-in-it@a-very-long-domain-name.example.com"
LONG_ANSWER = "الدقة وحدها لا تكفي.\n\nThen the F1 score. " + "x" * 200


@pytest.fixture
def coach(transactional_db) -> User:
    return make_coach(name=LONG_NAME)


@pytest.fixture
def cohort(coach) -> Cohort:
    return make_cohort(owner=coach, name=f"Class of {LONG_NAME}", now=timezone.now())


def with_answers(cohort: Cohort) -> CohortAssignment:
    """Two questions, the same for everybody, that eight members have answered and marked: one review each waits."""
    now = timezone.now()
    for _ in range(2):
        make_version()
    QuestionVersion.objects.update(title=f"About {LONG_NAME}")
    track = make_track(count=2, limit_seconds=600)
    given = assign_to(cohort, track=track, now=now, has_same_questions=True, wants_review=True, note=LONG_ANSWER)
    for number in range(8):
        member = make_candidate(name=f"{LONG_NAME} {number}")
        given.give([cohort.join(member, shares="cohort", now=now)], now=now)
        for question in sit(member, given, now=now, text=LONG_ANSWER).questions.all():
            marks = {point.pk: "missed" for point in question.version.rubric_points.all()}
            wrong = [question.version.misconceptions.get().pk]
            question.grade_by_rubric(marks, by=member, source="self", misconceptions=wrong, now=now)
    cohort_notices.ask_reviews(cohort=cohort, now=now)
    return given


def asked_for_detail(review: Review, coach: User) -> DetailRequest:
    """One review is sent, and its candidate would like to read more."""
    sent = send(client_of(coach), review, **{"comment-whole": LONG_ANSWER})
    ask = reverse("interviews:ask_detail", args=[sent.interview.public_id, sent.pk, 1])
    client_of(sent.interview.candidate).post(ask, {"note": LONG_ANSWER})
    return DetailRequest.objects.get()


def test_pages_of_a_coach_of_a_cohort(visitor, home, coach, cohort):
    page, now = visitor, timezone.now()
    enter(page, home, coach)
    given = with_answers(cohort)
    roster.load(cohort, roster.read(f"{LONG_ADDRESS},{LONG_NAME},{LONG_NAME}"), invites=True, now=now)
    cohort.invite_coach(LONG_ADDRESS, now=now)
    Snippet.objects.keep(LONG_ANSWER, coach=coach, cohort=cohort, now=now)
    asked = asked_for_detail(Review.objects.awaiting_review().first(), coach)
    newcomer = cohort.join(make_candidate(name=LONG_NAME), shares="cohort", now=now)
    given.give([newcomer], now=now)
    version = given.drawn[0]
    look_at_each(
        page,
        home,
        ("interviews:cohorts",),
        ("interviews:cohort", cohort.pk),
        ("interviews:cohort_settings", cohort.pk),
        ("interviews:cohort_roster", cohort.pk),
        ("interviews:cohort_assign", cohort.pk),
        ("interviews:cohort_assignment", cohort.pk, given.pk),
        ("interviews:cohort_insights", cohort.pk),
        ("interviews:cohort_answers", cohort.pk, version),
        ("interviews:mark_by_question", cohort.pk),
        ("interviews:mark_answer", cohort.pk, version, Stack(cohort, coach, version).order[0]),
        ("interviews:sent_reviews",),
        ("interviews:snippets",),
        ("interviews:coach_detail", asked.review.interview.public_id, asked.pk),
        looks=GLANCES,
    )
    page.goto(home + reverse("interviews:cohort_member", args=[cohort.pk, newcomer.pk]))
    page.get_by_text("Change dates").click()
    assert looked_at(page, looks=GLANCES) == [], "other dates for one member"


def test_pages_of_a_member_and_a_point_answered_again(visitor, person, home, coach, cohort):
    page, now = visitor, timezone.now()
    enter(page, home, person)
    seat = cohort.invite_coach(person.email, now=now)
    interview = make_answered_interview(candidate=person, now=now - timedelta(hours=1), text=LONG_ANSWER)
    question = question_of(interview, 1)
    question.reveal(now=now)
    again = (interview.public_id, 1, question.version.rubric_points.first().pk)
    look_at_each(
        page,
        home,
        ("interviews:enter_cohort_code",),
        ("interviews:join_cohort", cohort.join_code),
        ("interviews:cohort_seat", invitations.seat_path(seat).rstrip("/").rsplit("/", 1)[1]),
        looks=GLANCES,
    )
    cohort.join(person, shares="cohort", now=now)
    client = client_of(person)
    client.post(reverse("interviews:start_again", args=again))
    look_at_each(page, home, ("interviews:join_cohort", cohort.join_code), ("interviews:again", *again), looks=GLANCES)
    client.post(reverse("interviews:again", args=again), {"text": LONG_ANSWER})
    assert SecondTry.objects.get().handed_in_at
    look_at_each(page, home, ("interviews:again", *again), looks=GLANCES)
    page.goto(home + reverse("interviews:enter_cohort_code") + "?code=nonsense")
    expect(page.locator(".errorlist")).to_be_visible()
    assert looked_at(page, looks=GLANCES) == [], "a wrong code"
