"""Telling people something: `notify` from whatever changes it, mails after the commit, and the sweep for lost ones.

The mail of a notice is claimed before it is sent and never sent inside a transaction: of two tasks one sends it, and
a mail server that is away or slow holds no lock. It goes out later, once.
"""

import logging
import smtplib
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.publishing import publish
from interviews.models import Appeal, Assignment, Interview, MutedNotice, Notice, Review
from interviews.models.notice import KINDS
from interviews.models.review import UNDO_LASTS

log = logging.getLogger(__name__)

# In one sweep, which has other things to do as well; the rest is the next one's.
MAILS_A_SWEEP = 50
MAILING_SECONDS = 20
# Nobody is reminded in the middle of their night.
REMINDED_FROM_HOUR = 8


def notify(
    recipient: User,
    kind: str,
    *,
    key: str,
    path: str,
    subject: str = "",
    actor: User | None = None,
    interview: Interview | None = None,
    now: datetime,
    mail_after: timedelta = timedelta(0),
) -> None:
    """Tells `recipient` once, on the channels that they have not switched off. A repeat with the same key does nothing.

    `kind` is one of interviews.models.notice.KINDS, `path` where it leads on this site. Call it in the transaction of
    the change: the mail is queued after the commit. `subject` holds no answer and no name. A mail that comes too soon
    after the last one waits where the actor could go on for ever (`Kind.is_repeatable`).
    """
    muted = MutedNotice.objects.channels(recipient, kind)
    if len(muted) == len(MutedNotice.Channel):
        return
    mail_at = now + mail_after
    if KINDS[kind].is_repeatable:
        # Two of the actor's requests at once: the second sees the mail of the first.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        mail_at = max(mail_at, Notice.objects.next_mail_at(recipient, kind, actor=actor) or mail_at)
    notice, is_new = Notice.objects.get_or_create(
        recipient=recipient,
        kind=kind,
        key=key,
        defaults={
            "actor": actor,
            "interview": interview,
            "subject": subject,
            "path": path,
            "on_site": MutedNotice.Channel.SITE not in muted,
            "made_at": now,
            "mail_at": None if MutedNotice.Channel.MAIL in muted else mail_at,
        },
    )
    if is_new and notice.mail_at and notice.mail_at <= now:
        publish(mail_notice, notice.pk)


@shared_task
def mail_notice(notice_id: int) -> None:
    """Safe to repeat, also at once."""
    notice = Notice.objects.to_mail(timezone.now()).filter(pk=notice_id).first()
    if notice:
        send(notice, now=timezone.now())


def mail_waiting(*, now: datetime) -> None:
    """The mails that no message has sent: held back, lost or failed. When one fails now, the others wait as well."""
    enough_at = time.monotonic() + MAILING_SECONDS
    for notice in Notice.objects.to_mail(now)[:MAILS_A_SWEEP]:
        if time.monotonic() > enough_at or not send(notice, now=now):
            return


def send(notice: Notice, *, now: datetime) -> bool:
    """False: the mail server did not take it. What somebody else is sending counts as sent."""
    if not notice.claim_mail(now=now):
        return True
    context = {
        "text": notice.text,
        "link": settings.SITE_URL + notice.path,
        "settings_link": settings.SITE_URL + reverse("interviews:notice_settings"),
    }
    body = render_to_string("interviews/notices/mail.txt", context)
    title = " ".join(f"Holdout: {notice.text.rstrip('.')}".split())  # a name may hold what no header may
    try:
        send_mail(title, body, None, [notice.recipient.email])
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The mail of notice %s was not sent (%s); it is tried again.", notice.pk, type(error).__name__)
        return False
    notice.note_mailed(now=now)
    return True


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
    due = f", due on {assignment.due_on:%-d %B}" if assignment.due_on else ""
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
    notify(person, "due_tomorrow", key=f"{key}-{due_on}", subject=f"{due_on:%A, %-d %B}: {subject}", **fields)
