"""Invitations to a cohort: by mail to addresses, as a notice to those who have an account here."""

import logging
import smtplib
import time
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import CohortCoach, CohortMember, User
from interviews.notices.notify import notify

log = logging.getLogger(__name__)

PLACE = "coaching.place"
SEAT = "coaching.seat"
BATCH = 100
MAILING_SECONDS = 45
INVITATIONS_A_SWEEP = 30


def join_path(cohort, member: CohortMember | None = None) -> str:
    """With the member's place, where there is one: whoever follows it takes this place, whatever their address is."""
    path = reverse("interviews:join_cohort", args=[cohort.join_code])
    return f"{path}?place={signing.dumps(member.pk, salt=PLACE)}" if member else path


def place_of(signed: str) -> int | None:
    try:
        return signing.loads(signed, salt=PLACE)
    except signing.BadSignature:
        return None


def seat_path(seat: CohortCoach) -> str:
    return reverse("interviews:cohort_seat", args=[signing.dumps(seat.pk, salt=SEAT)])


def seat_of(signed: str) -> int | None:
    try:
        return signing.loads(signed, salt=SEAT)
    except signing.BadSignature:
        return None


def mail_waiting(*, cohort_id: int | None = None, most: int = BATCH, now: datetime) -> bool:
    """Sends what is due over one connection; whether there is more. A mail server that is away stops it for now."""
    due = CohortMember.objects.to_mail(now)
    due = list((due.filter(cohort=cohort_id) if cohort_id else due)[: most + 1])
    if not due:
        return False
    people = account_holders([member.email for member in due])
    enough_at = time.monotonic() + MAILING_SECONDS
    connection = get_connection()
    try:
        for member in due[:most]:
            if time.monotonic() > enough_at:
                return True
            invite(member, people.get(member.email), connection, now=now)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("Invitations to cohort %s wait: %s.", member.cohort_id, type(error).__name__)
        return False
    finally:
        connection.close()
    return len(due) > most


def account_holders(addresses: list[str]) -> dict[str, User]:
    """By their confirmed address."""
    confirmed = EmailAddress.objects.filter(email__in=addresses, verified=True, user__is_active=True)
    return {one.email.lower(): one.user for one in confirmed.select_related("user")}


def invite(member: CohortMember, person: User | None, connection, *, now: datetime) -> None:
    """Once, whoever else tries at the same time. Raises what a mail server that is away raises."""
    if not CohortMember.objects.claim_mail(member, now=now):
        return
    cohort = member.cohort
    if person:
        with transaction.atomic():
            notify(
                person,
                "cohort_invited",
                key=f"place-{member.pk}-{now:%Y-%m-%d}",
                path=join_path(cohort, member),
                subject=cohort.name,
                actor=cohort.owner,
                now=now,
            )
            member.note_mailed(now=now)
        return
    link = settings.SITE_URL + join_path(cohort, member)
    body = render_to_string("coaching/cohort_invitation.txt", {"member": member, "cohort": cohort, "link": link})
    title = " ".join(f"Holdout: join {cohort}".split())
    try:
        EmailMessage(title, body, None, [member.email], connection=connection).send()
    except smtplib.SMTPRecipientsRefused:
        log.info("The address of place %s takes no email.", member.pk)
        CohortMember.objects.filter(pk=member.pk).update(mail_at=None)
        return
    member.note_mailed(now=now)
