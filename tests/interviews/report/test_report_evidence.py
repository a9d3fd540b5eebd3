"""From a claim of the report to the answers behind it: their address, its bounds, and whom it is closed to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews.report import compiling
from interviews.report.models import WeaknessReport
from interviews.report.page import ReportPage, topics_by_slug
from interviews.report.parts import NAMED_ANSWERS
from interviews.sitting.models import InterviewQuestion
from tests.factories import make_candidate, make_finished_interview
from tests.interviews.factories import make_answered_interview

pytestmark = pytest.mark.django_db


def evidence(key: str, *, panel: bool = False) -> str:
    return reverse("interviews:report_evidence_panel" if panel else "interviews:report_evidence", args=[key])


def history(candidate, *, sittings: int = 5) -> WeaknessReport:
    """Sittings of five over 80 days, three of five right, one stated with 40 %, all others with 90 %."""
    now = timezone.now()
    for number in range(sittings):
        make_finished_interview(
            candidate=candidate, scores=(1, 0, 1, 0, 1), now=now - timedelta(days=80 - 79 * number / (sittings - 1))
        )
    own = InterviewQuestion.objects.of_candidate(candidate)
    own.update(confidence=90)
    own.filter(position=1).update(confidence=40)
    return compiling.compile_report(candidate, now=now)


def shown(client: Client, address: str, **headers) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


def test_every_claim_leads_to_its_answers_with_and_without_javascript(candidate, candidate_client):
    report = history(candidate)
    page = shown(candidate_client, reverse("interviews:report"))
    claims = ReportPage(report, candidate, topics_by_slug()).claims
    expected = {
        "topic-evaluation": 25,
        "trend": 25,
        "quick-and-wrong": 10,
        "quick-and-right": 15,
        "confidence": 25,
        "underrated": 5,
        "misconceptions": 10,
    }
    assert claims.keys() == expected.keys()
    for key, count in expected.items():
        assert f'href="{evidence(key)}"' in page
        assert f'hx-get="{evidence(key, panel=True)}"' in page
        whole = shown(candidate_client, evidence(key))
        assert claims[key].text in whole
        assert whole.count("#result-") == count
        fragment = shown(candidate_client, evidence(key, panel=True), **{"hx-request": "true"})
        assert "<html" not in fragment
        assert fragment.strip() in whole


def test_the_report_itself_reads_no_answer_but_its_first_wrong_ones(candidate, candidate_client):
    """Ten of them, with what was believed: all others wait at their address."""
    history(candidate, sittings=8)
    page = shown(candidate_client, reverse("interviews:report"))
    assert page.count("#result-") == 10
    assert "(16)" in page


def test_an_answer_stands_with_the_rubric_points_that_it_lacked(candidate, candidate_client):
    history(candidate)
    answered = make_answered_interview(candidate=candidate)
    compiling.compile_report(candidate, now=timezone.now() + timedelta(days=1))
    point = answered.questions.get(position=1).version.rubric_points.first()
    assert f"Partly: {point.text}" in shown(candidate_client, evidence("topic-evaluation"))


def test_at_most_fifty_are_shown(candidate, candidate_client):
    history(candidate, sittings=NAMED_ANSWERS // 5 + 1)
    for key in ("topic-evaluation", "trend"):
        page = shown(candidate_client, evidence(key))
        assert page.count("#result-") == NAMED_ANSWERS
        assert f"The newest {NAMED_ANSWERS}" in page


def test_what_the_report_does_not_claim_has_no_evidence(candidate, candidate_client):
    assert candidate_client.get(evidence("trend")).status_code == 404
    make_finished_interview(candidate=candidate, scores=(0,) * 5)
    compiling.compile_report(candidate, now=timezone.now())
    for key in ("topic-evaluation", "trend", "time-outs", "nothing"):  # five answers make no estimate
        assert candidate_client.get(evidence(key)).status_code == 404


def test_evidence_is_of_ones_own_report_alone(candidate, candidate_client):
    history(make_candidate())
    assert candidate_client.get(evidence("trend")).status_code == 404
    history(candidate)
    assert shown(candidate_client, evidence("trend")).count("#result-") == 25


def test_the_panel_alone_is_for_htmx(candidate, candidate_client):
    history(candidate)
    response = candidate_client.get(evidence("trend", panel=True))
    assert (response.status_code, response.url) == (302, evidence("trend"))


def test_a_shared_report_leads_to_no_answers(candidate, candidate_client):
    history(candidate)
    made = candidate_client.post(reverse("interviews:report_share"), {"days": "7"}).content.decode()
    page = shown(Client(), "/shared/" + made.split("/shared/")[1].split('"')[0])
    assert "expected on a typical" in page
    assert "evidence" not in page.replace("enough evidence", "")


@pytest.mark.parametrize("sittings", [4, 8])
def test_evidence_takes_a_constant_number_of_queries(candidate, candidate_client, django_assert_num_queries, sittings):
    history(candidate, sittings=sittings)
    # Session, user, the report, the topics, the answers, their points and grades; what every page asks; subtopics.
    for key, count in {"topic-evaluation": 9, "trend": 8, "misconceptions": 8}.items():
        with django_assert_num_queries(count):
            shown(candidate_client, evidence(key))
