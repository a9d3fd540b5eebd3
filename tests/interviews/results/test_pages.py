"""A finished interview's page: what it shows, what it hides until somebody scored."""

import pytest
from django.utils import timezone

from interviews.sitting.models import Interview
from tests.factories import make_interview, question_of
from tests.interviews.sitting.test_pages import HTMX, finish, post, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(candidate) -> Interview:
    return make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000, question_seconds=900)


def test_results_show_ones_answer_and_hide_the_model_answer_until_self_scored(candidate_client, interview):
    post(candidate_client, "submit", interview, 1, "my own words")
    finish(candidate_client, interview)
    page = candidate_client.get(url("results", interview)).content.decode()
    first = page.split('id="result-1"')[1].split('id="result-2"')[0]
    assert "my own words" in first
    assert "States the first thing" in first
    assert "secret model answer" not in first
    assert "secret misconception" not in first


def test_self_scoring_grades_reveals_and_asks_for_a_report(candidate_client, candidate, interview):
    post(candidate_client, "submit", interview, 1, "my own words")
    finish(candidate_client, interview)
    candidate_client.get(url("results", interview))
    points = question_of(interview, 1).version.rubric_points.all()
    requested = candidate.evidence_change.requested
    marks = {f"q1-{points[0].pk}": "hit", f"q1-{points[1].pk}": "partly"}
    body = candidate_client.post(url("self_score", interview, 1), marks, **HTMX).content.decode()
    assert "secret model answer" in body
    question = question_of(interview, 1)
    assert (question.score, question.graded_by) == (0.75, "self")
    candidate.evidence_change.refresh_from_db()
    assert candidate.evidence_change.requested == requested + 1


def test_an_incomplete_self_score_says_which_point_is_missing(candidate_client, interview):
    post(candidate_client, "submit", interview, 1, "my own words")
    finish(candidate_client, interview)
    response = candidate_client.post(url("self_score", interview, 1), {}, **HTMX)
    assert response.status_code == 422
    assert "Mark this point too." in response.content.decode()
    assert "secret model answer" not in response.content.decode()
    assert question_of(interview, 1).score is None


def test_show_now_reveals_without_a_score_and_a_later_score_says_so(candidate_client, interview):
    post(candidate_client, "submit", interview, 1, "my own words")
    finish(candidate_client, interview)
    assert "secret model answer" in candidate_client.post(url("reveal", interview, 1), **HTMX).content.decode()
    points = question_of(interview, 1).version.rubric_points.all()
    candidate_client.post(url("self_score", interview, 1), {f"q1-{point.pk}": "hit" for point in points}, **HTMX)
    assert question_of(interview, 1).grades.get(source="self").evidence["after_reveal"] is True


def test_nothing_is_revealed_or_scored_while_the_interview_runs(candidate_client, interview):
    assert candidate_client.get(url("results", interview)).url == url("interview", interview)
    assert candidate_client.post(url("reveal", interview, 1)).status_code == 404
    assert candidate_client.post(url("self_score", interview, 1), {}).status_code == 404


def test_a_void_interviews_pages_still_answer(candidate_client, interview):
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.void(reason="Test", by=None, now=timezone.now())
    assert "no longer counts" in candidate_client.get(url("results", interview)).content.decode()
    assert post(candidate_client, "save", interview, 1).status_code == 200
