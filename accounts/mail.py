"""Mail while developing: written to a folder, named in the log, readable at /development/mail/."""

import email
import logging
import re
from email import policy
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend

log = logging.getLogger(__name__)


class DevelopmentBackend(EmailBackend):
    """Django's file backend, which also says in the log where the mail can be read."""

    def write_message(self, message):
        super().write_message(message)
        log.info("Email to %s: %s – read it at /development/mail/", ", ".join(message.to), message.subject)


def development_mails(newest: int = 20) -> list[dict]:
    """The newest mails first: `to`, `subject`, `body`, and the first `link` of each."""
    folder = Path(settings.EMAIL_FILE_PATH)
    paths = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:newest]
    return [_read(path) for path in paths]


def _read(path: Path) -> dict:
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",)).get_content().split("-" * 79)[0]
    link = re.search(r"https?://\S+", body)
    return {"to": message["To"], "subject": message["Subject"], "body": body, "link": link and link.group()}
