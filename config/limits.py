"""How often one person may do what costs the site a lot. Log-ins and sign-ups are allauth's to limit (rates.py)."""

import threading
import time
from datetime import timedelta

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

# View → its entry in rates.py, counted in the database's cache over all processes, and after how many
# seconds to try again. A piece of a recording that is refused stays in its page until it is taken.
ACTIONS = {
    "interviews:coaches": ("invite", 600),  # they mail to whatever address is typed
    "interviews:invite_cohort_coach": ("invite", 600),
    "interviews:trial": ("trial", 600),
    "interviews:request_export": ("export", 600),
    "interviews:recording_part": ("record", 15),
    "admin:questions_questionversion_upload": ("upload", 600),
}
# Counted by what was started: everybody of a class room does this in the same minute.
STARTS = {"interviews:interview_new", "interviews:start", "interviews:assignment", "interviews:practise"}
# What a page of an interview sends, again and again.
ANSWERS = {f"interviews:{act}" for act in ("save", "submit", "skip", "go_on", "finish", "pause", "resume")}


class RateLimits:
    """Counts POSTs by person or by address, and answers 429 over the limit."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.answers = Buckets()

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST":
            return None
        name = request.resolver_match.view_name
        if name in ANSWERS and request.user.is_authenticated and not self.answers.take(request.user.pk):
            # The page keeps what was typed, says so, and sends it all in a moment (static/js/sitting/answer.js).
            return HttpResponse(status=429, headers={"Retry-After": "1"})
        if name in STARTS:
            return refusal(request, 600) if has_started_too_often(request) else None
        action, retry_after = ACTIONS.get(name, (None, 0))
        if action is None:
            return None
        if ratelimit.consume(request, action=action, user=request.user if request.user.is_authenticated else None):
            return None
        return refusal(request, retry_after)


def has_started_too_often(request) -> bool:
    if not request.user.is_authenticated:
        return False
    lately = request.user.interviews.filter(started_at__gt=request.now - timedelta(hours=1))
    return lately.count() >= settings.STARTS_PER_HOUR


def refusal(request, retry_after: int) -> HttpResponse:
    response = render(request, "429_limit.html", status=429)
    response["Retry-After"] = str(retry_after)
    return response


class Buckets:
    """SAVES_PER_SECOND for each person, and five times as many at once after a rest.

    A page saves once a second at most, so only a program comes here. Counted in each process by itself: a count
    that all share would be written with every save, and cost more than it guards.
    """

    MOST = 10_000  # people remembered; forgotten is who has rested

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.levels: dict[int, tuple[float, float]] = {}  # person → (how full, when)

    def take(self, person: int) -> bool:
        rate, now = settings.SAVES_PER_SECOND, time.monotonic()
        burst = 5 * rate
        with self.lock:
            full, at = self.levels.get(person, (burst, now))
            full = min(burst, full + rate * (now - at))
            allowed = full >= 1
            self.levels[person] = (full - 1 if allowed else full, now)
            if len(self.levels) > self.MOST:
                self.levels = {one: level for one, level in self.levels.items() if now - level[1] < burst / rate}
        return allowed
