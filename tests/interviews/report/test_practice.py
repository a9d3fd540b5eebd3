"""What is remembered, what to practise next, and the drill that follows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from fsrs import Rating

from interviews.report import compiling, practice
from interviews.report.models import PracticeCard
from interviews.report.page import topics_by_slug
from interviews.report.practice import Practising
from interviews.report.practice_page import practice_page
from interviews.report.statistics.choosing import Choice
from interviews.report.statistics.recall import GradedAttempt, rating, remember
from interviews.sitting.models import Interview, InterviewQuestion, Practice
from tests.factories import NOON, make_candidate, make_finished_interview, make_version
from tests.interviews.factories import make_answered_interview

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(day: float, score: float = 0.8, **fields) -> GradedAttempt:
    return GradedAttempt(DAY_0 + timedelta(days=day), score, **fields)


# --- recall -----------------------------------------------------------------------------------------


def test_recall_goes_as_in_the_published_example():
    """Good on day 0, Good on day 2, Easy on day 12."""
    history = [attempt(0), attempt(2), attempt(12, 1.0, confidence=0.9, time_ratio=0.4)]
    memories = [remember(history[:count]) for count in (1, 2, 3)]
    assert [memory.stability for memory in memories] == pytest.approx([2.3065, 10.9643, 72.7089], abs=0.0005)
    assert [(memory.due_at - memory.reviewed_at).days for memory in memories] == [2, 11, 73]
    assert memories[2].retrievability(DAY_0 + timedelta(days=19)) == pytest.approx(0.9862, abs=0.0005)
    assert memories[2].retrievability(DAY_0 + timedelta(days=42)) == pytest.approx(0.9490, abs=0.0005)


@pytest.mark.parametrize(
    ("score", "confidence", "time_ratio", "expected"),
    [
        (0.39, 0.9, 0.1, Rating.Again),
        (0.4, None, None, Rating.Hard),
        (0.7, None, None, Rating.Good),
        (0.95, 0.8, 0.5, Rating.Easy),
        (1.0, 0.6, 0.5, Rating.Good),
        (1.0, 0.8, 0.6, Rating.Good),
        (1.0, 0.8, None, Rating.Good),
    ],
)
def test_rating_by_score_confidence_and_time(score, confidence, time_ratio, expected):
    assert rating(attempt(0, score, confidence=confidence, time_ratio=time_ratio)) == expected


def test_recall_is_the_same_at_every_run_and_in_any_time_zone():
    history = [attempt(0), attempt(30, 0.2), attempt(31, 0.5)]
    local = [GradedAttempt(one.answered_at.astimezone(timezone.get_fixed_timezone(330)), one.score) for one in history]
    assert remember(history) == remember(reversed(local))
    assert remember([]) is None


# --- cards ------------------------------------------------------------------------------------------


@pytest.fixture
def answered(candidate):
    """A finished interview of a right and a wrong answer, compiled two days later."""
    interview = make_finished_interview(candidate=candidate, scores=(1, 0))
    compiling.compile_report(candidate, now=NOON + timedelta(days=2))
    return interview


def cards(candidate) -> list[tuple]:
    return list(candidate.practice_cards.order_by("question").values_list("question_id", "stability", "due_at"))


def test_compiling_makes_a_card_of_each_graded_question_and_a_repeat_changes_nothing(candidate, answered):
    before = cards(candidate)
    right, wrong = (answered.questions.get(position=position).question_id for position in (1, 2))
    assert [row[0] for row in before] == sorted([right, wrong])
    stability = {row[0]: row[1] for row in before}
    assert stability[right] > stability[wrong]
    compiling.compile_report(candidate, now=NOON + timedelta(days=3))
    assert cards(candidate) == before


def test_a_regrade_corrects_the_card_and_a_voided_interview_takes_it_away(candidate, answered):
    question = answered.questions.get(position=2)
    before = candidate.practice_cards.get(question=question.question_id).stability
    question.grade("coach", 1.0, {}, now=NOON + timedelta(days=2))
    compiling.compile_report(candidate, now=NOON + timedelta(days=2))
    assert candidate.practice_cards.get(question=question.question_id).stability > before
    Interview.objects.filter(pk=answered.pk).update(state="void")
    compiling.compile_report(candidate, now=NOON + timedelta(days=2))
    assert not candidate.practice_cards.exists()


def test_due_reviews_are_one_s_own_and_of_published_questions(candidate, answered):
    compiling.compile_report(make_candidate(), now=NOON)
    assert PracticeCard.objects.due(NOON).count() == 0
    due = candidate.practice_cards.due(NOON + timedelta(days=400))
    assert due.count() == 2
    answered.questions.get(position=1).version.retire()
    assert due.count() == 1


# --- from the history -------------------------------------------------------------------------------


def practising(candidate, *, days: float) -> Practising:
    return practice.practising(candidate, candidate.reports.first(), now=NOON + timedelta(days=days))


def choice_of(found: Practising, answer) -> Choice:
    return next(one for one in found.choices if one.question_id == answer.question_id)


@pytest.mark.django_db
def test_without_history_practice_is_spread_over_the_topics(candidate):
    for topic in ("nlp", "evaluation", "mlops", "maths"):
        for _ in range(4):
            make_version(topics=(topic,))
    page = practice_page(candidate, None, topics_by_slug(), now=NOON)
    reasons = [line.reason for line in page.measuring]
    assert sorted(reasons) == sorted(f"{name}: not tested yet." for name in ("Nlp", "Evaluation", "Mlops", "Maths") * 2)
    assert page.reviews == []


def test_what_was_answered_within_21_days_counts_for_nothing_and_comes_back_as_a_review(candidate, answered):
    right, wrong = (answered.questions.get(position=position) for position in (1, 2))
    soon = practising(candidate, days=15)
    assert (choice_of(soon, wrong).worth, choice_of(soon, right).worth) == (0, 0)
    assert choice_of(soon, wrong).is_review
    later = practising(candidate, days=60)
    assert 0 <= choice_of(later, right).worth < 0.02  # its vote in the report has hardly faded when it was compiled
    assert choice_of(later, right).is_review
    page = practice_page(candidate, candidate.reports.first(), topics_by_slug(), now=NOON + timedelta(days=15))
    (review, *_) = page.reviews
    assert "does not count in the report" in review.reason
    assert review.reason.startswith("Review: last answered 14 days ago, recalled with about ")


def test_an_ungraded_attempt_counts_for_nothing_as_well(candidate):
    answer = make_answered_interview(candidate=candidate, now=NOON, score_self=False).questions.get()
    compiling.compile_report(candidate, now=NOON + timedelta(days=1))
    assert choice_of(practising(candidate, days=20), answer).worth == 0
    assert choice_of(practising(candidate, days=22), answer).worth == 1


def test_an_answer_that_faded_is_worth_asking_again(candidate, answered):
    question = answered.questions.get(position=2)
    compiling.compile_report(candidate, now=NOON + timedelta(days=180))
    question.grade("coach", 0.0, {}, now=NOON + timedelta(days=180))
    compiling.compile_report(candidate, now=NOON + timedelta(days=181))
    assert choice_of(practising(candidate, days=181), question).worth == pytest.approx(0.5, abs=0.01)


def test_below_eight_answers_no_reason_says_more_than_how_much_there_is(candidate):
    make_finished_interview(candidate=candidate, scores=(0,) * 5)
    for _ in range(3):
        make_version()
    compiling.compile_report(candidate, now=NOON + timedelta(days=1))
    page = practice_page(candidate, candidate.reports.first(), topics_by_slug(), now=NOON + timedelta(days=1))
    assert {line.reason for line in page.measuring} == {"Evaluation: evidence worth 4.9 answers so far."}


def test_a_weak_topic_has_its_reason_from_eight_answers_on(candidate):
    make_finished_interview(candidate=candidate, scores=(0,) * 9)
    for _ in range(3):
        make_version()
    compiling.compile_report(candidate, now=NOON + timedelta(days=1))
    page = practice_page(candidate, candidate.reports.first(), topics_by_slug(), now=NOON + timedelta(days=1))
    assert {line.reason for line in page.measuring} == {
        "Evaluation: very likely below your 70% target; this question is new to you."
    }


def test_a_drill_says_how_far_it_brings_a_topic(candidate):
    make_finished_interview(candidate=candidate, scores=(0, 0), now=NOON)
    for _ in range(3):
        make_version(format="single_choice")
    make_version(topics=("nlp",))
    compiling.compile_report(candidate, now=NOON + timedelta(days=1))
    page = practice_page(candidate, candidate.reports.first(), topics_by_slug(), now=NOON + timedelta(days=1))
    assert page.drill_notes == {
        "evaluation": "the first 2 questions of this drill are enough",  # 2 answers of yesterday are worth 1.99
        "nlp": "its one question brings it to 0.5",
    }


@pytest.mark.parametrize("count", [1, 12])
def test_practising_takes_a_constant_number_of_queries(candidate, answered, django_assert_max_num_queries, count):
    for _ in range(count):
        make_version()
    report = candidate.reports.first()
    with django_assert_max_num_queries(4):  # the snapshot, the bank, the cards, when each was seen
        practice.practising(candidate, report, now=NOON + timedelta(days=1))


# --- the drill --------------------------------------------------------------------------------------


def asked_in(interview: Interview) -> list[int]:
    return list(interview.questions.order_by("position").values_list("question_id", flat=True))


@pytest.mark.django_db
def test_practise_these_starts_a_gentle_drill_of_exactly_these(candidate_client, candidate):
    versions = [make_version() for _ in range(4)]
    wanted = [versions[2].question_id, versions[0].question_id]
    response = candidate_client.post(reverse("interviews:practise"), {"question": wanted})
    drill = candidate.interviews.get()
    assert response.url == reverse("interviews:interview", args=[drill.public_id])
    assert asked_in(drill) == wanted
    assert (drill.pace, drill.track, drill.topic, drill.is_drill) == ("gentle", None, None, True)


@pytest.mark.django_db
def test_unknown_and_unpublished_questions_are_left_out(candidate_client, candidate):
    published, draft = make_version(), make_version(publish=False)
    wanted = [draft.question_id, 999_999, "; drop table", published.question_id]
    candidate_client.post(reverse("interviews:practise"), {"question": wanted})
    assert asked_in(candidate.interviews.get()) == [published.question_id]


@pytest.mark.django_db
def test_nothing_to_practise_starts_nothing(candidate_client, candidate):
    response = candidate_client.post(reverse("interviews:practise"))
    assert response.url == reverse("interviews:report")
    assert not candidate.interviews.exists()


@pytest.mark.django_db
def test_practice_waits_for_the_interview_in_progress(candidate_client, candidate):
    version = make_version()
    running = Interview.objects.start(
        candidate, Practice("Practice", [version]), pace="gentle", time_multiplier=1, now=timezone.now()
    )
    response = candidate_client.post(reverse("interviews:practise"), {"question": [version.question_id]})
    assert response.url == reverse("interviews:interview", args=[running.public_id])
    assert candidate.interviews.count() == 1


def test_a_topic_s_drill_takes_what_counts_first(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, scores=(1, 1, 1), now=now - timedelta(days=1))
    compiling.compile_report(candidate, now=now)
    fresh = set(InterviewQuestion.objects.values_list("question_id", flat=True))
    new = {make_version().question_id for _ in range(5)}
    candidate_client.post(
        reverse("interviews:interview_new"), {"plan": "topic:evaluation", "pace": "gentle", "time_multiplier": "1"}
    )
    drill = candidate.interviews.in_progress().get()
    assert set(asked_in(drill)) == new
    assert not fresh & new
    assert drill.topic.slug == "evaluation"


@pytest.mark.django_db
def test_a_topic_with_too_few_questions_refuses(candidate_client, candidate):
    make_version()
    response = candidate_client.post(
        reverse("interviews:interview_new"), {"plan": "topic:evaluation", "pace": "gentle", "time_multiplier": "1"}
    )
    assert response.status_code == 422
    assert "not enough published questions" in response.content.decode()
    assert not candidate.interviews.exists()


def setup_panel(client, plan: str) -> str:
    address = reverse("interviews:setup_panel")
    sent = {"plan": plan, "pace": "gentle", "time_multiplier": "1"}
    return client.get(address, sent, headers={"hx-request": "true"}).content.decode()


def test_the_set_up_says_how_many_questions_of_a_drill_count(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, scores=(1, 1, 1), now=now - timedelta(days=1))
    compiling.compile_report(candidate, now=now)
    make_version()
    said = "1 of these 4 counts in the report; you answered the others recently."
    assert said in setup_panel(candidate_client, "topic:evaluation")
    for _ in range(4):
        make_version()
    assert "All 5 count in the report." in setup_panel(candidate_client, "topic:evaluation")
