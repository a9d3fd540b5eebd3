"""How many wrong passwords are let pass, and whom they cost.

A wrong password costs the account it was tried on, and nobody else: an address pays once for each account, however
often one is tried, so that one person cannot lock out a whole class room. A device on which somebody has logged in
before is counted for itself: others' wrong passwords, at the same account or behind the same address, do not keep
its owner out (OWASP: "Slow Down Online Guessing Attacks with Device Cookies").
"""

import secrets
from datetime import datetime, timedelta
from typing import Self

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core import signing
from django.db import models
from django.utils.crypto import salted_hmac

from accounts.addresses import canonical

WRONG_FOR_ONE_ACCOUNT = 8
ACCOUNT_FORGETS_AFTER = timedelta(minutes=5)
ACCOUNTS_FROM_ONE_ADDRESS = 100
ADDRESS_FORGETS_AFTER = timedelta(minutes=1)

DEVICE_COOKIE = "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"
DEVICE_REMEMBERS = timedelta(days=365)
MOST_PEOPLE_OF_A_DEVICE = 20


class PasswordAttemptQuerySet(models.QuerySet):
    def begin(self, request, email: str, *, now: datetime) -> "PasswordAttempt | None":
        """Counts a try before its password is checked, so that many at once are no way round; None: too many.

        The caller deletes it where the password was right, or was not checked after all.
        """
        account = account_key(email)
        device, people = known_device(request)
        is_known = account in people
        attempt = self.create(
            account=f"{account}.{device}" if is_known else account,
            address="" if is_known else _key("address", get_ip(request)),
            at=now,
        )
        if self._is_one_too_many(attempt):
            attempt.delete()
            return None
        return attempt

    def _is_one_too_many(self, attempt: "PasswordAttempt") -> bool:
        of_account = self.filter(account=attempt.account, at__gt=attempt.at - ACCOUNT_FORGETS_AFTER)
        if of_account.count() > WRONG_FOR_ONE_ACCOUNT:
            return True
        if not attempt.address:
            return False
        of_address = self.filter(address=attempt.address, at__gt=attempt.at - ADDRESS_FORGETS_AFTER)
        return of_address.values("account").distinct().count() > ACCOUNTS_FROM_ONE_ADDRESS

    def forget(self, email: str) -> None:
        """Its owner has set a new password: what was guessed at the old one keeps nobody out."""
        self.filter(account=account_key(email)).delete()

    def ended(self, now: datetime) -> Self:
        return self.filter(at__lt=now - ACCOUNT_FORGETS_AFTER)


class PasswordAttempt(models.Model):
    """A password that is being checked, or was wrong; a right one leaves no row. Names nobody: keyed hashes."""

    account = models.CharField(max_length=60, help_text="Of what was typed, whether there is such an account or not.")
    address = models.CharField(max_length=32, blank=True, help_text="Where it came from; empty: a known device.")
    at = models.DateTimeField()

    objects = PasswordAttemptQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="attempts_of_an_account"),
            models.Index(fields=["address", "at"], name="attempts_from_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.account[:8]}, {self.at:%Y-%m-%d %H:%M}"


def account_key(email: str) -> str:
    return _key("account", canonical(email))


def _key(kind: str, value: str) -> str:
    return salted_hmac(f"accounts.attempts.{kind}", value).hexdigest()[:32]


# --- devices --------------------------------------------------------------------------------------


def known_device(request) -> tuple[str, list[str]]:
    """The device's number, and the accounts that have logged in on it; "" and none where it says nothing, or lies."""
    try:
        device, people = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt="accounts.device", max_age=DEVICE_REMEMBERS
        )
    except signing.BadSignature:
        return "", []
    return device, people


def remember_device(response, request, user) -> None:
    """At every log-in: this browser is one of this person's. It proves nothing but that, and lets nobody in."""
    device, people = known_device(request)
    account = account_key(user.email)
    people = [account, *(other for other in people if other != account)][:MOST_PEOPLE_OF_A_DEVICE]
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps([device or secrets.token_hex(8), people], salt="accounts.device", compress=True),
        max_age=DEVICE_REMEMBERS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
