"""Asking for a review, writing it, sending it and taking it back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from interviews.coaching.models import Draft, KeptDraft, Review, SaveOutcome
from interviews.coaching.paragraphs import paragraphs
from interviews.coaching.scorecard import DIMENSIONS, faults
from tests.factories import (
    make_coach,
    make_finished_interview,
    make_interview,
    question_of,
)
from tests.interviews.factories import (
    HTMX,
    answer_fields,
    client_of,
    make_grant,
    scorecard_fields,
    url,
)

pytestmark = pytest.mark.django_db


# --- asking and the inbox ---------------------------------------------------------------------------


def test_a_candidate_asks_a_granted_coach_from_the_results(candidate_client, candidate, coach, answered_interview):
    make_grant(candidate, coach)
    results = reverse("interviews:results", args=[answered_interview.public_id])
    assert str(coach) in candidate_client.get(results).content.decode()
    fields = {"coach": coach.pk, "due_on": timezone.localdate() + timedelta(days=2)}
    for _ in range(2):  # a double click asks once
        candidate_client.post(reverse("interviews:ask_review", args=[answered_interview.public_id]), fields)
    review = Review.objects.get()
    assert (review.coach, review.due_on, review.is_waiting) == (coach, fields["due_on"], True)
    assert "Withdraw the request" in candidate_client.get(results).content.decode()
    candidate_client.post(reverse("interviews:withdraw_review", args=[answered_interview.public_id]))
    assert client_of(coach).get(url("review", review)).status_code == 404


@pytest.mark.parametrize("change", [{"coach": ""}, {"coach": "whoever"}, {"due_on": "2020-01-01"}])
def test_a_wrong_request_says_why_and_asks_nobody(candidate_client, candidate, coach, answered_interview, change):
    make_grant(candidate, coach)
    path = reverse("interviews:ask_review", args=[answered_interview.public_id])
    assert candidate_client.post(path, {"coach": coach.pk} | change).status_code == 422
    assert candidate_client.post(path, {"coach": make_coach().pk}).status_code == 422
    assert not Review.objects.exists()


def test_an_interview_in_progress_cannot_be_reviewed(candidate_client, candidate, coach):
    running = make_interview(candidate=candidate, now=timezone.now())
    make_grant(candidate, coach)
    path = reverse("interviews:ask_review", args=[running.public_id])
    assert candidate_client.post(path, {"coach": coach.pk}).status_code == 404


def test_the_inbox_puts_a_late_due_date_behind_who_has_waited_for_weeks(candidate, coach):
    make_grant(candidate, coach)
    now = timezone.now()
    waits = [(0, 2), (20, None), (0, None), (1, 1)]  # asked so many days ago, due in so many days
    for asked_ago, due_in in waits:
        interview = make_finished_interview(candidate=candidate)
        due_on = due_in and (now + timedelta(days=due_in)).date()
        Review.objects.ask(interview, coach=coach, due_on=due_on, now=now - timedelta(days=asked_ago))
    waiting = client_of(coach).get(reverse("interviews:coaching")).context["waiting"]
    order = [((now - review.asked_at).days, review.due_on and (review.due_on - now.date()).days) for review in waiting]
    assert order == [(20, None), (1, 1), (0, 2), (0, None)]


def test_a_coach_who_declines_says_why_and_the_candidate_reads_it(candidate_client, coach, review):
    client = client_of(coach)
    assert client.post(url("review_decline", review), {"reason": ""}).status_code == 422
    for _ in range(2):  # a double click leads back to the inbox, too
        response = client.post(url("review_decline", review), {"reason": "Away until May."})
        assert response.url == reverse("interviews:coaching")
    assert client.get(url("review", review)).status_code == 404
    results = candidate_client.get(reverse("interviews:results", args=[review.interview.public_id]))
    assert "Away until May." in results.content.decode()
    assert "Ask for a review" in results.content.decode()


# --- writing ----------------------------------------------------------------------------------------


def test_an_answer_is_text_by_paragraphs_and_never_markup(coach, review):
    page = client_of(coach).get(url("review", review)).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt; answer" in page
    assert "<b>bold</b>" not in page
    assert "Comment on paragraph 2" in page


def test_a_staged_answer_is_split_by_stage():
    found = list(paragraphs(["one\n\n\ntwo", "", "three"], [{"name": "A"}, {"name": "B"}, {"name": "C"}]))
    assert [(one.key, one.number, one.heading) for one in found] == [("0-0", 1, "A"), ("0-1", 2, ""), ("2-0", 3, "C")]


def test_self_score_and_confidence_are_not_in_the_page_until_every_point_is_marked(coach, review):
    client = client_of(coach)
    secrets = ("80% sure", "candidate: partly")
    question = question_of(review.interview, 1)
    first, second = question.version.rubric_points.all()
    for fields in ({f"point-{first.pk}": "hit"}, {}):
        data = {"rev": 0, "page": "page1", "comment-whole": "Good.", **fields}
        saved = client.post(url("save_review_answer", review, 1), data, **HTMX).content.decode()
        page = client.get(url("review", review)).content.decode()
        assert not any(secret in text for secret in secrets for text in (saved, page))
        preview = client.get(url("review_send", review)).content.decode()
        assert ">partly<" not in preview
    complete = {"rev": 2, "page": "page1", f"point-{first.pk}": "hit", f"point-{second.pk}": "missed"}
    saved = client.post(url("save_review_answer", review, 1), complete, **HTMX).content.decode()
    assert all(secret in saved for secret in secrets)
    assert all(secret in client.get(url("review", review)).content.decode() for secret in secrets)


def test_everything_typed_is_saved_and_stands_there_after_a_reload(coach, review):
    client = client_of(coach)
    point = question_of(review.interview, 1).version.rubric_points.first()
    wrong = question_of(review.interview, 1).version.misconceptions.get()
    fields = {f"quote-{point.pk}": "bold answer", "comment-0-1": "Say why.", "misconception": wrong.pk}
    client.post(url("save_review_answer", review, 1), answer_fields(review, "partly", **fields), **HTMX)
    said = review.answers.get()
    assert said.quotes == {str(point.pk): "bold answer"}
    assert (said.comments, said.misconceptions, said.is_complete) == ({"0-1": "Say why."}, [wrong.pk], True)
    page = client.get(url("review_answer", review, 1)).content.decode()
    assert "bold answer</textarea>" in page
    assert "Say why.</textarea>" in page
    client.post(url("save_review_scorecard", review), scorecard_fields(), **HTMX)
    page = client.get(url("review_scorecard", review)).content.decode()
    assert "The private canary.</textarea>" in page
    assert page.count("checked") == 7


def test_without_javascript_a_button_saves_and_goes_on(coach, review):
    client = client_of(coach)
    response = client.post(url("save_review_answer", review, 1), answer_fields(review, go="scorecard"))
    assert response.url == url("review_scorecard", review)
    response = client.post(url("save_review_scorecard", review), scorecard_fields(go="9" * 5000))
    assert response.url == url("review_scorecard", review)
    response = client.post(url("save_review_scorecard", review), scorecard_fields(go="send"))
    assert response.url == url("review_send", review)
    assert client.post(url("review_send", review)).url == url("review_send", review)


@pytest.mark.parametrize(
    "change", [{"rev": "x"}, {"page": ""}, {"page": "<script>"}, {"comment-whole": "x" * 10_001}, {"point": "superb"}]
)
def test_an_impossible_save_says_so_and_changes_nothing(coach, review, change):
    if "point" in change:
        point = question_of(review.interview, 1).version.rubric_points.first()
        change = {f"point-{point.pk}": "superb"}
    for extra in (HTMX, {}):
        response = client_of(coach).post(url("save_review_answer", review, 1), answer_fields(review) | change, **extra)
        assert response.status_code == 422
        assert "Not saved" in response.content.decode()
    assert not review.answers.exists()


def test_a_stale_tab_gets_409_and_its_text_is_kept(coach, review):
    client = client_of(coach)
    path = url("save_review_answer", review, 1)
    client.post(path, answer_fields(review, page="new", **{"comment-whole": "From the new tab."}), **HTMX)
    stale = answer_fields(review, page="old", **{"comment-whole": "From the old tab."})
    response = client.post(path, stale, **HTMX)
    assert response.status_code == 409
    assert "kept" in response.content.decode()
    assert client.post(path, stale).status_code == 409
    assert review.answers.get().comments == {"whole": "From the new tab."}
    assert KeptDraft.objects.get().content["comments"] == {"whole": "From the old tab."}
    assert "From the old tab." in client.get(url("review_answer", review, 1)).content.decode()


def test_a_page_whose_last_reply_was_lost_is_not_stale(coach, review):
    client = client_of(coach)
    path = url("save_review_answer", review, 1)
    for text in ("one", "one two", "one two three"):
        assert client.post(path, answer_fields(review, **{"comment-whole": text}), **HTMX).status_code == 200
    assert review.answers.get().comments == {"whole": "one two three"}


def test_a_save_that_arrives_after_a_later_one_of_its_page_changes_nothing(coach, review):
    """The button's request may overtake the autosave that was under way."""
    client = client_of(coach)
    path = url("save_review_answer", review, 1)
    client.post(path, answer_fields(review, changes=2, **{"comment-whole": "All of it."}))
    late = answer_fields(review, changes=1, **{"comment-whole": "All"})
    assert client.post(path, late, **HTMX).status_code == 200
    assert review.answers.get().comments == {"whole": "All of it."}
    client.post(path, answer_fields(review, page="another", rev=1, **{"comment-whole": "Anew."}), **HTMX)
    assert review.answers.get().comments == {"whole": "Anew."}


