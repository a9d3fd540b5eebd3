import pytest
from django.urls import reverse

from questions.admin.rows import RowsField
from questions.models import Question, QuestionVersion, Status, Track
from tests.factories import make_coach, make_curator
from tests.questions.factories import make_topic, make_version, sent_of

pytestmark = pytest.mark.django_db
ROWS = {"topic_links": ["position", "topic"], "options": ["position", "text", "is_right", "why"]}
ROWS |= {
    "rubric_points": ["position", "text", "weight", "says"],
    "misconceptions": ["position", "statement", "correction"],
}


@pytest.fixture
def curator():
    return make_curator()


@pytest.fixture
def desk(client, curator, settings):
    """A curator who is a team of one; who may do what in a larger one: test_curation.py."""
    settings.CURATORS_MAY_PUBLISH_OWN = True
    client.force_login(curator)
    return client


def change_url(version):
    return reverse("admin:questions_questionversion_change", args=[version.pk])


def posted(client, url):
    """What a browser would post when the form is sent as it stands, line ends included."""
    response = client.get(url)
    assert response.status_code == 200
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            if isinstance(bound.field, RowsField):
                data |= sent_of(str(bound))
                continue
            value = bound.value()
            if value is True:
                value = "on"
            if value is not None and value is not False:
                data[bound.html_name] = str(value).replace("\n", "\r\n")
    return data


def test_change_of_a_published_version_makes_the_next_one(desk, curator):
    version = make_version(prompt="Two\nlines")
    data = posted(desk, change_url(version)) | {"prompt": "A better prompt"}
    assert desk.post(change_url(version), data).status_code == 302
    version.refresh_from_db()
    newest = version.question.published_version
    assert (version.status, version.prompt) == (Status.RETIRED, "Two\nlines")
    assert (newest.number, newest.prompt, newest.created_by, newest.published_by) == (
        2,
        "A better prompt",
        curator,
        curator,
    )
    assert newest.content()["options"] == version.content()["options"]
    assert newest.content()["topics"] == ["evaluation"]


