"""Draft → in review → published → retired: who may, who did, what changed."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.rights import acting
from interviews.records import erasure
from questions import version_diff
from questions.models import (
    Option,
    QuestionVersion,
    Status,
    VersionEvent,
)
from tests.factories import make_admin
from tests.questions.factories import make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_team")]
LIST = "admin:questions_questionversion_changelist"


def make_draft(author, **fields):
    with acting(author):
        return make_version(published=False, created_by=author, **fields)


def steps(version) -> list[tuple]:
    return [(event.kind, event.actor and event.actor.email) for event in version.events.select_related("actor")]


def messages_of(response) -> str:
    return " ".join(map(str, response.context["messages"]))


# --- the way ----------------------------------------------------------------------------------------


def test_history_says_who_took_which_step(author, reviewer):
    version = make_draft(author)
    version.send_to_review(by=author)
    version.publish(by=reviewer, now=timezone.now())
    version.retire(by=author)
    assert steps(version) == [
        ("written", "author@example.com"),
        ("in_review", "author@example.com"),
        ("published", "reviewer@example.com"),
        ("retired", "author@example.com"),
    ]


def test_the_version_that_gives_way_retires_by_whoever_published_the_next(author, reviewer):
    first, second = make_version(number=1), make_draft(author, number=2)
    second.send_to_review(by=author)
    second.publish(by=reviewer)
    assert steps(first)[-1] == ("retired", "reviewer@example.com")


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (Status.DRAFT, {"send_to_review": Status.IN_REVIEW}),
        (Status.IN_REVIEW, {"send_back": Status.DRAFT, "publish": Status.PUBLISHED}),
        (Status.PUBLISHED, {"retire": Status.RETIRED}),
        (Status.RETIRED, {}),
    ],
)
@pytest.mark.parametrize("step", ["send_to_review", "send_back", "publish", "retire"])
def test_a_step_is_taken_from_its_own_status_only(reviewer, status, allowed, step):
    version = make_version(published=False)
    moment = timezone.now() if status in (Status.PUBLISHED, Status.RETIRED) else None
    QuestionVersion.objects.filter(pk=version.pk).update(status=status, published_at=moment)
    repeats = {"send_to_review": "in_review", "send_back": "draft", "publish": "published", "retire": "retired"}
    if step in allowed or repeats[step] == status:
        getattr(version, step)(by=reviewer)
    else:
        with pytest.raises(ValidationError):
            getattr(version, step)(by=reviewer)
    version.refresh_from_db()
    assert version.status == allowed.get(step, status)


def test_an_author_does_not_publish_their_own_question(author, settings):
    version = make_draft(author)
    version.send_to_review(by=author)
    with pytest.raises(ValidationError, match="someone else"):
        version.publish(by=author)
    version.refresh_from_db()
    assert version.status == Status.IN_REVIEW
    settings.CURATORS_MAY_PUBLISH_OWN = True
    version.publish(by=author)
    assert version.status == Status.PUBLISHED


def test_whoever_changed_a_version_is_an_author_of_it_too(author, reviewer):
    version = make_draft(author)
    version.send_to_review(by=author)
    with acting(reviewer):
        version.prompt = "My own words"
        version.save()
    with pytest.raises(ValidationError, match="someone else"):
        version.publish(by=reviewer)


def test_an_admin_is_no_exception():
    admin = make_admin()
    version = make_draft(admin)
    version.send_to_review(by=admin)
    with pytest.raises(ValidationError, match="someone else"):
        version.publish(by=admin)


def test_the_catalog_publishes_without_a_review():
    assert steps(make_version()) == [("written", None), ("published", None)]


# --- the record -------------------------------------------------------------------------------------


def test_a_bulk_update_leaves_its_row_in_the_history():
    version = make_version()
    QuestionVersion.objects.filter(pk=version.pk).update(status="retired", title="Other")
    assert [kind for kind, _ in steps(version)] == ["written", "published", "edited", "retired"]


@pytest.mark.parametrize(
    ("format", "change"),
    [
        ("free_text", lambda version: version.rubric_points.update(weight=9)),
        ("free_text", lambda version: version.misconceptions.all()._raw_delete(using="default")),
        ("free_text", lambda version: version.topic_links.update(position=5)),
        ("single_choice", lambda version: version.options.update(is_right=True)),
        ("single_choice", lambda version: Option.objects.bulk_create([Option(version=version, text="Another")])),
    ],
)
def test_a_bulk_change_of_a_published_versions_parts_leaves_its_row_in_the_history(author, format, change):
    version = make_version(format=format)
    with acting(author):
        change(version)
    assert steps(version)[2:] == [("edited", author.email)]


def test_parts_of_a_draft_and_what_our_own_markdown_makes_of_them_leave_none(author):
    version, draft = make_version(format="single_choice", slug="another"), make_draft(author)
    before = steps(version), steps(draft)
    version.options.update(text_html="what another version of the renderer makes of it")
    draft.rubric_points.update(weight=9)
    assert (steps(version), steps(draft)) == before


def test_a_step_that_fails_leaves_none(author):
    version = make_draft(author)
    version.send_to_review(by=author)
    with pytest.raises(ValidationError):
        version.publish(by=author)
    assert steps(version)[-1] == ("in_review", "author@example.com")


@pytest.mark.parametrize("change", [{"kind": "retired"}, {"at": timezone.now()}])
def test_history_is_never_changed(change):
    version = make_version()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        version.events.update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        VersionEvent.objects.filter(version=version).delete()


def test_history_outlives_the_account_of_who_made_it(author):
    version = make_draft(author)
    version.send_to_review(by=author)
    erasure.delete_everything(author, now=timezone.now())
    assert steps(version) == [("written", None), ("in_review", None)]


def test_a_draft_is_deleted_with_its_history(author_desk, author):
    version = make_draft(author)
    version.send_to_review(by=author)
    version.send_back(by=author)
    author_desk.post(reverse("admin:questions_questionversion_delete", args=[version.pk]), {"post": "yes"})
    assert not QuestionVersion.objects.exists()
    assert not VersionEvent.objects.exists()


# --- the difference ---------------------------------------------------------------------------------


def test_the_difference_is_of_words():
    pieces = list(version_diff.word_changes("the mean of the squares", "the mean of all squares"))
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("span", "the mean of "),
        ("del", "the "),
        ("ins", "all "),
        ("span", "squares"),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_make_up_both_texts(before, after):
    pieces = list(version_diff.word_changes(before, after))
    assert "".join(piece.text for piece in pieces if piece.kind != "ins") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "del") == after


def test_the_difference_names_the_fields_that_changed(author_desk):
    before = make_version(number=1, prompt="Which <b>one</b>?", level="beginner")
    after = make_version(number=2, prompt="Which <i>one</i>?", level="advanced")
    option = before.options.first()
    assert [change.name for change in version_diff.changes(before, after)] == ["level", "prompt"]
    html = author_desk.get(reverse("admin:questions_questionversion_compare", args=[after.pk])).content.decode()
    assert "<del>beginner</del><ins>advanced</ins>" in html
    assert "<ins>&lt;i&gt;one&lt;/i&gt;?</ins>" in html
    assert "style=" not in html.split("<body")[1]
    assert option.why not in html


@pytest.mark.parametrize(
    ("query", "number"), [("", 2), ("?with=1", 1), ("?with=3", None), ("?with=x", 2), ("?with=9", None)]
)
def test_a_version_is_compared_with_the_one_before_or_the_one_asked_for(author_desk, query, number):
    for each in (1, 2, 3):
        version = make_version(number=each, title=f"Title {each}")
    url = reverse("admin:questions_questionversion_compare", args=[version.pk]) + query
    before = author_desk.get(url).context["before"]
    assert (before and before.number) == number


def test_long_texts_are_compared_in_time():
    before = "word and other text " * 400
    after = "other words and text " * 400
    assert sum(piece.kind != "span" for piece in version_diff.word_changes(before, after)) > 0
