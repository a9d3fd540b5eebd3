"""Every screen of coaching, from both sides: empty, full, in its states, with long names and other scripts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import CoachGrant, User
from interviews.coaching import notices
from interviews.coaching.models import Appeal, Assignment, Review
from interviews.report import compiling
from questions.models import Track
from tests.browser.looking import LONG_NAME, enter, look_at_each, looked_at
from tests.factories import make_candidate, make_coach, make_finished_interview, make_interview, make_track
from tests.interviews.coaching.test_agreement import reviewed_by_both
from tests.interviews.factories import client_of, make_answered_interview, make_grant, send, url

pytestmark = pytest.mark.django_db(transaction=True)
ARABIC = "الدقة وحدها لا تكفي عندما تكون الفئات غير متوازنة.\n\nThen the F1 score. " + "x" * 200


@pytest.fixture
def candidate(transactional_db) -> User:
    return make_candidate(name=LONG_NAME)


@pytest.fixture
def coach(transactional_db) -> User:
    return make_coach(name="Grace")


def give_work(candidate: User, coach: User) -> None:
    """Assigned: one with a note, one overdue, one declined."""
    now, track = timezone.now(), make_track()
    Track.objects.update(name=f"A track with a name that is rather long: {LONG_NAME}")
    given = {"coach": coach, "candidate": candidate, "track": track, "now": now}
    made = [
        Assignment.objects.assign(**given, pace="strict", note=ARABIC, due_on=timezone.localdate()),
        Assignment.objects.assign(**given, pace="gentle"),
        Assignment.objects.assign(**given, pace="untimed", note="Soon."),
    ]
    Assignment.objects.filter(pk=made[1].pk).update(due_on=timezone.localdate() - timedelta(days=3))
    with Assignment.objects.under_lock(made[2].pk) as locked:
        locked.decline(reason=ARABIC, now=now)
    notices.assigned(made[0], now=now)


def reviewed(candidate: User, coach: User) -> Review:
    """Sent, with two points appealed: one has a second mark by the same coach, one waits for it."""
    now = timezone.now()
    interview = make_answered_interview(candidate=candidate, count=2, now=now - timedelta(days=1), text=ARABIC)
    review = Review.objects.ask(interview, coach=coach, now=now)
    said = {"comment-0": ARABIC, "comment-whole": "All in all: " + "word " * 80}
    send(client_of(coach), review, mark="missed", **said)
    asking = client_of(candidate)
    for question in interview.questions.order_by("position"):
        point = question.version.rubric_points.first()
        asked = {"reason": ARABIC, "coach": coach.pk}
        assert asking.post(url("appeal", review, question.position, point.pk), asked).status_code == 302
    answered = Appeal.objects.order_by("pk").first()
    second = {"mark": "partly", "explanation": ARABIC, "rev": 0, "page": "page1"}
    client_of(coach).post(url("save_appeal", review, answered.pk), second)
    client_of(coach).post(url("answer_appeal", review, answered.pk))
    return review


def with_history(candidate: User) -> None:
    make_finished_interview(candidate=candidate, scores=(0,) * 9, now=timezone.now() - timedelta(days=2))
    compiling.compile_requested(candidate.pk, now=timezone.now())


def test_pages_of_a_coach(candidate_page, person, home, candidate, coach):
    page = candidate_page
    look_at_each(page, home, ("interviews:coaching",), ("interviews:candidates",), ("interviews:agreement",))

    with_history(candidate)
    nameless = make_candidate(email="a-very-long-address-without-any-space-in-it@a-very-long-domain-name.example.com")
    for one, grantee in ((candidate, person), (candidate, coach), (nameless, person)):
        make_grant(one, grantee)
    give_work(candidate, person)
    reviewed_by_both(candidate, person, coach, count=15)
    sent = reviewed(candidate, person)
    waiting = make_answered_interview(
        candidate=candidate, now=timezone.now() - timedelta(hours=30), text=ARABIC, count=2
    )
    Review.objects.ask(waiting, coach=person, now=timezone.now())
    running = make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000)
    appeal = Appeal.objects.waiting().get()
    rating = {"rating": 4, "comment": ARABIC}
    client_of(candidate).post(url("rate_review", sent, sent.pk), rating)
    _, token = CoachGrant.objects.invite(candidate, scope="all", now=timezone.now())
    look_at_each(
        page,
        home,
        ("interviews:coaching",),
        ("interviews:candidates",),
        ("interviews:candidate", candidate.pk),
        ("interviews:candidate", nameless.pk),
        ("interviews:candidate_report", candidate.pk),
        ("interviews:candidate_report", nameless.pk),
        ("interviews:candidate_evidence", candidate.pk, "misconceptions"),
        ("interviews:agreement",),
        ("interviews:review", waiting.public_id),
        ("interviews:review_answer", waiting.public_id, 2),
        ("interviews:review_scorecard", waiting.public_id),
        ("interviews:review_send", waiting.public_id),
        ("interviews:review_decline", waiting.public_id),
        ("interviews:review_answer", sent.interview.public_id, 1),
        ("interviews:review_send", sent.interview.public_id),
        ("interviews:interview_time", running.public_id),
        ("interviews:interview_time", waiting.public_id),
        ("interviews:coach_appeal", sent.interview.public_id, appeal.pk),
        ("interviews:answer_appeal", sent.interview.public_id, appeal.pk),
        ("interviews:give_back_appeal", sent.interview.public_id, appeal.pk),
        ("interviews:invitation", token),
        ("interviews:notices",),
    )
    page.goto(home + reverse("interviews:candidate", args=[candidate.pk]))
    page.get_by_label("Due").fill("2020-01-01")
    send_as_it_is(page, "Assign")
    page.goto(home + reverse("interviews:review_decline", args=[waiting.public_id]))
    send_as_it_is(page, "Remove from my inbox")
    review = waiting.reviews.get()
    review.kept_drafts.create(
        coach=person, part="1", page="p", content={"comments": {"whole": ARABIC}}, at=review.asked_at
    )
    waiting.reviews.update(held_by=coach, held_until=timezone.now() + timedelta(minutes=30))
    look_at_each(page, home, ("interviews:review_answer", waiting.public_id, 1))
    expect(page.get_by_text("is reviewing this interview")).to_be_visible()


def send_as_it_is(page, button: str) -> None:
    """Past the browser's own checks, to what the site says to it."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".errorlist").first).to_be_visible()
    assert looked_at(page) == [], button