@pytest.fixture
def shared_review(candidate, coach, answered_interview) -> tuple:
    """A review that either of two coaches may take."""
    second = make_coach(email="second@example.com")
    make_grant(candidate, coach)
    make_grant(candidate, second)
    return Review.objects.ask(answered_interview, now=timezone.now()), second


def test_the_second_coach_reads_along_and_their_text_is_kept(coach, shared_review):
    review, second = shared_review
    path = url("save_review_answer", review, 1)
    client_of(coach).post(path, answer_fields(review, "hit"), **HTMX)
    page = client_of(second).get(url("review", review)).content.decode()
    assert f"{coach} is reviewing this interview" in page
    loser = answer_fields(review, "missed", rev=1, page="other", **{"comment-whole": "The loser's text."})
    assert client_of(second).post(path, loser, **HTMX).status_code == 409
    assert set(review.answers.get().marks.values()) == {"hit"}
    assert "The loser&#x27;s text." in client_of(second).get(url("review", review)).content.decode()
    assert "The loser&#x27;s text." not in client_of(coach).get(url("review", review)).content.decode()
    assert client_of(second).post(url("review_send", review)).status_code == 422


def test_after_thirty_minutes_the_other_coach_may_take_over(coach, shared_review, candidate):
    review, second = shared_review
    question = question_of(review.interview, 1)
    content = {"marks": {}, "quotes": {}, "misconceptions": [], "comments": {"whole": "Mine."}}
    now = timezone.now()

    def save(by, minutes: int, rev: int) -> SaveOutcome:
        reviews = Review.objects.for_coach(by)
        with reviews.under_lock(review.interview.public_id) as locked:
            draft = Draft(content | {"comments": {"whole": f"{by} {minutes}"}}, rev, f"page{by.pk}")
            return locked.save_answer(question, draft, by=by, now=now + timedelta(minutes=minutes))

    assert save(coach, 0, 0) is SaveOutcome.SAVED
    assert save(coach, 20, 1) is SaveOutcome.SAVED
    assert save(second, 49, 2) is SaveOutcome.HELD
    assert save(second, 51, 2) is SaveOutcome.SAVED
    assert save(coach, 52, 2) is SaveOutcome.HELD


