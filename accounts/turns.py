"""A log-in that comes while too many are being checked waits, on a page that asks again by itself.

The page needs no JavaScript: the Refresh header asks by GET, and a GET has no form. So what was typed goes along in a
cookie, sealed, which only the next try gets and which is worth nothing after a minute. The server keeps nothing, and no
thread waits with it.
"""

import base64
import random

from allauth.account.views import login
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.backends import TooManyLogIns

COOKIE = "__Secure-turn" if settings.SESSION_COOKIE_SECURE else "turn"
GOOD_FOR_SECONDS = 60
# Not all at the same moment again.
WAIT_SECONDS = (1, 2, 3)
LARGEST = 3_500  # characters; browsers drop cookies above 4,096


def log_in_or_wait(request: HttpRequest) -> HttpResponse:
    try:
        return login(request)
    except TooManyLogIns:
        return _page_that_waits(request, _seal(request))


def try_again(request: HttpRequest) -> HttpResponse:
    """The log-in that waited, as if its form were sent again."""
    sealed = request.COOKIES.get(COOKIE, "")
    typed = _unseal(sealed)
    if typed is None:
        return redirect("account_login")
    request.FILES.clear()  # reads the body, which is empty; read later, it would take the place of what was typed
    request.method, request.POST = "POST", typed
    try:
        response = login(request)
    except TooManyLogIns:
        return _page_that_waits(request, sealed)
    response.delete_cookie(COOKIE, path=_path())
    return response


def _page_that_waits(request: HttpRequest, sealed: str) -> HttpResponse:
    """202: it is accepted, and not done yet. Raises TooManyLogIns where what was typed is too long for a cookie."""
    if len(sealed) > LARGEST:
        raise TooManyLogIns
    response = render(request, "account/waiting.html", status=202)
    response["Refresh"] = f"{random.choice(WAIT_SECONDS)}; url={_path()}"  # noqa: S311
    response["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        sealed,
        max_age=GOOD_FOR_SECONDS,
        path=_path(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _path() -> str:
    return reverse("account_login_turn")


def _seal(request: HttpRequest) -> str:
    typed = QueryDict(mutable=True)
    typed.update({name: request.POST.get(name, "") for name in ("login", "password")})
    typed["next"] = request.POST.get("next") or request.GET.get("next", "")
    return _fernet().encrypt(typed.urlencode().encode()).decode()


def _unseal(sealed: str) -> QueryDict | None:
    try:
        return QueryDict(_fernet().decrypt(sealed.encode(), ttl=GOOD_FOR_SECONDS))
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac("accounts.turns", "", algorithm="sha256").digest()))
