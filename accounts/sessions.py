"""How long a log-in lasts: 14 days without a visit, for staff 8 hours in all; and which devices are logged in.

A session remembers when it began and when it was last seen, in seconds since 1970, and the key it is listed under.
"""

import time
from datetime import timedelta

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts import kept_forms

STAFF_LASTS = timedelta(hours=8)
# Being seen is written down at most this often: a save must not cost a second write.
SEEN_EVERY = timedelta(hours=1)


def note_beginning(sender, request: HttpRequest, user, **kwargs) -> None:
    """At every log-in, through whatever door (Django's signal). allauth's doors list the device themselves."""
    kept_forms.forget_anothers(request, user)
    request.session["began_at"] = request.session["seen_at"] = int(time.time())
    request.session["listed_as"] = request.session.session_key


def has_lasted_long_enough(request: HttpRequest) -> bool:
    """Staff log in again after eight hours, however busy they are."""
    began_at = request.session.get("began_at", 0)
    return request.user.is_staff and request.now.timestamp() - began_at > STAFF_LASTS.total_seconds()


def forget_proofs(request: HttpRequest) -> None:
    """The next log-in must prove everything anew: allauth would let an earlier passkey count."""
    request.session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)


def keep_alive(request: HttpRequest) -> None:
    """Moves the end of the session on, and notes where it was seen. A session whose key has changed is listed anew."""
    is_listed = request.session.get("listed_as") == request.session.session_key
    if not is_listed or request.now.timestamp() - request.session.get("seen_at", 0) > SEEN_EVERY.total_seconds():
        list_device(request)


def list_device(request: HttpRequest) -> None:
    request.session["seen_at"] = int(request.now.timestamp())
    UserSession.objects.create_from_request(request)
    request.session["listed_as"] = request.session.session_key


def end(request: HttpRequest, session: UserSession) -> None:
    """Logs one device out; perhaps this one."""
    is_own = session.is_current()
    session.end()
    if is_own:
        logout(request)


def end_all(request: HttpRequest) -> None:
    for session in UserSession.objects.filter(user=request.user):
        session.end()
    logout(request)


def forget_ended_devices() -> None:
    """Addresses and browsers are kept as long as the session, and no longer."""
    live = Session.objects.filter(pk=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(live)).delete()


BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def device(user_agent: str) -> str:
    """Browser and system, as far as the browser says so: "Firefox on Windows"; empty where it says nothing known.

    The order decides: Edge says that it is Chrome as well, Android that it is Linux.
    """
    browser = next((name for mark, name in BROWSERS.items() if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return " on ".join(filter(None, [browser, system]))
