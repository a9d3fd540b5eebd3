"""A point that was missed, answered again: kept beside the first answer, and in no score."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.interviewer.models import SecondTry
from interviews.report.history import read_history
from tests.factories import NOON, make_candidate, question_of
from tests.interviews.factories import HTMX, client_of, make_answered_interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(candidate):
    interview = make_answered_interview(candidate=candidate, text="The first answer.")
    question_of(interview, 1).reveal(now=NOON)
    return interview


def url(name: str, interview) -> str:
    point = question_of(interview, 1).version.rubric_points.first()
    return reverse(f"interviews:{name}", args=[interview.public_id, 1, point.pk])


def test_a_second_try_stands_beside_the_first_answer_and_changes_no_score(candidate, candidate_client, interview):
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    assert url("again", interview) in results
    before = read_history(candidate.pk, now=NOON + timedelta(hours=1))
    for _ in range(2):  # a double click
        candidate_client.post(url("start_again", interview))
    assert candidate_client.post(url("again", interview), {"text": " "}).status_code == 422
    assert candidate_client.post(url("save_again", interview), {"text": "The sec"}, **HTMX).content == b"Saved"
    assert candidate_client.post(url("save_again", interview), {"text": "x" * 5001}, **HTMX).status_code == 422
    assert "The sec</textarea>" in candidate_client.get(url("again", interview)).content.decode()
    for _ in range(2):
        candidate_client.post(url("again", interview), {"text": "The second answer."})
    candidate_client.post(url("save_again", interview), {"text": "A save that was overtaken"}, **HTMX)
    candidate_client.post(url("mark_again", interview), {"mark": "hit"})
    only = SecondTry.objects.get()
    assert (only.text, only.mark, only.is_late) == ("The second answer.", "hit", False)
    page = candidate_client.get(url("again", interview)).content.decode()
    assert "The first answer." in page
    assert "The second answer." in page
    assert read_history(candidate.pk, now=NOON + timedelta(hours=1)) == before


def test_what_is_handed_in_after_the_time_is_kept_and_marked_as_late(candidate_client, interview):
    candidate_client.post(url("start_again", interview))
    SecondTry.objects.update(started_at=timezone.now() - timedelta(seconds=95))
    assert "are up" in candidate_client.get(url("again", interview)).content.decode()
    candidate_client.post(url("again", interview), {"text": "Too slow."})
    assert SecondTry.objects.get().is_late


def test_before_the_answer_was_revealed_and_for_strangers_there_is_no_such_page(candidate_client, candidate):
    interview = make_answered_interview(candidate=candidate)
    for name in ("again", "start_again", "save_again", "mark_again"):
        assert candidate_client.post(url(name, interview), {"text": "x"}).status_code == 404
    question_of(interview, 1).reveal(now=NOON)
    assert candidate_client.get(url("again", interview)).status_code == 200
    assert client_of(make_candidate()).get(url("again", interview)).status_code == 404
