"""Telling people something: `notify` from whatever changes it, in the transaction of the change."""

from datetime import datetime, timedelta

from accounts.models import User
from accounts.publishing import publish
from interviews.notices.models import KINDS, MutedNotice, Notice
from interviews.notices.tasks import mail_notice


def notify(
    recipient: User,
    kind: str,
    *,
    key: str,
    path: str,
    subject: str = "",
    actor: User | None = None,
    interview=None,
    now: datetime,
    mail_after: timedelta = timedelta(0),
) -> None:
    """Tells `recipient` once, on the channels that they have not switched off. A repeat with the same key does nothing.

    `kind` is one of KINDS, `path` where it leads on this site. Call it in the transaction of
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
