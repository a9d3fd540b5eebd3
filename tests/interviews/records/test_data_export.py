"""The copy of everything: what is in it, what is not, how it comes about and how it goes."""

import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from urllib.parse import urljoin

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.coaching.models import Review
from interviews.notices.models import Notice
from interviews.records import erasure, export_pages, exporting, retention
from interviews.records.export_parts import NOT_EXPORTED, PARTS
from interviews.records.models import BUILDING_LASTS, DataExport
from interviews.results.queries import with_questions
from interviews.sitting.models import Interview
from tests.factories import NOON, make_candidate, make_interview, question_of, write
from tests.interviews.factories import client_of
from tests.interviews.records.everything import make_everything_of, make_export, ways_to_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_candidate(email="ada@example.com", name="Ada", time_zone="Europe/Berlin")


@pytest.fixture
def other():
    return make_candidate(email="grace@example.com")


@pytest.fixture
def everything(person, other) -> dict[str, bytes]:
    """The members of the ZIP of somebody who has everything, and an interview that still runs."""
    make_everything_of(person, other=other)
    running = make_interview(candidate=person, now=NOON)
    write(running, 1, "A text that is being written")
    return unzipped(make_export(person))


def unzipped(export: DataExport) -> dict[str, bytes]:
    with export.file.open("rb") as file, zipfile.ZipFile(BytesIO(file.read())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(members: dict[str, bytes], name: str) -> list[dict]:
    return json.loads(members[f"data/{name}.json"])


# --- What is in it ----------------------------------------------------------------------------------


def test_every_model_that_leads_to_a_person_is_exported_or_has_a_reason_not_to_be():
    """A new model needs one line in interviews/records/export_parts.py."""
    exported = {f"{part.label}.{part.owner.split('__')[0]}" for part in PARTS}
    models = {part.label for part in PARTS}
    missing = [
        name
        for name in ways_to_people()
        if name not in exported | NOT_EXPORTED.keys() and not (name.count(".") == 1 and name in models)
    ]
    assert missing == []
    assert not NOT_EXPORTED.keys() - ways_to_people().keys()  # no reason outlives its model


def test_every_part_holds_its_rows_with_every_field_that_is_the_persons(everything, person):
    Notice.objects.filter(recipient=person).first().delete()  # that the copy is ready
    for part in PARTS:
        found = rows(everything, part.name)
        assert len(found) == part.rows_of(person).count() > 0, part.name
        assert list(found[0]) == [field.name for field in part.fields]
        assert f"data/{part.name}.json" in everything["README.txt"].decode()
    assert rows(everything, "account")[0]["email"] == person.email
    assert {row["group"] for row in rows(everything, "roles")} == {"coaches", "curators"}


def test_the_pages_show_questions_as_asked_own_answers_scores_and_reviews(everything, person):
    interview = Review.objects.get(interview__candidate=person).interview
    (page,) = [everything[name].decode() for name in everything if name.endswith(f"-{interview.pk}.html")]
    question = question_of(interview, 1)
    for text in (question.version.title, "Second paragraph.", "Said to the person.", "The secret model answer of"):
        assert text in page
    (asked,) = [json.loads(everything[name]) for name in everything if name.endswith(f"-{interview.pk}.json")]
    assert asked[0]["id"] == question.pk
    assert asked[0]["prompt"] == question.version.prompt
    assert asked[0]["rubric"]
    recordings = [everything[f"files/recordings/{row['id']}.webm"] for row in rows(everything, "recordings")]
    assert recordings == [b"a voice", b"a voice"]  # also the one that was no file yet


def test_pages_open_from_the_folder_without_a_net_and_without_scripts(everything):
    pages = [name for name in everything if name.endswith(".html")]
    assert {"index.html", "report.html"} < set(pages)
    for name in pages:
        page = everything[name].decode()
        assert not re.search(r"<script|<form|https?://|\son\w+=", page), name
        for link in re.findall(r'(?:href|src)="([^"#]*)', page):
            assert urljoin(name, link) in everything, (name, link)
    assert b"url(" not in everything["style.css"]


# --- What is not in it ------------------------------------------------------------------------------


def test_secrets_private_notes_and_other_peoples_addresses_are_not_in_it(everything, other):
    everything_said = b"\n".join(everything.values())
    for secret in (b"Private: Said to", b"pbkdf2_", other.email.encode(), b"token_hash", b"a-secret-of-an-app"):
        assert secret not in everything_said, secret


def test_what_a_good_answer_holds_is_not_told_before_it_may_be_seen(everything, person):
    running = Interview.objects.in_progress().get(candidate=person)
    own = [everything[name].decode() for name in everything if f"-{running.pk}." in name]
    assert len(own) == 2
    assert any("A text that is being written" in text for text in own)
    for text in own:
        assert "The secret model answer" not in text
        assert "States the first thing" not in text
    shown = [row for row in rows(everything, "answers") if row["interview"] == running.pk]
    assert [row["position"] for row in shown] == [1]


def test_a_review_that_is_not_sent_yet_is_not_in_it(person, other):
    make_everything_of(person, other=other)
    Review.objects.filter(interview__candidate=person).update(sent_at=None)
    members = unzipped(make_export(person))
    assert rows(members, "reviews") == rows(members, "reviewed_answers") == []
    assert "Said to the person." not in b"".join(members.values()).decode()


# --- How it comes about -----------------------------------------------------------------------------


def test_asking_building_and_fetching(person):
    client = client_of(person)
    page = reverse("interviews:your_data")
    assert client.post(reverse("interviews:request_export")).url == page
    assert client.post(reverse("interviews:request_export")).url == page  # the same one
    export = person.exports.get()
    panel = client.get(reverse("interviews:export_panel"), headers={"hx-request": "true"}).content.decode()
    assert "hx-get" in panel
    assert client.get(reverse("interviews:download_export", args=[export.public_id])).status_code == 404
    tasks.build_export(export.pk)
    panel = client.get(reverse("interviews:export_panel"), headers={"hx-request": "true"}).content.decode()
    assert "hx-get" not in panel
    response = client.get(reverse("interviews:download_export", args=[export.public_id]))
    assert response["Content-Disposition"].startswith('attachment; filename="holdout-your-data-')
    assert response["Cache-Control"] == "no-store"
    assert zipfile.ZipFile(BytesIO(b"".join(response.streaming_content))).testzip() is None
    export.refresh_from_db()
    assert export.parts_done == export.parts > 0
    assert Notice.objects.get(recipient=person).kind == "export_ready"


def test_a_copy_is_its_owners_alone(person, other):
    export = make_export(person)
    assert client_of(other).get(reverse("interviews:download_export", args=[export.public_id])).status_code == 404


def test_after_a_day_the_file_is_deleted_and_its_address_says_so(person):
    export = make_export(person)
    file = export.file.name
    tasks.sweep_once(now=export.expires_at - timedelta(seconds=1))
    assert default_storage.exists(file)
    tasks.sweep_once(now=export.expires_at)
    assert not default_storage.exists(file)
    response = client_of(person).get(reverse("interviews:download_export", args=[export.public_id]))
    assert response.status_code == 410
    assert "has been deleted" in response.content.decode()
    retention.tidy(now=NOON + timedelta(days=31))
    assert not DataExport.objects.exists()


@override_settings(ACCOUNT_RATE_LIMITS={"export": "2/h/user"})
def test_copies_are_limited_by_person(person):
    client = client_of(person)
    ask = reverse("interviews:request_export")
    assert [client.post(ask).status_code for _ in range(3)] == [302, 302, 429]


def test_a_copy_that_fails_is_tried_three_times_and_then_said_to_have_failed(person, monkeypatch):
    export = DataExport.objects.request(person, now=NOON)
    monkeypatch.setattr(exporting, "members", lambda *_, **__: 1 / 0)
    moments = [NOON + timedelta(minutes=minutes) for minutes in (2, 3, 4, 5)]
    for moment in moments:
        tasks.sweep_once(now=moment)
    export.refresh_from_db()
    assert export.attempts == 3
    assert export.has_failed(moments[-1])
    assert "We couldn’t make your export" in client_of(person).get(reverse("interviews:your_data")).content.decode()
    assert DataExport.objects.request(person, now=NOON) != export


def test_a_builder_that_was_killed_is_followed_by_another_when_its_time_is_over(person):
    export = DataExport.objects.request(person, now=NOON)
    assert DataExport.objects.claim(export.pk, now=NOON)
    assert DataExport.objects.claim(export.pk, now=NOON) is None
    tasks.sweep_once(now=NOON + timedelta(minutes=5))
    export.refresh_from_db()
    assert not export.is_ready
    tasks.sweep_once(now=NOON + BUILDING_LASTS + timedelta(minutes=1))
    export.refresh_from_db()
    assert export.is_ready


def test_a_file_that_no_row_names_is_swept(person):
    kept = make_export(person).file.name
    with default_storage.open("exports/orphan.zip", "wb") as file:
        file.write(b"of somebody who was erased meanwhile")
    retention.tidy(now=NOON)
    assert default_storage.listdir("exports")[1] == [kept.removeprefix("exports/")]


@pytest.mark.parametrize("interviews", [1, 3])
def test_a_page_of_your_data_costs_the_same_for_everybody(person, interviews, django_assert_num_queries):
    for days in range(interviews):
        export = DataExport.objects.request(person, now=NOON)
        DataExport.objects.filter(pk=export.pk).update(ready_at=timezone.now(), expires_at=NOON + timedelta(days=days))
    client = client_of(person)
    page = reverse("interviews:your_data")
    with django_assert_num_queries(4):  # session, user, newest export; the header's notices
        client.get(page)


@pytest.mark.parametrize("count", [1, 4])
def test_an_interviews_pages_cost_the_same_whatever_its_length(person, count, django_assert_num_queries):
    make_interview(candidate=person, now=NOON, formats=("single_choice",) * count, limit_seconds=600)
    interview = with_questions(person.interviews.all()).get()
    with django_assert_num_queries(2):  # saved states, reviews
        export_pages.asked(interview)
        export_pages.interview_context(interview)


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_or_builds_at_the_same_time_gets_one_copy():
    person = make_candidate()

    def at_once(do):
        barrier = Barrier(6)

        def run(_):
            barrier.wait()
            try:
                return do()
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            return list(pool.map(run, range(6)))

    (pk,) = {export.pk for export in at_once(lambda: DataExport.objects.request(person, now=NOON))}
    claims = at_once(lambda: DataExport.objects.claim(pk, now=NOON))
    assert sum(claim is not None for claim in claims) == 1
    person.ask_for_erasure(at=NOON)
    assert sorted(at_once(lambda: erasure.erase(person.pk, now=NOON))) == [False] * 5 + [True]


def test_a_copy_that_gets_ready_during_the_search_for_orphans_is_none(person, monkeypatch):
    listdir = default_storage.listdir

    def listed_as_it_gets_ready(folder):
        make_export(person)
        return listdir(folder)

    monkeypatch.setattr(default_storage._wrapped, "listdir", listed_as_it_gets_ready, raising=False)
    retention.delete_orphans()
    assert default_storage.exists(DataExport.objects.get().file.name)


def test_a_storage_that_is_away_says_when_to_come_back(person, monkeypatch):
    export = make_export(person)
    DataExport.objects.filter(pk=export.pk).update(expires_at=timezone.now() + timedelta(hours=1))

    def away(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(default_storage._wrapped, "_open", away, raising=False)
    response = client_of(person).get(reverse("interviews:download_export", args=[export.public_id]))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
