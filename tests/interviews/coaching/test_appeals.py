"""After a review: comparing marks, rating it, and appealing a point once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog, CoachGrant
from interviews.coaching.models import Appeal, KeptDraft, Review, SkippedReview
from interviews.sitting.models import Grade, Refused
from tests.factories import make_coach, question_of
from tests.interviews.factories import HTMX, answer_fields, client_of, make_grant, send, url

pytestmark = pytest.mark.django_db
REASON = "The second paragraph says so."
SECOND = {"mark": "hit", "explanation": "It does: see the second paragraph.", "rev": 0, "page": "page1"}


@pytest.fixture
def sent_review(coach, review) -> Review:
    """Every point "missed" where the candidate had found "partly"."""
    return send(client_of(coach), review, mark="missed")


@pytest.fixture
def other_coach(candidate):
    other = make_coach(email="second@example.com")
    make_grant(candidate, other)
    return other


def first_point(review: Review):
    return question_of(review.interview, 1).version.rubric_points.first()


def ask(client, review: Review, marker, **fields):
    path = url("appeal", review, 1, first_point(review).pk)
    return client.post(path, {"reason": REASON, "coach": marker.pk} | fields)


def appeal_url(name: str, appeal: Appeal) -> str:
    return reverse(f"interviews:{name}", args=[appeal.review.interview.public_id, appeal.pk])


def answer(client, appeal: Appeal, **fields):
    assert client.post(appeal_url("save_appeal", appeal), SECOND | fields).url == appeal_url("answer_appeal", appeal)
    return client.post(appeal_url("answer_appeal", appeal))


def results_of(client, review: Review) -> str:
    return client.get(reverse("interviews:results", args=[review.interview.public_id])).content.decode()


# --- asking -----------------------------------------------------------------------------------------


def test_a_point_is_appealed_once_with_a_reason_from_the_results(candidate_client, coach, sent_review):
    assert url("appeal", sent_review, 1, first_point(sent_review).pk) in results_of(candidate_client, sent_review)
    page = candidate_client.get(url("appeal", sent_review, 1, first_point(sent_review).pk)).content.decode()
    assert str(first_point(sent_review).text) in page
    for wrong in ({"reason": ""}, {"reason": "x" * 2001}, {"coach": "0"}, {"coach": make_coach().pk}):
        assert ask(candidate_client, sent_review, coach, **wrong).status_code == 422
    assert not Appeal.objects.exists()
    for _ in range(2):
        response = ask(candidate_client, sent_review, coach)
        assert response.url.startswith(reverse("interviews:results", args=[sent_review.interview.public_id]))
    appeal = Appeal.objects.get()
    assert (appeal.reason, appeal.coach, appeal.point) == (REASON, coach, first_point(sent_review))
    assert "Withdraw the appeal" in results_of(candidate_client, sent_review)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_appeals_once(candidate, coach, sent_review):
    def click() -> int:
        try:
            return ask(client_of(candidate), sent_review, coach).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = [future.result() for future in [pool.submit(click), pool.submit(click)]]
    assert set(statuses) == {302}
    assert Appeal.objects.count() == 1
    assert "Not asked" not in results_of(client_of(candidate), sent_review)


def test_the_database_forbids_a_second_appeal_and_one_without_a_reason(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    again = Appeal.objects.get()
    for rule, reason in (("one_appeal_per_point_and_review", REASON), ("appeal_has_a_reason", "")):
        again.pk, again.reason, again.withdrawn_at = None, reason, None if reason else timezone.now()
        with pytest.raises(DatabaseError, match=rule), transaction.atomic():
            again.save(force_insert=True)
    with pytest.raises(DatabaseError, match="answered_appeal_has_a_mark_and_its_grade"):
        Appeal.objects.update(answered_at=timezone.now())


def test_an_appeal_is_withdrawn_until_it_is_answered_and_may_then_be_asked_again(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    appeal = Appeal.objects.get()
    candidate_client.post(appeal_url("withdraw_appeal", appeal))
    assert client_of(coach).get(appeal_url("coach_appeal", appeal)).status_code == 404
    assert ask(candidate_client, sent_review, coach).status_code == 302
    second = Appeal.objects.latest("pk")
    answer(client_of(coach), second)
    candidate_client.post(appeal_url("withdraw_appeal", second))
    second.refresh_from_db()
    assert second.withdrawn_at is None


def test_only_marks_of_the_newest_sent_review_can_be_appealed(candidate_client, coach, other_coach, sent_review):
    newer = Review.objects.ask(sent_review.interview, coach=other_coach, now=timezone.now())
    assert results_of(candidate_client, sent_review).count("Appeal this mark") == 2
    send(client_of(other_coach), newer, mark="hit")
    assert results_of(candidate_client, newer).count("Appeal this mark") == 2
    ask(candidate_client, newer, coach)
    assert Appeal.objects.get().review == newer


def test_a_review_with_an_appeal_is_not_taken_back(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    client_of(coach).post(url("review_undo", sent_review))
    sent_review.refresh_from_db()
    assert sent_review.is_sent


# --- the second mark --------------------------------------------------------------------------------


@pytest.mark.parametrize("is_other", [False, True])
def test_the_second_mark_stands_beside_the_first_and_counts(
    candidate_client, candidate, coach, other_coach, sent_review, is_other
):
    marker = other_coach if is_other else coach
    requested = candidate.evidence_change.requested
    ask(candidate_client, sent_review, marker)
    appeal = Appeal.objects.get()
    inbox = client_of(marker).get(reverse("interviews:coaching")).content.decode()
    assert appeal_url("coach_appeal", appeal) in inbox
    page = client_of(marker).get(appeal_url("coach_appeal", appeal)).content.decode()
    for shown in (REASON, "&lt;b&gt;bold&lt;/b&gt; answer", ">missed<", str(coach)):
        assert shown in page
    assert answer(client_of(marker), appeal).status_code == 302

    question = question_of(sent_review.interview, 1)
    assert (question.score, question.graded_by) == (0.5, "coach")  # one of two points
    first, second = question.grades.filter(source="coach")
    assert (first.score, second.score, second.by) == (0, 0.5, marker)
    assert sorted(second.evidence["points"].values()) == ["hit", "missed"]
    candidate.evidence_change.refresh_from_db()
    assert candidate.evidence_change.requested == requested + 1
    client_of(marker).post(appeal_url("answer_appeal", appeal))  # a repeat grades nothing
    assert question.grades.filter(source="coach").count() == 2
    table = results_of(candidate_client, sent_review).split("coach-says")[1].split("</table>")[0]
    assert [table.count(f">{mark}<") for mark in ("partly", "missed", "hit")] == [2, 2, 1]
    assert SECOND["explanation"] in table
    assert client_of(marker).get(reverse("interviews:coaching")).context["appeals"] == []


def test_two_appeals_of_one_answer_both_count(candidate_client, coach, sent_review):
    for point in question_of(sent_review.interview, 1).version.rubric_points.all():
        candidate_client.post(url("appeal", sent_review, 1, point.pk), {"reason": REASON, "coach": coach.pk})
    for appeal in Appeal.objects.all():
        answer(client_of(coach), appeal)
    assert question_of(sent_review.interview, 1).score == 1


def test_a_later_review_replaces_second_marks_and_taking_it_back_restores_them(
    candidate_client, coach, other_coach, sent_review
):
    ask(candidate_client, sent_review, coach)
    answer(client_of(coach), Appeal.objects.get())
    newer = Review.objects.ask(sent_review.interview, coach=other_coach, now=timezone.now())
    send(client_of(other_coach), newer, mark="hit")
    assert question_of(newer.interview, 1).score == 1
    client_of(other_coach).post(url("review_undo", newer))
    assert question_of(newer.interview, 1).score == 0.5


@pytest.mark.parametrize("gap", [{"mark": ""}, {"explanation": " "}])
def test_a_second_mark_without_its_reason_is_not_sent(candidate_client, coach, sent_review, gap):
    ask(candidate_client, sent_review, coach)
    assert answer(client_of(coach), Appeal.objects.get(), **gap).status_code == 422
    assert Grade.objects.filter(source="coach").count() == 1


def test_what_a_coach_types_is_autosaved_and_a_stale_window_loses_nothing(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    appeal = Appeal.objects.get()
    client, path = client_of(coach), appeal_url("save_appeal", appeal)
    assert client.post(path, SECOND | {"mark": ""}, **HTMX).status_code == 200
    assert SECOND["explanation"] in client.get(appeal_url("coach_appeal", appeal)).content.decode()
    stale = SECOND | {"page": "old", "explanation": "From the old tab."}
    assert client.post(path, stale, **HTMX).status_code == 409
    assert client.post(path, stale).status_code == 409
    assert KeptDraft.objects.get().content["explanation"] == "From the old tab."
    assert "From the old tab." in client.get(appeal_url("coach_appeal", appeal)).content.decode()
    for wrong in ({"mark": "superb"}, {"rev": "x"}, {"explanation": "x" * 10_001}):
        for extra in ({}, HTMX):
            assert client.post(path, SECOND | wrong, **extra).status_code == 422


def test_a_coach_gives_an_appeal_back_and_the_candidate_asks_another(candidate_client, coach, other_coach, sent_review):
    ask(candidate_client, sent_review, coach)
    client, path = client_of(coach), appeal_url("give_back_appeal", Appeal.objects.get())
    assert client.get(path).status_code == 200
    assert client.post(path, {"reason": ""}).status_code == 422
    for _ in range(2):  # a double click leads back to the inbox, too
        assert client.post(path, {"reason": "I would say the same again."}).url == reverse("interviews:coaching")
    page = results_of(candidate_client, sent_review)
    assert "I would say the same again." in page
    assert ask(candidate_client, sent_review, other_coach).status_code == 302
    CoachGrant.objects.get(coach=coach).revoke(now=timezone.now())
    assert client.post(path, {"reason": "I would say the same again."}).status_code == 404


def test_an_answer_given_anew_after_a_reopening_makes_the_appeal_void(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    question = question_of(sent_review.interview, 1)
    question.score, question.graded_by = None, ""
    question.save()
    answer(client_of(coach), Appeal.objects.get())
    assert Appeal.objects.get().answered_at is None


def test_every_look_at_an_appeal_is_logged_and_a_revoked_grant_ends_it(
    candidate_client, candidate, coach, other_coach, sent_review
):
    ask(candidate_client, sent_review, other_coach)
    appeal = Appeal.objects.get()
    pages = [appeal_url(name, appeal) for name in ("coach_appeal", "answer_appeal")]
    for path in pages:
        assert client_of(other_coach).get(path).status_code == 200
    assert AccessLog.objects.filter(actor=other_coach, candidate=candidate).count() == 2
    for path in pages:  # the first coach was not asked
        assert client_of(coach).get(path).status_code == 404
    CoachGrant.objects.get(coach=other_coach).revoke(now=timezone.now())
    for path in (*pages, appeal_url("save_appeal", appeal), appeal_url("give_back_appeal", appeal)):
        assert client_of(other_coach).post(path, SECOND | {"reason": "No."}).status_code in (404, 405)
    assert Grade.objects.filter(source="coach").count() == 1


# --- comparing and rating ---------------------------------------------------------------------------


def test_own_scores_stand_beside_the_coachs_with_the_points_marked_alike(candidate_client, coach, review):
    point = first_point(review)
    review = send(client_of(coach), review, mark="hit", **{f"point-{point.pk}": "partly"})
    page = results_of(candidate_client, review)
    table = page.split('id="comparison"')[1].split("</table>")[0]
    assert "<strong>75</strong>" in table
    assert "1 of 2 points the same" in table
    assert "the coach gave 25 more" in table


def test_a_rating_is_changeable_and_seen_by_the_coach_alone(candidate_client, coach, sent_review):
    path = url("rate_review", sent_review, sent_review.pk)
    for wrong in ({}, {"rating": "6"}, {"rating": "3", "comment": "x" * 2001}):
        assert candidate_client.post(path, wrong).status_code == 422
    candidate_client.post(path, {"rating": "2"})
    candidate_client.post(path, {"rating": "4", "comment": "The quotes <b>helped</b>."})
    sent_review.refresh_from_db()
    assert (sent_review.rating, sent_review.rating_comment) == (4, "The quotes <b>helped</b>.")
    page = client_of(coach).get(url("review_send", sent_review)).content.decode()
    assert "The quotes &lt;b&gt;helped&lt;/b&gt;." in page
    assert "(4 of 5)" in client_of(coach).get(reverse("interviews:coaching")).content.decode()
    assert client_of(coach).post(path, {"rating": "5"}).status_code == 404
    client_of(coach).post(url("review_undo", sent_review))
    sent_review.refresh_from_db()
    assert (sent_review.rating, sent_review.rating_comment) == (None, "")
    assert candidate_client.post(path, {"rating": "5"}).status_code == 404


def test_the_database_forbids_a_rating_of_a_review_that_is_not_sent(review):
    with pytest.raises(DatabaseError, match="only_a_sent_review_is_rated"):
        Review.objects.filter(pk=review.pk).update(rating=3)


# --- skipping ---------------------------------------------------------------------------------------


def test_what_one_of_several_coaches_skips_goes_on_waiting_for_the_others(
    candidate_client, candidate, coach, other_coach, answered_interview
):
    make_grant(candidate, coach)
    review = Review.objects.ask(answered_interview, now=timezone.now())
    first, second = client_of(coach), client_of(other_coach)
    first.post(url("save_review_answer", review, 1), answer_fields(review), **HTMX)
    for _ in range(2):
        response = first.post(url("review_decline", review), {"reason": "Away until May."})
        assert response.url == reverse("interviews:coaching")
    assert first.get(url("review", review)).status_code == 404
    assert "Away until May." in results_of(candidate_client, review)
    taken_over = answer_fields(review, "missed", rev=1, page="other")
    assert second.post(url("save_review_answer", review, 1), taken_over, **HTMX).status_code == 200
    second.post(url("review_decline", review), {"reason": "Not my field."})
    review.refresh_from_db()
    assert not review.is_waiting
    assert SkippedReview.objects.count() == 2
    assert "Not my field." in results_of(candidate_client, review)


def test_two_coaches_compare_marks_while_they_may_read_and_by_name_alone(candidate, coach, other_coach, sent_review):
    newer = Review.objects.ask(sent_review.interview, coach=other_coach, now=timezone.now())
    send(client_of(other_coach), newer, mark="hit")
    page = client_of(coach).get(reverse("interviews:agreement"))
    (one,) = page.context["coaches"]
    assert (one["coach"], one["found"].table) == (other_coach, {("missed", "hit"): 2})
    assert "You and another coach" in page.content.decode()
    assert other_coach.email not in page.content.decode()
    coach.grants_held.get().revoke(now=timezone.now())
    assert client_of(coach).get(reverse("interviews:agreement")).context["coaches"] == []


def test_an_appeal_needs_the_lock(candidate_client, coach, sent_review):
    ask(candidate_client, sent_review, coach)
    appeal = Appeal.objects.get()
    with pytest.raises(RuntimeError):
        appeal.answer(by=coach, now=timezone.now())
    with (
        Appeal.objects.for_coach(coach).under_lock(appeal.pk) as locked,
        pytest.raises(Refused),
    ):
        locked.answer(by=coach, now=timezone.now() + timedelta(minutes=1))
