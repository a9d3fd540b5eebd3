"""The first screen of the results: what it says rests on what is scored, and nothing is given away early."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.report import compiling
from interviews.results.queries import questions_of
from interviews.results.summary import Summary, first_sentence
from interviews.sitting.models import Interview
from tests.factories import make_finished_interview, make_interview, question_of, write
from tests.interviews.sitting.test_pages import HTMX, finish, post, url

pytestmark = pytest.mark.django_db


def summary_now(interview: Interview) -> Summary:
    return Summary(interview, questions_of(interview))


def test_the_score_says_what_it_rests_on_and_the_worst_answers_come_first(candidate):
    summary = summary_now(make_finished_interview(candidate=candidate, scores=(1, 0, 1, 0)))
    assert (summary.percent, summary.basis) == (50, "4 scored automatically")
    assert [place.mark for place in summary.places] == ["✓", "✗", "✓", "✗"]
    assert [fix.question.position for fix in summary.fixes] == [2, 4]
    assert summary.fixes[0].sentence.startswith("Because wrong")  # why the pick was wrong
    assert (summary.topics[0].percent, summary.topics[0].scored) == (50, 4)
    assert summary.time.endswith("of 2:30 minutes")


def test_an_open_answer_counts_and_is_told_of_only_once_it_is_scored(candidate_client, candidate):
    interview = make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000, question_seconds=900)
    post(candidate_client, "submit", interview, 1, "my own words")
    post(candidate_client, "submit", interview, 2, "other words")
    finish(candidate_client, interview)
    page = candidate_client.get(url("results", interview)).content.decode()
    assert "<strong>2 still to score.</strong>" in page
    assert "0 of 2 scored" in page
    points = question_of(interview, 1).version.rubric_points.all()
    marks = {f"q1-{points[0].pk}": "hit", f"q1-{points[1].pk}": "missed"}
    region = candidate_client.post(url("self_score", interview, 1), marks, **HTMX).content.decode()
    assert "1 of 2 scored" in region
    assert "Score the next answer: question 2" in region
    summary = summary_now(interview)
    assert [(fix.question.position, fix.sentence) for fix in summary.fixes if fix.question.position == 1] == [
        (1, "States the second thing")
    ]
    assert [one.position for one in summary.to_score] == [2]


def test_what_the_interview_changed_waits_for_the_report_and_names_its_topics_alone(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, now=now - timedelta(days=9), scores=(1, 0) * 4)
    make_finished_interview(candidate=candidate, now=now - timedelta(days=8), scores=(1, 0) * 2, topics=("nlp",))
    interview = make_finished_interview(candidate=candidate, now=now - timedelta(days=1), scores=(1, 1, 1, 1))
    panel = reverse("interviews:changed_panel", args=[interview.public_id])
    waiting = candidate_client.get(panel, **HTMX).content.decode()
    assert "We’re updating your report" in waiting
    assert 'hx-trigger="every' in waiting
    compiling.compile_requested(candidate.pk, now=now)
    said = candidate_client.get(panel, **HTMX).content.decode()
    assert "hx-get" not in said
    assert "Evaluation</strong>" in said
    assert "Nlp" not in said
    assert "is now" in said
    assert "changes" in candidate_client.get(panel).url


@pytest.mark.parametrize(
    ("markdown", "sentence"),
    [
        ("Use *recall* where a miss costs most. Then the rest.", "Use *recall* where a miss costs most."),
        ("Count. Then divide. More.", "Count. Then divide."),
        ("- a list\n\nA value of 0.5 is chance, e.g. for AUC. More.", "A value of 0.5 is chance, e.g. for AUC."),
        ("```\ncode\n```", ""),
        ("One\nline without an end", "One line without an end"),
    ],
)
def test_what_to_remember_is_one_sentence(markdown, sentence):
    assert first_sentence(markdown) == sentence


def test_a_timed_out_blank_is_not_answered_and_costs_everything(candidate):
    interview = make_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    write(interview, 1, "words", now=interview.started_at)
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.score(now=timezone.now())
    summary = summary_now(interview)
    assert summary.to_score[0].position == 1
    assert summary.never_shown == 2
