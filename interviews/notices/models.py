"""What somebody is told, on the site and by e-mail: each thing once, whoever tells it how often.

A notice holds no answer, and names other people only by reference: with their account their name goes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Max, Q, When
from django.db.models.functions import Coalesce

# A mail that could not be sent for so long would be no news any more; on the site the notice stays.
MAIL_LASTS = timedelta(days=2)
# Doubled after each attempt. While a mail is being sent, nobody else sends it for as long.
FIRST_MAIL_REST = timedelta(minutes=5)


# What can be asked, withdrawn and asked again without end is mailed once in so long.
BETWEEN_MAILS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` in the settings; `text` with {actor} and {subject}, the sentence of the notice and its mail.

    `is_repeatable`: the actor can take it back and do it again. The site tells each time.
    """

    label: str
    text: str
    is_for_coaches: bool = False
    is_repeatable: bool = False


KINDS = {
    "assigned": Kind("A coach assigns you an interview", "{actor} assigned you an interview: {subject}."),
    "due_tomorrow": Kind("An interview is due tomorrow", "Due on {subject}."),
    "reopened": Kind(
        "A coach reopens one of your interviews",
        "{actor} reopened {subject}. Its clock is running, and what you wrote is still there.",
    ),
    "voided": Kind("One of your interviews no longer counts", "An interview no longer counts: {subject}."),
    "review_sent": Kind("Your review has arrived", "{actor} has reviewed your interview: {subject}."),
    "review_declined": Kind("A coach can’t review your interview", "{actor} can’t review your interview: {subject}."),
    "appeal_answered": Kind("Your appeal is answered", "{actor} has answered your appeal: {subject}."),
    "detail_given": Kind("A coach adds detail to a review", "{actor} added detail to the review of {subject}."),
    "cohort_invited": Kind("You are invited to a cohort", "{actor} invites you to a cohort: {subject}."),
    "cohort_coach": Kind(
        "A coach joins one of your cohorts", "{actor} now coaches {subject} and can read what you share with it."
    ),
    "overdue": Kind("An assigned interview is overdue", "Overdue: {subject}. You can still start it."),
    "export_ready": Kind("Your data export is ready", "Your data export is ready."),
    "live_proposed": Kind(
        "Someone suggests a time for a live mock interview",
        "{actor} suggests a time for a live mock interview: {subject}.",
        is_repeatable=True,
    ),
    "live_agreed": Kind(
        "A live mock interview is agreed", "{actor} agreed to a live mock interview: {subject}.", is_repeatable=True
    ),
    "live_cancelled": Kind(
        "A live mock interview is called off",
        "{actor} called off a live mock interview: {subject}.",
        is_repeatable=True,
    ),
    "review_asked": Kind("A candidate asks for a review", "{actor} asks you for a review: {subject}.", True, True),
    "appeal_asked": Kind("A candidate appeals a point", "{actor} appeals a point: {subject}.", True, True),
    "detail_asked": Kind("A candidate would like more detail", "{actor} would like more detail: {subject}.", True),
    "assignment_declined": Kind("A candidate declines an interview", "{actor} declined: {subject}.", True),
    "assignment_finished": Kind("A candidate finishes an interview you assigned", "{actor} finished: {subject}.", True),
    "cohort_finished": Kind("Members finish an interview (at most once a day)", "Finished: {subject}.", True),
    "review_waiting": Kind("A review has waited for three days", "Waiting for three days: {subject}.", True),
}


class NoticeQuerySet(models.QuerySet):
    def shown(self) -> Self:
        return self.filter(on_site=True).select_related("actor")

    def unread(self) -> Self:
        return self.filter(on_site=True, read_at=None)

    def to_mail(self, now: datetime) -> Self:
        """Whose mail is due, the oldest first, and neither sent, being sent nor too old."""
        due = self.filter(mail_at__lte=now, made_at__gt=now - MAIL_LASTS, recipient__is_active=True)
        return due.select_related("recipient", "actor").order_by("mail_at")

    def made_before(self, moment: datetime) -> Self:
        return self.filter(made_at__lt=moment)

    def mark_read(self, *, now: datetime) -> int:
        return self.unread().update(read_at=now)

    def take_back(self, kind: str, key: str) -> None:
        """What was told is no longer so: it disappears, and its mail is not sent if that has not happened yet.

        One that was mailed stays behind, shown nowhere, so that the next is not mailed too soon.
        """
        told = self.filter(kind=kind, key=key)
        told.filter(mail_attempts=0).delete()
        told.update(on_site=False, mail_at=None)

    def next_mail_at(self, recipient, kind: str, *, actor) -> datetime | None:
        """When `actor` may have a mail of this kind sent again; None: now. Call it under the actor's lock."""
        moments = self.filter(recipient=recipient, kind=kind, actor=actor).aggregate(
            last=Max(Coalesce("mailed_at", "mail_at", Case(When(mail_attempts__gt=0, then="made_at"))))
        )
        return moments["last"] and moments["last"] + BETWEEN_MAILS


class Notice(models.Model):
    """`key` says what of its kind it is about: a second notice with the same key is the same notice."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    interview = models.ForeignKey("interviews.Interview", models.CASCADE, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, without anybody's name.")
    path = models.CharField(max_length=200, help_text="Where on this site it leads.")
    on_site = models.BooleanField(help_text="Wanted by its recipient when it was made.")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(
        null=True, blank=True, help_text="When its email is tried next; empty: sent, or not wanted."
    )
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "key"], name="each_thing_is_noticed_once"),
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(mail_at__isnull=True), name="notice_is_mailed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_by_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at=None, on_site=True), name="notice_unread"),
            models.Index(fields=["mail_at"], condition=Q(mail_at__isnull=False), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_read(self) -> bool:
        return self.read_at is not None

    @property
    def text(self) -> str:
        return KINDS[self.kind].text.format(actor=self.actor or "Somebody", subject=self.subject)

    def claim_mail(self, *, now: datetime) -> bool:
        """Whether this caller, and no other, is to send the mail. Should that fail, the mail is due again later."""
        mine = Notice.objects.filter(pk=self.pk, mail_at__lte=now, mail_attempts=self.mail_attempts)
        again_at = now + FIRST_MAIL_REST * 2**self.mail_attempts
        return bool(mine.update(mail_at=again_at, mail_attempts=self.mail_attempts + 1))

    def note_mailed(self, *, now: datetime) -> None:
        Notice.objects.filter(pk=self.pk).update(mail_at=None, mailed_at=now)


class MutedNoticeQuerySet(models.QuerySet):
    def channels(self, person, kind: str) -> set[str]:
        return set(self.filter(person=person, kind=kind).values_list("channel", flat=True))

    @transaction.atomic
    def mute(self, person, muted: Collection[tuple[str, str]]) -> None:
        """Exactly these (kind, channel) pairs are switched off from now on, mails that wait included."""
        self.filter(person=person).delete()
        self.bulk_create(
            [MutedNotice(person=person, kind=kind, channel=channel) for kind, channel in muted], ignore_conflicts=True
        )
        unwanted = [kind for kind, channel in muted if channel == MutedNotice.Channel.MAIL]
        Notice.objects.filter(recipient=person, kind__in=unwanted).update(mail_at=None)


class MutedNotice(models.Model):
    """A kind of notice that somebody has switched off on one channel; without a row it is on."""

    class Channel(models.TextChoices):
        SITE = "site", "Here"
        MAIL = "mail", "By email"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="muted_notices")
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=4, choices=Channel)

    objects = MutedNoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "channel"], name="each_notice_is_muted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"