@pytest.mark.django_db(transaction=True)
def test_of_two_coaches_who_save_at_once_one_holds_the_review(candidate, coach, answered_interview):
    second = make_coach()
    for person in (coach, second):
        make_grant(candidate, person)
    review = Review.objects.ask(answered_interview, now=timezone.now())

    def save(person) -> int:
        try:
            fields = answer_fields(review, page=f"page{person.pk}")
            return client_of(person).post(url("save_review_answer", review, 1), fields, **HTMX).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = [future.result() for future in [pool.submit(save, coach), pool.submit(save, second)]]
    assert sorted(statuses) == [200, 409]
    assert KeptDraft.objects.count() == 1


# --- scorecard --------------------------------------------------------------------------------------


def whole(score: int) -> dict[str, int]:
    return {dimension.key: score for dimension in DIMENSIONS}


@pytest.mark.parametrize("score", [1, 4])
def test_every_1_and_every_4_needs_a_quote(score):
    scores = whole(3) | {"framing": score}
    assert any("needs a quote" in fault for fault in faults(scores, {}, "no"))
    assert not list(faults(scores, {"framing": "their words"}, "no"))


@pytest.mark.parametrize(("verdict", "is_allowed"), [("strong_no", True), ("no", True), ("yes", False)])
def test_a_1_in_ml_knowledge_caps_the_verdict_at_no(verdict, is_allowed):
    found = list(faults(whole(3) | {"knowledge": 1}, {"knowledge": "their words"}, verdict))
    assert (not found) is is_allowed


def test_an_empty_scorecard_lacks_five_scores_and_a_verdict():
    assert len(list(faults({}, {}, ""))) == 6
