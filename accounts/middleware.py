"""Logged in by default, private by default, in one's own time zone."""

import zoneinfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse
from django.utils import timezone


class LoginRequired(LoginRequiredMiddleware):
    """Every view wants a log-in unless it is marked `@login_not_required`.

    To htmx a redirect would put the log-in page inside the page, over the text somebody is typing:
    it gets 401, and the page says so (static/js/site.js).
    """

    def handle_no_permission(self, request, view_func):
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Trigger": "holdout:signed-out", "HX-Reswap": "none"})
        return super().handle_no_permission(request, view_func)


class PrivateByDefault:
    """Pages of somebody who is logged in are stored nowhere, not even for the back button."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


class OwnTimeZone:
    """Moments are shown in the person's time zone; they are stored and compared in UTC."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self.get_response(request)
