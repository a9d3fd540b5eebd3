"""Logged in by default, private by default, with the second factor that is due, in one's own time zone."""

import json
import zoneinfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import kept_forms, pages, sessions

LOG_OUTS = {"account_logout", "admin:logout", "accounts:end_all_sessions"}


class SessionLimits:
    """A session that has lasted its time asks for a new log-in, but never in the middle of one's own interview.

    It is not ended: the interview's page, in another tab, goes on saving.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated:
            return
        is_open = hasattr(view, "is_never_interrupted") or request.resolver_match.view_name in LOG_OUTS
        if sessions.has_lasted_long_enough(request) and not is_open:
            sessions.forget_proofs(request)
            request.user = AnonymousUser()
        else:
            sessions.keep_alive(request)


class LoginRequired(LoginRequiredMiddleware):
    """Every view wants a log-in unless it is marked `@login_not_required`.

    To htmx a redirect would put the log-in page inside the page, over the text somebody is typing:
    it gets 401, and the page says so (static/js/site.js). Without a script the form is kept, or shown again.
    """

    def handle_no_permission(self, request, view_func):
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Trigger": "holdout:signed-out", "HX-Reswap": "none"})
        page = pages.page_of(request)
        if request.method == "POST" and not kept_forms.keep(request) and (written := kept_forms.prose(request)):
            return render(request, "accounts/not_taken.html", {"written": written, "page": page}, status=403)
        return redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


class OnlyForForms:
    """A GET of an address that only takes a form is led to the page that the form stands on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not getattr(request, "htmx", False):
            page = pages.page_above(request.path_info)
            allow = response["Allow"]
            response = render(None, "405.html", {"page": page}, status=405)
            response["Allow"], response["Refresh"] = allow, f"0; url={page}"
        return response


class SecondFactorRequired:
    """Staff and coaches without a second factor are led to where they set it up, and lose nothing that they sent.

    The log-in's first page stays open to them: from there an interview that is running is resumed.
    """

    NOT_YET = "Not saved yet: set up a second factor in another tab (Settings), then try again. Your text stays here."

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated or self.is_open(request, view):
            return None
        if not request.user.lacks_second_factor:
            if "wanted_page" in request.session:
                del request.session["wanted_page"]
            return None
        if getattr(request, "htmx", False):
            news = {"holdout:say": {"region": "alert", "text": self.NOT_YET}}
            return HttpResponse(status=403, headers={"HX-Trigger": json.dumps(news), "HX-Reswap": "none"})
        if request.method not in ("GET", "HEAD"):
            return render(request, "accounts/second_factor_needed.html", status=403)
        request.session["wanted_page"] = request.get_full_path()
        return redirect("mfa_index")

    def is_open(self, request, view) -> bool:
        """What nobody needs a log-in for, what the set-up itself needs, log-outs, and sitting an interview."""
        return (
            not getattr(view, "login_required", True)
            or view.__module__.startswith("allauth.")
            or request.resolver_match.view_name in {*LOG_OUTS, settings.LOGIN_REDIRECT_URL, "accounts:settings_page"}
            or hasattr(view, "is_never_interrupted")
        )


class PrivateByDefault:
    """Pages of somebody who is logged in are stored nowhere, not even for the back button; log-outs clear the rest."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        match = request.resolver_match
        if match and match.view_name in LOG_OUTS and request.method == "POST" and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'
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
