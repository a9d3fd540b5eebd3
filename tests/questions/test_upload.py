"""The pages by which curators upload files: look first, then all or nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from questions.models import Question, QuestionVersion, Status, Topic, VersionEvent
from tests.factories import make_candidate, make_coach, make_curator
from tests.questions.factories import make_topic, make_version
from tests.questions.test_exchange import ENTRY, SAMPLES

pytestmark = pytest.mark.django_db
UPLOAD = "admin:questions_questionversion_upload"
APPLY = "admin:questions_questionversion_upload_apply"


@pytest.fixture
def curator():
    make_topic(slug="coding")
    make_topic(slug="evaluation")
    return make_curator()


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def upload(client, source: str | bytes, name: str = "quiz.gift"):
    file = SimpleUploadedFile(name, source.encode() if isinstance(source, str) else source)
    chosen = {"topic": make_topic(slug="coding").pk, "level": "beginner", "category": "theory"}
    return client.post(reverse(UPLOAD), {"file": file} | chosen)


def apply(client, preview):
    return client.post(reverse(APPLY), {"preview": preview.context["preview"]})


def steps(response) -> dict[str, str]:
    return {step.slug: step.kind for step in response.context["steps"]}


def test_preview_changes_nothing(desk):
    response = upload(desk, (SAMPLES / "quiz.gift").read_bytes())
    assert response.status_code == 200
    assert set(steps(response).values()) == {"new"}
    assert "Left out" in response.content.decode()
    assert not Question.objects.exists()


def test_applied_questions_are_drafts_of_the_curator(desk, curator):
    response = apply(desk, upload(desk, (SAMPLES / "quiz.xml").read_bytes(), "quiz.xml"))
    assert response.status_code == 302
    versions = QuestionVersion.objects.all()
    assert len(versions) == 6
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


def test_published_in_the_file_is_a_draft_all_the_same(desk):
    apply(desk, upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml"))
    assert QuestionVersion.objects.get().status == Status.DRAFT


def test_changed_question_gets_a_draft_beside_its_published_version(desk):
    apply(desk, upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml"))
    QuestionVersion.objects.get().publish()
    changed = ENTRY.format(slug="a", topic="coding").replace("Which?", "Which one?")
    preview = upload(desk, changed + ENTRY.format(slug="b", topic="coding"), "q.yaml")
    assert steps(preview) == {"a": "new version", "b": "new"}
    assert "<del>Which?</del><ins>Which one?</ins>" in preview.content.decode()
    apply(desk, preview)
    versions = Question.objects.get(slug="a").versions.order_by("number").values_list("number", "status", "prompt")
    assert list(versions) == [(1, Status.PUBLISHED, "Which?"), (2, Status.DRAFT, "Which one?")]


def test_the_same_file_again_changes_nothing(desk):
    apply(desk, upload(desk, (SAMPLES / "quiz.gift").read_bytes()))
    before = list(QuestionVersion.objects.values())
    preview = upload(desk, (SAMPLES / "quiz.gift").read_bytes())
    assert set(steps(preview).values()) == {"unchanged"}
    assert "Load them as drafts" not in preview.content.decode()
    apply(desk, preview)
    assert list(QuestionVersion.objects.values()) == before


def test_companion_in_the_same_file_is_linked(desk):
    first = ENTRY.format(slug="a", topic="coding").replace("title:", "companion_of: b\n  title:", 1)
    apply(desk, upload(desk, first + ENTRY.format(slug="b", topic="coding"), "q.yaml"))
    assert Question.objects.get(slug="a").companion_of.slug == "b"


def test_old_question_keeps_its_place_in_the_source(desk):
    Question.objects.create(slug="a", source="B1")
    source = ENTRY.format(slug="a", topic="coding").replace("title:", "source: B2\n  title:", 1)
    apply(desk, upload(desk, source, "q.yaml"))
    assert Question.objects.get(slug="a").source == "B1"
    assert Question.objects.get(slug="a").versions.count() == 1


def test_file_with_a_fault_shows_line_and_reason_and_changes_nothing(desk):
    response = upload(desk, "Good? {T}\n\nBad {=a ~b")
    page = response.content.decode()
    assert response.status_code == 422
    assert "<td>3</td>" in page
    assert "has no partner" in page
    assert "preview" not in response.context
    assert not Question.objects.exists()


def test_file_over_5_mb_is_refused_before_it_is_read(desk):
    response = upload(desk, b"x" * 5_000_001)
    assert "larger than 5 MB" in response.content.decode()


def test_load_fails_as_a_whole(desk):
    preview = upload(desk, "a {T}\n\nb {T}")
    Topic.objects.get(slug="coding").delete()  # the questions themselves can still be made, their versions cannot
    with pytest.raises(KeyError):
        apply(desk, preview)
    assert not Question.objects.exists()


def test_preview_that_is_no_longer_true_is_shown_again_and_nothing_is_loaded(desk):
    preview = upload(desk, ENTRY.format(slug="a", topic="coding"), "q.yaml")
    make_version(slug="a")
    response = apply(desk, preview)
    assert response.status_code == 409
    assert steps(response) == {"a": "new version"}
    assert QuestionVersion.objects.count() == 1
    apply(desk, response)
    assert QuestionVersion.objects.count() == 2


def test_preview_of_somebody_else_or_a_forged_one_loads_nothing(desk, client):
    preview = upload(desk, "a {T}")
    client.force_login(make_curator())
    for value in (preview.context["preview"], "forged", ""):
        response = client.post(reverse(APPLY), {"preview": value}, follow=True)
        assert "choose the file again" in response.content.decode()
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
    for response in (client.get(reverse(UPLOAD)), upload(client, "a {T}"), client.post(reverse(APPLY))):
        assert response.status_code in (302, 403)
    assert not Question.objects.exists()


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
