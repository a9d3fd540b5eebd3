"""What an interview makes of a number that can be read in two ways or in none, and of an order nobody touched."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.sitting.models import AnswerRevision, Grade, Interview
from tests.factories import NOON, make_interview, question_of, write

pytestmark = pytest.mark.django_db


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


def begin(candidate, *formats) -> Interview:
    return make_interview(
        candidate=candidate, formats=formats, now=timezone.now(), limit_seconds=3000, question_seconds=900
    )


def url(name: str, interview: Interview, *args) -> str:
    return reverse(f"interviews:{name}", args=[interview.public_id, *args])


def post(client, act: str, interview: Interview, *answer: str, htmx: bool = True, **fields):
    data = {"answer": answer, "rev": 1, "lease": Interview.objects.get(pk=interview.pk).lease, "position": 1, **fields}
    return client.post(url(act, interview, 1), data, **({"HTTP_HX_REQUEST": "true"} if htmx else {}))


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def sent_as_it_stands(html: str) -> list[str]:
    """The answer that a browser would post from this page: named fields, boxes only where ticked."""
    answer = []
    for field in re.findall(r"<input[^>]*name=\"answer\"[^>]*>", html):
        if "checkbox" not in field or " checked" in field:
            answer.append(re.search(r'value="([^"]*)"', field)[1])
    return answer


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10/45 = 0.222", "Read as 0.222 = 22.2%"),
        ("14.400", "Read as 14.4% Did you mean 14,400%?"),
        ("about a fifth", "We can’t read this as a number. It’s saved as you typed it."),
        ("1/0", "You can’t divide by zero. It’s saved as you typed it."),
        ("12 kg", "The answer is in %, not in “kg”. It’s saved as you typed it."),
    ],
)
def test_a_save_says_what_was_read_and_keeps_the_text(candidate_client, candidate, text, said):
    interview = begin(candidate, "numeric", "numeric")
    reply = post(candidate_client, "save", interview, text)
    assert reply.status_code == 200
    region = re.search(r'<div hx-swap-oob="innerHTML:#draft-1">(.*?)</div>', reply.content.decode(), re.DOTALL)[1]
    assert words(region).startswith(said)
    assert question_of(interview, 1).answer == [text]
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert said in words(page)


def test_a_save_keeps_blanks_at_the_ends(candidate_client, candidate):
    """The page compares what it sent with what is held: cut, it would take it for somebody else's text."""
    interview = begin(candidate, "numeric", "numeric")
    post(candidate_client, "save", interview, " 22 ")
    assert question_of(interview, 1).answer == [" 22 "]


@pytest.mark.parametrize("htmx", [True, False], ids=["with JavaScript", "without"])
def test_an_unreadable_number_is_asked_about_once_and_then_taken(candidate_client, candidate, htmx):
    interview = begin(candidate, "numeric", "numeric")
    asked = post(candidate_client, "submit", interview, "about a fifth", htmx=htmx)
    html = asked.content.decode()
    assert asked.status_code == 422
    assert "It would score 0. Change it, or press the button again to submit it as it is." in words(html)
    assert sent_as_it_stands(html) == ["about a fifth"]
    assert '<input type="hidden" name="asked" value="about a fifth">' in html
    assert question_of(interview, 1).is_open

    post(candidate_client, "submit", interview, "about a fifth", asked="about a fifth", htmx=htmx)
    assert (question_of(interview, 1).state, question_of(interview, 1).answer) == ("answered", ["about a fifth"])


def test_a_changed_text_is_asked_about_anew(candidate_client, candidate):
    interview = begin(candidate, "numeric", "numeric")
    assert post(candidate_client, "submit", interview, "a quarter", asked="about a fifth").status_code == 422
    assert question_of(interview, 1).is_open


@pytest.mark.parametrize("text", ["14.400", "1,000", "0.222", "22 %"])
def test_what_can_be_read_is_taken_at_once(candidate_client, candidate, text):
    interview = begin(candidate, "numeric", "numeric")
    assert post(candidate_client, "submit", interview, text).status_code == 200
    assert question_of(interview, 1).is_closed


def test_skipping_and_finishing_ask_nothing_about_a_number(candidate_client, candidate):
    interview = begin(candidate, "numeric", "numeric")
    asked = post(candidate_client, "skip", interview, "about a fifth").content.decode()
    assert "about a fifth" not in asked, "it asks whether to skip, and nothing about the number"
    assert post(candidate_client, "skip", interview, confirmed="yes").status_code == 200
    assert question_of(interview, 1).state == "skipped"
    assert AnswerRevision.objects.get().answer == ["about a fifth"]


