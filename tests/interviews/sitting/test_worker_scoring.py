"""What only a worker may score: a web process leaves it alone, the results page waits, no query runs under the lock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from celery import current_app
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from config.backlog import backlog
from interviews import tasks
from interviews.sitting.models import Interview
from questions.formats import sql
from questions.models import QuestionVersion, asked_version
from questions.running import sandbox, snapshot
from tests.factories import CODE_ANSWER, NOON, SQL_ANSWER, make_candidate, make_interview, question_of, write

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

    def refused(process):
        raise AssertionError("something was run in the web process")

    sql.solved.cache_clear()
    monkeypatch.setattr(sandbox.Process, "__enter__", refused)


@pytest.fixture
def broken_engine(monkeypatch, tmp_path):
    """There is no snapshot, and no solution is known from before."""
    sql.solved.cache_clear()
    monkeypatch.setattr(snapshot, "FOLDER", tmp_path)


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
    tasks.run_submitted(interview.pk, now=LATER)
    reply = panel(interview)
    card = reply.content.decode().split("</article>")[0]
    assert "100%" in card
    assert "hx-trigger" not in card


def test_worker_scores_by_running_the_query():
    interview = finished()
    tasks.run_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).score == 1.0
    assert Interview.objects.get(pk=interview.pk).state == Interview.State.SCORED
    tasks.run_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).grades.count() == 1


def test_wrong_rows_are_shown_beside_the_expected_ones():
    interview = finished("SELECT surface, 0 FROM views WHERE surface = 'feed' GROUP BY surface")
    tasks.run_submitted(interview.pk, now=LATER)
    page = results(interview)
    assert "Your rows" in page
    assert "Expected rows" in page
    assert "1 row; expected 2." in page


def test_error_of_the_query_is_shown_as_text():
    interview = finished('SELECT "<script>" FROM nowhere')
    tasks.run_submitted(interview.pk, now=LATER)
    page = results(interview)
    assert "no such table: nowhere" in page
    assert "<script>&quot;" not in page


def test_strange_values_can_be_stored():
    interview = finished("SELECT 9e999, char(0) UNION ALL SELECT x'00', 9223372036854775807")
    tasks.run_submitted(interview.pk, now=LATER)
    assert question_of(interview, 1).score == 0.0


def test_skipped_query_needs_no_worker(no_sql):
    interview = make_interview(formats=("sql",))
    write(interview, 1, RIGHT, act="skip")
    assert "Being scored" not in results(interview)
    assert Interview.objects.get(pk=interview.pk).state == Interview.State.SCORED


def test_blank_query_needs_no_worker(no_sql):
    interview = finished("  ")
    assert "Being scored" not in results(interview)


def test_broken_solution_is_tried_three_times_and_then_no_score_at_all():
    interview = finished()
    version = question_of(interview, 1).version
    broken = SQL_ANSWER | {"solution": "SELECT oops"}
    QuestionVersion.objects.filter(pk=version.pk).update(answer=broken)  # as only damage could
    for _ in range(5):
        tasks.sweep_once(now=LATER)
    interview.refresh_from_db()
    assert (interview.scoring_attempts, interview.state) == (3, Interview.State.SCORED)
    assert question_of(interview, 1).score is None
    assert "That was our fault" in results(interview)
    assert panel(interview).status_code == 200
    assert backlog(LATER).not_run == 1
    assert list(interview.events.not_run().values_list("position", flat=True)) == [1]


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_the_query_runs(monkeypatch):
    """Another connection takes the interview's row in the middle of the query."""
    interview = finished()
    enter, looked = sandbox.Process.__enter__, []

    def look_and_enter(process):
        assert not connection.in_atomic_block
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT id FROM interviews_interview WHERE id = %s FOR UPDATE NOWAIT", [interview.pk])
        finally:
            other.close()
        looked.append(process)
        return enter(process)

    sql.solved.cache_clear()
    monkeypatch.setattr(sandbox.Process, "__enter__", look_and_enter)
    tasks.run_submitted(interview.pk, now=LATER)
    assert len(looked) == 2  # the solution's and the candidate's
    assert question_of(interview, 1).score == 1.0


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_leaves_the_running_to_the_first(monkeypatch):
    """A message was sent twice: both are taken at once, and the answer is run once."""
    interview = finished()
    Interview.objects.filter(pk=interview.pk).update(scoring_attempts=0)
    enter, began = sandbox.Process.__enter__, []
    both_are_in = Barrier(2, timeout=30)

    def note_and_enter(process):
        began.append(process)
        if len(began) == 1:
            both_are_in.wait()
        return enter(process)

    def run(wait):
        try:
            if wait:
                while not began:
                    pass
            tasks.run_submitted(interview.pk, now=LATER)
            if wait:
                both_are_in.wait()
        finally:
            connection.close()

    sql.solved.cache_clear()
    monkeypatch.setattr(sandbox.Process, "__enter__", note_and_enter)
    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(run, wait) for wait in (False, True)]:
            future.result()
    assert len(began) == 2
    interview.refresh_from_db()
    assert (interview.scoring_attempts, interview.state) == (1, Interview.State.SCORED)
    assert question_of(interview, 1).grades.count() == 1


