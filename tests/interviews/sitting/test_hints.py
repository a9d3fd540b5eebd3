"""Asking for a hint: it helps, what was typed stays, and the answer counts nowhere."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.report.history import read_history
from interviews.sitting.models import Interview, InterviewQuestion, Practice
from tests.factories import make_interview, make_version, question_of

pytestmark = pytest.mark.django_db
HINT = "Think of the base rate"


@pytest.fixture
def drill(candidate):
    """Gentle, of one closed question with a hint, one of code without, and one that has none."""
    versions = [make_version(format="single_choice", hint=HINT), make_version(format="code"), make_version()]
    now = timezone.now()
    return Interview.objects.start(candidate, Practice("Practice", versions), pace="gentle", time_multiplier=1, now=now)


def ask(client, interview, position: int, **fields):
    lease = Interview.objects.get(pk=interview.pk).lease
    fields = {"rev": 1, "base": 0, "lease": lease, "position": position} | fields
    return client.post(reverse("interviews:hint", args=[interview.public_id, position]), fields, follow=True)


def test_a_hint_comes_when_it_is_asked_for_and_takes_the_answer_out_of_the_report(candidate, candidate_client, drill):
    page = candidate_client.get(reverse("interviews:interview", args=[drill.public_id])).content.decode()
    assert HINT not in page
    right = str(question_of(drill, 1).version.options.get(is_right=True).pk)
    for _ in range(2):  # a repeat changes nothing
        page = ask(candidate_client, drill, 1, answer=right).content.decode()
        assert HINT in page
        assert "doesn’t count in your report" in page
    question = question_of(drill, 1)
    assert (question.answer, question.state) == ([right], "open")
    assert drill.events.filter(kind="hinted").count() == 1
    moment = question.hinted_at + timedelta(seconds=5)
    with Interview.objects.under_lock(drill.public_id, now=moment) as locked:
        locked.submit_answer(1, question.held(lease=locked.lease), now=moment)
        locked.finish(lease=locked.lease, now=moment)
        locked.score(now=moment)
    (row,) = read_history(candidate.pk, now=moment).questions
    assert (question_of(drill, 1).score, row.answers, row.counted) == (1, 1, 0)
    assert "with a hint" in candidate_client.get(reverse("interviews:results", args=[drill.public_id])).content.decode()


def test_code_without_a_hint_names_a_hidden_case_and_other_questions_have_none(candidate_client, drill):
    assert question_of(drill, 2).version.help == "One of the cases that you cannot see: a hidden text."
    assert question_of(drill, 3).version.help == ""


def test_a_strict_clock_gives_no_hints(candidate, candidate_client):
    interview = make_interview(candidate=candidate, formats=("code",), now=timezone.now())
    assert ask(candidate_client, interview, 1, answer="x").status_code == 422
    assert not InterviewQuestion.objects.exclude(hinted_at=None).exists()
