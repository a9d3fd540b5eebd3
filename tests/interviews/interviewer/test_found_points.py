"""What was found about each rubric point stands beside the self-score: as a suggestion, never as a score."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessLog
from interviews import tasks
from interviews.coaching.models import Review
from interviews.interviewer import wording
from interviews.interviewer.models import PointExample, PointSuggestion
from interviews.report.history import read_history
from interviews.sitting.models import Grade, Interview, InterviewQuestion
from interviews.speech.heard import Heard, Word
from interviews.speech.models import Transcript
from questions import listening
from questions.models import Question
from tests.factories import (
    NOON,
    make_coach,
    make_curator,
    make_interview,
    make_recording,
    make_version,
    question_of,
    write,
)
from tests.interviews.factories import answer_fields, client_of, make_grant

pytestmark = pytest.mark.django_db

POINTS = ("States that dropout regularises a network", "Names the folds of time series")
ANSWER = "I would start simple.\nDropout regularises a network, and it is cheap. I like it."
SENTENCE = "Dropout regularises a network, and it is cheap"


@pytest.fixture(autouse=True)
def matcher():
    """Its weights are learnt from the bank of the test: enough questions that words differ in weight."""
    for number in range(6):
        make_version(points=(f"Says something about planets and rivers {number}", "Compares a teapot with a train"))
    listening.lexical_grader.cache_clear()
    listening.asked_of.cache_clear()


@pytest.fixture
def interview(candidate) -> Interview:
    return answered(candidate)


def answered(candidate, *, text: str = ANSWER, now=NOON, version=None) -> Interview:
    interview = make_interview(candidate=candidate, formats=("free_text",), limit_seconds=600, now=now)
    question = question_of(interview, 1)
    version = version or make_version(points=POINTS)
    question.version, question.question_id = version, version.question_id
    question.save()
    write(interview, 1, text, act="submit_answer", now=now)
    return Interview.objects.get(pk=interview.pk)


def page_of(client, interview: Interview) -> str:
    return client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()


def score(client, interview: Interview, *, marks: tuple[str, str], **more):
    points = question_of(interview, 1).version.rubric_points.all()
    form = {f"q1-{point.pk}": mark for point, mark in zip(points, marks, strict=True)}
    form |= {f"q1-{name[:-1]}-{points[int(name[-1])].pk}": value for name, value in more.items()}
    return client.post(reverse("interviews:self_score", args=[interview.public_id, 1]), form)


def test_the_task_stores_one_suggestion_a_point_and_the_page_says_so_in_the_binding_words(candidate_client, interview):
    for _ in range(2):
        tasks.find_points(interview.pk)
    found, missing = PointSuggestion.objects.all()
    assert (found.verdict, found.sentence, missing.verdict) == ("found", SENTENCE, "not_found")
    page = page_of(candidate_client, interview)
    assert wording.ABOVE in page
    assert f"You may have said this here: «{SENTENCE}»." in page
    assert wording.SUGGESTION["not_found"] in page
    assert "secret" not in page


def test_without_a_worker_the_page_finds_them_itself_and_the_sweep_what_nobody_opens(candidate_client, interview):
    assert "You may have said this here" in page_of(candidate_client, interview)
    PointSuggestion.objects.all().delete()
    tasks.sweep_once(now=NOON + timedelta(minutes=30))
    assert PointSuggestion.objects.count() == 2


def test_a_hit_keeps_the_sentence_that_was_confirmed_or_corrected_and_it_changes_no_score(candidate_client, interview):
    page_of(candidate_client, interview)
    kept = PointSuggestion.objects.first()
    score(candidate_client, interview, marks=("hit", "missed"), keep0=kept.pk, quote1="I like it")
    grade = Grade.objects.get(source="self")
    first, _ = question_of(interview, 1).version.rubric_points.all()
    assert (grade.score, grade.evidence["quotes"]) == (0.5, {str(first.pk): SENTENCE})
    assert f"“{SENTENCE}”" in page_of(candidate_client, interview)
    assert [example.text for example in PointExample.objects.all()] == [SENTENCE]


def test_a_quote_whose_words_are_not_in_the_answer_is_refused_and_nothing_is_scored(candidate_client, interview):
    response = score(candidate_client, interview, marks=("hit", "missed"), quote0="Dropout is always the best")
    assert response.status_code == 422
    assert wording.NOT_IN_ANSWER in response.content.decode()
    assert not Grade.objects.exists()
    folded = score(candidate_client, interview, marks=("hit", "missed"), quote0="“dropout   REGULARISES a network”")
    assert folded.status_code == 302


def test_without_any_mark_there_is_no_score_whatever_was_found(candidate, candidate_client, interview):
    page_of(candidate_client, interview)
    assert question_of(interview, 1).score is None
    history = read_history(candidate.pk, now=NOON + timedelta(hours=1))
    assert [one.counted for one in history.questions] == [0]


def test_ones_own_example_helps_at_once_and_others_when_a_curator_took_it(candidate, candidate_client):
    version = make_version(points=("Names the folds of time series", "Compares a teapot with a train"))
    said = "Tomorrow must stay away from yesterday: cut along the calendar."

    def verdict(person, days: int) -> str:
        interview = answered(person, text=said, now=NOON + timedelta(days=days), version=version)
        tasks.find_points(interview.pk)
        return PointSuggestion.objects.filter(question__interview=interview).first().verdict

    assert verdict(candidate, 0) == "not_found"
    first = candidate.interviews.get()
    score(candidate_client, first, marks=("hit", "missed"), quote0=said)
    stranger, curator = make_curator(), make_curator(email="curator@example.com")
    assert (verdict(candidate, 1), verdict(stranger, 1)) == ("found", "not_found")
    queue = client_of(curator)
    address = reverse("admin:interviews_pointexample_changelist")
    assert said in queue.get(address).content.decode()
    assert candidate.email not in queue.get(address).content.decode()
    queue.post(address, {"action": "take", "_selected_action": [PointExample.objects.get().pk]})
    assert verdict(stranger, 2) == "found"
    assert AccessLog.objects.get(candidate=candidate).actor == curator
    assert client_of(stranger).get(reverse("admin:interviews_pointexample_change", args=[1])).status_code in (302, 403)


@pytest.mark.parametrize("switch", ["site", "question"])
def test_switched_off_nothing_is_looked_for_or_shown(candidate_client, interview, settings, switch):
    settings.SUGGEST_POINTS = switch != "site"
    Question.objects.filter(pk=question_of(interview, 1).question_id).update(suggests_points=switch != "question")
    page = page_of(candidate_client, interview)
    assert "Score yourself" in page
    assert wording.ABOVE not in page
    assert not PointSuggestion.objects.exists()


def test_a_coach_sees_them_after_the_marks_and_sends_no_quote_that_was_not_said(candidate, interview):

    coach = make_coach()
    make_grant(candidate, coach)
    tasks.find_points(interview.pk)
    review = Review.objects.ask(interview, coach=coach, now=NOON)
    client = client_of(coach)
    answer = reverse("interviews:review_answer", args=[interview.public_id, 1])
    assert "Sentences found" not in client.get(answer).content.decode()
    point = question_of(interview, 1).version.rubric_points.first()
    fields = answer_fields(review, **{f"quote-{point.pk}": "words of the coach's own"})
    client.post(reverse("interviews:save_review_answer", args=[interview.public_id, 1]), fields)
    assert "Sentences found" in client.get(answer).content.decode()
    send = client.get(reverse("interviews:review_send", args=[interview.public_id])).content.decode()
    assert "a quote has words that aren't in the answer" in send


def test_curators_see_which_points_coaches_mark_otherwise_than_was_found(candidate):
    version = make_version(points=POINTS)
    coach, marks = make_coach(), {"hit": 3, "missed": 3}
    for days, mark in enumerate(mark for mark, times in marks.items() for _ in range(times)):
        interview = answered(candidate, now=NOON + timedelta(days=days), version=version)
        tasks.find_points(interview.pk)
        points = {point.pk: mark for point in version.rubric_points.all()}
        question_of(interview, 1).grade_by_rubric(points, by=coach, source=Grade.Source.COACH, now=NOON)
    page = client_of(make_curator()).get(reverse("admin:interviews_points_by_difference"))
    told = [(one["point__text"], one["marked"], one["unfound"], one["overfound"]) for one in page.context["points"]]
    assert told == [(POINTS[0], 6, 0, 3), (POINTS[1], 6, 3, 0)]
    assert candidate.email not in page.content.decode()
    assert client_of(coach).get(reverse("admin:interviews_points_by_difference")).status_code in (302, 403)


@pytest.mark.parametrize("notes", ["", "A note beside it: teapots."])
def test_of_a_spoken_answer_the_points_are_found_once_it_was_heard(candidate, candidate_client, notes):
    interview = answered(candidate, text=notes)
    recording = make_recording(interview=interview)
    recording.store(asked_at=NOON)
    InterviewQuestion.objects.filter(interview=interview, position=1).update(has_recording=True, state="answered")
    page_of(candidate_client, interview)
    assert not PointSuggestion.objects.filter(question__position=1, question__interview=interview).exists()
    words = [Word(word, second, second + 0.5, 0.9) for second, word in enumerate(SENTENCE.split())]
    Transcript.objects.keep(recording, Heard(words, seconds=30, pauses=[]), engine="tiny.en", version="1", now=NOON)
    assert f"«{SENTENCE}»" in page_of(candidate_client, interview)
