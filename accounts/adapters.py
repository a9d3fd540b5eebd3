"""What allauth does otherwise than we want."""

import logging

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils import timezone

from accounts import guests, security_log
from accounts.addresses import canonical
from accounts.attempts import PasswordAttempt, remember_device
from accounts.pages import page_at

log = logging.getLogger(__name__)


REFUSALS = {
    "too_many_login_attempts": "Log-in refused: too many tries",
    "incorrect_code": "Second factor refused",
}


class Noted:
    """What allauth refuses, it has an adapter say; so here it goes into the log as well."""

    def validation_error(self, code, *args):
        if code in REFUSALS:
            security_log.note(REFUSALS[code])
        return super().validation_error(code, *args)


class AccountAdapter(Noted, guests.Adapter):
    error_messages = guests.Adapter.error_messages | {
        "too_many_login_attempts": "Too many wrong passwords. Wait five minutes and try again, or reset your password.",
    }

    def clean_email(self, email: str) -> str:
        """One spelling for one mailbox; but of two accounts from before there was one, each keeps its own."""
        kept = canonical(email)
        if kept != email and EmailAddress.objects.filter(email=email).exists():
            return email
        return kept

    def authenticate(self, request, **credentials):
        """Only a wrong password counts as one: not a right one, and not one that the queue kept from being checked."""
        attempt = PasswordAttempt.objects.begin(request, credentials.get("email", ""), now=timezone.now())
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        is_wrong = False
        try:
            user = super().authenticate(request, **credentials)
            is_wrong = user is None
        finally:
            if not is_wrong:
                attempt.delete()
        return user

    def pre_authenticate(self, request, **credentials) -> None:
        """allauth's own count, which we replace: a try that is refused at one account would cost the whole address."""

    def post_login(self, request, user, *, email, **kwargs):
        response = super().post_login(request, user, email=email, **kwargs)
        if response.status_code == 302:
            response["Location"] = page_at(response["Location"])
        remember_device(response, request, [user.email, email or user.email])
        return response

    def _delete_login_attempts_cached_email(self, request, **credentials) -> None:
        PasswordAttempt.objects.forget(credentials.get("email", ""))

    def send_notification_mail(self, *args, **kwargs) -> None:
        """The change it tells of is made already: a mail server that is away does not undo it."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except OSError:
            log.exception("A notification of a changed account could not be sent")


class SecondFactorAdapter(Noted, DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Remove your second factor before you add an address, and set it up again once the "
        "address is confirmed. So nobody is locked out by an address that turns out not to be theirs.",
        "unverified_email": "Confirm all your email addresses first, or remove the ones that aren't confirmed.",
        "incorrect_code": "That code is wrong or has been used. Wait for the next one.",
    }

    def generate_authenticator_name(self, user, type) -> str:
        count = user.authenticator_set.filter(type=type).count()
        return f"Passkey {count + 1}"
