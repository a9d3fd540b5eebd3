"""History in PostgreSQL → WeaknessReport → its page."""

import random
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.report import compiling, stored
from interviews.report.models import WeaknessReport
from interviews.report.statistics.counting import Response, count_responses, topic_weights
from interviews.report.statistics.leniency import Pairs
from interviews.sitting.models import EvidenceChange, InterviewQuestion, Studied
from questions.models import VersionTopic
from tests.factories import NOON, make_candidate, make_finished_interview, make_version

pytestmark = pytest.mark.django_db


def asked_for(candidate) -> EvidenceChange:
    return EvidenceChange.objects.get(candidate=candidate)


# --- the aggregate ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_aggregate_counts_as_count_responses_does(candidate, seed):
    """Random histories with repeats inside and outside 21 days, ungraded answers, all graders, old answers."""
    luck = random.Random(seed)
    versions = [make_version() for _ in range(4)]
    responses = []
    for _ in range(12):
        interview = make_finished_interview(candidate=candidate, scores=(1,), now=NOON - timedelta(days=2000))
        answer = interview.questions.get()
        answered_at = NOON - timedelta(
            days=luck.choice([0, 1, 5, 20, 21, 22, 60, 400, 1079, 1081]), seconds=luck.random()
        )
        score = luck.choice([None, 0.0, 0.25, 1.0])
        graded_by = "" if score is None else luck.choice(["auto", "self", "coach"])
        version = luck.choice(versions)
        InterviewQuestion.objects.filter(pk=answer.pk).update(
            question=version.question, version=version, opened_at=answered_at - timedelta(seconds=30),
            closed_at=answered_at, score=score, graded_by=graded_by,
        )  # fmt: skip
        responses.append(Response(version.question_id, answered_at, graded_by, score))
    for version in luck.sample(versions, 2):  # looked up in the library: an attempt without a grade
        studied_at = NOON - timedelta(days=luck.choice([1, 10, 30, 70, 410]), seconds=luck.random())
        Studied.objects.record(candidate, [version.question_id], now=studied_at)
        responses.append(Response(version.question_id, studied_at, "", None))
    expected = count_responses(responses, NOON)
    history = {row.question_id: row for row in compiling.read_history(candidate.pk, now=NOON).questions if row.counted}
    assert history.keys() == expected.keys()
    for question, counted in expected.items():
        row = history[question]
        assert row.weight == pytest.approx(counted.weight, abs=1e-9)
        assert row.points / row.weight == pytest.approx(counted.score, abs=1e-9)
        assert row.own / row.weight == pytest.approx(counted.self_share, abs=1e-9)
        assert row.ages / row.weight == pytest.approx(counted.age, abs=1e-9)
        assert row.counted_then == row.weight_then == 0  # compared with nothing


def test_a_new_grade_changes_the_fingerprint_of_its_question_alone(candidate):
    """Even where the coach gives the same again."""
    interview = make_finished_interview(candidate=candidate, scores=(1, 0))
    first, second = interview.questions.order_by("position")
    seen = []
    for hours in (1, 2):
        first.grade("coach", 1.0, {}, now=NOON + timedelta(hours=hours))
        history = compiling.read_history(candidate.pk, now=NOON + timedelta(days=1))
        seen.append({row.question_id: row for row in history.questions})
    before, after = seen
    assert after[first.question_id].last_at == first.closed_at
    assert after[first.question_id].points == before[first.question_id].points
    assert after[first.question_id].fingerprint != before[first.question_id].fingerprint
    assert after[second.question_id] == before[second.question_id]


def test_answers_of_running_and_void_interviews_and_of_others_are_no_evidence(candidate):
    make_finished_interview(candidate=make_candidate())
    voided = make_finished_interview(candidate=candidate)
    voided.state = "void"
    voided.save()
    assert compiling.read_history(candidate.pk, now=NOON + timedelta(days=1)) == ([], [], [], Pairs())


# --- compiling --------------------------------------------------------------------------------------


def test_a_finished_interview_is_compiled_into_a_report(candidate):
    make_finished_interview(candidate=candidate, scores=(1, 0, 1))
    compiling.compile_requested(candidate.pk, now=NOON + timedelta(hours=1))
    data = candidate.reports.get().data
    assert (data["basis"]["answers"], data["basis"]["counted"], data["basis"]["self_graded"]) == (3, 3, 0)
    (topic,) = data["topics"]
    assert topic["topic"] == "evaluation"
    assert topic["evidence"] == pytest.approx(3, abs=0.01)
    assert topic["label"] == "not enough evidence yet"
    assert {topic[name] for name in stored.ESTIMATES} == {None}
    assert not asked_for(candidate).is_pending


def test_the_same_evidence_gives_the_same_report_however_often(candidate):
    make_finished_interview(candidate=candidate)
    for hours in (1, 2, 3):
        EvidenceChange.note(candidate.pk, now=NOON)
        compiling.compile_requested(candidate.pk, now=NOON + timedelta(hours=hours))
    assert candidate.reports.count() == 1


def test_a_new_grade_and_another_target_level_are_new_evidence(candidate):
    interview = make_finished_interview(candidate=candidate)
    first = compiling.compile_report(candidate, now=NOON + timedelta(hours=1))
    interview.questions.get(position=1).grade("coach", 0.5, {}, now=NOON)
    second = compiling.compile_report(candidate, now=NOON + timedelta(hours=2))
    candidate.target_level = "advanced"
    third = compiling.compile_report(candidate, now=NOON + timedelta(hours=3))
    assert len({first.pk, second.pk, third.pk}) == 3
    assert third.data["level"] == "advanced"


