"""Guests: people who try the site without an account, known by their session alone.

A guest is a user without a password. Signing up gives the same row an address and a password, so that nothing has to
move, and confirming the address ends being a guest. Until then a guest may sit the trial, see its results and report,
and nothing that reaches other people or takes data out.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User, known_or_utc

# Here a guest is somebody without an account, who comes to get one.
ENTRANCE = {
    *("account_login", "account_login_turn", "account_signup", "account_reset_password"),
    *("mfa_authenticate", "mfa_login_webauthn"),
}
OPEN = {
    *("interviews:dashboard", "interviews:trial", "interviews:landing", "interviews:manifest"),
    *("interviews:learn", "interviews:learn_question"),
    *("interviews:interview", "interviews:interview_panel", "interviews:clock"),
    *("interviews:pause", "interviews:resume", "interviews:finish"),
    *("interviews:save", "interviews:submit", "interviews:skip", "interviews:go_on"),
    *("interviews:hint", "interviews:hint_panel"),
    *("interviews:recording", "interviews:recording_part"),
    *("interviews:finish_recording", "interviews:delete_recording"),
    *("interviews:results", "interviews:result_panel", "interviews:changed_panel"),
    *("interviews:self_score", "interviews:reveal"),
    *("interviews:replay", "interviews:report", "interviews:report_panel", "interviews:report_target"),
    *("interviews:shared_report", "questions:sql_worker", "questions:figure", "questions:flag", "questions:flags"),
    *("accounts:settings_page", "accounts:timers", "accounts:development_mail"),
    *("account_logout", "account_inactive", "account_confirm_email", "account_email_verification_sent"),
    *("account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done"),
}


class Guests:
    """Lets guests in where they may go, and asks them to sign up everywhere else; `request.guest` at the entrance."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not getattr(request.user, "is_guest", False):
            return None
        name = request.resolver_match.view_name
        if name in ENTRANCE:
            request.guest, request.user = request.user, AnonymousUser()
        elif name not in OPEN:
            messages.info(request, "You need an account for this. Sign up, and what you've done here comes with you.")
            return HttpResponseClientRedirect("/accounts/signup/") if request.htmx else redirect("account_signup")
        return None


class Adapter(DefaultAccountAdapter):
    def new_user(self, request) -> User:
        """A guest who signs up keeps the row. A repeat (the first address had a typing error) is like the first."""
        guest = getattr(request, "guest", None)
        if guest is None:
            return super().new_user(request)
        User.objects.select_for_update().get(pk=guest.pk)  # a double press comes one after the other
        EmailAddress.objects.filter(user=guest).delete()
        return guest

    def save_user(self, request, user, form, commit=True) -> User:
        """The new password ends all of a person's sessions: the guest's goes on, under another key."""
        user = super().save_user(request, user, form, commit)
        if user.time_zone == "UTC":
            user.time_zone = known_or_utc(request.POST.get("time_zone", ""))
            user.save(update_fields=["time_zone"])
        if user.is_guest:
            renew_session(request)
            request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return user


def renew_session(request) -> None:
    """Of a guest who signs up, and in the same way of one whose address has an account: neither the cookie nor any
    page tells the difference."""
    if getattr(request, "guest", None):
        request.session.cycle_key()
        request.session["has_signed_up"] = True


def end_being_a_guest(sender, email_address: EmailAddress, **kwargs) -> None:
    """On allauth's signal, which comes however an address is confirmed. A repeat changes nothing.

    Only by the newest address: a link that is followed while another sign-up voids it says nothing about that one.
    """
    guests = User.objects.filter(pk=email_address.user_id, is_guest=True)
    guests.filter(email__iexact=email_address.email).update(is_guest=False)