def test_pages_of_a_coached_candidate(visitor, home, candidate, coach):
    page = visitor
    enter(page, home, candidate)
    look_at_each(page, home, ("interviews:coaches",), ("interviews:access_log",), ("interviews:notices",))

    make_grant(candidate, coach)
    make_grant(
        candidate, make_coach(email="a-very-long-address-without-any-space-in-it@a-very-long-domain.example.com")
    )
    with_history(candidate)
    give_work(candidate, coach)
    review = reviewed(candidate, coach)
    client_of(coach).get(url("review_answer", review, 1))
    interview = review.interview.public_id
    point = review.interview.questions.get(position=2).version.rubric_points.last()
    assignment = Assignment.objects.open().first()
    screens = [
        ("interviews:dashboard",),
        ("interviews:assignment", assignment.pk),
        ("interviews:results", interview),
        ("interviews:appeal", interview, 2, point.pk),
        ("interviews:access_log",),
        ("interviews:notices",),
        ("interviews:notice_settings",),
    ]
    look_at_each(page, home, *screens)

    page.goto(home + reverse("interviews:appeal", args=[interview, 2, point.pk]))
    send_as_it_is(page, "Ask for a second mark")

    make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000)
    look_at_each(page, home, ("interviews:dashboard",), ("interviews:assignment", assignment.pk))
    page.get_by_text("Decline", exact=True).click()
    send_as_it_is(page, "Decline interview")
    page.goto(home + reverse("interviews:coaches"))
    page.get_by_label("Email address").fill("a-very-long-address-without-any-space@a-very-long-domain-name.example.com")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("One-time link")
    expect(link).to_be_visible()
    assert looked_at(page) == [], "invited"
    page.goto(link.input_value())
    expect(page.get_by_text("This is your own invitation")).to_be_visible()
    assert looked_at(page) == [], "one's own invitation"
