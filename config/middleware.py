"""What every request gets, whoever makes it."""

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone


class RequestMoment:
    """Sets `request.now`: one moment decides everything about one request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.now = timezone.now()
        return self.get_response(request)


class DatabaseAway:
    """A lock that is not got in time, a statement over its limit or a lost connection answers 503, not 500.

    The page keeps what was typed and tries again (static/js/answer.js).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError):
            return self.response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, (OperationalError, InterfaceError)):
            return self.response(request)
        return None

    def response(self, request) -> HttpResponse:
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=503)
        else:
            response = render(None, "503.html", status=503)
        response["Retry-After"] = "1"
        return response
