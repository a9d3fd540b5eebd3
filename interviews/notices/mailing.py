"""The mail of a notice: claimed before it is sent, and never sent inside a transaction.

Of two tasks one sends it, and a mail server that is away or slow holds no lock. It goes out later, once.
"""

import logging
import smtplib
import time
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from interviews.notices.models import Notice

log = logging.getLogger(__name__)

# In one sweep, which has other things to do as well; the rest is the next one's.
MAILS_A_SWEEP = 50
MAILING_SECONDS = 20


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
    body = render_to_string("notices/mail.txt", context)
    title = " ".join(f"Holdout: {notice.text.rstrip('.')}".split())  # a name may hold what no header may
    try:
        send_mail(title, body, None, [notice.recipient.email])
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The email of notice %s was not sent (%s); it is tried again.", notice.pk, type(error).__name__)
        return False
    notice.note_mailed(now=now)
    return True
