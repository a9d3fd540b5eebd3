"""Deletion: no row and no file that names the person, and nothing of anybody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BinaryField, CharField, JSONField, TextField, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog, CoachGrant, User
from interviews import tasks
from interviews.coaching.models import Review
from interviews.records import erasure
from interviews.sitting.models import Grade, Interview, InterviewEvent, TimeAdjustment, Written
from questions.models import QuestionFlag, VersionEvent
from tests.factories import NOON, make_candidate, make_finished_interview, make_interview, write
from tests.interviews.factories import client_of
from tests.interviews.records.everything import make_everything_of, ways_to_people

pytestmark = pytest.mark.django_db

# Nothing of this site, of its questions or of Django's own tables holds these letters.
CANARY = "kanari"


@pytest.fixture
def person():
    return make_candidate(email=f"{CANARY}@example.com", name=CANARY.title())


@pytest.fixture
def other():
    return make_candidate(email="grace@example.com", name="Grace")


@pytest.fixture
def everything(person, other) -> None:
    make_everything_of(person, other=other)
    interview = make_interview(candidate=person, now=NOON)
    write(interview, 1, CANARY)
    write(interview, 1, f"late {CANARY}", rev=2, now=NOON + timedelta(minutes=15))
    client_of(person)
    plant_canaries(person)


def plant_canaries(person: User) -> None:
    """Into every text of every row that is the person's own, whatever the model: new ones are in it by themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL holdout.erasing = 'on'")
    for way in ways_to_people().values():
        if not way.is_owned or way.model is EmailAddress:  # whose addresses hold it already
            continue
        for own in way.rows_of(person):
            values = {field.name: canary_for(field) for field in way.model._meta.concrete_fields}
            if texts := {name: value for name, value in values.items() if value is not None}:
                own.update(**texts)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL holdout.erasing = 'off'")


def canary_for(field):
    if isinstance(field, JSONField):
        return {"text": CANARY}
    if isinstance(field, BinaryField):
        return CANARY.encode()
    if not isinstance(field, CharField | TextField) or field.choices:
        return None
    if field.max_length and field.max_length < 16:
        return CANARY
    return Concat(Value(CANARY), Cast("pk", TextField()))


def where(text: str) -> dict[str, int]:
    """Table → how many of its rows hold the text in any column, bytes included."""
    found = {}
    patterns = [f"%{text}%", f"%{text.encode().hex()}%"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS r WHERE r::text ILIKE ANY(%s)', [patterns])
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


def erase(person: User) -> bool:
    person.ask_for_erasure(at=NOON)
    return erasure.erase(person.pk, now=NOON)


def test_the_set_up_has_a_row_of_every_kind(person, everything):
    """A new model that leads to a person belongs into everything.py; then it is covered by the tests below."""
    ways = ways_to_people()
    assert [name for name, way in ways.items() if not any(rows.exists() for rows in way.rows_of(person))] == []


def test_after_the_deletion_no_table_and_no_file_names_the_person(person, everything, files_of_the_test):
    assert len(where(CANARY)) > 15
    assert [path for path in files_of_the_test.rglob("*") if path.is_file()]
    assert erase(person)
    assert where(CANARY) == {}
    assert [path for path in files_of_the_test.rglob("*") if path.is_file()] == []
    assert not [one for one in Session.objects.all() if one.get_decoded().get(SESSION_KEY) == str(person.pk)]
    assert not User.objects.filter(pk=person.pk).exists()


def test_what_the_person_did_for_others_stays_without_the_person(person, other, everything):
    assert erase(person)
    review = Review.objects.get(interview__candidate=other)
    assert (review.coach, review.held_by, review.withdrawn_by) == (None, None, None)
    assert review.public_notes == "Said to the other."
    assert review.answers.get().comments == {"whole": "Said to the other."}
    grade = Grade.objects.get(source="coach")
    assert (grade.by, grade.score) == (None, 1.0)
    assert TimeAdjustment.objects.get().reason == "The net was away"
    assert InterviewEvent.objects.get(kind="review_sent").actor is None
    assert AccessLog.objects.get().actor is None
    assert QuestionFlag.objects.get().answer == "It is right."
    assert VersionEvent.objects.exists()
    page = client_of(other).get(reverse("interviews:results", args=[review.interview.public_id])).content.decode()
    assert "Said to the other." in page
    assert client_of(other).get(reverse("interviews:access_log")).status_code == 200


def test_open_invitations_to_the_persons_addresses_end(person, other, everything):
    assert erase(person)
    assert not CoachGrant.objects.filter(candidate=other).invitations(NOON).exists()


def test_others_keep_everything(person, other, everything):
    make_finished_interview(candidate=other, now=NOON - timedelta(days=2))
    before = {table: where("grace")[table] for table in where("grace")}
    own = Interview.objects.filter(candidate=other).count()
    assert erase(person)
    assert Interview.objects.filter(candidate=other).count() == own
    assert where("grace") == before


def test_nobody_is_deleted_before_it_is_due(person):
    person.ask_for_erasure(at=NOON + timedelta(days=7))
    assert not erasure.erase(person.pk, now=NOON + timedelta(days=6))
    person.keep()
    assert not erasure.erase(person.pk, now=NOON + timedelta(days=8))
    assert User.objects.filter(pk=person.pk, is_active=True).exists()


def test_a_deletion_that_was_cut_off_ends_the_log_in_and_is_taken_up_again(person, monkeypatch):
    client = client_of(person)
    make_interview(candidate=person, now=NOON)

    def break_off(*_, **__):
        raise OSError

    person.ask_for_erasure(at=NOON)
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "scrub", break_off)
        tasks.sweep_once(now=NOON)
    person.refresh_from_db()
    assert not person.is_active
    assert client.get(reverse("interviews:dashboard")).status_code == 302
    person.keep()
    tasks.sweep_once(now=NOON + timedelta(minutes=30))
    assert User.objects.filter(pk=person.pk).exists()  # not yet: another worker may still be at it
    tasks.sweep_once(now=NOON + timedelta(hours=2))
    assert not User.objects.filter(pk=person.pk).exists()


