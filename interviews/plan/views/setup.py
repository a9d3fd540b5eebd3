"""Choosing an interview and starting it: here, because a drill is chosen by what the report knows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviews.report import practice
from interviews.report.practice_page import drill_says
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.forms import MULTIPLIERS, SetupForm
from interviews.sitting.models import Practice
from interviews.sitting.setup import remembered, setup_form, setup_summary
from interviews.sitting.views.interview import running_interview
from questions.models import Topic, Track


@require_http_methods(["GET", "POST"])
def interview_new(request: HttpRequest) -> HttpResponse:
    """Choose before any clock runs; the POST draws the questions and starts the clocks."""
    form = setup_form(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        plan = form.cleaned_data["plan"]
        try:
            if isinstance(plan, Topic):
                plan = practice.practice_of_topic(request.user, plan, now=request.now)
            interview = request.user.interviews.start(
                request.user,
                plan,
                pace=form.cleaned_data["pace"],
                time_multiplier=form.cleaned_data["time_multiplier"],
                now=request.now,
                asks_back=form.cleaned_data["follow_ups"],
                speaks=form.cleaned_data["answers"] == "speak",
            )
        except NotEnoughQuestions as error:
            form.add_error("plan", str(error))
        else:
            return redirect("interviews:interview", interview.public_id)
    context = {
        "form": form,
        "in_progress": running_interview(request),
        "multipliers": MULTIPLIERS,
        **setup_says(request, form),
    }
    response = render(request, "sitting/interview_new.html", context, status=422 if form.errors else 200)
    response.uses_microphone = True  # to test it before a clock runs; config/middleware.py
    return response


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Starts at once, with the settings of last time: `plan` as in the set-up, `speak:` and a topic, or `review:`
    and how many questions.
    """
    running = running_interview(request)
    if running:
        messages.info(request, f"“{running.title}” is still in progress. Finish it first.")
        return redirect("interviews:interview", running.public_id)
    try:
        plan = asked_plan(request)
        pace, asks_back = remembered(request.user, is_drill=not isinstance(plan, Track))
        interview = request.user.interviews.start(
            request.user,
            plan,
            pace=pace,
            asks_back=asks_back,
            time_multiplier=request.user.time_multiplier,
            now=request.now,
            speaks=request.user.speaks or request.POST["plan"].startswith("speak:"),
        )
    except NotEnoughQuestions as error:
        messages.error(request, str(error))
        return redirect("interviews:dashboard")
    return redirect("interviews:interview", interview.public_id)


def asked_plan(request: HttpRequest) -> Track | Practice:
    """404 for what cannot be started. Raises NotEnoughQuestions."""
    kind, _, what = request.POST.get("plan", "").rpartition(":")
    if kind == "review":
        count = int(what) if what.isascii() and what.isdigit() and len(what) < 3 else 0
        # The plan counts by days: what begins to fade tonight is offered from the morning on.
        tonight = timezone.localtime(request.now).replace(hour=23, minute=59, second=59)
        return practice.practice_of(practice.fading(request.user, count, now=tonight), name="Review")
    if kind in ("topic", "speak"):
        topic = get_object_or_404(Topic.objects.top_level(), slug=what)
        return practice.practice_of_topic(request.user, topic, now=request.now)
    return get_object_or_404(Track.objects.active().with_sections(), slug=what)


@require_safe
def setup_panel(request: HttpRequest) -> HttpResponse:
    """The live summary of what is being chosen."""
    form = setup_form(request, request.GET)
    if not request.htmx:
        return redirect("interviews:interview_new")
    return render(request, "sitting/_setup_fragment.html", setup_says(request, form))


def setup_says(request: HttpRequest, form: SetupForm) -> dict:
    """The summary, and of a drill how much of it counts in the report."""
    summary = setup_summary(form)
    if not isinstance(summary["plan"], Topic):
        return summary
    return summary | {"drill_says": drill_says(practice.drill_of_topic(request.user, summary["plan"], now=request.now))}
