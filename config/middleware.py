"""What every request gets, whoever makes it."""

import logging
import re
import secrets
import sys
import time

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.backends import TooManyLogIns
from config import metrics
from config.logs import request_id, view_name

log = logging.getLogger("holdout.requests")
AWAY = (OperationalError, InterfaceError, TooManyLogIns)
REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class RequestMoment:
    """Sets `request.now`: one moment decides everything about one request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.now = timezone.now()
        return self.get_response(request)


class NoNul:
    """PostgreSQL holds no NUL, so no address of ours has one: 404, before a filter or a search asks it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path or "%00" in request.META["QUERY_STRING"]:
            raise Http404
        return self.get_response(request)


class DatabaseAway:
    """A lock that is not got in time, a statement over its limit or a lost connection answers 503, not 500.

    The page keeps what was typed and tries again (static/js/sitting/answer.js). So does a log-in that waited too long.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        # process_exception sees what views raise. What other middleware raises (the session's, the log-in's) has
        # become a response before it gets here.
        got_request_exception.connect(note_exception)

    def __call__(self, request):
        response = self.get_response(request)
        return self.response(request) if hasattr(request, "is_database_away") else response

    def process_exception(self, request, exception):
        return self.response(request) if isinstance(exception, AWAY) else None

    def response(self, request) -> HttpResponse:
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=503)
        else:
            response = render(None, "503.html", status=503)
        response["Retry-After"] = "1"
        return response


def note_exception(request, **kwargs) -> None:
    if isinstance(sys.exc_info()[1], AWAY):
        request.is_database_away = True


class RequestLog:
    """Gives each request an id, logs it and counts it. A proxy's X-Request-Id is kept where a proxy is trusted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        proxys = request.headers.get("X-Request-Id", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        token = request_id.set(proxys if REQUEST_ID.fullmatch(proxys) else secrets.token_hex(8))
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            self.record(request, response.status_code, time.monotonic() - started)
            return response
        finally:
            request_id.reset(token)

    def record(self, request, status: int, seconds: float) -> None:
        view = view_name(request)
        metrics.count(request, view, status, seconds)
        user = getattr(request, "_cached_user", None)  # request.user would ask the database
        fields = {"view": view, "method": request.method, "status": status, "ms": round(seconds * 1000, 1)}
        level = logging.WARNING if status >= 500 else logging.INFO
        log.log(level, "Request", extra={"fields": fields | {"user": user.pk if user else None}})


class PermissionsPolicy:
    """No page uses a sensor, so no script that gets into one may. (Passkeys are left to the browser: our own pages.)

    A response may say `uses_microphone`.
    """

    NOTHING = ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation"),
            *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb"),
            *("xr-spatial-tracking", "browsing-topics"),
        )
    )
    MICROPHONE = NOTHING.replace("microphone=()", "microphone=(self)")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Permissions-Policy"] = self.MICROPHONE if hasattr(response, "uses_microphone") else self.NOTHING
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
