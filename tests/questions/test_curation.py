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
from questions import formats, version_diff
from questions.models import (
    DifficultySnapshot,
    Option,
    QuestionDifficulty,
    QuestionStatistics,
    QuestionVersion,
    Status,
    VersionEvent,
)
from questions.statistics import Flag
from tests.factories import make_admin, make_candidate, make_curator
from tests.questions.factories import make_version
from tests.questions.test_admin import change_url, posted

pytestmark = pytest.mark.django_db
LIST = "admin:questions_questionversion_changelist"


@pytest.fixture(autouse=True)
def a_team(settings):
    """More than one curator: nobody publishes their own."""
    settings.CURATORS_MAY_PUBLISH_OWN = False


@pytest.fixture
def author():
    return make_curator(email="author@example.com")


@pytest.fixture
def reviewer():
    return make_curator(email="reviewer@example.com")


@pytest.fixture
def author_desk(client, author):
    client.force_login(author)
    return client


@pytest.fixture
def reviewer_desk(client, reviewer):
    client.force_login(reviewer)
    return client


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
    with pytest.raises(ValidationError, match="somebody else"):
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
    with pytest.raises(ValidationError, match="somebody else"):
        version.publish(by=reviewer)


def test_an_admin_is_no_exception():
    admin = make_admin()
    version = make_draft(admin)
    version.send_to_review(by=admin)
    with pytest.raises(ValidationError, match="somebody else"):
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


# --- the admin --------------------------------------------------------------------------------------


def test_a_change_of_a_published_question_waits_for_somebody_else(author_desk):
    version = make_version()
    data = posted(author_desk, change_url(version)) | {"title": "Better"}
    response = author_desk.post(change_url(version), data, follow=True)
    assert "waits for review" in messages_of(response)
    assert list(version.question.versions.values_list("number", "status")) == [(2, "in_review"), (1, "published")]


def test_the_reviewer_publishes_it_from_the_form(reviewer_desk, author):
    version = make_draft(author)
    version.send_to_review(by=author)
    page = reviewer_desk.get(change_url(version)).content.decode()
    assert 'name="_publish"' in page
    reviewer_desk.post(change_url(version), posted(reviewer_desk, change_url(version)) | {"_publish": "yes"})
    assert steps(version)[-1] == ("published", "reviewer@example.com")


def test_a_reviewer_who_rewrites_it_on_the_way_does_not_publish_it(reviewer_desk, author):
    version = make_draft(author)
    version.send_to_review(by=author)
    data = posted(reviewer_desk, change_url(version)) | {"_publish": "yes", "prompt": "Rewritten"}
    assert "somebody else" in messages_of(reviewer_desk.post(change_url(version), data, follow=True))
    version.refresh_from_db()
    assert (version.prompt, version.status) == ("Rewritten", Status.IN_REVIEW)


def test_the_author_is_offered_the_review_and_not_the_publication(author_desk, author):
    version = make_draft(author)
    page = author_desk.get(change_url(version)).content.decode()
    assert 'name="_review"' in page
    assert 'name="_publish"' not in page
    author_desk.post(change_url(version), posted(author_desk, change_url(version)) | {"_review": "yes"})
    version.refresh_from_db()
    assert version.status == Status.IN_REVIEW


def test_an_action_asks_first_and_changes_nothing(author_desk, author):
    version = make_draft(author)
    response = author_desk.post(reverse(LIST), {"action": "send_to_review", "_selected_action": [version.pk]})
    assert "Yes, go on" in response.content.decode()
    version.refresh_from_db()
    assert version.status == Status.DRAFT


def test_an_action_does_what_it_may_and_says_what_it_may_not(author_desk, author):
    own, others = make_draft(author, slug="own"), make_draft(None, slug="others")
    incomplete = make_draft(None, slug="incomplete", references=[])
    for version in (own, others, incomplete):
        version.send_to_review()
    data = {"action": "publish", "_selected_action": [own.pk, others.pk, incomplete.pk], "confirmed": "yes"}
    said = messages_of(author_desk.post(reverse(LIST), data, follow=True))
    assert "1 published" in said
    assert "somebody else has to publish it" in said
    assert "references" in said
    assert list(QuestionVersion.objects.published()) == [others]


def test_the_list_shows_numbers_with_their_n_and_range_from_the_n_they_need(author_desk):
    few, many = make_version(slug="few"), make_version(slug="many")
    store_statistics(few, count=9, rest_count=9)
    store_statistics(many, count=40, rest_count=40)
    rows = {version.pk: version for version in author_desk.get(reverse(LIST)).context["cl"].result_list}
    admin = author_desk.get(reverse(LIST)).context["cl"].model_admin
    assert admin.facility(rows[few.pk]) == "9 of 10 answers"
    assert admin.facility(rows[many.pk]) == "75 % (69 to 81), n 40"
    assert admin.discrimination(rows[few.pk]) == "9 of 30 answers"
    assert admin.discrimination(rows[many.pk]) == "-20 % (-39 to 1), n 40"


