"""How often one person may do what costs the site a lot. Log-ins and sign-ups are allauth's to limit (settings)."""

from allauth.core import ratelimit
from django.shortcuts import render

# View → its entry in ACCOUNT_RATE_LIMITS. Saves are not here: answers are never refused for being many.
ACTIONS = {
    "interviews:interview_new": "start",
    "interviews:assignment": "start",
    "interviews:trial": "trial",
    "interviews:request_export": "export",
}


class RateLimits:
    """Counts POSTs by person or by address, in the database's cache, and answers 429 over the limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        action = ACTIONS.get(request.resolver_match.view_name)
        if action is None or request.method != "POST":
            return None
        if ratelimit.consume(request, action=action, user=request.user if request.user.is_authenticated else None):
            return None
        response = render(request, "429_limit.html", status=429)
        response["Retry-After"] = "600"
        return response
