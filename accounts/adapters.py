"""What allauth does otherwise than we want."""

import logging

from allauth.mfa.adapter import DefaultMFAAdapter

from accounts import guests

log = logging.getLogger(__name__)


class AccountAdapter(guests.Adapter):
    def send_notification_mail(self, *args, **kwargs) -> None:
        """The change it tells of is made already: a mail server that is away does not undo it."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except OSError:
            log.exception("A notification of a changed account could not be sent")


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Remove your second factor before you add an address, and set it up again once the "
        "address is confirmed. So nobody is locked out by an address that turns out not to be theirs.",
        "unverified_email": "Confirm all your e-mail addresses first, or remove the ones that are not confirmed.",
        "incorrect_code": "That code is not right, or has been used. Wait for the next one.",
    }

    def generate_authenticator_name(self, user, type) -> str:
        count = user.authenticator_set.filter(type=type).count()
        return f"Passkey {count + 1}"
