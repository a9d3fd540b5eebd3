"""What a candidate's requests may ask of the database, whatever their history and however long the interview."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interviews.sitting.models import Interview
from questions import listening
from questions.models import asked_version
from tests.factories import (
    make_finished_interview,
    make_follow_up,
    make_interview,
    make_recording,
    make_track,
    make_version,
    write,
)

pytestmark = pytest.mark.django_db


@contextmanager
def at_most(statements: int):
    """A test is one transaction: where a request has BEGIN and COMMIT, it sees a savepoint made and released."""
    with CaptureQueriesContext(connection) as ran:
        yield
    sent = [query["sql"] for query in ran if "SAVEPOINT" not in query["sql"]]
    # Several may be sent together (interviews/sitting/fast/rows.py).
    assert sum(sql.count(";\n") + 1 for sql in sent) <= statements, "\n\n".join(sent)


@pytest.fixture(params=[(2, 0), (8, 3)], ids=["short, no history", "long, with a history"])
def sizes(request) -> tuple[int, int]:
    return request.param


@pytest.fixture(params=["free_text", "single_choice", "numeric"])
def interview(request, sizes, candidate) -> Interview:
    """Its questions have been asked before: a process reads each once, as they never change."""
    count, finished = sizes
    for _ in range(finished):
        make_finished_interview(candidate=candidate)
    now = timezone.now()
    interview = make_interview(candidate=candidate, formats=(request.param,) * count, now=now, limit_seconds=3000)
    for question in interview.questions.all():
        asked_version(question.version_id)
    return interview


def send(client: Client, act: str, interview: Interview, rev: int, *, position: int = 1, statements: int) -> str:
    question = interview.questions.get(position=position)
    answers = {"free_text": "text", "numeric": "20", "single_choice": question.version.options.first()}
    answer = answers[question.version.format]
    form = {"answer": getattr(answer, "pk", answer), "rev": rev, "lease": interview.lease, "base": 0}
    form["position"] = position
    path = reverse(f"interviews:{act}", args=[interview.public_id, position])
    with at_most(statements):
        response = client.post(path, form, headers={"hx-request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def test_a_save_takes_six_statements(candidate_client, interview):
    """Session, user, the lock, the questions, the revision, the answer."""
    assert 'data-outcome="saved"' in send(candidate_client, "save", interview, 1, statements=6)


def test_handing_in_takes_ten_statements(candidate_client, interview):
    assert 'data-position="2"' in send(candidate_client, "submit", interview, 1, statements=10)


def test_the_page_of_a_question_takes_eight_statements(candidate_client, interview):
    with at_most(8):
        assert candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).status_code == 200


@pytest.mark.parametrize("is_said", [False, True], ids=["written", "said before, and gone back to"])
def test_handing_in_with_a_follow_up_takes_ten_statements_too(candidate_client, candidate, sizes, is_said):
    """One more than without: what the candidate was asked before. The bank was read before, and each version."""
    count, finished = sizes
    for _ in range(finished):
        make_finished_interview(candidate=candidate)
    for _ in range(count):
        make_version(follow_ups=[make_follow_up()])
    now = timezone.now()
    interview = Interview.objects.start(
        candidate,
        make_track(count=count, formats=["free_text"], limit_seconds=3000),
        pace="strict",
        time_multiplier=1,
        now=now,
    )
    listening.suggest(interview.questions.first().version_id, "A process reads a version and the bank once.")
    for question in interview.questions.all():
        asked_version(question.version_id)
    if is_said:
        make_recording(interview=interview, position=1)
        write(interview, 1, "", act="submit_answer", now=now)
        interview.questions.filter(position=2).update(follow_up_places=0)
    page = send(candidate_client, "submit", interview, 1, position=2 if is_said else 1, statements=10)
    assert ", follow-up" in page
    assert ("Going back to" in page) is is_said
