"""Who is asking, and how often."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from config import limits
from tests.factories import make_admin, make_candidate, make_coach, make_interview, make_track, make_version
from tests.interviews.factories import make_cohort

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "10.0.0.1"),  # nobody is trusted: the connection's own
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),  # the client claimed 6.6.6.6, our proxy added the last
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (1, "", "10.0.0.1"),
    ],
)
def test_a_client_is_known_by_what_our_own_proxies_say(proxies, forwarded, address):
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded})
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert get_adapter().get_client_ip(request) == address


@override_settings(STARTS_PER_HOUR=2)
def test_starts_are_limited_by_person_and_nothing_else_is(candidate, candidate_client):
    make_version()
    make_track(slug="screen", count=1)
    start = {"plan": "screen", "pace": "strict", "time_multiplier": "1"}
    new = reverse("interviews:interview_new")
    make_interview(candidate=candidate, now=timezone.now() - timedelta(minutes=61))  # an hour ago: it does not count
    for _ in range(2):
        candidate.interviews.in_progress().update(state="void", closed_at=timezone.now())
        assert candidate_client.post(new, start).status_code == 302
    refused = candidate_client.post(new, start)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert candidate_client.get(new).status_code == 200
    assert candidate_client.post(reverse("interviews:practise")).status_code == 429
    interview = candidate.interviews.in_progress().get()
    save = reverse("interviews:save", args=[interview.public_id, 1])
    for rev in range(1, 5):
        answer = {"answer": "x", "rev": rev, "lease": interview.lease}
        assert candidate_client.post(save, answer, headers={"hx-request": "true"}).status_code == 200
    other = Client()
    other.force_login(make_candidate())
    assert other.post(new, start).status_code == 302


def test_a_program_that_saves_faster_than_anybody_types_waits_and_loses_nothing(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now())
    save = reverse("interviews:save", args=[interview.public_id, 1])

    def status(rev: int) -> int:
        answer = {"answer": f"text {rev}", "rev": rev, "lease": interview.lease}
        response = candidate_client.post(save, answer, headers={"hx-request": "true"})
        assert response.status_code == 200 or response["Retry-After"] == "1"
        return response.status_code

    with patch.object(limits.time, "monotonic", lambda: 1000.0):
        assert [status(rev) for rev in range(1, 32)] == [200] * 30 + [429]
    with patch.object(limits.time, "monotonic", lambda: 1001.0):
        assert [status(rev) for rev in range(31, 38)] == [200] * 6 + [429]
    assert interview.questions.get(position=1).answer == ["text 36"]


def test_those_who_have_rested_are_forgotten(monkeypatch):
    monkeypatch.setattr(limits.Buckets, "MOST", 10)
    buckets = limits.Buckets()
    for person in range(100):
        monkeypatch.setattr(limits.time, "monotonic", lambda person=person: 10.0 * person)
        assert buckets.take(person)
    assert len(buckets.levels) <= 11


@override_settings(ACCOUNT_RATE_LIMITS={"invite": "2/h/user"})
def test_mails_to_strangers_are_limited_by_person_also_where_invitations_are_taken_back(candidate, candidate_client):
    coaches = reverse("interviews:coaches")
    for number in range(2):
        candidate_client.post(coaches, {"email": f"stranger{number}@example.com", "scope": "all"})
        grant = candidate.grants_given.get(revoked_at=None)
        candidate_client.post(reverse("interviews:revoke_grant", args=[grant.pk]))
    assert candidate_client.post(coaches, {"email": "stranger@example.com", "scope": "all"}).status_code == 429
    assert len(mail.outbox) == 2
    assert candidate_client.get(coaches).status_code == 200


@override_settings(ACCOUNT_RATE_LIMITS={"invite": "2/h/user"})
def test_mails_to_coaches_of_a_cohort_count_among_them(client):
    coach = make_coach()
    client.force_login(coach)
    cohort = make_cohort(owner=coach, now=timezone.now())
    path = reverse("interviews:invite_cohort_coach", args=[cohort.pk])
    for status in (302, 302, 429):
        assert client.post(path, {"email": "grace@example.com"}).status_code == status
    assert len(mail.outbox) == 2


@override_settings(ACCOUNT_RATE_LIMITS={"upload": "1/h/user"})
def test_uploads_are_limited_by_person(client):
    client.force_login(make_admin())
    upload = reverse("admin:questions_questionversion_upload")
    assert client.post(upload).status_code != 429
    assert client.post(upload).status_code == 429
    assert client.get(upload).status_code == 200


def test_the_access_log_cannot_be_changed(candidate):
    AccessLog.objects.create(
        actor=make_coach(), candidate=candidate, interview_public_id=uuid4(), subject="An answer", at=timezone.now()
    )
    for change in (lambda: AccessLog.objects.update(subject=""), AccessLog.objects.all().delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert AccessLog.objects.get().subject == "An answer"
