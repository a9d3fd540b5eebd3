"""Who is told what of reviews, assignments and appeals."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from interviews.coaching.models import Appeal, Assignment, DetailRequest, Review
from interviews.coaching.models.review import UNDO_LASTS
from interviews.notices.models import Notice
from interviews.notices.notify import notify
from interviews.sitting.models import Interview

# Nobody is reminded in the middle of their night.
REMINDED_FROM_HOUR = 8


# --- reviews ----------------------------------------------------------------------------------------


def review_asked(review: Review, coaches: list[User], *, now: datetime) -> None:
    """`coaches`: the one who was asked, or all who may answer."""
    interview = review.interview
    for coach in coaches:
        notify(
            coach,
            "review_asked",
            key=f"review-{review.pk}",
            path=reverse("interviews:review", args=[interview.public_id]),
            subject=interview.title,
            actor=interview.candidate,
            interview=interview,
            now=now,
        )


def review_sent(review: Review, *, now: datetime) -> None:
    """On the site at once; by mail when the coach can no longer take it back."""
    interview = review.interview
    notify(
        interview.candidate,
        "review_sent",
        key=f"review-{review.pk}",
        path=reverse("interviews:results", args=[interview.public_id]),
        subject=interview.title,
        actor=review.coach,
        interview=interview,
        now=now,
        mail_after=UNDO_LASTS,
    )


def review_withdrawn(review: Review) -> None:
    Notice.objects.filter(interview=review.interview).take_back("review_asked", f"review-{review.pk}")


def review_taken_back(review: Review) -> None:
    Notice.objects.filter(interview=review.interview).take_back("review_sent", f"review-{review.pk}")


def review_declined(review: Review, *, now: datetime) -> None:
    interview = review.interview
    notify(
        interview.candidate,
        "review_declined",
        key=f"review-{review.pk}",
        path=reverse("interviews:results", args=[interview.public_id]) + "#review",
        subject=interview.title,
        actor=review.withdrawn_by,
        interview=interview,
        now=now,
    )


# --- assignments ------------------------------------------------------------------------------------


def assigned(assignment: Assignment, *, now: datetime) -> None:
    due = f", due on {assignment.due_on:%-d %b}" if assignment.due_on else ""
    notify(
        assignment.candidate,
        "assigned",
        key=f"assignment-{assignment.pk}",
        path=reverse("interviews:assignment", args=[assignment.pk]),
        subject=f"{assignment.track}{due}",
        actor=assignment.coach,
        now=now,
    )


def assignment_declined(assignment: Assignment, *, now: datetime) -> None:
    notify(
        assignment.coach,
        "assignment_declined",
        key=f"assignment-{assignment.pk}",
        path=reverse("interviews:candidate", args=[assignment.candidate_id]),
        subject=assignment.track.name,
        actor=assignment.candidate,
        now=now,
    )


def assignment_withdrawn(assignment: Assignment) -> None:
    """What was told is no longer so."""
    assignment.candidate.notices.take_back("assigned", f"assignment-{assignment.pk}")


def reopened(interview: Interview, *, by: User, now: datetime) -> None:
    notify(
        interview.candidate,
        "reopened",
        key=f"interview-{interview.pk}-{now.isoformat()}",
        path=reverse("interviews:interview", args=[interview.public_id]),
        subject=interview.title,
        actor=by,
        interview=interview,
        now=now,
    )


def voided(interview: Interview, *, reason: str, by: User, now: datetime) -> None:
    """To the candidate, and to every coach who could read it or reviews it."""
    reviewers = User.objects.filter(pk__in=interview.reviews.values("coach"))
    paths = {coach: reverse("interviews:coaching") for coach in {*interview.coaches(), *reviewers}}
    paths[interview.candidate] = reverse("interviews:results", args=[interview.public_id])
    for recipient, path in paths.items():
        notify(
            recipient,
            "voided",
            key=f"interview-{interview.pk}",
            path=path,
            subject=f"{interview.title}. Reason: {reason.rstrip('.')}"[:200],
            actor=by,
            interview=interview,
            now=now,
        )


# --- appeals ----------------------------------------------------------------------------------------


def appeal_asked(appeal: Appeal, *, now: datetime) -> None:
    interview = appeal.review.interview
    notify(
        appeal.coach,
        "appeal_asked",
        key=f"appeal-{appeal.pk}",
        path=reverse("interviews:coach_appeal", args=[interview.public_id, appeal.pk]),
        subject=interview.title,
        actor=interview.candidate,
        interview=interview,
        now=now,
    )


def appeal_withdrawn(appeal: Appeal) -> None:
    Notice.objects.filter(interview=appeal.review.interview).take_back("appeal_asked", f"appeal-{appeal.pk}")


def appeal_answered(appeal: Appeal, *, now: datetime) -> None:
    """Marked again or given back: what came of it stands beside the point."""
    interview = appeal.review.interview
    notify(
        interview.candidate,
        "appeal_answered",
        key=f"appeal-{appeal.pk}",
        path=reverse("interviews:results", args=[interview.public_id]) + f"#result-{appeal.question.position}",
        subject=interview.title,
        actor=appeal.coach,
        interview=interview,
        now=now,
    )


def detail_asked(asked: DetailRequest, *, now: datetime) -> None:
    interview = asked.review.interview
    if asked.review.coach:
        notify(
            asked.review.coach,
            "detail_asked",
            key=f"detail-{asked.pk}",
            path=reverse("interviews:coach_detail", args=[interview.public_id, asked.pk]),
            subject=interview.title,
            actor=interview.candidate,
            interview=interview,
            now=now,
        )


def detail_given(asked: DetailRequest, *, now: datetime) -> None:
    interview = asked.review.interview
    notify(
        interview.candidate,
        "detail_given",
        key=f"detail-{asked.pk}",
        path=reverse("interviews:results", args=[interview.public_id]) + f"#result-{asked.question.position}",
        subject=interview.title,
        actor=asked.review.coach,
        interview=interview,
        now=now,
    )


# --- what is due tomorrow ---------------------------------------------------------------------------


def remind(*, now: datetime) -> None:
    """Assignments and reviews that are due tomorrow where the person lives, from the morning on. Harmless twice."""
    near = Q(due_on__range=(now.date(), now.date() + timedelta(days=2)))  # some have another day already, or still
    for assignment in Assignment.objects.open().with_people().filter(near):
        if is_due_tomorrow(assignment.due_on, assignment.candidate, now):
            notify_due(
                assignment.candidate,
                assignment.due_on,
                key=f"assignment-{assignment.pk}",
                path=reverse("interviews:assignment", args=[assignment.pk]),
                subject=assignment.track.name,
                now=now,
            )
    for review in Review.objects.awaiting_review().with_people().filter(near):
        for coach in review.interview.coaches():
            is_asked = review.coach_id in (None, coach.pk)
            if is_asked and is_due_tomorrow(review.due_on, coach, now):
                notify_due(
                    coach,
                    review.due_on,
                    key=f"review-{review.pk}",
                    path=reverse("interviews:review", args=[review.interview.public_id]),
                    subject=f"a review of {review.interview.title}",
                    interview=review.interview,
                    now=now,
                )


def is_due_tomorrow(due_on: date, person: User, now: datetime) -> bool:
    there = now.astimezone(ZoneInfo(person.time_zone))
    return there.hour >= REMINDED_FROM_HOUR and due_on == there.date() + timedelta(days=1)


def notify_due(person: User, due_on: date, *, key: str, subject: str, **fields) -> None:
    notify(person, "due_tomorrow", key=f"{key}-{due_on}", subject=f"{due_on:%A, %-d %b}: {subject}", **fields)
