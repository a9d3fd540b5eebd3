"""What a curator sees and may do in the admin on a version's way."""

import pytest
from django.urls import reverse
from django.utils import timezone

from questions import formats
from questions.models import (
    DifficultySnapshot,
    QuestionDifficulty,
    QuestionStatistics,
    QuestionVersion,
    Status,
)
from questions.statistics import Flag
from tests.factories import make_candidate
from tests.questions.factories import make_version
from tests.questions.test_admin import change_url, posted
from tests.questions.test_curation import (
    LIST,
    make_draft,
    messages_of,
    steps,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_team")]


def test_a_change_of_a_published_question_waits_for_somebody_else(author_desk):
    version = make_version()
    data = posted(author_desk, change_url(version)) | {"title": "Better"}
    response = author_desk.post(change_url(version), data, follow=True)
    assert "is waiting for review" in messages_of(response)
    assert list(version.question.versions.values_list("number", "status")) == [(2, "in_review"), (1, "published")]


def test_the_reviewer_publishes_it_from_the_form(reviewer_desk, author):
    version = make_draft(author)
    version.send_to_review(by=author)
    page = reviewer_desk.get(change_url(version)).content.decode()
    assert 'name="_publish"' in page
    reviewer_desk.post(change_url(version), posted(reviewer_desk, change_url(version)) | {"_publish": "yes"})
    assert steps(version)[-1] == ("published", "reviewer@example.com")


def test_the_reviewer_sends_it_back_with_the_reason_and_may_still_publish_it_later(reviewer_desk, author, reviewer):
    version = make_draft(author, format="free_text")
    version.send_to_review(by=author)
    data = posted(reviewer_desk, change_url(version)) | {"_send_back": "yes"}
    assert "Say why you are sending it back" in reviewer_desk.post(change_url(version), data).content.decode()
    version.refresh_from_db()
    assert version.status == Status.IN_REVIEW
    said = {"comment": "Which data does it mean?", "comment_on": "prompt"}
    assert reviewer_desk.post(change_url(version), data | said).status_code == 302
    version.refresh_from_db()
    assert version.status == Status.DRAFT
    assert version.comments.values_list("author", "field", "text").get() == (reviewer.pk, *reversed(said.values()))
    page = reviewer_desk.get(change_url(version)).content.decode()
    assert "Which data does it mean?" in page
    assert 'name="_send_back"' not in page
    assert version.may_be_published_by(reviewer), "a comment is no part of the question"


def test_the_solution_is_run_in_place(author_desk, author):
    version = make_draft(author, format="code")
    data = posted(author_desk, change_url(version)) | {"_try": "yes"}
    said = author_desk.post(
        change_url(version), data | {"answer-solution": "def double(value):\n    return 3"}, follow=True
    )
    assert said.redirect_chain[-1][0] == change_url(version)
    assert "a text" in messages_of(said)
    said = author_desk.post(change_url(version), data, follow=True)
    assert "Saved and run" in messages_of(said)


def test_a_reviewer_who_rewrites_it_on_the_way_does_not_publish_it(reviewer_desk, author):
    version = make_draft(author)
    version.send_to_review(by=author)
    data = posted(reviewer_desk, change_url(version)) | {"_publish": "yes", "prompt": "Rewritten"}
    assert "someone else" in messages_of(reviewer_desk.post(change_url(version), data, follow=True))
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
    assert "Yes, continue" in response.content.decode()
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
    assert "someone else has to publish it" in said
    assert "references" in said
    assert list(QuestionVersion.objects.published()) == [others]


def test_the_list_shows_numbers_with_their_n_and_range_from_the_n_they_need(author_desk):
    few, many = make_version(slug="few"), make_version(slug="many")
    store_statistics(few, count=9, rest_count=9)
    store_statistics(many, count=40, rest_count=40)
    rows = {version.pk: version for version in author_desk.get(reverse(LIST)).context["cl"].result_list}
    admin = author_desk.get(reverse(LIST)).context["cl"].model_admin
    assert admin.facility(rows[few.pk]) == "9 of 10 answers"
    assert admin.facility(rows[many.pk]) == "75% (69 to 81), n 40"
    assert admin.discrimination(rows[few.pk]) == "9 of 30 answers"
    assert admin.discrimination(rows[many.pk]) == "-20% (-39 to 1), n 40"


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
    for text in ("75% (69 to 81), n 40", "+1.00 (+0.68 to +1.32), n 40", "a-night", "check the key", "Published,"):
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
