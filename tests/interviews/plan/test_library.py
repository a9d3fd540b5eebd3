"""Browsing, studying, and what is kept beside a question."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interviews.plan.library.models import Bookmark, QuestionNote
from interviews.report import compiling
from interviews.report.history import read_history
from interviews.sitting.models import Interview, Studied, draw_versions
from questions.models import QuestionVersion, Topic, TrackSection
from tests.factories import (
    NOON,
    make_candidate,
    make_finished_interview,
    make_interview,
    make_topic,
    make_track,
    make_version,
    question_of,
)
from tests.interviews.factories import client_of, make_answered_interview

pytestmark = pytest.mark.django_db
SECRETS = ("The secret model answer", "The secret misconception", "States the first thing")


def address(name: str, version=None) -> str:
    return reverse(f"interviews:{name}", args=[version.question.slug] if version else [])


def titles(client, **wanted) -> list[str]:
    page = client.get(address("library"), wanted)
    assert page.status_code == 200
    return [line.version.title for line in page.context["lines"]]


# --- looking for questions ------------------------------------------------------------------------


def test_every_filter_narrows_and_they_narrow_together(candidate, candidate_client):
    leakage = Topic.objects.create(slug="leakage", name="Leakage", parent=make_topic(slug="data"))
    wanted = make_version(topics=("data",), level="advanced", format="numeric", subtopic=leakage)
    others = [
        make_version(topics=("data",), level="advanced", format="numeric"),
        make_version(topics=("data",), level="beginner", format="numeric", subtopic=leakage),
        make_version(topics=("data",), level="advanced", format="free_text", subtopic=leakage),
        make_version(topics=("evaluation",), level="advanced", format="numeric"),
    ]
    track = make_track(count=1, levels=["advanced"])
    TrackSection.objects.create(track=track, name="Other", position=1, count=1, formats=["free_text"])
    assert len(titles(candidate_client)) == 5
    assert len(titles(candidate_client, topic="data")) == 4
    assert len(titles(candidate_client, topic="data/leakage")) == 3
    assert len(titles(candidate_client, track=track.slug)) == 4  # what any of its sections may draw
    chosen = {"topic": "data/leakage", "level": "advanced", "format": "numeric", "track": track.slug}
    assert titles(candidate_client, **chosen) == [wanted.title]
    assert titles(candidate_client, **chosen, own="bookmarked") == []
    Bookmark.objects.create(candidate=candidate, question=wanted.question, made_at=NOON)
    Bookmark.objects.create(candidate=make_candidate(), question=others[0].question, made_at=NOON)
    assert titles(candidate_client, own="bookmarked") == [wanted.title]


def test_a_search_reads_titles_and_prompts_and_never_the_answers(candidate_client):
    make_version(slug="calibrating", prompt="How would you calibrate a classifier?")
    make_version(slug="trees", prompt="Why do trees overfit?")
    assert titles(candidate_client, text="classifiers calibrated") == ["Title of calibrating"]  # whatever the ending
    assert titles(candidate_client, text='"trees overfit"') == ["Title of trees"]
    assert titles(candidate_client, text="overfit -trees") == []
    assert titles(candidate_client, text="secret") == titles(candidate_client, text="misconception") == []
    for strange in ("'; --", "\\", "& | !", '"', "€" * 200, "the of"):
        assert titles(candidate_client, text=strange) == []


def test_a_search_can_use_its_index():
    make_version()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = QuestionVersion.objects.matching("calibration").order_by().explain()
    assert "question_version_text" in plan


def test_a_filter_that_makes_no_sense_is_named_and_filters_nothing(candidate_client):
    make_version()
    page = candidate_client.get(address("library"), {"level": "wizard", "topic": "no/such", "page": "x"})
    assert page.status_code == 200
    assert len(page.context["lines"]) == 1
    assert "Select a valid choice" in page.content.decode()


@pytest.mark.parametrize("count", [2, 25])
def test_pages_of_the_library_take_the_same_statements_however_many_questions(candidate, candidate_client, count):
    track = make_track(count=1)
    versions = [make_version() for _ in range(count)]
    for version in versions:
        Bookmark.objects.create(candidate=candidate, question=version.question, made_at=NOON)
    for n in range(count // 2):
        make_finished_interview(candidate=candidate, now=NOON + timedelta(hours=n))
    compiling.compile_requested(candidate.pk, now=NOON + timedelta(days=2))
    Studied.objects.record(candidate, [versions[0].question_id], now=timezone.now())
    taken = {}
    for name, path in {
        "library": f"{address('library')}?track={track.slug}&text=title&own=bookmarked",
        "question": address("library_question", versions[0]),
        "misconceptions": address("misconceptions"),
        "sheet": reverse("interviews:track_sheet", args=[track.slug]),
    }.items():
        with CaptureQueriesContext(connection) as queries:
            assert candidate_client.get(path).status_code == 200
        taken[name] = len(queries)
    assert taken == {"library": 9, "question": 13, "misconceptions": 5, "sheet": 13}


# --- studying -------------------------------------------------------------------------------------


def test_the_answer_is_not_in_the_page_before_it_is_studied_and_folds_again_after_a_day(candidate, candidate_client):
    version = make_version()
    page = candidate_client.get(address("library_question", version)).content.decode()
    assert "21 days" in page
    assert not [secret for secret in SECRETS if secret in page]
    for _ in range(2):  # the second press records nothing
        candidate_client.post(address("library_study", version))
    studied = Studied.objects.get(candidate=candidate)
    page = candidate_client.get(address("library_question", version)).content.decode()
    assert all(secret in page for secret in SECRETS)
    Studied.objects.update(studied_at=studied.studied_at - timedelta(hours=25))
    page = candidate_client.get(address("library_question", version)).content.decode()
    assert not [secret for secret in SECRETS if secret in page]
    candidate_client.post(address("library_study", version))
    assert Studied.objects.count() == 2


def test_what_the_running_interview_asks_or_will_ask_is_not_studied(candidate, candidate_client):
    interview = make_interview(candidate=candidate, formats=("free_text", "free_text"), now=timezone.now())
    opened, waiting = (question_of(interview, n).version for n in (1, 2))
    companion = make_version(format="single_choice", companion_of=opened.question)
    other = make_version()
    for version in (opened, waiting, companion):
        candidate_client.post(address("library_study", version))
        page = candidate_client.get(address("library_question", version)).content.decode()
        assert "The secret model answer" not in page
    assert not Studied.objects.exists()
    assert candidate_client.post(address("library_deck")).status_code == 200
    assert list(Studied.objects.values_list("question", flat=True)) == [other.question_id]
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    candidate_client.post(address("library_study", opened))
    assert Studied.objects.filter(question=opened.question).exists()


@pytest.mark.parametrize(("days", "counted"), [(1, 0), (20, 0), (21, 1)])
def test_an_answer_within_21_days_after_studying_counts_nowhere(candidate, days, counted):
    interview = make_finished_interview(candidate=candidate, scores=(1,))
    answer = interview.questions.get()
    Studied.objects.record(candidate, [answer.question_id], now=answer.closed_at - timedelta(days=days))
    Studied.objects.record(make_candidate(), [answer.question_id], now=answer.closed_at)  # another's reading
    Studied.objects.record(candidate, [answer.question_id], now=answer.closed_at + timedelta(days=1))  # afterwards
    (row,) = read_history(candidate.pk, now=NOON + timedelta(days=2)).questions
    assert (row.answers, row.counted) == (1, counted)
    assert all(one.first_at is None for one in read_history(candidate.pk, now=NOON + timedelta(days=2)).counted)


def test_a_mock_draws_unseen_questions_before_studied_ones(candidate):
    track = make_track(count=2)
    studied, *unseen = [make_version() for _ in range(3)]
    Studied.objects.record(candidate, [studied.question_id], now=NOON)
    for seed in range(5):
        assert {one.pk for one in draw_versions(candidate, track, seed=seed)} == {one.pk for one in unseen}


# --- what is kept beside a question ---------------------------------------------------------------


def test_a_note_is_private_harmless_and_never_overwritten_unseen(candidate, candidate_client):
    version = make_version()
    path = address("library_note", version)
    candidate_client.post(path, {"text": "**Mine** <script>alert(1)</script>", "base": 0})
    page = candidate_client.get(address("library_question", version)).content.decode()
    assert "<strong>Mine</strong>" in page
    assert "<script>alert" not in page
    assert "Mine" not in client_of(make_candidate()).get(address("library_question", version)).content.decode()
    answer = candidate_client.post(path, {"text": "From an old page", "base": 0})
    assert answer.status_code == 409
    assert "From an old page" in answer.content.decode()
    assert QuestionNote.objects.get().text.startswith("**Mine**")
    assert candidate_client.post(path, {"text": "From an old page", "base": 1}).status_code == 302
    assert QuestionNote.objects.get().text == "From an old page"
    assert candidate_client.post(path, {"text": "x" * 10_001, "base": 2}).status_code == 422


def test_the_sheet_holds_what_own_answers_lacked_and_nothing_unseen(candidate, candidate_client):
    interview = make_answered_interview(candidate=candidate)
    unseen = make_version(points=("Nobody saw this",))
    answer = question_of(interview, 1)
    compiling.compile_requested(candidate.pk, now=timezone.now())
    path = reverse("interviews:track_sheet", args=[interview.track.slug])
    assert "States the first thing" not in candidate_client.get(path).content.decode()  # its answer is not shown yet
    answer.reveal(now=timezone.now())
    page = candidate_client.get(path).content.decode()
    assert "States the first thing" in page
    assert "Nobody saw this" not in page
    assert client_of(make_candidate()).get(path).status_code == 200
    assert unseen.question.slug not in page
