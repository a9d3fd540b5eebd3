"""What two coaches read about how far they mark alike: from shared answers only, and only of those they may read."""

import pytest
from django.utils import timezone

from accounts.models import CoachGrant, User
from interviews.coaching.models import Appeal, Review
from interviews.coaching.shared_marks import shared_marks
from interviews.sitting.models import Grade
from tests.factories import NOON, make_coach, question_of
from tests.interviews.factories import client_of, make_answered_interview, make_grant, send, url

pytestmark = pytest.mark.django_db
PAGE = "/coaching/agreement/"


@pytest.fixture
def other(candidate, coach):
    other = make_coach(email="second@example.com")
    for person in (coach, other):
        make_grant(candidate, person)
    return other


def review_by(person, interview, mark: str) -> Review:
    review = Review.objects.ask(interview, coach=person, now=timezone.now())
    return send(client_of(person), review, mark=mark)


def marks_of(person) -> list[tuple]:
    return [(one.own, one.other, one.is_appealed) for marks in shared_marks(person).values() for one in marks]


def test_second_reviews_and_appeals_are_shared_marks_and_both_coaches_read_them(
    candidate_client, coach, other, answered_interview
):
    review = review_by(coach, answered_interview, "missed")
    assert marks_of(coach) == []
    point = question_of(answered_interview, 1).version.rubric_points.first()
    candidate_client.post(url("appeal", review, 1, point.pk), {"reason": "Look again.", "coach": other.pk})
    appeal = Appeal.objects.get()
    second = {"mark": "partly", "explanation": "Half of it.", "rev": 0, "page": "page1"}
    client_of(other).post(url("save_appeal", review, appeal.pk), second)
    client_of(other).post(url("answer_appeal", review, appeal.pk))
    assert marks_of(coach) == [("missed", "partly", True)]
    assert marks_of(other) == [("partly", "missed", True)]
    review_by(other, answered_interview, "hit")  # without having seen the first
    assert marks_of(coach) == [("missed", "hit", False)] * 2
    User.objects.filter(pk=other.pk).update(name="Grace")
    # Whoever gave no name is not named by their e-mail address.
    for reader, named in ((coach, "Grace"), (other, "another coach")):
        page = client_of(reader).get(PAGE).content.decode()
        assert f"You and {named}" in page
        assert "@example.com" not in page
        assert "Not enough evidence yet." in page
        assert "2 shared marks on 1 answer." in page
    assert "Nothing to compare yet" in client_of(make_coach()).get(PAGE).content.decode()


def reviewed_by_both(candidate, coach, other, *, count: int) -> None:
    """So many answers of two points; the first coach missed two of them, the other three, the rest are hits."""
    interview = make_answered_interview(candidate=candidate, count=count)
    for person, missed in ((coach, 2), (other, 3)):
        review = Review.objects.create(
            interview=interview, coach=person, asked_at=NOON, sent_at=NOON, verdict="yes", level="advanced",
            next_action="Draw it.",
        )  # fmt: skip
        for question in interview.questions.all():
            mark = "missed" if question.position <= missed else "hit"
            marks = {point.pk: mark for point in question.version.rubric_points.all()}
            question.grade_by_rubric(marks, by=person, source=Grade.Source.COACH, review=review, now=NOON)


def test_enough_shared_marks_state_kappa_with_its_range_in_a_constant_number_of_queries(
    candidate, coach, other, django_assert_max_num_queries
):
    counts = []
    for count in (3, 15):
        reviewed_by_both(candidate, coach, other, count=count)
        client = client_of(coach)
        with django_assert_max_num_queries(15) as captured:
            page = client.get(PAGE).content.decode()
        counts.append(len(captured))
    assert counts[0] == counts[1]
    # 36 marks on 18 answers; 8 both missed, 24 both hit, 4 of the coach's hits the other missed:
    # 1 - 36 x 4 / (8 x 24 + 28 x 12)
    assert "κ = 0.73" in page
    assert "80% range" in page
    assert "The same mark on 32 of 36 points of 18 answers." in page


def test_what_a_coach_may_read_no_more_is_compared_no_more(candidate, coach, other, answered_interview):
    for person in (coach, other):
        review_by(person, answered_interview, "hit")
    CoachGrant.objects.get(coach=coach).revoke(now=timezone.now())
    assert marks_of(coach) == []
    assert len(marks_of(other)) == 2


def test_a_review_that_was_taken_back_is_not_compared(coach, other, answered_interview):
    review_by(coach, answered_interview, "hit")
    review = review_by(other, answered_interview, "missed")
    client_of(other).post(url("review_undo", review))
    assert marks_of(coach) == []
