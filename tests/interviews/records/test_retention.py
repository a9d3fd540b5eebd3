from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import GUESTS_KEPT, CoachGrant, User
from interviews.records import erasure, retention
from interviews.records.retention import thin_revisions, tidy
from interviews.sitting.models import AnswerRevision, Interview
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
    assert thin_revisions(now=NOON + timedelta(days=181)) == 0  # it still runs, as far as the record goes
    finish(interview)
    assert thin_revisions(now=NOON + timedelta(days=179)) == 0
    assert thin_revisions(now=NOON + timedelta(days=181)) == 16
    assert kept() == [1, 7, 13, 19, 21]
    assert AnswerRevision.objects.filter(kind="final").count() == 1
    assert thin_revisions(now=NOON + timedelta(days=181)) == 0


def finish(interview, *, now=NOON + timedelta(minutes=5)) -> None:
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.finish(lease=locked.lease, now=now)


def write_and_finish(*, drafts: int = 4) -> Interview:
    interview = make_interview(limit_seconds=900, question_seconds=600)
    for rev in range(1, drafts + 1):
        write(interview, 1, f"text {rev}", rev=rev, now=NOON + timedelta(seconds=rev))
    finish(interview)
    return interview


def test_a_nights_thinning_looks_at_no_interview_that_had_its_turn(monkeypatch):
    """Else it would grow with every year: to read a million old drafts again took two seconds a batch."""
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        write_and_finish()
    assert thin_revisions(now=NOON + timedelta(days=181)) == 5 * 2
    with CaptureQueriesContext(connection) as night:
        assert thin_revisions(now=NOON + timedelta(days=182)) == 0
    assert not [query["sql"] for query in night if "answerrevision" in query["sql"]]
    write_and_finish()
    assert thin_revisions(now=NOON + timedelta(days=183)) == 2


def test_a_reopened_interview_is_thinned_again():
    interview = write_and_finish()
    thin_revisions(now=NOON + timedelta(days=181))
    later = NOON + timedelta(days=200)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.reopen(1, seconds=600, reason="The net was away", by=interview.candidate, now=later)
    for rev in range(1, 5):
        write(interview, 1, f"more {rev}", rev=10 + rev, now=later + timedelta(seconds=rev))
    finish(interview, now=later + timedelta(minutes=1))
    assert thin_revisions(now=later + timedelta(days=179)) == 0
    assert thin_revisions(now=later + timedelta(days=181)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_do_the_work_once():
    for _ in range(3):
        write_and_finish()
    at_once = Barrier(2)

    def run(_):
        try:
            at_once.wait(timeout=30)
            return thin_revisions(now=NOON + timedelta(days=181))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 3 * 2


@pytest.mark.django_db(transaction=True)
def test_thinning_leaves_the_record_locked_for_everybody_else():
    write_and_finish()
    assert thin_revisions(now=NOON + timedelta(days=181)) == 2
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
    guests = [User.objects.guest_of(f"browser {number}") for number in range(3)]
    User.objects.update(date_joined=NOON - GUESTS_KEPT - timedelta(hours=1))
    delete = erasure.delete_everything

    def delete_all_but_one(guest, *, now):
        if guest == guests[1]:
            raise OSError("the file is not let go")
        delete(guest, now=now)

    monkeypatch.setattr(erasure, "delete_everything", delete_all_but_one)
    assert retention.remove_forgotten_guests(now=NOON) == 2
    assert list(User.objects.all()) == [guests[1]]
