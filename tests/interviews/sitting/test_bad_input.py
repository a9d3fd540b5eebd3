"""What the question's pages refuse, with a message and without a change."""

import pytest
from django.utils import timezone

from interviews.sitting.models import Interview
from tests.factories import (
    make_interview,
    make_version,
    question_of,
)
from tests.interviews.sitting.test_pages import post, unchanged, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(candidate) -> Interview:
    return make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000, question_seconds=900)


@pytest.mark.parametrize("act", ["save", "submit", "skip"])
@pytest.mark.parametrize(
    "fields",
    [
        {"rev": None},
        {"lease": None},
        {"rev": "-1"},
        {"rev": "1e3"},
        {"rev": "NaN"},
        {"rev": "0"},
        {"rev": str(10**12)},
        {"lease": "x"},
        {"confidence": "55"},
        {"confidence": "nonsense"},
        {"answer": "x" * 50_001},
        {"answer": "x" * 2_000_000},
        {"answer": ["two", "texts"]},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_bad_input_is_refused_with_a_message_and_changes_nothing(candidate_client, interview, act, fields):
    response = post(candidate_client, act, interview, 1, **fields)
    assert response.status_code == 422
    assert response.content
    assert unchanged(interview)


@pytest.mark.parametrize(
    ("format", "answer"), [("single_choice", "999999"), ("single_choice", "x"), ("numeric", "many")]
)
def test_an_answer_that_the_format_cannot_be_is_refused(candidate_client, candidate, format, answer):
    interview = make_interview(candidate=candidate, formats=(format,), now=timezone.now())
    response = post(candidate_client, "submit", interview, 1, answer)
    assert response.status_code == 422
    assert 'class="error"' in response.content.decode()
    assert unchanged(interview)


def test_a_foreign_option_is_refused(candidate_client, candidate):
    interview = make_interview(candidate=candidate, formats=("single_choice",), now=timezone.now())
    foreign = make_version(format="single_choice").options.first()
    assert post(candidate_client, "submit", interview, 1, str(foreign.pk)).status_code == 422
    assert unchanged(interview)


@pytest.mark.parametrize("position", [0, 2, 3, 4, 99, 40_000])
def test_a_position_that_is_not_shown_does_not_exist(candidate_client, interview, position):
    for act in ("save", "submit", "skip", "go_on"):
        assert post(candidate_client, act, interview, position).status_code == 404
    assert unchanged(interview)


def test_an_old_position_leads_to_the_current_question(candidate_client, interview):
    post(candidate_client, "submit", interview, 1)
    body = post(candidate_client, "submit", interview, 1).content.decode()
    assert "Question 2 of 3" in body
    assert question_of(interview, 3).state == "pending"


def test_a_taken_over_page_gets_409_and_the_way_back(candidate_client, interview):
    candidate_client.get(url("interview", interview))
    response = post(candidate_client, "save", interview, 1, "old page", lease=1)
    assert response.status_code == 409
    assert "Continue here" in response.content.decode()
    assert response["HX-Retarget"] == "#save-1"
    response = post(candidate_client, "submit", interview, 1, "old page", lease=1, rev=2, htmx=False)
    assert response.status_code == 409
    assert "<html" in response.content.decode()


def test_three_megabytes_are_refused_before_they_are_read(candidate_client, interview):
    response = post(candidate_client, "save", interview, 1, "x" * 3_000_000)
    assert response.status_code in (400, 413)
    assert unchanged(interview)