def test_results_say_what_was_read(candidate_client, candidate):
    interview = make_interview(candidate=candidate, formats=("numeric", "numeric"))
    write(interview, 1, "2/9", act="submit_answer")
    write(interview, 2, "about a fifth", act="submit_answer")
    page = words(candidate_client.get(url("results", interview)).content.decode())
    assert "2/9 (read as 22.22%) Correct 20% (± 0.5% is accepted)" in page
    assert "about a fifth Correct 20%" in page


@pytest.mark.parametrize(
    ("answer", "score", "evidence"),
    [
        ("1,000", 1.0, {"expected": 1, "tolerance": 0.5, "unit": "", "read": 1.0}),  # today 1000
        ("12 minutes", 0.0, {"unreadable": "Write one number."}),  # today read
    ],
)
def test_an_old_answer_keeps_its_score_where_today_another_would_be_given(
    candidate_client, candidate, answer, score, evidence
):
    interview = make_interview(candidate=candidate, formats=("numeric",))
    write(interview, 1, answer, act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=after(5)) as locked:
        question = locked.questions.get()
        question.grade(Grade.Source.AUTO, score, evidence, now=after(5))
        locked.score(now=after(5))
    tasks.sweep_once(now=after(1000))
    candidate_client.get(url("results", interview))
    question.refresh_from_db()
    assert question.score == score
    assert question.grades.count() == 1


# --- orders -------------------------------------------------------------------------------------------


def steps_of(interview: Interview) -> list[str]:
    return [str(step.pk) for step in question_of(interview, 1).presented_options()]


@pytest.mark.parametrize("act", ["submit", "save"])
def test_an_untouched_order_is_no_answer(candidate_client, candidate, act):
    interview = begin(candidate, "ordering", "ordering")
    page = candidate_client.get(url("interview", interview)).content.decode()
    post(candidate_client, act, interview, *sent_as_it_stands(page), htmx=False, confirmed="yes")
    question = question_of(interview, 1)
    assert question.answer == []
    assert question.is_blank
    assert question.state == {"submit": "skipped", "save": "open"}[act]


def test_an_untouched_order_whose_time_runs_out_scores_nothing(candidate):
    interview = make_interview(candidate=candidate, formats=("ordering", "numeric"))
    write(interview, 1, [])
    tasks.sweep_once(now=after(1000))
    question = question_of(interview, 1)
    assert (question.state, question.score) == ("timed_out", 0)
    assert question.automatic_evidence == {"unanswered": True}


def test_the_ticked_order_is_an_answer(candidate_client, candidate):
    interview = begin(candidate, "ordering", "ordering")
    shown = steps_of(interview)
    page = candidate_client.get(url("interview", interview)).content.decode()
    ticked = re.search(r'<input type="checkbox" name="answer" value="([^"]*)">', page)[1]
    post(candidate_client, "submit", interview, ticked, htmx=False)
    question = question_of(interview, 1)
    assert (question.state, question.answer) == ("answered", shown)


def test_a_step_moved_without_javascript_makes_the_order_an_answer_that_stays_one(candidate_client, candidate):
    interview = begin(candidate, "ordering", "ordering")
    shown = steps_of(interview)
    page = candidate_client.get(url("interview", interview)).content.decode()
    post(candidate_client, "submit", interview, *sent_as_it_stands(page), move=f"{shown[0]}:down", htmx=False)
    moved = [shown[1], shown[0], *shown[2:]]
    assert question_of(interview, 1).answer == moved
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert sent_as_it_stands(page) == moved
    # Also back in the order that was shown at first: it was moved.
    post(candidate_client, "submit", interview, *moved, move=f"{shown[0]}:up", rev=2, htmx=False)
    page = candidate_client.get(url("interview", interview)).content.decode()
    assert sent_as_it_stands(page) == shown
    post(candidate_client, "submit", interview, *shown, rev=3, htmx=False)
    assert question_of(interview, 1).state == "answered"


def test_an_old_untouched_order_keeps_its_score(candidate):
    """Stored as every order is: by its steps."""
    interview = make_interview(candidate=candidate, formats=("ordering", "numeric"))
    write(interview, 1, steps_of(interview), act="submit_answer")
    write(interview, 2, "20", act="submit_answer")
    tasks.sweep_once(now=after(100))
    question = question_of(interview, 1)
    assert question.counts_as_answered
    assert question.score == question.format.score(question.version, steps_of(interview)).score


def test_a_move_that_grew_from_an_older_order_replaces_no_newer_one(candidate_client, candidate):
    interview = begin(candidate, "ordering", "ordering")
    steps = steps_of(interview)
    newer = steps[::-1]
    post(candidate_client, "save", interview, *newer, rev=5, base=0)
    candidate_client.get(url("interview", interview))  # another page, which takes the lease
    post(candidate_client, "submit", interview, *steps, rev=9, base=1, move=f"{steps[0]}:down", htmx=False)
    question = question_of(interview, 1)
    assert question.answer == newer
    assert question.revisions.get(kind="side").answer == [steps[1], steps[0], *steps[2:]]
