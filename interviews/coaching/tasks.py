from celery import shared_task
from django.utils import timezone

from accounts.models import CoachGrant, CohortCoach
from accounts.publishing import publish
from interviews.coaching import cohort_notices, invitations, notices
from interviews.coaching.models import CohortAssignment


@shared_task(name="interviews.tasks.remind")
def remind() -> None:
    """Hourly: somewhere it is morning. Safe to repeat, also at once."""
    now = timezone.now()
    notices.remind(now=now)
    cohort_notices.remind(now=now)
    CoachGrant.objects.ended(now).update(revoked_at=now)


@shared_task(name="interviews.coaching.mail_invitations")
def mail_invitations(cohort_id: int) -> None:
    """A batch of them, and a message for the next. Safe to repeat, also at once."""
    if invitations.mail_waiting(cohort_id=cohort_id, now=timezone.now()):
        publish(mail_invitations, cohort_id)


@shared_task(name="interviews.coaching.tell_assigned")
def tell_assigned(pk: int) -> None:
    """Safe to repeat: each member is told once."""
    for given in CohortAssignment.objects.open().filter(pk=pk):
        cohort_notices.tell_assigned(given, now=timezone.now())


@shared_task(name="interviews.coaching.tell_of_coach")
def tell_of_coach(pk: int) -> None:
    """Safe to repeat: each member is told once."""
    for seat in CohortCoach.objects.live().filter(pk=pk).select_related("cohort", "coach"):
        cohort_notices.tell_of_coach(seat, now=timezone.now())
