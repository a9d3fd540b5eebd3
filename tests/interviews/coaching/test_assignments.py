"""Interviews that a coach assigns: started in their track and pace, declined, withdrawn, read only under a grant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import CoachGrant
from interviews.coaching import notices
from interviews.coaching.models import Assignment, Review
from interviews.notices import mailing
from interviews.notices.models import Notice
from interviews.sitting.models import Interview, Refused
from tests.factories import (
    NOON,
    make_candidate,
    make_coach,
    make_finished_interview,
    make_interview,
    make_track,
    make_version,
)
from tests.interviews.factories import client_of, make_grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def track():
    for _ in range(3):
        make_version(format="free_text")
    return make_track(slug="screen", count=3, limit_seconds=600)


@pytest.fixture
def grant(candidate, coach) -> CoachGrant:
    return make_grant(candidate, coach)


@pytest.fixture
def assignment(candidate, coach, track, grant) -> Assignment:
    return give(candidate, coach, track)


def give(candidate, coach, track, *, pace="gentle", **fields) -> Assignment:
    return Assignment.objects.assign(
        coach=coach, candidate=candidate, track=track, pace=pace, now=fields.pop("now", NOON), **fields
    )


def page_of(assignment: Assignment, name: str = "assignment") -> str:
    return reverse(f"interviews:{name}", args=[assignment.pk])


def start(assignment: Assignment, *, now=NOON) -> Interview:
    with Assignment.objects.under_lock(assignment.pk) as locked:
        return locked.start(time_multiplier=Decimal(1), now=now)


# --- from the coach to the dashboard ------------------------------------------------------------------


def test_a_coach_assigns_and_the_candidate_is_told_once_and_finds_it_first(
    candidate, candidate_client, coach, track, grant
):
    make_finished_interview(candidate=candidate)
    fields = {"track": track.slug, "pace": "gentle", "due_on": timezone.localdate(), "note": "Mind <b>the</b> clock."}
    response = client_of(coach).post(reverse("interviews:assign", args=[candidate.pk]), fields)
    assert response.status_code == 302
    made = Assignment.objects.get()
    assert (made.coach, made.candidate, made.track, made.pace) == (coach, candidate, track, "gentle")
    assert candidate.notices.get().text.startswith(f"{coach} assigned you an interview: Screen, due on ")
    dashboard = candidate_client.get(reverse("interviews:dashboard")).content.decode()
    assert f"{coach} assigned you: Screen" in dashboard
    assert "Sit the next interview" not in dashboard
    page = candidate_client.get(candidate.notices.get().path).content.decode()
    assert "Mind &lt;b&gt;the&lt;/b&gt; clock." in page


@pytest.mark.parametrize(
    "change", [{"track": "no-such"}, {"pace": "fast"}, {"due_on": "2020-01-01"}, {"note": "x" * 1001}, {"track": ""}]
)
def test_a_wrong_assignment_says_why_and_assigns_nothing(candidate, coach, track, grant, change):
    fields = {"track": track.slug, "pace": "strict"} | change
    response = client_of(coach).post(reverse("interviews:assign", args=[candidate.pk]), fields)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not Assignment.objects.exists()
    assert not Notice.objects.exists()


def test_a_coach_cannot_pile_up_assignments(candidate, coach, track, grant):
    for number in range(10):
        give(candidate, coach, track, note=str(number))
    with pytest.raises(Refused, match="10 open assignments"):
        give(candidate, coach, track)


def test_what_is_due_first_stands_first_and_overdue_is_told_without_a_threat(
    candidate, candidate_client, coach, track, grant
):
    today = timezone.localdate()
    give(candidate, coach, track, note="no day")
    give(candidate, coach, track, due_on=today + timedelta(days=3))
    late = give(candidate, coach, track, due_on=today - timedelta(days=2))
    page = candidate_client.get(reverse("interviews:dashboard"))
    assert page.context["steps"][0].path == page_of(late)
    assert "you can still start it" in page.content.decode()
    assert candidate_client.post(page_of(late), {"time_multiplier": "1"}).status_code == 302


# --- starting -----------------------------------------------------------------------------------------


def test_starting_takes_track_and_pace_of_the_assignment_and_the_candidates_own_time(
    candidate, candidate_client, assignment
):
    candidate.time_multiplier, candidate.speaks = Decimal("1.5"), True
    candidate.save()
    page = candidate_client.get(page_of(assignment)).content.decode()
    assert 'value="1.5"' in page
    other = make_track(slug="other", count=1)
    forged = {"time_multiplier": "2", "plan": other.slug, "pace": "untimed"}
    response = candidate_client.post(page_of(assignment), forged)
    interview = Interview.objects.get()
    assert response.url == reverse("interviews:interview", args=[interview.public_id])
    assert (interview.track, interview.pace, interview.time_multiplier) == (assignment.track, "gentle", Decimal(2))
    assert interview.assignment == assignment
    assert interview.speaks
    assert candidate_client.get(page_of(assignment)).url == response.url  # a second look leads to the interview
    assert not Assignment.objects.open().exists()


def test_another_interview_in_progress_is_not_taken_for_the_assigned_one(candidate, candidate_client, assignment):
    make_interview(candidate=candidate, now=timezone.now())
    response = candidate_client.post(page_of(assignment), {"time_multiplier": "1"})
    assert response.status_code == 422
    assert "still in progress" in response.content.decode()
    assignment.refresh_from_db()
    assert assignment.is_open


def test_without_questions_nothing_starts_and_the_page_says_so(candidate, candidate_client, coach, grant):
    bare = give(candidate, coach, make_track(slug="bare", count=5, topics=["nothing"]))
    response = candidate_client.post(page_of(bare), {"time_multiplier": "1"})
    assert response.status_code == 422
    assert not Interview.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_starting_twice_at_once_makes_one_interview(candidate, assignment):
    at_once = Barrier(4)

    def run(number):
        try:
            at_once.wait(timeout=30)
            return start(assignment, now=NOON + timedelta(microseconds=number)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(run, range(4)))) == 1
    assert Interview.objects.count() == 1


# --- ending it ----------------------------------------------------------------------------------------


def test_declining_needs_a_reason_which_the_coach_reads(candidate, candidate_client, coach, assignment):
    path = page_of(assignment, "decline_assignment")
    assert candidate_client.post(path, {"reason": " "}).status_code == 422
    candidate_client.post(path, {"reason": "Exams until June."})
    assert coach.notices.get().text == f"{candidate} declined: Screen."
    page = client_of(coach).get(coach.notices.get().path).content.decode()
    assert "Exams until June." in page
    assert candidate_client.post(page_of(assignment), {"time_multiplier": "1"}).status_code == 422
    assert not Interview.objects.exists()


def test_a_withdrawn_assignment_leaves_the_dashboard_and_the_notices(candidate_client, candidate, coach, assignment):
    notices.assigned(assignment, now=NOON)
    client_of(coach).post(page_of(assignment, "withdraw_assignment"))
    assert not candidate.notices.exists()
    assert "assigned you" not in candidate_client.get(reverse("interviews:dashboard")).content.decode()
    assert "has withdrawn it" in candidate_client.get(page_of(assignment)).content.decode()


def test_what_was_started_can_neither_be_withdrawn_nor_declined(candidate_client, coach, assignment):
    start(assignment, now=timezone.now())
    client_of(coach).post(page_of(assignment, "withdraw_assignment"))
    candidate_client.post(page_of(assignment, "decline_assignment"), {"reason": "Too late."})
    assignment.refresh_from_db()
    assert (assignment.withdrawn_at, assignment.declined_at) == (None, None)


def test_the_database_refuses_an_assignment_that_ended_in_two_ways(assignment):
    with pytest.raises(IntegrityError, match="assignment_ends_in_one_way"):
        Assignment.objects.update(withdrawn_at=NOON, declined_at=NOON, declined_reason="Both.")


# --- who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "other coach", "former coach"])
def test_only_the_coach_with_a_live_grant_assigns_and_withdraws(candidate, coach, track, grant, assignment, who):
    if who == "former coach":
        grant.revoke(now=timezone.now())
    person = {"stranger": make_candidate, "other coach": make_coach, "former coach": lambda: coach}[who]()
    client = client_of(person)
    fields = {"track": track.slug, "pace": "strict"}
    assert client.post(reverse("interviews:assign", args=[candidate.pk]), fields).status_code == 404
    assert client.post(page_of(assignment, "withdraw_assignment")).status_code == 404
    assert client.get(page_of(assignment)).status_code == 404
    assert client.post(page_of(assignment), {"time_multiplier": "1"}).status_code == 404
    assert client.post(page_of(assignment, "decline_assignment"), {"reason": "Mine."}).status_code == 404
    assignment.refresh_from_db()
    assert (assignment.withdrawn_at, assignment.declined_at, Assignment.objects.count()) == (None, None, 1)


def test_with_the_coachs_access_ends_what_they_assigned(candidate_client, assignment, grant):
    grant.revoke(now=timezone.now())
    assert candidate_client.get(page_of(assignment)).status_code == 404
    assert "assigned you" not in candidate_client.get(reverse("interviews:dashboard")).content.decode()


@pytest.mark.parametrize("scope", ["all", "from_now_on", "interview"])
def test_the_grant_alone_decides_whether_the_assigning_coach_reads_the_interview(
    candidate, candidate_client, coach, track, scope
):
    earlier = make_finished_interview(candidate=candidate) if scope == "interview" else None
    make_grant(candidate, coach, scope=scope, interview=earlier, now=NOON)
    made = give(candidate, coach, track)
    is_covered = scope != "interview"
    said = candidate_client.get(page_of(made)).content.decode()
    assert ("won't be able to read this interview" in said) != is_covered
    interview = start(made, now=timezone.now())
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    replay = reverse("interviews:replay", args=[interview.public_id, 1])
    client = client_of(coach)
    assert client.get(replay).status_code == (200 if is_covered else 404)
    results = reverse("interviews:results", args=[interview.public_id])
    assert ("Share this interview" in candidate_client.get(results).content.decode()) != is_covered
    if not is_covered:
        assert (
            "not shared with you" in client.get(reverse("interviews:candidate", args=[candidate.pk])).content.decode()
        )
        for _ in range(2):  # a double click gives one grant
            candidate_client.post(reverse("interviews:share_assigned", args=[interview.public_id]))
        assert client.get(replay).status_code == 200
        assert CoachGrant.objects.live().filter(interview_public_id=interview.public_id).count() == 1
        assert "may read this interview" in candidate_client.get(results).content.decode()


def test_only_the_candidate_shares_and_only_with_a_coach_of_theirs(candidate, coach, assignment, grant):
    interview = start(assignment)
    path = reverse("interviews:share_assigned", args=[interview.public_id])
    for person in (coach, make_candidate()):
        assert client_of(person).post(path).status_code == 404
    grant.revoke(now=timezone.now())
    assert client_of(candidate).post(path).status_code == 404
    assert not CoachGrant.objects.live().exists()


# --- due tomorrow -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hour_utc", "is_reminded"),
    [
        ("UTC", 7, False),  # not yet morning
        ("UTC", 8, True),
        ("Pacific/Auckland", 20, False),  # there it is due today by now
        ("America/Los_Angeles", 8, False),  # there it is midnight
        ("America/Los_Angeles", 17, True),
    ],
)
def test_the_day_before_is_the_candidates_own(candidate, coach, track, grant, zone, hour_utc, is_reminded):
    candidate.time_zone = zone
    candidate.save()
    now = datetime(2026, 12, 1, hour_utc, 30, tzinfo=UTC)
    give(candidate, coach, track, due_on=datetime(2026, 12, 2, tzinfo=UTC).date())
    for _ in range(3):
        notices.remind(now=now)
        mailing.mail_waiting(now=now)
    assert len(mail.outbox) == Notice.objects.count() == is_reminded
    if is_reminded:
        assert candidate.notices.get().text == "Due on Wednesday, 2 Dec: Screen."


def test_a_coach_is_reminded_of_a_review_and_nobody_of_what_is_done(candidate, coach, track, grant):
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    tomorrow = datetime(2026, 12, 2, tzinfo=UTC).date()
    other = make_coach()
    make_grant(candidate, other)
    Review.objects.ask(make_finished_interview(candidate=candidate), coach=coach, due_on=tomorrow, now=NOON)
    done = give(candidate, coach, track, due_on=tomorrow)
    start(done, now=now)
    notices.remind(now=now)
    assert [notice.recipient for notice in Notice.objects.filter(kind="due_tomorrow")] == [coach]


def test_a_double_click_assigns_once(candidate, coach, track, grant):
    fields = {"track": track.slug, "pace": "gentle", "due_on": "", "note": "Mind the clock."}
    for _ in range(2):
        response = client_of(coach).post(reverse("interviews:assign", args=[candidate.pk]), fields)
        assert response.status_code == 302
    assert Assignment.objects.count() == candidate.notices.count() == 1
    start(Assignment.objects.get())
    assert client_of(coach).post(reverse("interviews:assign", args=[candidate.pk]), fields).status_code == 302
    assert Assignment.objects.count() == 2


def test_what_was_withdrawn_cannot_be_declined_and_nobody_is_told(candidate_client, coach, assignment):
    with Assignment.objects.under_lock(assignment.pk) as locked:
        locked.withdraw(now=NOON)
    candidate_client.post(page_of(assignment, "decline_assignment"), {"reason": "No time."})
    assert not coach.notices.exists()
