from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccessLog
from interviews.sitting.models import Interview
from tests.factories import NOON, make_candidate, make_interview, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(candidate):
    interview = make_interview(candidate=candidate)
    write(interview, 1, "first", rev=1, now=NOON + timedelta(seconds=5))
    write(interview, 1, "first and second", rev=2, now=NOON + timedelta(seconds=45))
    write(interview, 1, "after the bell", rev=3, now=NOON + timedelta(seconds=75))
    return interview


def address(interview, position=1) -> str:
    return reverse("interviews:replay", args=[interview.public_id, position])


def finish(interview) -> None:
    with Interview.objects.under_lock(interview.public_id, now=NOON + timedelta(seconds=80)) as locked:
        locked.finish(lease=locked.lease, now=NOON + timedelta(seconds=80))


def test_the_replay_shows_every_state_the_long_pause_and_what_came_after_the_bell(candidate_client, interview):
    finish(interview)
    page = candidate_client.get(address(interview)).content.decode()
    assert page.index("first") < page.index("first and second") < page.index("after the bell")
    assert "40 seconds before" in page
    assert "After the time was up: kept, not scored" in page


def test_there_is_no_replay_while_the_interview_runs_nor_of_an_unseen_question(candidate_client, interview):
    assert candidate_client.get(address(interview)).status_code == 404
    finish(interview)
    assert candidate_client.get(address(interview, 3)).status_code == 404


def test_a_stranger_sees_no_replay_and_leaves_no_trace(interview):
    finish(interview)
    client = Client()
    client.force_login(make_candidate())
    assert client.get(address(interview)).status_code == 404
    assert not AccessLog.objects.exists()


def test_a_candidates_markup_is_shown_as_text(candidate_client, candidate):
    interview = make_interview(candidate=candidate)
    write(interview, 1, "<script>alert(1)</script>", now=NOON)
    finish(interview)
    assert "<script>alert" not in candidate_client.get(address(interview)).content.decode()
