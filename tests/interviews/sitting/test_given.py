"""Whether an answer was given: one rule, in Python for a page and in SQL for reports, lists and queues."""

from datetime import timedelta

import pytest

from interviews.report.history import read_history
from interviews.sitting.models import Interview, InterviewQuestion
from tests.factories import CODE_ANSWER, NOON, make_interview, question_of, write

pytestmark = pytest.mark.django_db
STARTER = CODE_ANSWER["starter"]
OVER = NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("format", "answer", "is_given"),
    [
        ("code", STARTER, False),
        ("code", f"\n{STARTER}\t\n", False),
        ("code", f"{STARTER}  # I would add the number to itself", True),
        ("code", "\t\n", False),
        ("free_text", "\n \t", False),
        ("free_text", STARTER, True),
        ("staged", ["", "Second stage"], True),
        ("staged", [" ", "\n"], False),
    ],
)
def test_what_stood_there_from_the_start_is_no_answer_when_the_time_runs_out(candidate, format, answer, is_given):
    interview = make_interview(candidate=candidate, formats=(format,))
    write(interview, 1, answer, act="save_answer")
    InterviewQuestion.objects.update(confidence=80)
    with Interview.objects.under_lock(interview.public_id, now=OVER):
        pass
    question = question_of(interview, 1)
    assert question.state == "timed_out"
    assert question.counts_as_answered == is_given
    assert InterviewQuestion.objects.for_rubric().exists() == is_given == question.is_for_rubric
    assert Interview.objects.with_counts().get().answered_count == is_given
    with Interview.objects.under_lock(interview.public_id, now=OVER) as locked:
        locked.score(now=OVER, gives_up=True)
    InterviewQuestion.objects.update(score=0, graded_by="auto", graded_at=OVER)
    (counted,) = read_history(candidate.pk, now=OVER).counted
    assert counted.confidence == (0.8 if is_given else None)
