from decimal import Decimal

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import sessions
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.forms import MULTIPLIERS, SetupForm
from interviews.sitting.models import Interview
from interviews.sitting.setup import setup_summary
from questions.models import Topic, Track


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """A first interview without an account. The POST makes a guest (accounts/guests.py) and starts the clocks."""
    if request.user.is_authenticated:
        return redirect("interviews:dashboard")
    track = Track.objects.for_trial()
    if track is None:
        return redirect("account_signup")
    initial = {"plan": track.slug, "pace": Interview.Pace.STRICT, "time_multiplier": Decimal(1)}
    form = SetupForm(
        request.POST if request.method == "POST" else None,
        tracks=Track.objects.active().with_sections().filter(pk=track.pk),
        topics=Topic.objects.none(),
        initial=initial,
    )
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        try:
            interview = Interview.objects.start_as_guest(
                track,
                browser=browser_of(request),
                time_zone=request.POST.get("time_zone", ""),
                pace=chosen["pace"],
                time_multiplier=chosen["time_multiplier"],
                now=request.now,
            )
        except NotEnoughQuestions as error:
            form.add_error("plan", str(error))
        else:
            login(request, interview.candidate)
            sessions.list_device(request)
            return redirect("interviews:interview", interview.public_id)
    context = {"form": form, "multipliers": MULTIPLIERS, **setup_summary(form)}
    return render(request, "sitting/trial.html", context, status=422 if form.errors else 200)


def browser_of(request: HttpRequest) -> str:
    """The secret of its cookie against forged requests: the same in two clicks, another one after every log-in."""
    get_token(request)
    return request.META["CSRF_COOKIE"]
