"""The plan, what it is computed from, and the calendar that follows it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviews.plan import calendar_file
from interviews.plan.forms import PreparationForm
from interviews.plan.home import steps_of_plan
from interviews.plan.models import Preparation
from interviews.plan.page import PlanPage
from interviews.plan.reading import TRIAL, planned
from interviews.report.readiness import readiness_of
from interviews.sitting.models import EvidenceChange
from questions.models import Track


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return plan_page(request)
    form = PreparationForm(
        request.POST,
        instance=Preparation.objects.of(request.user),
        tracks=Track.objects.active().exclude(slug=TRIAL),
        today=timezone.localdate(request.now),
    )
    if form.is_valid():
        form.save(commit=False).store()
        if form.cleaned_data["level"] != request.user.target_level:
            request.user.target_level = form.cleaned_data["level"]
            request.user.save(update_fields=["target_level"])
            EvidenceChange.note(request.user.pk, now=request.now)
        messages.success(request, "Saved. Here is your plan.")
        return redirect("interviews:plan")
    return plan_page(request, form)


def plan_page(request: HttpRequest, form: PreparationForm | None = None, *, link: str = "") -> HttpResponse:
    """`form`: one that was not taken. `link`: the calendar's new address, shown this once."""
    report = request.user.reports.first()
    mine = planned(request.user, report, now=request.now)
    form = form or PreparationForm(instance=mine.preparation, tracks=mine.tracks.values(), today=mine.today)
    readiness = readiness_of(report, mine.topics) if report else []
    wanted = mine.tracks.keys() & (mine.preparation.tracks or ([mine.track.slug] if mine.track else []))
    context = {
        "form": form,
        "planned": mine,
        "page": PlanPage(mine, has_report=report is not None),
        "steps": steps_of_plan(mine),
        "readiness": [(one, mine.tracks[one.slug].last_sat) for one in readiness if one.slug in wanted],
        "link": link,
        "debriefs": request.user.debriefs.newest_first()[:3],
    }
    return render(request, "plan/plan.html", context, status=422 if form.errors else 200)


@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """A calendar address; its answer shows it, and it is kept nowhere. An older one leads nowhere from now on."""
    token = Preparation.objects.of(request.user).make_feed(now=request.now)
    return plan_page(request, link=request.build_absolute_uri(reverse("interviews:calendar_feed", args=[token])))


@require_POST
def revoke_feed(request: HttpRequest) -> HttpResponse:
    Preparation.objects.of(request.user).revoke_feed()
    messages.success(request, "The calendar address no longer works.")
    return redirect("interviews:plan")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The plan as iCalendar, to whoever has the address; 404 alike for an unknown and a revoked one."""
    try:
        preparation = Preparation.objects.with_feed(token)
    except Preparation.DoesNotExist as missing:
        raise Http404 from missing
    candidate = preparation.candidate
    mine = planned(candidate, candidate.reports.first(), now=request.now)
    home = request.build_absolute_uri(reverse("interviews:plan"))
    content = calendar_file.calendar(mine, time_zone=candidate.time_zone, home=home, now=request.now)
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
