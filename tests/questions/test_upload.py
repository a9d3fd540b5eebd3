"""The pages by which curators upload files: read by a worker, looked at, decided on, loaded by a worker."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from questions.exchange import uploads
from questions.models import Question, QuestionUpload, QuestionVersion, Status, VersionEvent
from tests.factories import make_candidate, make_coach, make_curator
from tests.questions.factories import make_version
from tests.questions.test_exchange import ENTRY, SAMPLES
from tests.questions.test_exchange_cases import CASES
from tests.questions.uploading import (
    LOAD,
    PANEL,
    UPLOAD,
    UPLOADED,
    load,
    posted,
    send,
    steps,
    upload,
    work,
)

pytestmark = pytest.mark.django_db


def test_file_is_not_looked_at_before_a_worker_reads_it(desk):
    response = desk.get(send(desk, (SAMPLES / "quiz.gift").read_bytes()).url)
    page = response.content.decode()
    assert "The file is waiting to be read" in page
    assert "Look again" in page  # without JavaScript
    assert QuestionUpload.objects.get().read_at is None


def test_preview_changes_nothing(desk):
    response = upload(desk, (SAMPLES / "quiz.gift").read_bytes())
    assert response.status_code == 200
    assert set(steps(response).values()) == {"new", "skipped"}
    assert "Left out" in response.content.decode()
    assert not Question.objects.exists()


def test_applied_questions_are_drafts_of_the_curator(desk, curator):
    response = load(desk, upload(desk, (SAMPLES / "quiz.xml").read_bytes(), "quiz.xml"))
    assert "Loaded: 5 new questions, 0 new versions, 0 unchanged, 1 skipped" in response.content.decode()
    versions = QuestionVersion.objects.all()
    assert len(versions) == 5
    assert {(version.status, version.created_by, version.number) for version in versions} == {
        (Status.DRAFT, curator, 1)
    }
    events = VersionEvent.objects.values_list("kind", "actor")
    assert set(events) == {("written", curator.pk)}
    drift = QuestionVersion.objects.get(question__slug="drift")
    assert (drift.format, drift.primary_topic.slug, drift.prompt_html) == (
        "free_text",
        "evaluation",
        "<p>How would you notice drift?</p>\n",
    )


def test_question_without_its_image_is_skipped_unless_chosen(desk):
    preview = upload(desk, (CASES / "09-image-only-question.xml").read_bytes(), "q.xml")
    assert steps(preview) == {"roc": "skipped"}
    assert "Missing: image “roc.png”" in preview.content.decode()
    load(desk, preview, **{"choice-1": "new"})
    assert "[image “roc.png”]" in QuestionVersion.objects.get().prompt


def test_published_in_the_file_is_a_draft_all_the_same(desk):
    load(desk, upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml"))
    assert QuestionVersion.objects.get().status == Status.DRAFT


def test_changed_question_gets_a_draft_beside_its_published_version(desk):
    load(desk, upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml"))
    QuestionVersion.objects.get().publish()
    changed = ENTRY.format(slug="a", topic="coding").replace("Which?", "Which one?")
    preview = upload(desk, changed + ENTRY.format(slug="b", topic="coding"), "q.yaml")
    assert steps(preview) == {"a": "new version", "b": "new"}
    assert "<del>Which?</del><ins>Which one?</ins>" in preview.content.decode()
    load(desk, preview)
    versions = Question.objects.get(slug="a").versions.order_by("number").values_list("number", "status", "prompt")
    assert list(versions) == [(1, Status.PUBLISHED, "Which?"), (2, Status.DRAFT, "Which one?")]


def test_the_same_file_again_changes_nothing(desk):
    load(desk, upload(desk, (SAMPLES / "quiz.gift").read_bytes()), **{"choice-13": "new"})
    before = list(QuestionVersion.objects.values())
    preview = upload(desk, (SAMPLES / "quiz.gift").read_bytes())
    kinds = steps(preview)
    assert kinds.pop("elbow-plot") == "skipped"  # it lacks its image
    assert set(kinds.values()) == {"unchanged"}
    load(desk, preview)
    assert list(QuestionVersion.objects.values()) == before


def test_companion_in_the_same_file_is_linked(desk):
    first = ENTRY.format(slug="a", topic="coding").replace("title:", "companion_of: b\n  title:", 1)
    load(desk, upload(desk, first + ENTRY.format(slug="b", topic="coding"), "q.yaml"))
    assert Question.objects.get(slug="a").companion_of.slug == "b"


def test_companion_of_a_skipped_question_is_refused(desk):
    first = ENTRY.format(slug="a", topic="coding").replace("title:", "companion_of: b\n  title:", 1)
    preview = upload(desk, first + ENTRY.format(slug="b", topic="coding"), "q.yaml")
    response = load(desk, preview, **{"choice-2": "skip"})
    assert response.status_code == 422
    assert "“a” belongs to an open question that you skip" in response.content.decode()
    assert not Question.objects.exists()


def test_old_question_keeps_its_place_in_the_source(desk):
    Question.objects.create(slug="a", source="B1")
    source = ENTRY.format(slug="a", topic="coding").replace("title:", "source: B2\n  title:", 1)
    load(desk, upload(desk, source, "q.yaml"))
    assert Question.objects.get(slug="a").source == "B1"
    assert Question.objects.get(slug="a").versions.count() == 1


def test_faults_are_shown_with_line_and_reason_and_the_good_questions_can_be_loaded(desk):
    preview = upload(desk, "Good? {T}\n\nBad {=a ~b")
    page = preview.content.decode()
    assert "Cannot be loaded" in page
    assert "<td>3</td>" in page
    assert "has no partner" in page
    assert steps(preview) == {"good": "new"}
    load(desk, preview)
    assert Question.objects.get().slug == "good"


def test_all_or_nothing_loads_nothing_of_a_file_with_a_fault(desk):
    preview = upload(desk, "Good? {T}\n\nBad {=a ~b", is_whole="on")
    assert "You asked for all or nothing" in preview.content.decode()
    assert preview.context["rows"] == []
    assert desk.post(reverse(LOAD, args=[preview.context["upload"].public_id]), posted(preview)).status_code == 302
    assert steps(upload(desk, "Good? {T}", is_whole="on")) == {"good": "new"}


def test_of_many_faults_the_first_hundred_are_kept_and_the_others_counted(desk):
    preview = upload(desk, "Bad {=a ~b\n\n" * 300 + "Good {T}")
    page = preview.content.decode()
    assert page.count("has no partner") == 100
    assert "And 200 more." in page


@pytest.mark.parametrize(("name", "why"), [("quiz.docx", "files are read"), ("quiz.gift", "larger than 5 MB")])
def test_file_of_another_kind_or_over_5_mb_is_refused_before_it_is_kept(desk, name, why):
    response = send(desk, b"x" * 5_000_001 if "MB" in why else b"x", name)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not QuestionUpload.objects.exists()


def test_load_fails_as_a_whole_and_says_so_after_three_tries(desk):
    preview = upload(desk, "a {T}\n\n::b:: b {T}")
    response = desk.post(preview.request["PATH_INFO"] + "load/", posted(preview) | {"load": "yes"})
    upload_row = QuestionUpload.objects.get()
    entry = upload_row.questions.get(place=2).entry
    upload_row.questions.filter(place=2).update(entry=entry | {"topics": ["gone"]})
    for _ in range(3):
        with pytest.raises(KeyError):
            work()
    assert work().loaded_at is None
    assert not Question.objects.exists()
    page = desk.get(response.url).content.decode()
    assert "could not be loaded. Nothing has changed." in page
    assert "hx-trigger" not in page


def test_preview_that_is_no_longer_true_is_shown_again_and_nothing_is_loaded(desk):
    preview = upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml")
    assert steps(preview) == {"a": "new"}
    make_version(slug="b")
    load(desk, upload(desk, ENTRY.format(slug="b", topic="coding"), "q.yaml"))
    assert QuestionVersion.objects.filter(question__slug="b").count() == 2

    preview = upload(desk, ENTRY.format(slug="b", topic="coding").replace("Which?", "Which one?"), "q.yaml")
    make_version(slug="b", number=3)
    response = load(desk, preview)
    assert response.status_code == 409
    assert "have changed since you looked" in response.content.decode()
    assert QuestionVersion.objects.count() == 3
    load(desk, response)
    assert QuestionVersion.objects.count() == 4


def test_bank_that_changes_between_the_press_and_the_worker_stops_the_load(desk):
    make_version(slug="b")
    preview = upload(desk, ENTRY.format(slug="b", topic="coding"), "q.yaml")
    response = desk.post(preview.request["PATH_INFO"] + "load/", posted(preview) | {"load": "yes"})
    make_version(slug="b", number=2)
    assert work().loaded_at is None
    again = desk.get(response.url)
    assert "have changed since you looked" in again.content.decode()
    assert QuestionVersion.objects.count() == 2
    load(desk, again)
    assert QuestionVersion.objects.count() == 3


def test_upload_of_somebody_else_does_not_exist(desk, client):
    preview = upload(desk, "a {T}")
    public_id = preview.context["upload"].public_id
    client.force_login(make_curator())
    for name in (UPLOADED, PANEL):
        assert client.get(reverse(name, args=[public_id])).status_code == 404
    assert client.post(reverse(LOAD, args=[public_id]), posted(preview) | {"load": "yes"}).status_code == 404
    assert not Question.objects.exists()


def test_text_of_a_file_is_escaped_in_the_preview(desk):
    page = upload(desk, "::<script>x</script>::[markdown]<script>y</script> {=<script>z</script> ~b}").content.decode()
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "<script>z" not in page
    assert "&lt;script&gt;y" in page


@pytest.mark.parametrize("make_person", [make_candidate, make_coach, lambda: make_candidate(is_staff=True)])
def test_only_curators_upload(client, curator, make_person):
    client.force_login(make_person())
    for response in (client.get(reverse(UPLOAD)), send(client, "a {T}")):
        assert response.status_code in (302, 403)
    assert not QuestionUpload.objects.exists()


# The worker


def test_progress_region_polls_and_ends_in_the_page(desk):
    url = send(desk, "a {T}").url
    panel = url + "panel/"
    response = desk.get(panel, headers={"hx-request": "true"})
    assert f'hx-get="{panel}"' in response.content.decode()
    assert "<html" not in response.content.decode()
    assert desk.get(panel).status_code == 302
    work()
    assert desk.get(panel, headers={"hx-request": "true"})["HX-Refresh"] == "true"


def test_read_file_is_not_kept_and_the_upload_goes_after_a_week(desk):
    upload(desk, "a {T}")
    row = QuestionUpload.objects.get()
    assert bytes(row.source) == b""
    now = row.requested_at
    assert not QuestionUpload.objects.forgotten(now + timedelta(days=6)).exists()
    assert QuestionUpload.objects.forgotten(now + timedelta(days=8)).exists()


def test_sweep_finds_what_a_lost_message_left(desk):
    send(desk, "a {T}")
    row = QuestionUpload.objects.get()
    assert not QuestionUpload.objects.overlooked(row.requested_at + timedelta(seconds=30)).exists()
    assert QuestionUpload.objects.overlooked(row.requested_at + timedelta(seconds=90)).get() == row
    work()
    assert not QuestionUpload.objects.overlooked(row.requested_at + timedelta(days=1)).exists()


def test_work_that_is_held_or_failed_three_times_is_left_alone(desk):
    send(desk, "a {T}")
    row, now = QuestionUpload.objects.get(), timezone.now()
    assert QuestionUpload.objects.claim(row.pk, now=now)
    assert QuestionUpload.objects.claim(row.pk, now=now) is None
    for late in (1, 2):
        assert QuestionUpload.objects.claim(row.pk, now=now + late * timedelta(minutes=16))
    row.refresh_from_db()
    assert not row.has_failed(now + timedelta(minutes=33))  # somebody is at it
    assert row.has_failed(now + timedelta(minutes=50))
    assert QuestionUpload.objects.claim(row.pk, now=now + timedelta(days=1)) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_load_once(desk):
    preview = upload(desk, "::a:: a {T}\n\n::b:: b {T}")
    desk.post(preview.request["PATH_INFO"] + "load/", posted(preview) | {"load": "yes"})
    row = QuestionUpload.objects.get()

    def run(_):
        try:
            uploads.work_on(row.pk, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert QuestionVersion.objects.count() == 2
    uploads.work_on(row.pk, now=timezone.now())
    assert QuestionVersion.objects.count() == 2


# Out


@pytest.mark.parametrize(("action", "begins"), [("export_moodle", b"<?xml"), ("export_csv", b"\xef\xbb\xbfslug")])
def test_selected_versions_are_downloaded(desk, action, begins):
    version = make_version()
    response = desk.post(
        reverse("admin:questions_questionversion_changelist"), {"action": action, "_selected_action": [version.pk]}
    )
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content.startswith(begins)
    assert b"a-question" in response.content


def test_list_leads_to_the_upload(desk):
    assert reverse(UPLOAD) in desk.get(reverse("admin:questions_questionversion_changelist")).content.decode()
