"""The sweep, scoring, and what the database forbids."""

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from interviews import tasks
from interviews.sitting.models import (
    AnswerRevision,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    Written,
)
from tests.factories import (
    NOON,
    make_interview,
    question_of,
    write,
)
from tests.interviews.sitting.test_engine import after

pytestmark = pytest.mark.django_db


def test_the_sweep_submits_scores_and_compiles_without_a_page_being_loaded():
    interview = make_interview(formats=("single_choice", "free_text"), limit_seconds=150)
    right = question_of(interview, 1).version.options.get(is_right=True)
    write(interview, 1, str(right.pk), act="submit_answer", now=after(5))
    tasks.sweep_once(now=after(1000))
    interview.refresh_from_db()
    assert (interview.state, interview.closed_at) == (Interview.State.SCORED, after(150))
    assert [q.score for q in interview.questions.order_by("position")] == [1.0, 0.0]
    assert interview.candidate.reports.count() == 1


def test_one_broken_interview_does_not_stop_the_sweep():
    broken = make_interview(formats=("single_choice",))
    write(broken, 1, "not an option", now=after(1))
    InterviewQuestion.objects.filter(interview=broken).update(answer={"not": "a list"})
    fine = make_interview()
    tasks.sweep_once(now=after(1000))
    fine.refresh_from_db()
    assert fine.state == Interview.State.SCORED


def test_an_interview_that_breaks_the_scoring_is_tried_three_times():
    broken = make_interview(formats=("single_choice",))
    InterviewQuestion.objects.filter(interview=broken).update(answer=[1])
    for _ in range(5):
        tasks.sweep_once(now=after(1000))
    broken.refresh_from_db()
    assert (broken.state, broken.scoring_attempts) == (Interview.State.SUBMITTED, 3)


def test_scoring_twice_grades_once():
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "0.2", act="submit_answer")
    tasks.score_submitted(interview.pk, now=after(1))
    tasks.score_submitted(interview.pk, now=after(2))
    assert [g.score for g in question_of(interview, 1).grades.all()] == [1.0]


def test_a_half_typed_number_at_the_bell_scores_zero():
    interview = make_interview(formats=("numeric",))
    write(interview, 1, "2/")
    tasks.sweep_once(now=after(1000))
    assert question_of(interview, 1).score == 0


# --- what the database forbids ----------------------------------------------------------------------


def test_one_interview_in_progress_per_candidate_holds_in_the_database():
    interview = make_interview()
    with pytest.raises(IntegrityError, match="one_interview_in_progress_per_candidate"), transaction.atomic():
        Interview.objects.create(
            candidate=interview.candidate, track=interview.track, pace="untimed", time_multiplier=1,
            limit_seconds=60, seed=1, started_at=NOON,
        )  # fmt: skip


def test_one_open_question_per_interview_holds_in_the_database():
    interview = make_interview()
    with pytest.raises(IntegrityError, match="one_open_question_per_interview"), transaction.atomic():
        InterviewQuestion.objects.filter(interview=interview, position=2).update(state="open", opened_at=NOON)


@pytest.mark.parametrize("model", [InterviewEvent, AnswerRevision])
def test_the_record_cannot_be_changed(model):
    interview = make_interview()
    write(interview, 1, "text")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**({"kind": "other"} if model is InterviewEvent else {"rev": 99}))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete(using="default")


def test_a_change_of_state_needs_the_lock():
    interview = make_interview()
    with pytest.raises(RuntimeError, match="under_lock"):
        interview.submit_answer(1, Written(["text"], 1, 1), now=NOON)
