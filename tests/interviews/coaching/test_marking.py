"""Marking one question across a cohort, and what a coach writes again and again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from interviews.coaching import cohort_notices
from interviews.coaching.by_question import Stack
from interviews.coaching.models import AnswerReview, DetailRequest, Review, Snippet
from interviews.coaching.models.snippet import written_often
from interviews.coaching.scorecard import faults
from interviews.sitting.models import InterviewQuestion
from tests.factories import make_candidate, make_coach, make_track, make_version
from tests.interviews.factories import (
    HTMX,
    answer_fields,
    ask_back,
    assign_to,
    client_of,
    fill_in,
    make_cohort,
    scorecard_fields,
    send,
    sit,
    url,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def page(name: str, *args) -> str:
    return reverse(f"interviews:{name}", args=args)


@pytest.fixture
def cohort(coach):
    return make_cohort(owner=coach, now=NOW)


@pytest.fixture
def version(coach, cohort):
    """The first of two questions that four members have answered."""
    for _ in range(2):
        make_version(format="free_text")
    given = assign_to(cohort, track=make_track(count=2, limit_seconds=600), now=NOW, has_same_questions=True)
    for number in range(4):
        person = make_candidate(name=f"Member {number}")
        cohort.join(person, shares="cohort", now=NOW)
        given.give(cohort.members.filter(user=person), now=NOW)
        sit(person, given, now=NOW)
    return given.drawn[0]


def test_one_question_is_marked_across_everybody_without_names_and_saved_to_each_review(coach, cohort, version):
    client = client_of(coach)
    overview = client.get(page("mark_by_question", cohort.pk))
    assert [(one.total, one.done) for one in overview.context["questions"]] == [(4, 0)] * 2
    at = client.get(page("mark_question", cohort.pk, version)).url
    seen = []
    while "/mark/" in at and at != page("mark_by_question", cohort.pk):
        shown = client.get(at)
        question = shown.context["question"]
        seen.append(question.pk)
        assert "Member" not in shown.content.decode()
        marks = {f"point-{point.pk}": "hit" for point in question.version.rubric_points.all()}
        fields = {"rev": 0, "page": "p", "go": "next", **marks}
        assert client.post(f"{at}save/", {"rev": 0, "page": "p"}, **HTMX).status_code == 200
        at = client.get(client.post(f"{at}save/", fields).url).url
    assert len(set(seen)) == len(seen) == 4
    assert AnswerReview.objects.filter(is_complete=True, question__version=version).count() == 4
    assert Review.objects.awaiting_review().count() == 4
    assert AccessLog.objects.filter(actor=coach, subject__contains="marked by question").count() == 4
    client.post(page("hide_names", cohort.pk), {"hides": "no"})
    assert "Member" in client.get(page("mark_answer", cohort.pk, version, seen[0])).content.decode()


def test_a_follow_up_is_marked_with_its_question_and_no_answer_of_its_own(coach, cohort, version):
    client = client_of(coach)
    client.get(page("mark_by_question", cohort.pk))
    ask_back(InterviewQuestion.objects.filter(version=version).first())
    assert [(one.total, one.done) for one in client.get(page("mark_by_question", cohort.pk)).context["questions"]] == [
        (4, 0)
    ] * 2


def test_each_coach_has_an_order_of_their_own_and_former_members_are_in_none(coach, cohort, version):
    cohort_notices.ask_reviews(now=NOW)
    coaches = [coach, *(make_coach() for _ in range(6))]
    for one in coaches[1:]:
        cohort.invite_coach(one.email, now=NOW).take(one, now=NOW)
    orders = [Stack(cohort, one, version).order for one in coaches]
    assert len({frozenset(order) for order in orders}) == 1
    assert len({tuple(order) for order in orders}) > 1
    assert Stack(cohort, coach, version).order == orders[0]
    left = InterviewQuestion.objects.get(pk=orders[0][0])
    cohort.leave(left.interview.candidate, now=timezone.now())
    assert left.pk not in Stack(cohort, coach, version).order
    gone = page("mark_answer", cohort.pk, version, left.pk)
    assert client_of(coach).get(gone).status_code == 404
    assert client_of(coach).post(f"{gone}save/", {"rev": 0, "page": "p"}).status_code == 404


def test_coaches_share_the_questions_of_a_cohort_and_of_one_answer_the_first_page_counts(coach, cohort, version):
    cohort_notices.ask_reviews(now=NOW)
    other = make_coach()
    cohort.invite_coach(other.email, now=NOW).take(other, now=NOW)
    review = Review.objects.first()
    questions = list(review.interview.questions.order_by("position"))
    for person, question in ((coach, questions[0]), (other, questions[1]), (other, questions[0])):
        save = page("save_marked_answer", cohort.pk, question.version_id, question.pk)
        fields = answer_fields(review, position=question.position, page=f"page{person.pk}")
        saved = client_of(person).post(save, fields, **HTMX)
        assert saved.status_code == (409 if (person, question) == (other, questions[0]) else 200)
    assert review.answers.filter(is_complete=True).count() == 2
    assert review.kept_drafts.get().coach == other


def test_a_dimension_may_be_not_seen_and_is_no_score(coach, review):
    assert not [fault for fault in faults({"framing": 0}, {}, "yes") if fault.startswith("Problem framing")]
    client = client_of(coach)
    fill_in(client, review, **{"comment-whole": "**Well** done.\nNext: <b>numbers</b>."})
    fields = scorecard_fields(rev=1, **{"score-production": 0})
    assert client.post(url("save_review_scorecard", review), fields, **HTMX).status_code == 200
    assert client.post(url("review_send", review)).status_code == 302
    said = client_of(review.interview.candidate).get(reverse("interviews:results", args=[review.interview.public_id]))
    text = said.content.decode()
    assert "not seen" in text
    assert "<strong>Well</strong> done.<br" in text
    assert "&lt;b&gt;numbers&lt;/b&gt;" in text


def test_the_strip_says_how_far_each_answer_is_and_the_scorecard_stands_beside(coach, review):
    client = client_of(coach)
    client.post(url("save_review_answer", review, 1), answer_fields(review, **{"quote-1": ""}), **HTMX)
    shown = client.get(url("review_answer", review, 1)).content.decode()
    assert 'aria-label="Answer 1, marked"' in shown
    assert 'form="scorecard-form" name="score-framing"' in shown


def test_what_is_written_three_times_offers_itself_and_is_kept_once(coach, review, version, cohort):
    client = client_of(coach)
    for waiting in Review.objects.awaiting_review():
        fields = answer_fields(waiting, **{"comment-whole": "Say what it costs."})
        client.post(url("save_review_answer", waiting, 1), fields, **HTMX)
    cohort_notices.ask_reviews(now=NOW)
    for waiting in Review.objects.filter(interview__cohort=cohort):
        fields = answer_fields(waiting, **{"comment-whole": "Say what it costs."})
        client.post(url("save_review_answer", waiting, 1), fields, **HTMX)
    assert written_often(coach) == [("Say what it costs.", 5)]
    data = {"field": "comment-whole", "comment-whole": "Say what it costs."}
    for _ in range(2):
        assert "Saved" in client.post(page("keep_snippet"), data, **HTMX).content.decode()
    assert Snippet.objects.get().text == "Say what it costs."
    assert written_often(coach) == []
    assert "<li>Say what it costs.</li>" in client.get(url("review_answer", review, 1)).content.decode()
    preview = client.post(page("preview"), data | {"comment-whole": "*so* <script>"}, **HTMX).content.decode()
    assert "<em>so</em> &lt;script&gt;" in preview
    other = make_coach()
    assert client_of(other).post(page("delete_snippet", Snippet.objects.get().pk)).status_code == 404
    client.post(page("snippets"), {"text": "Ours.", "cohort": cohort.pk})
    cohort.invite_coach(other.email, now=NOW).take(other, now=NOW)
    assert [one.text for one in Snippet.objects.for_coach(other)] == ["Ours."]


def test_a_candidate_asks_for_more_detail_and_reads_it_beside_the_answer(candidate_client, candidate, coach, review):
    sent = send(client_of(coach), review, **{"comment-whole": "Good."})
    public_id = sent.interview.public_id
    ask = page("ask_detail", public_id, sent.pk, 1)
    assert client_of(make_candidate()).post(ask).status_code == 404
    for _ in range(2):  # a double click asks once
        assert candidate_client.post(ask, {"note": "What is <b>missing</b>?"}).status_code == 302
    asked = DetailRequest.objects.get()
    client = client_of(coach)
    assert client.get(page("coaching")).context["details"] == [asked]
    reply = page("coach_detail", public_id, asked.pk)
    assert "&lt;b&gt;missing" in client.get(reply).content.decode()
    assert client_of(make_coach()).get(reply).status_code == 404
    assert client.post(reply, {"reply": ""}).status_code == 422
    assert client.post(reply, {"reply": "The *denominator*."}).status_code == 302
    assert client.post(reply, {"reply": "Something else."}).status_code == 302
    results = candidate_client.get(page("results", public_id)).content.decode()
    assert "The <em>denominator</em>." in results
    assert "Something else." not in results
    assert candidate.notices.filter(kind="detail_given").count() == 1
    client.post(url("review_undo", sent))
    sent.refresh_from_db()
    assert sent.is_sent
