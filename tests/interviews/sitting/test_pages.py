"""What the pages answer to good, bad and hostile requests."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.sitting.models import AnswerRevision, Interview
from tests.factories import (
    make_finished_interview,
    make_interview,
    make_recording,
    make_track,
    make_version,
    question_of,
)

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def interview(candidate) -> Interview:
    return make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000, question_seconds=900)


def url(name: str, interview: Interview, *args) -> str:
    return reverse(f"interviews:{name}", args=[interview.public_id, *args])


def post(client, name, interview, position, answer="text", *, rev=1, lease=1, htmx=True, **fields):
    data = {"answer": answer, "rev": rev, "lease": lease, **fields}
    data = {key: value for key, value in data.items() if value is not None}
    return client.post(url(name, interview, position), data, **(HTMX if htmx else {}))


def finish(client, interview):
    client.post(url("finish", interview), {"confirmed": "yes", "lease": 1})


def unchanged(interview: Interview) -> bool:
    question = question_of(interview, 1)
    return question.is_open and question.rev == 0 and not AnswerRevision.objects.exists()


# --- set-up -----------------------------------------------------------------------------------------


def test_set_up_starts_an_interview_and_shows_its_first_question(candidate_client, candidate):
    make_version()
    make_track(count=1)
    page = candidate_client.get(reverse("interviews:interview_new"))
    assert "1 questions" in page.content.decode() or "1 question" in page.content.decode()
    response = candidate_client.post(
        reverse("interviews:interview_new"), {"plan": "screen", "pace": "strict", "time_multiplier": "1.5"}, follow=True
    )
    assert "Question 1 of 1" in response.content.decode()
    assert candidate.interviews.get().time_multiplier == 1.5


@pytest.mark.parametrize(
    "change",
    [
        {"plan": "nothing-like-it"},
        {"pace": "fast"},
        {"time_multiplier": "0.5"},
        {"time_multiplier": "11"},
        {"plan": ""},
    ],
)
def test_a_wrong_set_up_says_why_and_starts_nothing(candidate_client, change):
    make_version()
    make_track(count=1)
    data = {"plan": "screen", "pace": "strict", "time_multiplier": "1"} | change
    response = candidate_client.post(reverse("interviews:interview_new"), data)
    assert response.status_code == 422
    assert "Not started" in response.content.decode()
    assert not Interview.objects.exists()


def test_too_few_questions_are_told_at_the_set_up(candidate_client):
    make_track(count=3)
    response = candidate_client.post(
        reverse("interviews:interview_new"), {"plan": "screen", "pace": "strict", "time_multiplier": "1"}
    )
    assert response.status_code == 422
    assert "not enough published questions" in response.content.decode()


def test_the_standing_multiplier_is_offered_and_said(candidate_client, candidate):
    candidate.time_multiplier = 2
    candidate.save()
    make_track(limit_seconds=1800)
    page = candidate_client.get(reverse("interviews:interview_new")).content.decode()
    assert "1 hour (30 minutes + your extra time)" in page


# --- sitting ----------------------------------------------------------------------------------------


def test_the_question_page_shows_no_answer_and_no_rubric(candidate_client, interview):
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert "Prompt of" in page
    for secret in ("secret model answer", "States the first thing", "secret misconception", "Because right"):
        assert secret not in page


def test_looking_starts_and_changes_nothing(candidate_client, interview):
    opened_at = question_of(interview, 1).opened_at
    for _ in range(3):
        candidate_client.get(url("interview", interview))
        candidate_client.head(url("interview", interview))
        candidate_client.get(url("clock", interview))
    assert question_of(interview, 1).opened_at == opened_at
    assert question_of(interview, 2).state == "pending"


def test_a_page_load_takes_the_lease_and_a_prefetch_does_not(candidate_client, interview):
    candidate_client.get(url("interview", interview))
    candidate_client.get(url("interview", interview), HTTP_SEC_PURPOSE="prefetch;prerender")
    candidate_client.head(url("interview", interview))
    interview.refresh_from_db()
    assert interview.lease == 2


def test_a_save_answers_with_the_revision_the_checksum_and_the_clock(candidate_client, interview):
    response = post(candidate_client, "save", interview, 1, "a b", rev=3)
    body = response.content.decode()
    assert response.status_code == 200
    assert 'data-rev="3"' in body
    assert f'data-checksum="{question_of(interview, 1).checksum}"' in body
    assert 'id="clock-1"' in body
    assert "<textarea" not in body


def test_the_page_after_a_reload_continues_at_the_servers_revision(candidate_client, interview):
    post(candidate_client, "save", interview, 1, "kept text", rev=41)
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert 'name="rev" value="42" data-held="41"' in page
    assert "kept text" in page


def test_submit_answers_htmx_with_the_next_question_alone(candidate_client, interview):
    body = post(candidate_client, "submit", interview, 1).content.decode()
    assert "Question 2 of 3" in body
    assert "<html" not in body


def test_submit_without_javascript_redirects_to_the_page(candidate_client, interview):
    response = post(candidate_client, "submit", interview, 1, htmx=False)
    assert response.status_code == 302
    assert response.url == url("interview", interview)


def test_line_ends_are_kept_alike_whoever_sends_them(candidate_client, interview):
    post(candidate_client, "save", interview, 1, "one\r\ntwo", rev=1)
    assert question_of(interview, 1).answer == ["one\ntwo"]


def test_the_clock_is_given_in_milliseconds(candidate_client, interview):
    clock = candidate_client.get(url("clock", interview)).json()
    assert clock.keys() == {"state", "position", "question_ms", "interview_ms"}
    assert (clock["state"], clock["position"]) == ("in_progress", 1)
    assert 890_000 < clock["question_ms"] <= 900_000


def test_finish_asks_first_and_saves_what_is_in_the_form(candidate_client, interview):
    data = {"answer": "typed", "rev": 1, "lease": 1, "position": 1}
    page = candidate_client.post(url("finish", interview), data)
    assert "Finish this interview?" in page.content.decode()
    interview.refresh_from_db()
    assert interview.is_in_progress
    assert question_of(interview, 1).answer == ["typed"]
    response = candidate_client.post(url("finish", interview), {"confirmed": "yes", "lease": 1})
    assert response.url == url("results", interview)
    assert question_of(interview, 1).state == "answered"


def test_a_page_that_was_taken_over_cannot_finish_the_interview(candidate_client, interview):
    asked = candidate_client.post(url("finish", interview), {"answer": "x", "rev": 1, "lease": 1, "position": 1})
    assert 'name="lease" value="1"' in asked.content.decode()
    candidate_client.get(url("interview", interview))  # another window goes on
    response = candidate_client.post(url("finish", interview), {"confirmed": "yes", "lease": 1})
    assert response.status_code == 409
    assert "Continue here" in response.content.decode()
    interview.refresh_from_db()
    assert interview.is_in_progress


def test_a_pause_keeps_what_stands_in_the_form(candidate_client, candidate):
    interview = make_interview(candidate=candidate, pace="gentle", now=timezone.now())
    data = {"answer": "half a sentence", "rev": 1, "lease": 1, "position": 1}
    candidate_client.post(url("pause", interview), data)
    interview.refresh_from_db()
    assert interview.paused_at is not None
    assert question_of(interview, 1).answer == ["half a sentence"]


def test_a_pause_that_the_pace_does_not_know_says_so(candidate_client, interview):
    data = {"answer": "text", "rev": 1, "lease": 1, "position": 1}
    response = candidate_client.post(url("pause", interview), data)
    assert response.status_code == 422
    assert "Only a gentle interview can be paused." in response.content.decode()


def test_a_step_is_moved_without_javascript(candidate_client, candidate):
    interview = make_interview(candidate=candidate, formats=("ordering",), now=timezone.now())
    page = candidate_client.get(url("interview", interview))
    order = [str(step.pk) for step in page.context["options"]]
    data = {"answer": order, "rev": 1, "lease": 2, "move": f"{order[0]}:down"}
    candidate_client.post(url("submit", interview, 1), data)
    question = question_of(interview, 1)
    assert question.answer == [order[1], order[0], *order[2:]]
    assert question.is_open


# --- what asks first ----------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False])
def test_skip_asks_where_something_is_written_and_keeps_it(candidate_client, interview, htmx):
    page = post(candidate_client, "skip", interview, 1, "my words", htmx=htmx).content.decode()
    assert "Skip and lose your answer?" in page
    question = question_of(interview, 1)
    assert (question.state, question.answer) == ("open", ["my words"])
    post(candidate_client, "skip", interview, 1, answer=None, rev=None, confirmed="yes", htmx=htmx)
    question = question_of(interview, 1)
    assert (question.state, question.answer) == ("skipped", ["my words"])
    assert question_of(interview, 2).is_open


def test_skip_asks_where_something_is_recorded(candidate_client, interview):
    make_recording(interview=interview)
    assert "Skip and lose your answer?" in post(candidate_client, "skip", interview, 1, "").content.decode()
    assert question_of(interview, 1).is_open


@pytest.mark.parametrize("answer", ["", "  \n "])
def test_an_empty_answer_is_asked_about_and_then_left_empty(candidate_client, interview, answer):
    page = post(candidate_client, "submit", interview, 1, answer).content.decode()
    assert "No answer yet. Leave it empty?" in page
    assert question_of(interview, 1).is_open
    post(candidate_client, "submit", interview, 1, answer=None, rev=None, confirmed="yes")
    assert question_of(interview, 1).state == "skipped"


def test_a_yes_from_a_page_that_was_taken_over_leaves_nothing_out(candidate_client, interview):
    post(candidate_client, "skip", interview, 1, "my words")
    candidate_client.get(url("interview", interview))
    response = post(candidate_client, "skip", interview, 1, answer=None, rev=None, confirmed="yes")
    assert response.status_code == 409
    assert question_of(interview, 1).is_open


def test_a_yes_without_a_question_before_it_changes_no_text(candidate_client, interview):
    post(candidate_client, "submit", interview, 1, answer=None, rev=None, confirmed="yes")
    assert (question_of(interview, 1).state, question_of(interview, 1).answer) == ("skipped", [])


def test_finish_counts_the_answer_that_is_open(candidate_client, candidate):
    interview = make_interview(candidate=candidate, formats=("free_text",), now=timezone.now())
    data = {"answer": "a full answer", "rev": 1, "lease": 1, "position": 1}
    assert "answered 1 of 1 question." in candidate_client.post(url("finish", interview), data).content.decode()


# --- reopened, overdue ----------------------------------------------------------------------------------


def at(monkeypatch, moment) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_a_reopened_question_that_runs_out_shows_its_own_text_and_then_the_results(
    candidate_client, candidate, monkeypatch
):
    start = timezone.now()
    interview = make_interview(candidate=candidate, now=start, limit_seconds=3000, question_seconds=900)
    post(candidate_client, "submit", interview, 1, "of the first question")
    post(candidate_client, "submit", interview, 2, "of the second")
    finish(candidate_client, interview)
    with Interview.objects.under_lock(interview.public_id, now=start) as locked:
        locked.reopen(1, seconds=60, reason="The line was cut", by=None, now=start)
    at(monkeypatch, start + timedelta(seconds=90))
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert "Time is up for this question." in page
    assert "of the first question" in page
    assert "See results" in page
    interview.refresh_from_db()
    response = candidate_client.post(url("go_on", interview, 1), {"lease": interview.lease})
    assert response.url == url("results", interview)
    # The third was open when it was finished: nothing else was shown, and nothing is.
    assert [question.state for question in interview.questions.all()] == ["timed_out", "answered", "skipped"]


def test_handing_a_reopened_question_in_opens_none_that_was_never_shown(candidate_client, candidate):
    interview = make_interview(candidate=candidate, now=timezone.now(), limit_seconds=3000, question_seconds=900)
    post(candidate_client, "save", interview, 1, "first try")
    finish(candidate_client, interview)
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.reopen(1, seconds=60, reason="The line was cut", by=None, now=timezone.now())
    post(candidate_client, "submit", interview, 1, "second try", rev=2)
    interview.refresh_from_db()
    assert not interview.is_in_progress
    assert [question.state for question in interview.questions.all()] == ["answered", "pending", "pending"]


@pytest.mark.parametrize("name", ["interview_new", "practise", "dashboard"])
def test_an_overdue_interview_ends_wherever_it_is_met(candidate_client, candidate, name):
    make_version()
    overdue = make_interview(candidate=candidate, now=timezone.now() - timedelta(hours=1))
    path = reverse(f"interviews:{name}")
    response = candidate_client.post(path) if name == "practise" else candidate_client.get(path)
    overdue.refresh_from_db()
    assert overdue.is_finished
    assert "still in progress" not in response.content.decode()
    if name == "practise":
        assert str(overdue.public_id) not in response.url


def test_only_a_full_page_load_takes_the_lease(candidate_client, interview):
    for name, value in [
        ("hx-request", "true"),
        ("purpose", "prefetch"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
        ("sec-fetch-dest", "empty"),  # a script's
        ("sec-fetch-dest", "iframe"),
    ]:
        candidate_client.get(url("interview", interview), headers={name: value})
    interview.refresh_from_db()
    assert interview.lease == 1
    candidate_client.get(url("interview", interview), headers={"sec-fetch-dest": "document"})
    interview.refresh_from_db()
    assert interview.lease == 2


# --- lists and their queries ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 6])
def test_dashboard_query_count_is_constant(candidate_client, candidate, django_assert_num_queries, count):
    for _ in range(count):
        make_finished_interview(candidate=candidate)
    with django_assert_num_queries(14):
        candidate_client.get(reverse("interviews:dashboard"))


@pytest.mark.parametrize("count", [1, 8])
def test_results_query_count_is_constant(candidate_client, candidate, django_assert_num_queries, count):
    interview = make_finished_interview(candidate=candidate, scores=(1,) * count)
    candidate_client.get(url("results", interview))  # its versions are read once in a process
    with django_assert_num_queries(13):
        candidate_client.get(url("results", interview))


def test_every_page_of_somebody_logged_in_is_stored_nowhere(candidate_client, interview):
    for name in ("interviews:dashboard", "interviews:report", "interviews:interview_new", "accounts:settings_page"):
        assert candidate_client.get(reverse(name))["Cache-Control"] == "no-store"
    assert candidate_client.get(url("interview", interview))["Cache-Control"] == "no-store"
