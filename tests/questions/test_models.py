from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from questions import statistics
from questions.models import Option, Question, QuestionVersion, Status, Topic, Track, TrackSection
from tests.questions.factories import make_topic, make_version

pytestmark = pytest.mark.django_db


def make_section(**filters):
    track = Track.objects.create(slug="a-track", name="A track", limit_seconds=600)
    return TrackSection.objects.create(track=track, name="All", count=1, **filters)


def test_publishing_a_version_retires_the_one_before():
    first = make_version(number=1)
    second = make_version(number=2, prompt="Better?")
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.RETIRED, Status.PUBLISHED)
    assert second.question.published_version == second


def test_publishing_twice_keeps_the_first_moment():
    version = make_version()
    moment = version.published_at
    version.publish(now=timezone.now())
    version.refresh_from_db()
    assert version.published_at == moment


def test_database_refuses_two_published_versions_of_a_question():
    make_version(number=1)
    second = make_version(number=2, published=False)
    with pytest.raises(IntegrityError, match="one_published_version_per_question"), transaction.atomic():
        QuestionVersion.objects.filter(pk=second.pk).update(status="published", published_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_curators_who_publish_at_once_leave_one_published_version():
    versions = [make_version(number=number, published=False) for number in (1, 2, 3, 4)]

    def publish(version):
        try:
            version.publish(now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        for future in [pool.submit(publish, version) for version in versions]:
            future.result()
    assert versions[0].question.versions.published().count() == 1


@pytest.mark.parametrize(
    "field", [{"prompt": "Other"}, {"limit_seconds": 5}, {"answer": {"value": 1}}, {"level": "advanced"}]
)
def test_content_of_a_published_version_never_changes(field):
    version = make_version()
    for name, value in field.items():
        setattr(version, name, value)
    with pytest.raises(ValidationError, match="never changes"):
        version.save()


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.RETIRED])
def test_parts_of_a_version_that_was_published_never_change(status):
    version = make_version()
    if status == Status.RETIRED:
        version.retire()
    option = version.options.first()
    option.text = "Other"
    with pytest.raises(ValidationError, match="never changes"):
        option.save()
    with pytest.raises(ValidationError, match="never changes"):
        option.delete()
    with pytest.raises(ValidationError, match="never changes"):
        Option.objects.create(version=version, text="One more")


def test_a_draft_can_be_edited_in_place():
    version = make_version(published=False)
    version.prompt = "Other"
    version.save()
    version.refresh_from_db()
    assert version.prompt_html == "<p>Other</p>\n"


def test_a_published_version_cannot_be_deleted():
    with pytest.raises(ValidationError, match="Retire"):
        make_version().delete()


def test_only_a_draft_goes_to_review():
    with pytest.raises(ValidationError, match="Only a draft"):
        make_version().send_to_review()


@pytest.mark.parametrize(
    "field", [{"limit_seconds": 0}, {"level": "expert"}, {"category": "trivia"}, {"status": "lost"}]
)
def test_database_refuses_a_version_outside_the_known_values(field):
    version = make_version(published=False)
    with pytest.raises(IntegrityError, match="question_version_"), transaction.atomic():
        QuestionVersion.objects.filter(pk=version.pk).update(**field)


def test_subtopic_slug_may_stand_under_two_topics_but_once_under_each():
    evaluation, vision = make_topic(slug="evaluation"), make_topic(slug="vision")
    Topic.objects.create(slug="basics", parent=evaluation)
    Topic.objects.create(slug="basics", parent=vision)
    with pytest.raises(IntegrityError, match="unique_within_the_parent"), transaction.atomic():
        Topic.objects.create(slug="basics", parent=vision)


def test_topic_slugs_are_unique_at_the_top():
    make_topic()
    with pytest.raises(IntegrityError, match="unique_within_the_parent"), transaction.atomic():
        Topic.objects.create(slug="evaluation")


def test_topics_have_two_levels():
    below = Topic(slug="too-deep", name="Too deep", parent=make_topic(slug="basics", parent=make_topic()))
    with pytest.raises(ValidationError, match="two levels"):
        below.full_clean()


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, True),
        ({"levels": ["beginner", "advanced"]}, True),
        ({"levels": ["advanced"]}, False),
        ({"categories": ["product"]}, False),
        ({"formats": ["numeric"]}, False),
        ({"topics": ["evaluation"]}, True),
        ({"topics": ["coding"]}, False),  # it is only the second topic
        ({"topics": ["evaluation"], "subtopics": ["calibration"]}, True),
        ({"subtopics": ["ranking"]}, False),
    ],
)
def test_section_draws_only_what_fits_all_its_filters(filters, fits):
    subtopic = make_topic(slug="calibration", parent=make_topic())
    version = make_version(topics=["evaluation", "coding"], subtopic=subtopic)
    found = QuestionVersion.objects.published().in_section(make_section(**filters))
    assert list(found) == ([version] if fits else [])


@pytest.mark.parametrize("count", [1, 4])
def test_content_of_versions_takes_a_constant_number_of_queries(count, django_assert_num_queries):
    for number in range(count):
        make_version(slug=f"question-{number}", format="free_text")
    with django_assert_num_queries(6):  # versions, options, rubric points, misconceptions, topic links, topics
        for version in QuestionVersion.objects.published().with_content():
            assert version.content()["rubric"]
            assert version.primary_topic.slug == "evaluation"
            assert version.has_maths


def test_questions_without_a_published_version_are_not_published():
    make_version(slug="shown")
    make_version(slug="hidden", published=False)
    assert [question.slug for question in Question.objects.published()] == ["shown"]


def test_newest_version_of_each_question():
    make_version(slug="a", number=1)
    make_version(slug="a", number=2, published=False)
    make_version(slug="b", number=1)
    assert {(v.question.slug, v.number) for v in QuestionVersion.objects.newest()} == {("a", 2), ("b", 1)}


def test_day_one_difficulty_takes_guessing_into_account():
    closed = make_version(slug="closed", level="advanced")
    opened = make_version(slug="open", level="advanced", format="free_text")
    assert closed.day_one_difficulty() == pytest.approx(0.9 - 0.5108, abs=1e-4)  # four options
    assert opened.day_one_difficulty() == statistics.LEVEL_DIFFICULTY["advanced"]


def test_maths_in_a_rubric_point_counts_as_maths():
    version = make_version(format="free_text", prompt="No formula.", published=False)
    assert not version.has_maths
    version.rubric_points.update(text="States that $a=b$")
    assert QuestionVersion.objects.with_content().get(pk=version.pk).has_maths
