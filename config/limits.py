"""How often one person may do what costs the site a lot. Log-ins and sign-ups are allauth's to limit (settings)."""

from allauth.core import ratelimit
from django.shortcuts import render

# View → its entry in ACCOUNT_RATE_LIMITS, and after how many seconds to try again. Saves are not here: text is never
# refused for being sent often, and a piece of a recording that is refused stays in its page until it is taken.
ACTIONS = {
    "interviews:interview_new": ("start", 600),
    "interviews:assignment": ("start", 600),
    "interviews:trial": ("trial", 600),
    "interviews:request_export": ("export", 600),
    "interviews:recording_part": ("record", 15),
}


class RateLimits:
    """Counts POSTs by person or by address, in the database's cache, and answers 429 over the limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        action, retry_after = ACTIONS.get(request.resolver_match.view_name, (None, 0))
        if action is None or request.method != "POST":
            return None
        if ratelimit.consume(request, action=action, user=request.user if request.user.is_authenticated else None):
            return None
        response = render(request, "429_limit.html", status=429)
        response["Retry-After"] = str(retry_after)
        return response
