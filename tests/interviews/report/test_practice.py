"""What is remembered, what to practise next, and the drill that follows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from interviews.report import compiling, practice
from interviews.report.models import PracticeCard
from interviews.report.practice import Reason, Suggestion
from interviews.report.statistics.recall import GradedAttempt, rating, remember
from interviews.sitting.models import Interview, InterviewQuestion, Practice
from tests.factories import NOON, make_candidate, make_finished_interview, make_version

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


# --- priority ---------------------------------------------------------------------------------------


def test_need_is_greatest_where_the_answer_is_most_open():
    """By hand: 0.6 · (0.8 + 0.5 · 0.7) · 4 · ½ · ½."""
    assert practice.need(0.8, 0.49, 0.5) == pytest.approx(0.6 * 1.15)
    assert practice.need(0.8, 0.49, 0.9) == pytest.approx(0.6 * 1.15 * 0.36)


def test_only_what_was_answered_fades():
    assert practice.fade(None) == 0
    assert practice.fade(0.25) == pytest.approx(0.3)


def suggestion(pk: int, *, topic="a", need=0.5, fade=0.0, family=None, is_due=False, is_fresh=False, evidence=9.0):
    return Suggestion(
        question_id=pk, family=family or pk, title=f"Question {pk}", level="beginner", topic=topic, target=0.7,
        p_weak=0.5, evidence=evidence, need=need, fade=fade, importance=1.0, expected=0.5, retrievability=None,
        seen_at=None, is_due=is_due, is_fresh=is_fresh,
    )  # fmt: skip


def test_the_reason_is_the_larger_part():
    assert suggestion(1, need=0.3, fade=0.2).reason == Reason.WEAK
    assert suggestion(1, need=0.3, fade=0.2, evidence=2).reason == Reason.UNTESTED
    assert suggestion(1, need=0.1, fade=0.2, evidence=2).reason == Reason.FADING


def test_a_due_review_takes_the_last_place_when_none_came_by_itself():
    many = [suggestion(pk, topic=f"t{pk}", need=0.9) for pk in range(1, 20)]
    chosen = practice.choose([*many, suggestion(99, topic="z", need=0.01, is_due=True)])
    assert [one.question_id for one in chosen] == [1, 2, 3, 4, 5, 6, 7, 99]


questions = st.lists(
    st.builds(
        suggestion,
        st.integers(1, 1000),
        topic=st.sampled_from("abcdef"),
        need=st.floats(0, 1),
        fade=st.floats(0, 0.4),
        family=st.integers(1, 30),
        is_due=st.booleans(),
        is_fresh=st.booleans(),
    ),
    unique_by=lambda one: one.question_id,
    max_size=40,
)


@given(questions, st.randoms())
def test_a_session_keeps_its_rules_in_any_order_of_questions(found, luck):
    chosen = practice.choose(found)
    shuffled = list(found)
    luck.shuffle(shuffled)
    assert practice.choose(shuffled) == chosen
    assert len(chosen) <= practice.SESSION_QUESTIONS
    assert not any(one.is_fresh for one in chosen)
    assert len({one.family for one in chosen}) == len(chosen)
    assert all(sum(one.topic == topic for one in chosen) <= 2 for topic in "abcdef")
    if any(one.is_due and not one.is_fresh for one in found):
        assert any(one.is_due for one in chosen)


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


@pytest.mark.django_db
def test_without_history_practice_is_spread_over_the_topics(candidate):
    for topic in ("nlp", "evaluation", "mlops", "maths"):
        for _ in range(4):
            make_version(topics=(topic,))
    session = practice.next_session(candidate, None, now=NOON)
    assert sorted(one.topic for one in session) == sorted(["nlp", "evaluation", "mlops", "maths"] * 2)
    assert {one.reason for one in session} == {Reason.UNTESTED}


def test_what_was_just_answered_right_waits_and_what_was_wrong_comes_back(candidate, answered):
    right, wrong = (answered.questions.get(position=position).question_id for position in (1, 2))
    report = candidate.reports.first()
    by_id = {one.question_id: one for one in practice.suggestions(candidate, report, now=NOON + timedelta(days=2))}
    assert by_id[right].is_fresh
    assert not by_id[wrong].is_fresh
    later = {one.question_id: one for one in practice.suggestions(candidate, report, now=NOON + timedelta(days=60))}
    assert not later[right].is_fresh
    assert later[right].is_due


@pytest.mark.parametrize("count", [1, 12])
def test_suggesting_takes_a_constant_number_of_queries(candidate, answered, django_assert_max_num_queries, count):
    for _ in range(count):
        make_version()
    report = candidate.reports.first()
    with django_assert_max_num_queries(4):  # the snapshot, the bank, the cards, when each was seen
        practice.next_session(candidate, report, now=NOON + timedelta(days=1))


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


def test_a_topic_s_drill_takes_what_is_not_fresh_first(candidate_client, candidate):
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


def test_the_dashboard_tells_of_due_reviews(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, scores=(1, 0), now=now - timedelta(days=60))
    compiling.compile_report(candidate, now=now)
    page = candidate_client.get(reverse("interviews:dashboard")).content.decode()
    assert "2 questions to practise again" in page
    assert reverse("interviews:practise") in page
