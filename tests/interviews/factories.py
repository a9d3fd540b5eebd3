"""Coaches, grants, answered interviews and filled-in reviews."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from accounts.models import CoachGrant, Cohort
from interviews.coaching.models import Assignment, CohortAssignment, Review
from interviews.coaching.scorecard import DIMENSIONS
from interviews.sitting.models import Grade, Interview, InterviewQuestion
from questions.models import Track
from tests.factories import NOON, make_interview, question_of, write

HTMX = {"HTTP_HX_REQUEST": "true"}
HTML = "<b>bold</b> answer\n\nSecond paragraph."


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def make_grant(candidate, coach, *, scope="all", interview=None, now=NOON) -> CoachGrant:
    _, token = CoachGrant.objects.invite(
        candidate, scope=scope, interview_public_id=interview and interview.public_id, now=now
    )
    return CoachGrant.objects.accept(token, by=coach, now=now)


def make_answered_interview(
    *, candidate, count: int = 1, now=NOON, score_self: bool = True, text: str = HTML
) -> Interview:
    """A scored interview of open answers, self-scored with "partly" on every point and 80 % sure."""
    interview = make_interview(
        candidate=candidate, formats=("free_text",) * count, now=now, limit_seconds=3000, question_seconds=600
    )
    for position in range(1, count + 1):
        write(interview, position, text, now=now + timedelta(seconds=position), act="submit_answer")
    later = now + timedelta(minutes=1)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.finish(lease=locked.lease, now=later)
        locked.score(now=later)
        for question in locked.questions.all() if score_self else []:
            question.confidence = 80
            question.save(update_fields=["confidence"])
            marks = {point.pk: "partly" for point in question.version.rubric_points.all()}
            question.grade_by_rubric(marks, by=candidate, source=Grade.Source.SELF, now=later)
    return Interview.objects.get(pk=interview.pk)


def url(name: str, review: Review, *args) -> str:
    return reverse(f"interviews:{name}", args=[review.interview.public_id, *args])


def answer_fields(
    review: Review, mark: str = "hit", *, rev: int = 0, page: str = "page1", position=1, **fields
) -> dict:
    points = question_of(review.interview, position).version.rubric_points.all()
    return {"rev": rev, "page": page, **{f"point-{point.pk}": mark for point in points}, **fields}


def scorecard_fields(*, rev: int = 0, page: str = "page1", score: int = 3, **fields) -> dict:
    scores = {f"score-{dimension.key}": score for dimension in DIMENSIONS}
    words = {"verdict": "yes", "level": "intermediate", "next_action": "Draw the confusion matrix first."}
    notes = {"public_notes": "Keep the structure.", "private_notes": "The private canary."}
    return {"rev": rev, "page": page, **scores, **words, **notes, **fields}


def fill_in(client: Client, review: Review, **answer) -> None:
    """Marks every answer, fills the scorecard in."""
    for question in review.interview.questions.all():
        position = question.position
        fields = answer_fields(review, position=position, **answer)
        assert client.post(url("save_review_answer", review, position), fields, **HTMX).status_code == 200
    assert client.post(url("save_review_scorecard", review), scorecard_fields(), **HTMX).status_code == 200


def send(client: Client, review: Review, **answer) -> Review:
    fill_in(client, review, **answer)
    assert client.post(url("review_send", review)).status_code == 302
    review.refresh_from_db()
    assert review.is_sent
    return review


def make_cohort(*, owner, name: str = "Class of 2026", now=NOON, ends_on=None) -> Cohort:
    return Cohort.objects.found(owner, name=name, starts_on=None, ends_on=ends_on, now=now)


def assign_to(cohort: Cohort, *, track: Track, now=NOON, pace: str = "gentle", **fields) -> CohortAssignment:
    return CohortAssignment.objects.assign(cohort=cohort, coach=cohort.owner, track=track, pace=pace, now=now, **fields)


def sit(candidate, given: CohortAssignment, *, now=NOON, text: str = HTML) -> Interview:
    """The member's newest attempt, started, answered in words and scored."""
    assignment = given.assignments.filter(candidate=candidate).latest("attempt")
    with Assignment.objects.under_lock(assignment.pk) as locked:
        interview = locked.start(time_multiplier=Decimal(1), now=now)
    later = now + timedelta(minutes=1)
    for question in interview.questions.order_by("position"):
        write(interview, question.position, text, now=later, act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.score(now=later)
    return Interview.objects.get(pk=interview.pk)


def ask_back(question: InterviewQuestion) -> InterviewQuestion:
    """A follow-up to this answered question, answered with the same words; behind everything else."""
    last = question.interview.questions.order_by("position").last().position
    follow_up = InterviewQuestion.objects.get(pk=question.pk)
    follow_up.pk, follow_up.follows, follow_up.probe, follow_up.position = None, question, 0, last + 1
    follow_up.score, follow_up.graded_by, follow_up.graded_at, follow_up.follow_up_places = None, "", None, 0
    follow_up.save(force_insert=True)
    return follow_up