def test_the_sweep_gives_a_long_history_as_much_time_as_the_tasks_do():
    """After the week of waiting nothing but the sweep deletes anybody."""
    for task in (tasks.erase, tasks.build_export):
        assert tasks.sweep.soft_time_limit >= task.soft_time_limit
        assert tasks.sweep.time_limit >= task.time_limit


def test_an_administrator_deletes_by_address(person):
    out = StringIO()
    with pytest.raises(CommandError, match="Nobody"):
        call_command("erase_person", "nobody@example.com", "--no-input")
    call_command("erase_person", person.email.upper(), "--no-input", stdout=out)
    assert str(person.pk) in out.getvalue()
    assert not User.objects.filter(pk=person.pk).exists()


# --- The pages ------------------------------------------------------------------------------------


def test_deleting_waits_a_week_is_said_on_every_page_and_can_be_taken_back(person):
    client = client_of(person)
    delete = reverse("interviews:delete_account")
    assert client.post(delete, {"address": "somebody@example.com"}).status_code == 422
    assert client.post(reverse("interviews:delete_now"), {"address": person.email}).url == delete
    assert client.post(delete, {"address": person.email.upper()}).status_code == 302
    person.refresh_from_db()
    assert timedelta(days=6, hours=23) < person.erase_at - timezone.now() <= timedelta(days=7)
    assert "will be deleted on" in client.get(reverse("interviews:dashboard")).content.decode()
    client.post(reverse("interviews:keep_account"))
    person.refresh_from_db()
    assert person.erase_at is None
    assert "will be deleted on" not in client.get(reverse("interviews:dashboard")).content.decode()


def test_deleting_now_logs_out_and_leaves_the_rest_to_a_worker(person):
    client = client_of(person)
    client.post(reverse("interviews:delete_account"), {"address": person.email})
    delete_now = reverse("interviews:delete_now")
    assert client.post(delete_now, {"address": ""}).status_code == 422
    page = client.post(delete_now, {"address": person.email})
    assert page.status_code == 200
    assert page["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("interviews:dashboard")).status_code == 302
    tasks.erase(person.pk)
    assert not User.objects.filter(pk=person.pk).exists()


def test_deleting_and_copying_ask_for_the_password_again(person):
    person.set_password("correct-horse-battery")
    person.save()
    client = Client()
    client.force_login(person)
    for name in ("delete_account", "delete_now", "request_export"):
        response = client.post(reverse(f"interviews:{name}"), {"address": person.email})
        assert response.url.startswith(reverse("account_reauthenticate")), name
    person.refresh_from_db()
    assert person.erase_at is None
    assert not person.exports.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_works_on_an_interview_is_waited_for(person):
    """Deleting its questions before its row would let the two wait for each other until one is broken off."""
    interview = make_interview(candidate=person, now=NOON)
    person.ask_for_erasure(at=NOON)

    def erase_beside():
        try:
            return erasure.erase(person.pk, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
            erasing = pool.submit(erase_beside)
            with connection.cursor() as cursor:
                while not erasing.done():
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if cursor.fetchone()[0]:
                        break
            locked.save_answer(1, Written(["Last words."], 1, locked.lease), now=NOON)
        assert erasing.result()
    assert not Interview.objects.exists()