def test_score_without_running_asks_for_the_rest_to_be_run(django_capture_on_commit_callbacks, monkeypatch, no_sql):
    """The sweep of beat's worker never runs what a candidate wrote: it sends a message to the queue for that."""
    interview = finished()
    sent = []
    monkeypatch.setattr(tasks.run_answers, "apply_async", lambda **message: sent.append(message["args"]))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_once(now=LATER, score=tasks.score_submitted)
    assert sent == [(interview.pk,)]
    assert current_app.amqp.router.route({}, tasks.run_answers.name)["queue"].name == "running"
    assert question_of(interview, 2).score == 0.0
    interview.refresh_from_db()
    assert interview.scoring_attempts == 0  # a full queue is no failed attempt


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
    tasks.run_submitted(interview.pk, now=write_again)
    assert question_of(interview, 1).score == 0.0


# --- code: its cases are run, its rubric is marked by people ------------------------------------------------------

HALF_RIGHT = "def double(value):\n    return 2 * value if value == 1 else None"
SOLUTION = CODE_ANSWER["solution"]


def coded(answer=SOLUTION) -> Interview:
    interview = make_interview(formats=("code",))
    write(interview, 1, answer, act="submit_answer")
    return Interview.objects.get(pk=interview.pk)


def self_score(interview, mark="hit"):
    question = question_of(interview, 1)
    client = Client()
    client.force_login(interview.candidate)
    marks = {f"q1-{point.pk}": mark for point in question.version.rubric_points.all()}
    return client.post(reverse("interviews:self_score", args=[interview.public_id, 1]), marks)


def test_code_scores_by_its_cases_until_its_rubric_is_marked():
    interview = coded(HALF_RIGHT)
    assert "Being scored" in results(interview)
    tasks.run_submitted(interview.pk, now=LATER)
    question = question_of(interview, 1)
    assert (question.score, question.graded_by) == (0.5, "auto")
    page = results(interview)
    assert "Score yourself" in page
    assert "a hidden text" in page
    assert "secretsecret" not in page
    assert "the secret solution" not in page


def test_own_marks_are_a_fifth_of_the_score_and_the_cases_the_rest():
    interview = coded(HALF_RIGHT)
    tasks.run_submitted(interview.pk, now=LATER)
    assert self_score(interview).status_code == 302
    question = question_of(interview, 1)
    assert question.score == pytest.approx(0.8 * 0.5 + 0.2 * 1.0)
    assert question.graded_by == "auto"
    assert question.automatic_evidence["share"] == 0.5
    assert not question.awaits_marks
    page = results(interview)
    assert "the secret solution" in page
    assert "Score yourself" not in page


def test_a_coachs_marks_are_a_fifth_too_and_count_before_ones_own():
    interview = coded(SOLUTION)
    tasks.run_submitted(interview.pk, now=LATER)
    self_score(interview)
    question = question_of(interview, 1)
    coach = make_candidate()
    missed = {point.pk: "missed" for point in question.version.rubric_points.all()}
    question.grade_by_rubric(missed, by=coach, source="coach", now=LATER)
    question = question_of(interview, 1)
    assert (question.score, question.graded_by) == (pytest.approx(0.8), "coach")


def test_code_cannot_be_marked_before_it_was_run():
    interview = coded()
    assert "Score yourself" not in results(interview)
    assert self_score(interview).status_code == 404


def test_code_that_our_engine_could_not_run_is_marked_by_its_rubric_alone(broken_engine):
    interview = coded()
    for _ in range(3):
        tasks.sweep_once(now=LATER)
    question = question_of(interview, 1)
    assert question.score is None
    page = results(interview)
    assert "That was our fault" in page
    assert "Score yourself" in page
    self_score(interview, "partly")
    question = question_of(interview, 1)
    assert (question.score, question.graded_by) == (0.5, "self")


def test_engine_that_works_again_scores_what_it_could_not(broken_engine, monkeypatch, tmp_path):
    interview = coded()
    tasks.sweep_once(now=LATER)
    assert question_of(interview, 1).score is None
    monkeypatch.undo()
    tasks.sweep_once(now=LATER)
    assert question_of(interview, 1).score == 1.0
    assert backlog(LATER).not_run == 0


def test_untouched_starter_is_left_out_and_scores_nothing_without_being_run(no_sql):
    interview = coded(CODE_ANSWER["starter"])
    assert "Being scored" not in results(interview)
    question = question_of(interview, 1)
    assert (question.state, question.score) == ("skipped", 0.0)


def test_code_from_before_it_was_run_needs_no_worker(no_sql):
    interview = make_interview(formats=("code",))
    version = question_of(interview, 1).version
    QuestionVersion.objects.filter(pk=version.pk).update(answer=None)
    asked_version.cache_clear()
    write(interview, 1, "whatever", act="submit_answer")
    assert "Score yourself" in results(interview)
    assert self_score(interview).status_code == 302
    assert (question_of(interview, 1).score, question_of(interview, 1).graded_by) == (1.0, "self")


def test_results_of_a_reopened_answer_are_its_own():
    interview = coded(HALF_RIGHT)
    tasks.run_submitted(interview.pk, now=LATER)
    with Interview.objects.under_lock(interview.public_id, now=LATER) as locked:
        locked.reopen(1, seconds=60, reason="Fire alarm", by=None, now=LATER)
    again = LATER + timedelta(seconds=10)
    write(interview, 1, SOLUTION, rev=2, now=again, act="submit_answer")
    tasks.run_submitted(interview.pk, now=again)
    question = question_of(interview, 1)
    assert question.score == 1.0
    assert question.automatic_evidence["share"] == 1.0
