"""Asking for a hint: it helps, what was typed stays, and the answer counts nowhere."""

import html
import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.records.export_parts import PARTS
from interviews.records.exporting import json_rows
from interviews.report.history import read_history
from interviews.sitting.models import Interview, InterviewQuestion, Practice
from questions.running import snapshot
from tests.factories import CODE_ANSWER, make_interview, make_version, question_of

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


def panel(client, interview) -> str:
    address = reverse("interviews:hint_panel", args=[interview.public_id, 1])
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


@pytest.fixture
def coded(candidate):
    return make_interview(candidate=candidate, formats=("code", "free_text"), pace="gentle", now=timezone.now())


def test_a_hint_turns_a_hidden_case_that_fails_into_a_shown_one(candidate, candidate_client, coded):
    """What was run, got and expected: in the page once a worker has run it, for Run, with the results, in the copy."""
    own = "def double(value):\n    return 2 * value if value != 'secret' else 'got'"
    page = candidate_client.get(reverse("interviews:interview", args=[coded.public_id])).content.decode()
    assert "secret" not in page
    assert "We’re running your code" in ask(candidate_client, coded, 1, answer=own).content.decode()
    assert "hx-get" in panel(candidate_client, coded)
    later = timezone.now() + timedelta(minutes=2)  # the message is lost: no worker runs here
    tasks.sweep_once(now=later)
    shown = panel(candidate_client, coded)
    for words in ("a hidden text", "double(&#x27;secret&#x27;)", "secretsecret", "&#x27;got&#x27;"):
        assert words in shown
    case = json.loads(html.unescape(shown.split('data-run-case="')[1].split('"')[0]))
    assert (case["name"], case["expected"]) == ("a hidden text", "secretsecret")
    question = question_of(coded, 1)
    assert question.hinted_case["got"] == "'got'"
    (answers,) = (part for part in PARTS if part.name == "answers")
    assert json.loads(b"".join(json_rows(answers, candidate)))[0]["hinted_case"] == question.hinted_case
    with Interview.objects.under_lock(coded.public_id, now=later) as locked:
        locked.submit_answer(1, question.held(lease=locked.lease), now=later)
        locked.show_case(1, {}, now=later)  # of a message that comes twice, and too late
        locked.finish(lease=locked.lease, now=later)
    tasks.run_submitted(coded.pk, now=later)
    page = candidate_client.get(reverse("interviews:results", args=[coded.public_id])).content.decode()
    assert "Hidden case shown as a hint" in page
    assert "secretsecret" in page
    (row,) = (one for one in read_history(candidate.pk, now=later).questions if one.question_id == question.question_id)
    assert (question_of(coded, 1).score, row.counted) == (0.5, 0)


def test_a_hint_says_so_where_every_hidden_case_passes_and_where_nothing_could_be_run(
    candidate_client, coded, monkeypatch, tmp_path
):
    ask(candidate_client, coded, 1, answer=CODE_ANSWER["solution"])
    tasks.show_failing_case(question_of(coded, 1).pk, now=timezone.now())
    assert "Your code passed every hidden case" in panel(candidate_client, coded)
    coded.questions.update(hinted_case=None)
    monkeypatch.setattr(snapshot, "FOLDER", tmp_path)  # there is none
    tasks.show_failing_case(question_of(coded, 1).pk, now=timezone.now())
    shown = panel(candidate_client, coded)
    for words in ("Not run", "That was our fault", "secretsecret"):
        assert words in shown


def test_a_question_without_a_hint_and_without_cases_has_none(candidate_client, coded):
    assert not question_of(coded, 2).has_hint


def test_a_strict_clock_gives_no_hints(candidate, candidate_client):
    interview = make_interview(candidate=candidate, formats=("code",), now=timezone.now())
    assert ask(candidate_client, interview, 1, answer="x").status_code == 422
    assert not InterviewQuestion.objects.exclude(hinted_at=None).exists()