def test_a_version_page_shows_statistics_difficulty_and_history(author_desk):
    version = make_version()
    store_statistics(version, count=40, rest_count=40)
    snapshot = DifficultySnapshot.objects.create(
        name="a-night", computed_at=timezone.now(), answers=40, level_difficulty={}
    )
    QuestionDifficulty.objects.create(
        snapshot=snapshot, question=version.question, value=1.0, standard_error=0.25, day_one=-1.41, count=40
    )
    page = author_desk.get(change_url(version)).content.decode()
    for text in ("75 % (69 to 81), n 40", "+1.00 (+0.68 to +1.32), n 40", "a-night", "check the key", "Published,"):
        assert text in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("statistics=any", {"doubted"}),
        ("statistics=check the key", {"doubted"}),
        ("statistics=too easy for its level", set()),
        ("problems=open", {"flagged"}),
        ("problems=any", {"flagged", "answered"}),
    ],
)
def test_the_list_is_filtered_by_problems_and_by_what_the_statistics_say(author_desk, author, query, found):
    versions = {slug: make_version(slug=slug) for slug in ("plain", "doubted", "flagged", "answered")}
    store_statistics(versions["doubted"], count=40, rest_count=40)
    store_statistics(versions["plain"], count=40, rest_count=40, flags=[])
    for slug in ("flagged", "answered"):
        flag = versions[slug].question.flags.create(
            version=versions[slug], reporter=make_candidate(), reason="wrong", created_at=timezone.now()
        )
    flag.respond("It is right.", by=author, now=timezone.now())
    response = author_desk.get(reverse(LIST) + f"?{query}")
    assert {version.question.slug for version in response.context["cl"].result_list} == found


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_takes_a_constant_number_of_queries_and_reads_no_answer(author_desk, count, django_assert_num_queries):
    for number in range(count):
        version = make_version(slug=f"question-{number}")
        store_statistics(version, count=40, rest_count=40)
        version.question.flags.create(
            version=version, reporter=make_candidate(), reason="wrong", created_at=timezone.now()
        )
    author_desk.get(reverse(LIST))
    # session, user, 2 of permissions, topics of the filter, count, versions, topic links, their topics
    with django_assert_num_queries(9) as queries:
        page = author_desk.get(reverse(LIST)).content.decode()
    assert "check the key" in page
    assert not any("interviews_" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize("format", [format.name for format in formats.all()])
def test_a_version_is_shown_as_a_candidate_sees_it(author_desk, format):
    version = make_version(format=format, published=False, prompt="Is $x<y$?\n\n```python\nx = 1\n```")
    page = author_desk.get(reverse("admin:questions_questionversion_as_candidate", args=[version.pk])).content.decode()
    assert '<span translate="no" class="math">$x&lt;y$</span>' in page
    assert "katex.min.js" in page
    assert "highlight" in page
    assert version.model_answer in page
    assert "A book" in page
    for part in [*version.rubric_points.all(), *version.misconceptions.all()]:
        assert (part.text if hasattr(part, "text") else part.correction) in page


def test_the_preview_shows_the_schema_and_the_solution_of_a_query(author_desk):
    version = make_version(format="sql")
    page = author_desk.get(reverse("admin:questions_questionversion_change", args=[version.pk])).content.decode()
    preview = page[page.index("question-preview") : page.index("</article>")]
    assert "CREATE TABLE views" in preview
    assert "secret_total" in preview


@pytest.mark.parametrize("page", ["compare", "as_candidate"])
def test_the_pages_of_a_version_are_for_curators_alone(client, page):
    version = make_version()
    client.force_login(make_candidate())
    url = reverse(f"admin:questions_questionversion_{page}", args=[version.pk])
    assert client.get(url).status_code in (302, 403)
    client.force_login(make_candidate(is_staff=True))
    assert client.get(url).status_code == 403


def store_statistics(version, **fields):
    numbers = {
        "facility": 0.75,
        "facility_sd": 0.3,
        "facility_se": 0.0474,
        "discrimination": -20.0,
        "discrimination_low": -39.0,
        "discrimination_high": 1.0,
        "timed_count": 0,
        "timeout_count": 0,
        "flags": [Flag.CHECK_THE_KEY],
    }
    return QuestionStatistics.objects.create(
        question=version.question, computed_at=timezone.now(), **(numbers | fields)
    )
