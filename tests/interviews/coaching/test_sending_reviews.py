"""A review is sent, taken back and listed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews.coaching.models import Review
from interviews.interviewer.tasks import find_points
from interviews.sitting.models import Grade, Interview, Refused
from tests.factories import (
    NOON,
    make_coach,
    make_interview,
    question_of,
    write,
)
from tests.interviews.factories import (
    HTMX,
    answer_fields,
    client_of,
    fill_in,
    make_answered_interview,
    make_grant,
    scorecard_fields,
    send,
    url,
)

pytestmark = pytest.mark.django_db


def test_a_review_with_gaps_is_not_sent_and_says_what_is_missing(coach, review):
    client = client_of(coach)
    page = client.get(url("review_send", review)).content.decode()
    for gap in ("some points aren't marked", "ML knowledge: no score yet", "No verdict", "No level", "No next action"):
        assert gap in page
    assert client.post(url("review_send", review)).status_code == 422
    assert not Grade.objects.filter(source="coach").exists()


def test_the_database_forbids_a_sent_review_without_a_verdict(review):
    with pytest.raises(DatabaseError, match="sent_review_is_complete"):
        Review.objects.filter(pk=review.pk).update(sent_at=NOON)


def test_sending_grades_each_answer_and_asks_for_a_report(candidate, coach, review):
    wrong = question_of(review.interview, 1).version.misconceptions.get()
    requested = candidate.evidence_change.requested
    review = send(client_of(coach), review, mark="hit", misconception=wrong.pk)
    question = question_of(review.interview, 1)
    assert (question.score, question.graded_by) == (0.5, "coach")  # all points, less one of two for the misconception
    grade = question.grades.get(source="coach")
    assert (grade.by, grade.review, grade.evidence["misconceptions"]) == (coach, review, [wrong.pk])
    assert question.grades.get(source="self").score == 0.5
    candidate.evidence_change.refresh_from_db()
    assert candidate.evidence_change.requested == requested + 1


def test_sending_twice_grades_once(coach, review):
    client = client_of(coach)
    send(client, review)
    client.post(url("review_send", review))
    assert Grade.objects.filter(source="coach").count() == 1


def test_the_candidate_reads_marks_side_by_side_comments_and_scorecard(candidate_client, coach, review):
    results = reverse("interviews:results", args=[review.interview.public_id])
    fill_in(client_of(coach), review, **{"comment-0-1": "Say <i>why</i>."})
    assert "Say &lt;i&gt;" not in candidate_client.get(results).content.decode()
    client_of(coach).post(url("review_send", review))
    page = candidate_client.get(results).content.decode()
    for said in ("Say &lt;i&gt;why&lt;/i&gt;.", "Draw the confusion matrix first.", "Keep the structure.", str(coach)):
        assert said in page
    table = page.split("coach-says")[1].split("</table>")[0]
    assert (table.count(">partly<"), table.count(">hit<")) == (2, 2)
    assert "secret model answer" in page


def test_what_the_coach_said_before_and_how_the_answer_came_about_are_one_click_away(candidate, coach, review):
    client = client_of(coach)
    send(client, review)
    interview = make_answered_interview(candidate=candidate)
    newer = Review.objects.ask(interview, coach=coach, now=timezone.now())
    said = reverse("interviews:candidate", args=[candidate.pk])
    assert f"{said}#said" in client.get(url("review_answer", newer, 1)).content.decode()
    for path in (said, url("review_scorecard", newer)):
        assert "Draw the confusion matrix first." in client.get(path).content.decode()
    replay = reverse("interviews:replay", args=[interview.public_id, 1])
    assert replay in client.get(url("review_answer", newer, 1)).content.decode()
    page = client.get(replay).content.decode()
    assert url("review_answer", newer, 1) in page


def test_private_notes_reach_the_candidate_nowhere(candidate_client, coach, review):
    interview = review.interview
    send(client_of(coach), review)
    paths = [reverse("interviews:results", args=[interview.public_id]), reverse("interviews:coaches")]
    paths += [reverse(f"interviews:{name}") for name in ("dashboard", "report", "access_log", "report_json")]
    for path in paths:
        assert "private canary" not in candidate_client.get(path).content.decode()
    reveal = reverse("interviews:reveal", args=[interview.public_id, 1])
    assert "private canary" not in candidate_client.post(reveal, **HTMX).content.decode()


def test_the_preview_shows_what_the_candidate_will_see_and_no_private_notes(coach, review):
    client = client_of(coach)
    fill_in(client, review, **{"comment-whole": "On the whole."})
    preview = client.get(url("review_send", review)).content.decode()
    assert "On the whole." in preview
    assert "Keep the structure." in preview
    assert "private canary" not in preview


def test_a_sent_review_cannot_be_changed(coach, review):
    client = client_of(coach)
    send(client, review)
    late = answer_fields(review, "missed", rev=1)
    assert client.post(url("save_review_answer", review, 1), late, **HTMX).status_code == 409
    assert set(review.answers.get().marks.values()) == {"hit"}


def test_undo_within_ten_minutes_takes_everything_back(candidate_client, candidate, coach, review):
    client = client_of(coach)
    send(client, review, mark="missed")
    assert question_of(review.interview, 1).score == 0
    client.post(url("review_undo", review))
    question = question_of(review.interview, 1)
    assert (question.score, question.graded_by) == (0.5, "self")
    page = candidate_client.get(reverse("interviews:results", args=[review.interview.public_id])).content.decode()
    assert "Draw the confusion matrix first." not in page
    client.post(url("save_review_answer", review, 1), answer_fields(review, "hit", rev=1), **HTMX)
    client.post(url("review_send", review))
    assert question_of(review.interview, 1).score == 1
    assert Grade.objects.filter(source="coach").count() == 2
    assert [grade.score for grade in Grade.objects.standing().filter(source="coach")] == [1]


def test_after_ten_minutes_a_review_stays(coach, review):
    review = send(client_of(coach), review)
    for minutes, is_refused in ((11, True), (9, False)):
        with Review.objects.for_coach(coach).under_lock(review.interview.public_id) as locked:
            moment = review.sent_at + timedelta(minutes=minutes)
            if is_refused:
                with pytest.raises(Refused):
                    locked.undo(by=coach, now=moment)
            else:
                locked.undo(by=coach, now=moment)
                assert not locked.is_sent


def test_a_review_is_not_taken_back_once_another_was_asked_for(coach, review):
    client = client_of(coach)
    send(client, review)
    Review.objects.ask(review.interview, coach=make_coach(), now=timezone.now())
    client.post(url("review_undo", review))
    review.refresh_from_db()
    assert review.is_sent


def test_a_skipped_and_a_closed_answer_need_no_marks(candidate, coach):
    interview = make_interview(candidate=candidate, formats=("free_text", "single_choice"), now=NOON)
    write(interview, 1, "", act="skip")
    later = NOON + timedelta(hours=1)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.score(now=later)
    make_grant(candidate, coach)
    review = Review.objects.ask(interview, coach=coach, now=later)
    client = client_of(coach)
    assert "0 of 0 answers reviewed" in client.get(url("review_answer", review, 2)).content.decode()
    client.post(url("save_review_answer", review, 1), {"rev": 0, "page": "a", "comment-whole": "Try next time."})
    client.post(url("save_review_scorecard", review), scorecard_fields())
    assert client.post(url("review_send", review)).status_code == 302
    assert not Grade.objects.filter(source="coach").exists()


# --- lists and their queries ------------------------------------------------------------------------


def queries_of(client: Client, path: str, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(62) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


LISTS = ["coaching", "coaches", "access_log"]


@pytest.mark.parametrize("name", [*LISTS, "review", "review_scorecard", "review_send", "results"])
def test_query_counts_do_not_grow(candidate_client, candidate, coach, django_assert_max_num_queries, name):
    make_grant(candidate, coach)
    counts = []
    for size in (1, 4):
        for _ in range(size):
            interview = make_answered_interview(candidate=candidate, count=size)
            review = Review.objects.ask(interview, coach=coach, now=timezone.now())
            make_grant(candidate, make_coach())
        client = client_of(coach)
        fill_in(client, review, **{"comment-whole": "Good."})
        if name == "results":
            client.post(url("review_send", review))
            find_points(interview.pk)
        reader = candidate_client if name in ("results", "coaches", "access_log") else client
        path = reverse(f"interviews:{name}", args=[] if name in LISTS else [interview.public_id])
        counts.append(queries_of(reader, path, django_assert_max_num_queries))
    assert counts[0] == counts[1]


def test_skipping_a_review_that_another_window_has_sent_tells_the_candidate_nothing(candidate, coach, review):
    client = client_of(coach)
    send(client, review)
    response = client.post(url("review_decline", review), {"reason": "Away until May."})
    assert response.url == url("review_send", review)
    review.refresh_from_db()
    assert (review.is_sent, review.withdrawn_at) == (True, None)
    assert [notice.kind for notice in candidate.notices.all()] == ["review_sent"]


def test_a_request_that_is_withdrawn_is_no_news_any_more(candidate_client, candidate, coach, answered_interview):
    make_grant(candidate, coach)
    ask, withdraw = (
        reverse(f"interviews:{name}_review", args=[answered_interview.public_id]) for name in ("ask", "withdraw")
    )
    candidate_client.post(ask, {"coach": coach.pk})
    assert coach.notices.count() == 1
    candidate_client.post(withdraw)
    assert not coach.notices.exists()


def test_a_review_taken_back_never_brings_a_mark_of_an_earlier_answer_back(candidate, coach, review):
    send(client_of(coach), review)
    interview, later = review.interview, timezone.now() + timedelta(minutes=20)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.reopen(1, seconds=300, reason="Fire alarm", by=coach, now=later)
        locked.finish(lease=locked.lease, now=later)
    question = question_of(interview, 1)
    marks = {point.pk: "missed" for point in question.version.rubric_points.all()}
    question.grade_by_rubric(marks, by=candidate, source=Grade.Source.SELF, now=later)
    question.recount()
    assert (question.score, question.graded_by) == (0.0, "self")
