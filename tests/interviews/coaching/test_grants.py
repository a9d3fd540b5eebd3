"""Who may look at somebody's answers: grants, the walk over the coach's pages, and the log of every look."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog, CoachGrant, InvitationRefused, User
from interviews.coaching.models import Review
from interviews.sitting.models import Interview
from tests.factories import (
    NOON,
    make_admin,
    make_candidate,
    make_coach,
    make_curator,
    make_finished_interview,
    make_interview,
)
from tests.interviews.factories import (
    HTMX,
    answer_fields,
    client_of,
    make_answered_interview,
    make_grant,
    scorecard_fields,
    send,
    url,
)

pytestmark = pytest.mark.django_db


# --- grants -----------------------------------------------------------------------------------------


def test_a_coach_invited_by_mail_accepts_with_the_link_and_gets_the_nav_link(candidate_client, candidate):
    page = candidate_client.post(reverse("interviews:coaches"), {"email": "Grace@example.com", "scope": "all"})
    link = page.context["link"]
    assert link in mail.outbox[0].body
    assert candidate.email in mail.outbox[0].body
    newcomer = make_candidate(email="grace@example.com")
    client = client_of(newcomer)
    assert str(candidate) in client.get(link).content.decode()
    assert not newcomer.is_coach
    assert client.post(link).status_code == 302
    assert User.objects.get(pk=newcomer.pk).is_coach
    assert CoachGrant.objects.live().get().coach == newcomer


def test_the_token_is_kept_only_as_a_hash(candidate):
    grant, token = CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    assert token not in [str(value) for value in CoachGrant.objects.filter(pk=grant.pk).values_list().get()]


@pytest.mark.parametrize("case", ["used", "expired", "taken back", "own", "other address"])
def test_an_invitation_works_once_in_time_and_for_whom_it_was_meant(candidate, coach, case):
    email = "other@example.com" if case == "other address" else ""
    grant, token = CoachGrant.objects.invite(candidate, scope="all", email=email, now=NOON)
    if case == "used":
        CoachGrant.objects.accept(token, by=make_coach(), now=NOON)
    if case == "taken back":
        grant.revoke(now=NOON)
    now = NOON + timedelta(days=7, seconds=1 if case == "expired" else -1)
    with pytest.raises(InvitationRefused):
        CoachGrant.objects.accept(token, by=candidate if case == "own" else coach, now=now)
    assert not CoachGrant.objects.filter(coach=coach).exists()


def test_accepting_twice_gives_one_grant_and_a_second_link_no_second(candidate, coach):
    _, token = CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    CoachGrant.objects.accept(token, by=coach, now=NOON)
    CoachGrant.objects.accept(token, by=coach, now=NOON)
    with pytest.raises(InvitationRefused):
        make_grant(candidate, coach)
    assert CoachGrant.objects.live().count() == 1


def test_the_database_forbids_a_second_live_grant_of_one_scope(candidate, coach):
    grant = make_grant(candidate, coach)
    grant.pk, grant.token_hash = None, "another"
    with pytest.raises(DatabaseError, match="one_live_grant_per_candidate_coach_and_scope"):
        grant.save()


def test_a_candidate_does_not_invite_without_end(candidate):
    for _ in range(20):
        CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    with pytest.raises(InvitationRefused):
        CoachGrant.objects.invite(candidate, scope="all", now=NOON)


@pytest.mark.parametrize(("scope", "readable"), [("all", "012"), ("interview", "1"), ("from_now_on", "2")])
def test_a_grant_reaches_the_interviews_of_its_scope_and_no_others(candidate, coach, scope, readable):
    moments = [NOON - timedelta(days=2), NOON - timedelta(days=1), NOON + timedelta(days=1)]
    made = [make_finished_interview(candidate=candidate, now=moment) for moment in moments]
    make_finished_interview(candidate=make_candidate())
    make_grant(candidate, coach, scope=scope, interview=made[1] if scope == "interview" else None)
    found = Interview.objects.readable_by(coach)
    assert {one.pk for one in found} == {made[int(place)].pk for place in readable}


def test_a_grant_for_somebody_elses_interview_opens_nothing(candidate, coach):
    strangers = make_finished_interview(candidate=make_candidate())
    make_grant(candidate, coach, scope="interview", interview=strangers)
    assert not Interview.objects.readable_by(coach).exists()


def test_revoking_ends_the_access_with_the_next_request(candidate_client, candidate, coach, review):
    client = client_of(coach)
    assert client.get(url("review", review)).status_code == 200
    candidate_client.post(reverse("interviews:revoke_grant", args=[CoachGrant.objects.get().pk]))
    assert client.get(url("review", review)).status_code == 404
    assert client.post(url("save_review_answer", review, 1), answer_fields(review)).status_code == 404
    assert not client.get(reverse("interviews:coaching")).context["waiting"]


def test_what_was_said_about_an_interview_ends_with_the_grant_for_it(candidate, coach):
    reviews = []
    for moment in (NOON, NOON + timedelta(days=1)):
        interview = make_answered_interview(candidate=candidate, now=moment)
        grant = make_grant(candidate, coach, scope="interview", interview=interview, now=moment)
        reviews.append((Review.objects.ask(interview, coach=coach, now=moment), grant))
    (earlier, grant), (later, _) = reviews
    client = client_of(coach)
    send(client, earlier)
    assert "Keep the structure." in client.get(url("review_scorecard", later)).content.decode()
    grant.revoke(now=timezone.now())
    assert "Keep the structure." not in client.get(url("review_scorecard", later)).content.decode()


def test_nobody_revokes_somebody_elses_grant(candidate, coach, review):
    grant = CoachGrant.objects.get()
    for person in (coach, make_candidate()):
        assert client_of(person).post(reverse("interviews:revoke_grant", args=[grant.pk])).status_code == 404
    grant.refresh_from_db()
    assert grant.is_live


# --- who may look -----------------------------------------------------------------------------------

COACHING = [
    ("review", False),
    ("review_answer", True),
    ("save_review_answer", True),
    ("review_scorecard", False),
    ("save_review_scorecard", False),
    ("review_send", False),
    ("review_undo", False),
    ("review_decline", False),
]


def make_former_coach(candidate, interview):
    coach = make_coach()
    make_grant(candidate, coach).revoke(now=NOON)
    return coach


def make_coach_of_another_interview(candidate, interview):
    coach = make_coach()
    other = make_finished_interview(candidate=candidate, now=NOON + timedelta(days=9))
    make_grant(candidate, coach, scope="interview", interview=other)
    return coach


def make_coach_who_was_not_asked(candidate, interview):
    coach = make_coach()
    make_grant(candidate, coach)
    return coach


PEOPLE = {
    "stranger": lambda candidate, interview: make_candidate(),
    "candidate": lambda candidate, interview: candidate,
    "other coach": lambda candidate, interview: make_coach(),
    "former coach": make_former_coach,
    "coach of another interview": make_coach_of_another_interview,
    "coach who was not asked": make_coach_who_was_not_asked,
    "curator": lambda candidate, interview: make_curator(),
    "admin": lambda candidate, interview: make_admin(),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_to_everybody_else_the_review_does_not_exist(candidate, review, who):
    client = client_of(PEOPLE[who](candidate, review.interview))
    if who != "coach who was not asked":
        Review.objects.update(coach=None)  # asked of every granted coach: now the grant alone decides
    for name, has_position in COACHING:
        path = url(name, review, *([1] if has_position else []))
        fields = answer_fields(review) | scorecard_fields() | {"reason": "No time."}
        for response in (client.get(path), client.post(path, fields), client.post(path, fields, **HTMX)):
            assert response.status_code in (404, 405), (name, response.status_code)
    review.refresh_from_db()
    assert (review.rev, review.withdrawn_at, review.answers.count()) == (0, None, 0)
    assert not AccessLog.objects.exists()


def test_whoever_is_not_logged_in_goes_to_the_log_in(review):
    names = [url(name, review, *([1] if has_position else [])) for name, has_position in COACHING]
    names += [reverse(f"interviews:{name}") for name in ("coaching", "coaches", "access_log")]
    names += [reverse("interviews:invitation", args=["token"])]
    for path in names:
        assert Client().post(path, {}).url.startswith(reverse("account_login"))
        assert Client().post(path, {}, **HTMX).status_code == 401


def test_every_look_of_a_coach_is_one_row_that_the_candidate_reads(candidate_client, coach, review):
    client = client_of(coach)
    pages = ["review", "review_scorecard", "review_send"]
    for count, path in enumerate([*(url(name, review) for name in pages), url("review_answer", review, 1)], start=1):
        client.get(path)
        assert AccessLog.objects.count() == count
    client.post(url("save_review_answer", review, 1), answer_fields(review), **HTMX)
    client.get(reverse("interviews:coaching"))
    assert AccessLog.objects.count() == 4
    assert {(row.actor, row.candidate) for row in AccessLog.objects.all()} == {(coach, review.interview.candidate)}
    page = candidate_client.get(reverse("interviews:access_log")).content.decode()
    assert page.count(str(coach)) == 4
    assert "answer 1" in page
    assert "Nobody yet" in client.get(reverse("interviews:access_log")).content.decode()


def test_the_access_log_cannot_be_changed(coach, candidate, review):
    client_of(coach).get(url("review", review))
    for change in (AccessLog.objects.all().delete, lambda: AccessLog.objects.update(subject="nothing")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_coach_who_looks_expires_nothing(candidate, coach):
    running = make_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    make_grant(candidate, coach)
    client_of(coach).get(reverse("interviews:review", args=[running.public_id]))
    assert Interview.objects.get(pk=running.pk).is_in_progress