@pytest.mark.parametrize("format", ["single_choice", "numeric", "ordering", "free_text", "staged"])
def test_save_without_a_change_makes_no_version(desk, format):
    version = make_version(format=format, prompt="Two\nlines", model_answer="Two\n\nparagraphs")
    response = desk.post(change_url(version), posted(desk, change_url(version)), follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert version.question.versions.get().status == Status.PUBLISHED


def test_change_of_one_option_makes_a_version_with_all_of_them(desk):
    version = make_version()
    data = posted(desk, change_url(version)) | {"options-1-text": "wrong, and how"}
    desk.post(change_url(version), data)
    newest = version.question.published_version
    assert [option.text for option in newest.options.all()] == ["right", "wrong, and how", "also wrong", "wrong too"]
    assert [option.text for option in version.options.all()] == ["right", "wrong", "also wrong", "wrong too"]


def test_change_that_breaks_the_question_is_kept_as_a_draft(desk):
    version = make_version()
    data = posted(desk, change_url(version))
    del data["options-0-is_right"]
    response = desk.post(change_url(version), data, follow=True)
    assert "0 options are right" in response.content.decode()
    assert version.question.published_version == version
    assert version.question.versions.first().status == Status.DRAFT


def test_change_of_a_draft_is_made_in_place(desk):
    version = make_version(published=False)
    desk.post(change_url(version), posted(desk, change_url(version)) | {"title": "Better"})
    assert version.question.versions.get().title == "Better"


def test_retired_version_comes_back_as_a_draft_of_the_next(desk):
    version = make_version()
    version.retire()
    desk.post(change_url(version), posted(desk, change_url(version)) | {"title": "Better"})
    assert list(version.question.versions.values_list("number", "status")) == [(2, "draft"), (1, "retired")]


def test_save_and_publish(desk):
    version = make_version(published=False)
    desk.post(change_url(version), posted(desk, change_url(version)) | {"_publish": "yes"})
    assert version.question.published_version == version


def test_new_question_is_written_and_published_in_the_admin(desk):
    topic = make_topic()
    desk.post(reverse("admin:questions_question_add"), {"slug": "new-one", "source": "", "companion_of": ""})
    url = reverse("admin:questions_questionversion_add")
    data = posted(desk, url) | {
        "question": Question.objects.get(slug="new-one").pk,
        "title": "New",
        "level": "beginner",
        "category": "theory",
        "format": "numeric",
        "limit_seconds": 90,
        "prompt": "How many?",
        "answer-value": "2",
        "answer-tolerance": "0",
        "answer-check": "1+1",
        "references-row": "7",
        "references-7-title": "A book",
        "model_answer": "Two.",
        "topic_links-TOTAL_FORMS": 1,
        "topic_links-0-position": 0,
        "topic_links-0-topic": topic.pk,
        "_publish": "yes",
    }
    response = desk.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    version = Question.objects.get(slug="new-one").published_version
    assert (version.number, version.stages) == (1, [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("references-0-title", ""),
        ("references-0-title", "x" * 50_001),
        ("limit_seconds", "0"),
        ("limit_seconds", "many"),
        ("level", "expert"),
        ("format", "essay"),
        ("prompt", ""),
        ("prompt", "x" * 50_001),
        ("options-0-text", "x" * 50_001),
    ],
)
def test_bad_field_is_refused_by_the_form_and_changes_nothing(desk, field, value):
    version = make_version()
    data = posted(desk, change_url(version)) | {"references-0-where": "page 5", field: value}
    response = desk.post(change_url(version), data)
    assert response.status_code == 200
    assert response.context["errors"]
    assert 'name="_save"' in response.content.decode()
    assert version.question.versions.count() == 1


def test_a_version_without_its_answer_stays_a_draft(desk):
    version = make_version(format="numeric")
    data = posted(desk, change_url(version))
    data |= {name: "" for name in data if name.startswith("answer-")}
    response = desk.post(change_url(version), data, follow=True)
    assert "is not published" in response.content.decode()


@pytest.mark.parametrize(
    ("format", "field", "value"),
    [
        ("numeric", "answer-value", "x"),
        ("numeric", "answer-value", "NaN"),
        ("staged", "stages-0-minutes", "soon"),
        ("staged", "stages-0-name", ""),
    ],
)
def test_fields_of_the_wrong_shape_are_refused_beside_the_field(desk, format, field, value):
    version = make_version(format=format)
    response = desk.post(change_url(version), posted(desk, change_url(version)) | {field: value}, follow=True)
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()
    assert QuestionVersion.objects.count() == 1, "nothing was saved"


@pytest.mark.parametrize("format", ["sql", "code"])
def test_what_is_run_has_fields_too_and_they_keep_it_as_it_is(desk, format):
    version = make_version(format=format)
    before = version.content()
    desk.post(change_url(version), posted(desk, change_url(version)) | {"title": "Better"})
    after = QuestionVersion.objects.with_content().newest().get()
    assert after.number == 2
    assert after.content() | {"title": version.title} == before
    fields = sent_of(str(desk.get(change_url(after)).context["adminform"].form["answer"]))
    assert not [value for values in fields.values() for value in values if value.startswith("{")], "no JSON"


def test_rows_are_added_moved_and_removed_without_scripts_and_nothing_is_saved(desk):
    version = make_version(format="staged", published=False)
    data = posted(desk, change_url(version))
    for button, rows in [
        ("add:stages", ["0", "1", "2"]),
        ("up:stages:1", ["1", "0"]),
        ("down:stages:0", ["1", "0"]),
        ("up:stages:0", ["0", "1"]),
        ("remove:stages:0", ["1"]),
        ("remove:stages:9", ["0", "1"]),
        ("nonsense", ["0", "1"]),
    ]:
        response = desk.post(change_url(version), data | {"_rows": button, "title": "Typed meanwhile"})
        shown = sent_of(str(response.context["adminform"].form["stages"]))
        names = {"0": "Clarify", "1": "Metrics", "2": ""}
        assert [shown[f"stages-{place}-name"][0] for place in range(len(shown["stages-row"]))] == [
            names[row] for row in rows if names[row]
        ], button
        assert "Typed meanwhile" in response.content.decode()
        assert "Nothing has been saved" in response.content.decode()
    assert QuestionVersion.objects.get().title == "A question"


def test_page_says_what_a_draft_lacks(desk):
    version = make_version(format="free_text", published=False, references=[])
    assert "references: at least one" in desk.get(change_url(version)).content.decode()


def test_actions_move_versions_through_their_statuses(desk):
    version = make_version(published=False)
    url = reverse("admin:questions_questionversion_changelist")
    for action, status in [("send_to_review", "in_review"), ("publish", "published"), ("retire", "retired")]:
        desk.post(url, {"action": action, "_selected_action": [version.pk], "confirmed": "yes"})
        version.refresh_from_db()
        assert version.status == status


def test_published_version_cannot_be_deleted_in_the_admin(desk):
    version = make_version()
    assert (
        desk.post(reverse("admin:questions_questionversion_delete", args=[version.pk]), {"post": "yes"}).status_code
        == 403
    )
    draft = make_version(number=2, published=False)
    desk.post(reverse("admin:questions_questionversion_delete", args=[draft.pk]), {"post": "yes"})
    assert version.question.versions.get() == version


def test_preview_shows_the_question_as_it_is_rendered(desk):
    version = make_version(format="free_text", prompt="Is $x<y$? <script>alert(1)</script>")
    html = desk.get(change_url(version)).content.decode()
    assert '<span translate="no" class="math">$x&lt;y$</span>' in html
    assert "<script>alert(1)" not in html
    assert "vendor/katex/katex.min.js" in html


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_a_constant_number_of_queries(desk, count, django_assert_num_queries):
    for number in range(count):
        make_version(slug=f"question-{number}")
    url = reverse("admin:questions_questionversion_changelist")
    desk.get(url)
    # session, user, 2 of permissions, topics of the filter, count, versions, topic links, their topics
    with django_assert_num_queries(9):
        desk.get(url)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a", "b"}),
        ("q=slug-b", {"b"}),
        ("q=calibrated", {"a"}),
        ("topic=coding", {"b"}),
        ("format=free_text", {"b"}),
        ("level__exact=advanced", {"a"}),
        ("status__exact=retired&versions=all", {"a"}),
        ("versions=all", {"a", "b"}),
    ],
)
def test_list_is_searched_and_filtered(desk, query, found):
    make_version(slug="slug-a", number=1, level="advanced")
    make_version(slug="slug-a", number=2, level="advanced", title="Well calibrated")
    make_version(slug="slug-b", format="free_text", topics=["coding"])
    response = desk.get(reverse("admin:questions_questionversion_changelist") + f"?{query}")
    assert {version.question.slug[-1] for version in response.context["cl"].result_list} == found
    assert len(response.context["cl"].result_list) == 3 if query == "versions=all" else True