def test_ten_requests_are_served_by_one_compilation(candidate):
    make_finished_interview(candidate=candidate)
    for _ in range(10):
        EvidenceChange.note(candidate.pk, now=NOON)
    compiling.compile_requested(candidate.pk, now=NOON)
    assert not asked_for(candidate).is_pending
    assert asked_for(candidate).attempts == 1


def test_a_history_that_breaks_the_compilation_is_tried_three_times(candidate):
    make_finished_interview(candidate=candidate)
    VersionTopic.objects.all().delete()
    for _ in range(5):
        tasks.sweep_once(now=NOON + timedelta(hours=1))
    assert asked_for(candidate).has_failed
    assert asked_for(candidate).attempts == 3
    EvidenceChange.note(candidate.pk, now=NOON)
    assert not asked_for(candidate).has_failed


def test_a_report_cannot_be_changed(candidate):
    make_finished_interview(candidate=candidate)
    report = compiling.compile_report(candidate, now=NOON)
    report.data = {}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        report.save()


def test_a_question_of_two_topics_is_shared_by_their_weights(candidate):
    make_finished_interview(candidate=candidate, scores=(1,))
    answer = InterviewQuestion.objects.get()
    version = make_version(format="single_choice", topics=("nlp", "evaluation"))
    InterviewQuestion.objects.update(question=version.question, version=version)
    data = compiling.compile_report(candidate, now=answer.closed_at).data
    shares = {row["topic"]: row["evidence"] for row in data["topics"]}
    assert shares == pytest.approx(topic_weights(["nlp", "evaluation"]))


@pytest.mark.parametrize("count", [1, 10])
def test_compiling_takes_a_constant_number_of_queries(candidate, django_assert_num_queries, count):
    for _ in range(count):
        make_finished_interview(candidate=candidate)
    # The report it is compared with, the history, the snapshot, the bank, the usual times, the options picked, the
    # tracks (2), the cards (4), the report (2).
    with django_assert_num_queries(13):
        compiling.compile_report(candidate, now=timezone.now())


# --- the page ---------------------------------------------------------------------------------------


def panel(client):
    return client.get(reverse("interviews:report_panel"), HTTP_HX_REQUEST="true").content.decode()


def test_the_page_without_any_interview_says_what_to_do(candidate_client):
    page = candidate_client.get(reverse("interviews:report")).content.decode()
    assert "No report yet" in page
    assert "hx-trigger" not in page.split('id="report-panel"')[1]


def test_the_panel_polls_while_a_report_is_asked_for_and_then_stops(candidate_client, candidate):
    make_finished_interview(candidate=candidate)
    assert "load delay:" in panel(candidate_client)
    compiling.compile_requested(candidate.pk, now=timezone.now())
    assert "load delay:" not in panel(candidate_client)


def test_a_report_that_failed_says_so_and_does_not_poll(candidate_client, candidate):
    make_finished_interview(candidate=candidate)
    EvidenceChange.objects.update(attempts=3)
    page = panel(candidate_client)
    assert "We couldn’t compile your newest report" in page
    assert "load delay:" not in page


def test_below_eight_answers_there_is_no_estimate(candidate_client, candidate):
    make_finished_interview(candidate=candidate, scores=(1, 0, 1, 0, 1))
    compiling.compile_requested(candidate.pk, now=timezone.now())
    page = panel(candidate_client)
    assert "Not enough evidence yet: 5 of 8 answers." in page
    assert "Title of" in page
    assert "80% range" not in page.split('id="method"')[0]


def test_from_eight_answers_on_a_topic_stands_with_range_and_evidence(candidate_client, candidate):
    make_finished_interview(candidate=candidate, scores=(0,) * 9, now=timezone.now() - timedelta(days=1))
    compiling.compile_requested(candidate.pk, now=timezone.now())
    page = panel(candidate_client)
    assert "expected on a typical intermediate question (80% range" in page
    assert "very likely below your 70% target" in page
    assert "from about 9 recent answers" in page


def test_an_untested_topic_is_called_so_and_never_weak(candidate_client, candidate):
    make_version(topics=("nlp",))
    make_finished_interview(candidate=candidate, scores=(0,) * 9)
    compiling.compile_requested(candidate.pk, now=timezone.now())
    thin = panel(candidate_client).split("Not enough evidence yet: 1 topic")[1]
    assert "Nlp" in thin
    assert "not tested yet" in thin


def test_the_raw_numbers_are_those_of_the_report(candidate_client, candidate):
    assert candidate_client.get(reverse("interviews:report_json")).status_code == 404
    make_finished_interview(candidate=candidate)
    compiling.compile_requested(candidate.pk, now=NOON)
    raw = candidate_client.get(reverse("interviews:report_json")).json()
    stored = WeaknessReport.objects.get().data
    assert {key: raw[key] for key in stored} == stored


def test_another_level_asks_for_another_report(candidate_client, candidate):
    make_finished_interview(candidate=candidate)
    compiling.compile_requested(candidate.pk, now=NOON)
    candidate_client.post(reverse("interviews:report_target"), {"level": "advanced"})
    assert asked_for(candidate).is_pending
    candidate_client.post(reverse("interviews:report_target"), {"level": "world class"})
    candidate.refresh_from_db()
    assert candidate.target_level == "advanced"


@pytest.mark.parametrize("count", [3, 9])
def test_the_report_page_takes_a_constant_number_of_queries(
    candidate_client, candidate, django_assert_num_queries, count
):
    for _ in range(count):
        make_finished_interview(candidate=candidate)
    compiling.compile_requested(candidate.pk, now=timezone.now())
    candidate_client.get(reverse("interviews:report"))
    # Session, user, the request, the report, the topics, the reports before it; for the practice the snapshot, the
    # bank, the cards and when each was seen; the tracks taken; and the notices, as every page.
    with django_assert_num_queries(12):
        candidate_client.get(reverse("interviews:report"))
