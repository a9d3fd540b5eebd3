"""What only a worker may score: a web process leaves it alone, the results page waits, no query runs under the lock."""

from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from interviews import tasks
from interviews.sitting.models import Interview
from questions import sql_sandbox
from questions.formats import sql
from questions.models import QuestionVersion
from tests.factories import NOON, SQL_ANSWER, make_candidate, make_interview, question_of, write

LATER = NOON + timedelta(seconds=50)
RIGHT = SQL_ANSWER["solution"]

pytestmark = pytest.mark.django_db


def finished(answer=RIGHT, candidate=None) -> Interview:
    interview = make_interview(candidate=candidate or make_candidate(), formats=("sql", "single_choice"))
    write(interview, 1, answer, act="submit_answer")
    write(interview, 2, "", act="skip")
    return Interview.objects.get(pk=interview.pk)


def results(interview) -> str:
    client = Client()
    client.force_login(interview.candidate)
    return client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()


def panel(interview):
    client = Client(headers={"HX-Request": "true"})
    client.force_login(interview.candidate)
    return client.get(reverse("interviews:result_panel", args=[interview.public_id, 1]))


@pytest.fixture
def no_sql(monkeypatch):
    """The web process fails the test as soon as it starts a query."""

    def refused(schema, query):
        raise AssertionError("a query was run in the web process")

    sql.solved.cache_clear()
    monkeypatch.setattr(sql_sandbox, "run", refused)


def test_results_page_runs_no_query_and_waits(no_sql):
    interview = finished()
    page = results(interview)
    assert "Being scored…" in page
    assert reverse("interviews:result_panel", args=[interview.public_id, 1]) in page
    assert question_of(interview, 1).score is None
    assert question_of(interview, 2).score == 0.0  # the rest is scored at once
    assert Interview.objects.get(pk=interview.pk).state == Interview.State.SUBMITTED


def test_panel_says_nothing_until_the_score_is_there():
    interview = finished()
    assert panel(interview).status_code == 204
    tasks.score_submitted(interview.pk, now=LATER)
    reply = panel(interview)
    assert "100 %" in reply.content.decode()
    assert "hx-trigger" not in reply.content.decode()


def test_worker_scores_by_running_the_query():
    interview = finished()
    tasks.score_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).score == 1.0
    assert Interview.objects.get(pk=interview.pk).state == Interview.State.SCORED
    tasks.score_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).grades.count() == 1


def test_wrong_rows_are_shown_beside_the_expected_ones():
    interview = finished("SELECT surface, 0 FROM views WHERE surface = 'feed' GROUP BY surface")
    tasks.score_submitted(interview.pk, now=LATER)
    page = results(interview)
    assert "Your rows" in page
    assert "Expected rows" in page
    assert "1 row; expected 2." in page


def test_error_of_the_query_is_shown_as_text():
    interview = finished('SELECT "<script>" FROM nowhere')
    tasks.score_submitted(interview.pk, now=LATER)
    page = results(interview)
    assert "no such table: nowhere" in page
    assert "<script>&quot;" not in page


def test_strange_values_can_be_stored():
    interview = finished("SELECT 9e999, char(0) UNION ALL SELECT x'00', 9223372036854775807")
    tasks.score_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).score == 0.0


def test_skipped_query_needs_no_worker(no_sql):
    interview = make_interview(formats=("sql",))
    write(interview, 1, RIGHT, act="skip")
    assert "Being scored" not in results(interview)
    assert Interview.objects.get(pk=interview.pk).state == Interview.State.SCORED


def test_blank_query_needs_no_worker(no_sql):
    interview = finished("  ")
    assert "Being scored" not in results(interview)


def test_broken_solution_is_tried_three_times_and_then_shown_as_failed():
    interview = finished()
    version = question_of(interview, 1).version
    broken = SQL_ANSWER | {"solution": "SELECT oops"}
    QuestionVersion.objects.filter(pk=version.pk).update(answer=broken)  # as only damage could
    for _ in range(5):
        tasks.sweep_once(now=LATER)
    assert Interview.objects.get(pk=interview.pk).scoring_attempts == 3
    assert "Could not be scored" in results(interview)
    assert panel(interview).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_the_query_runs(monkeypatch):
    """Another connection takes the interview's row in the middle of the query."""
    interview = finished()
    run = sql_sandbox.run

    def run_and_look(schema, query):
        assert not connection.in_atomic_block
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT id FROM interviews_interview WHERE id = %s FOR UPDATE NOWAIT", [interview.pk])
        finally:
            other.close()
        looked.append(query)
        return run(schema, query)

    looked = []
    sql.solved.cache_clear()
    monkeypatch.setattr(sql_sandbox, "run", run_and_look)
    tasks.score_submitted(interview.pk, now=LATER)
    assert RIGHT in looked
    assert question_of(interview, 1).score == 1.0


def test_what_was_worked_out_before_a_reopening_scores_no_newer_answer():
    interview = finished()
    worked_out = interview.work_out()
    write_again = NOON + timedelta(seconds=70)
    with Interview.objects.under_lock(interview.public_id, now=LATER) as locked:
        locked.reopen(1, seconds=60, reason="Fire alarm", by=None, now=LATER)
    write(interview, 1, "SELECT 1", rev=2, now=write_again, act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=write_again) as locked:
        locked.score(now=write_again, worked_out=worked_out)
    assert question_of(interview, 1).score is None
    tasks.score_submitted(interview.pk, now=write_again)
    assert question_of(interview, 1).score == 0.0
