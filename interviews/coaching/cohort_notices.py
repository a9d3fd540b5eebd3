"""Who is told what of a cohort: many people at once in a worker, one line a day where much happens. Harmless twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import CohortCoach
from interviews.coaching import notices
from interviews.coaching.models import Assignment, CohortAssignment, Review
from interviews.notices.models import Notice
from interviews.notices.notify import notify
from interviews.sitting.models import Interview

# What a lost message left untold is found within this time by the hourly task.
LOOKED_BACK = timedelta(days=2)
WAITS_LONG = timedelta(days=3)
REVIEWS_ASKED = 500


def untold(kind: str, keys: Iterable[str]) -> set[str]:
    keys = set(keys)
    return keys - set(Notice.objects.filter(kind=kind, key__in=keys).values_list("key", flat=True))


def tell_assigned(given: CohortAssignment, *, now: datetime) -> None:
    """Each member who has not been told yet. Before it opens nobody can do anything, so nobody is told."""
    open_ones = Assignment.objects.open().filter(given_to_cohort=given, attempt=1).with_people()
    by_key = {f"assignment-{one.pk}": one for one in open_ones}
    for key in sorted(untold("assigned", by_key)):
        notices.assigned(by_key[key], now=now)


def tell_of_coach(seat: CohortCoach, *, now: datetime) -> None:
    """The members, whose interviews one more person can read."""
    if seat.coach is None or seat.removed_at:
        return
    cohort = seat.cohort
    for member in cohort.members.joined().filter(joined_at__lt=seat.joined_at).select_related("user"):
        notify(
            member.user,
            "cohort_coach",
            key=f"seat-{seat.pk}",
            path=reverse("interviews:coaches"),
            subject=cohort.name,
            actor=seat.coach,
            now=now,
        )


def ask_reviews(*, now: datetime, cohort=None) -> None:
    """Of what was assigned with a review, as soon as it is finished: of whoever of the coaches is free first.

    Of one cohort all that is finished, of all of them what was finished lately: the sweep asks for that often.
    """
    assigned = Assignment.objects.in_force().filter(given_to_cohort__wants_review=True)
    due = Interview.objects.finished().filter(assignment__in=assigned, reviews=None)
    due = due.filter(cohort=cohort) if cohort else due.filter(closed_at__gt=now - LOOKED_BACK)
    for interview in due.select_related("candidate")[:REVIEWS_ASKED]:
        Review.objects.ask_if_none(interview, now=now)


def remind(*, now: datetime) -> None:
    """Once an hour: what a message did not tell, and each day's summary for coaches."""
    since = now - LOOKED_BACK
    is_recent = Q(assigned_at__gt=since) | Q(opens_at__range=(since, now))
    for given in CohortAssignment.objects.open().filter(is_recent):
        tell_assigned(given, now=now)
    for seat in CohortCoach.objects.live().filter(joined_at__gt=since).select_related("cohort", "coach"):
        tell_of_coach(seat, now=now)
    tell_finished(now=now)
    tell_overdue(now=now)
    tell_waiting(now=now)


def tell_finished(*, now: datetime) -> None:
    """Single assignments one by one; of a cohort how many, once a day."""
    finished = Assignment.objects.in_force().finished().filter(interview__closed_at__gt=now - timedelta(days=1))
    for one in finished.filter(given_to_cohort=None, coach__isnull=False).with_people():
        notify(
            one.coach,
            "assignment_finished",
            key=f"assignment-{one.pk}",
            path=reverse("interviews:candidate", args=[one.candidate_id]),
            subject=one.track.name,
            actor=one.candidate,
            now=now,
        )
    of_cohorts = finished.filter(given_to_cohort__coach__isnull=False).order_by().values("given_to_cohort")
    count_of = {row["given_to_cohort"]: row["count"] for row in of_cohorts.annotate(count=Count("pk"))}
    for given in CohortAssignment.objects.filter(pk__in=count_of).select_related("cohort", "coach", "track"):
        count = count_of[given.pk]
        how_many = f"{count} {'member' if count == 1 else 'members'} in the last day"
        notify(
            given.coach,
            "cohort_finished",
            key=f"cohort-assignment-{given.pk}-{now:%Y-%m-%d}",
            path=reverse("interviews:cohort", args=[given.cohort_id]),
            subject=f"{given.track}, {given.cohort}: {how_many}"[:200],
            now=now,
        )


def tell_overdue(*, now: datetime) -> None:
    """The candidate, once, on the day after."""
    yesterday = now.date() - timedelta(days=1)
    for one in Assignment.objects.open().filter(due_on=yesterday).with_people():
        notify(
            one.candidate,
            "overdue",
            key=f"assignment-{one.pk}-{one.due_on}",
            path=reverse("interviews:assignment", args=[one.pk]),
            subject=one.track.name,
            actor=one.coach,
            now=now,
        )


def tell_waiting(*, now: datetime) -> None:
    """Reviews asked three days ago: one by one where a candidate asked, in one line a day of a cohort."""
    waiting = Review.objects.awaiting_review().filter(asked_at__lte=now - WAITS_LONG, asked_at__gt=now - 2 * WAITS_LONG)
    for review in waiting.filter(interview__cohort=None).with_people():
        for coach in [review.coach] if review.coach else review.interview.coaches():
            notify(
                coach,
                "review_waiting",
                key=f"review-{review.pk}",
                path=reverse("interviews:review", args=[review.interview.public_id]),
                subject=review.interview.title,
                interview=review.interview,
                now=now,
            )
    counts = waiting.exclude(interview__cohort=None).order_by().values("interview__cohort").annotate(count=Count("pk"))
    count_of = {row["interview__cohort"]: row["count"] for row in counts}
    for seat in CohortCoach.objects.live().filter(cohort__in=count_of).select_related("cohort", "coach"):
        count = count_of[seat.cohort_id]
        notify(
            seat.coach,
            "review_waiting",
            key=f"cohort-{seat.cohort_id}-{now:%Y-%m-%d}",
            path=reverse("interviews:cohort", args=[seat.cohort_id]),
            subject=f"{seat.cohort}: {count} {'review' if count == 1 else 'reviews'}"[:200],
            now=now,
        )
