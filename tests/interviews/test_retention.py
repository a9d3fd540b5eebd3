from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import GUESTS_KEPT, CoachGrant, User
from interviews import erasure, retention
from interviews.models import AnswerRevision
from interviews.retention import thin_revisions, tidy
from tests.factories import NOON, make_candidate, make_interview, write
from tests.interviews.factories import make_grant

pytestmark = pytest.mark.django_db


def kept() -> list[int]:
    return list(AnswerRevision.objects.filter(kind="draft").order_by("rev").values_list("rev", flat=True))


def test_old_drafts_thin_to_first_last_and_one_a_minute_and_the_rest_stays():
    interview = make_interview(limit_seconds=900, question_seconds=600)
    for rev in range(1, 22):  # every 10 s over three and a half minutes
        write(interview, 1, f"text {rev}", rev=rev, now=NOON + timedelta(seconds=10 * (rev - 1)))
    write(interview, 1, "handed in", rev=22, now=NOON + timedelta(seconds=215), act="submit_answer")
    assert thin_revisions(now=NOON + timedelta(days=179)) == 0
    assert thin_revisions(now=NOON + timedelta(days=181)) == 16
    assert kept() == [1, 7, 13, 19, 21]
    assert AnswerRevision.objects.filter(kind="final").count() == 1
    assert thin_revisions(now=NOON + timedelta(days=181)) == 0


@pytest.mark.django_db(transaction=True)
def test_thinning_leaves_the_record_locked_for_everybody_else():
    interview = make_interview()
    write(interview, 1, "text")
    thin_revisions(now=NOON)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AnswerRevision.objects.all()._raw_delete(using="default")


def test_at_night_what_has_no_use_any_more_goes_and_the_rest_stays(candidate):
    coach = make_candidate()
    live = make_grant(candidate, coach)
    CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    revoked, _ = CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    revoked.revoke(now=NOON)
    for expires_at in (timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(days=1)):
        Session.objects.create(session_key=f"{expires_at:%d}", session_data="", expire_date=expires_at)
    tidy(now=NOON + timedelta(days=29))
    assert CoachGrant.objects.count() == 3
    assert Session.objects.count() == 1
    tidy(now=NOON + timedelta(days=31))
    assert CoachGrant.objects.count() == 2
    tidy(now=NOON + timedelta(days=38))
    assert list(CoachGrant.objects.all()) == [live]


def test_the_page_says_how_long_what_is_kept(candidate_client):
    page = candidate_client.get(reverse("interviews:your_data")).content.decode()
    for told in ("all for 180 days", "<td>30 days</td>", "<td>24 hours</td>", "<td>14 days</td>"):
        assert told in page


def test_a_storage_that_is_away_keeps_no_other_kind_from_being_tidied(candidate, monkeypatch):
    def away(_):
        raise OSError("the bucket is away")

    revoked, _ = CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    revoked.revoke(now=NOON)
    monkeypatch.setattr(retention.sessions, "forget_ended_devices", lambda: away(None))
    monkeypatch.setattr(retention.default_storage, "listdir", away, raising=False)
    forgotten = []
    monkeypatch.setattr(retention.calibration, "forget_old_attempts", lambda *, now: forgotten.append(now))
    tidy(now=NOON + timedelta(days=38))
    assert not CoachGrant.objects.exists()
    assert forgotten


def test_a_guest_who_cannot_be_deleted_keeps_no_other(monkeypatch):
    guests = [User.objects.create_guest() for _ in range(3)]
    User.objects.update(date_joined=NOON - GUESTS_KEPT - timedelta(hours=1))
    delete = erasure.delete_everything

    def delete_all_but_one(guest, *, now):
        if guest == guests[1]:
            raise OSError("the file is not let go")
        delete(guest, now=now)

    monkeypatch.setattr(erasure, "delete_everything", delete_all_but_one)
    assert retention.remove_forgotten_guests(now=NOON) == 2
    assert list(User.objects.all()) == [guests[1]]
