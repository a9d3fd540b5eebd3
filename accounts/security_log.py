"""Who got in, who did not, and who changed how one gets in: a line each in the log, by number and never by name.

What a page refused somebody stands in the log of requests, with its status.
"""

import logging

log = logging.getLogger("holdout.security")


def note(what: str, user=None) -> None:
    """`user` None: somebody who has not proved who they are."""
    log.info(what, extra={"fields": {"user": user.pk if user else None}})


def begin() -> None:
    """Once, when all apps are loaded."""
    from allauth.account import signals as account
    from allauth.mfa import signals as second_factor
    from django.contrib.auth import signals as session

    noted = {
        session.user_logged_in: "Logged in",
        session.user_logged_out: "Logged out",
        session.user_login_failed: "Log-in failed",
        account.user_signed_up: "Signed up",
        account.password_changed: "Password changed",
        account.password_reset: "Password reset",
        account.email_confirmed: "Email address confirmed",
        account.email_changed: "Email address changed",
        account.email_removed: "Email address removed",
        second_factor.authenticator_added: "Second factor added",
        second_factor.authenticator_removed: "Second factor removed",
        second_factor.authenticator_reset: "New recovery codes made",
    }
    for signal, what in noted.items():

        def receive(sender, user=None, email_address=None, what=what, **kwargs) -> None:
            note(what, user or (email_address and email_address.user))

        signal.connect(receive, weak=False)