def test_curators_reach_questions_topics_tracks_and_flags_and_nothing_else(desk):
    apps = desk.get(reverse("admin:index")).context["app_list"]
    assert {app["app_label"]: {model["object_name"] for model in app["models"]} for app in apps} == {
        "questions": {"Question", "QuestionVersion", "QuestionFlag", "Topic", "Track"},
        "interviews": {"PointExample"},  # sentences without a name
    }
    assert desk.get(reverse("admin:accounts_user_changelist")).status_code == 403


@pytest.mark.parametrize("model", ["question", "questionversion", "topic", "track"])
@pytest.mark.parametrize("view", ["changelist", "add"])
def test_every_page_of_the_item_bank_opens(desk, model, view):
    make_version()
    assert desk.get(reverse(f"admin:questions_{model}_{view}")).status_code == 200


def test_question_page_links_its_versions(desk):
    version = make_version()
    html = desk.get(reverse("admin:questions_question_change", args=[version.question_id])).content.decode()
    assert change_url(version) in html


def test_people_outside_the_group_do_not_get_in(client):
    client.force_login(make_coach())
    assert client.get(reverse("admin:questions_questionversion_changelist")).status_code in (302, 403)


@pytest.mark.parametrize(("formats", "status"), [("free_text", 302), ("essay", 200)])
def test_track_with_its_sections_is_edited(desk, formats, status):
    url = reverse("admin:questions_track_add")
    data = posted(desk, url) | {
        "slug": "new-track",
        "name": "New",
        "limit_seconds": 600,
        "position": 0,
        "sections-TOTAL_FORMS": 1,
        "sections-0-position": 0,
        "sections-0-name": "All",
        "sections-0-count": 2,
        "sections-0-formats": formats,
    }
    assert desk.post(url, data).status_code == status
    assert Track.objects.filter(sections__formats=[formats]).exists() == (status == 302)


def test_version_of_nowhere_is_no_error(desk):
    assert desk.get(reverse("admin:questions_questionversion_change", args=[999])).status_code == 302
    assert not QuestionVersion.objects.exists()
