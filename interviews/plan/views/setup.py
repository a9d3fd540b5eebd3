"""Choosing an interview and starting it: here, because a drill is chosen by what the report knows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from interviews.report import practice
from interviews.report.practice_page import drill_says
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.forms import MULTIPLIERS, SetupForm
from interviews.sitting.setup import setup_form, setup_summary
from interviews.sitting.views.interview import running_interview
from questions.models import Topic


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


@require_safe
def setup_panel(request: HttpRequest) -> HttpResponse:
    """The live summary of what is being chosen."""
    form = setup_form(request, request.GET)
    if not request.htmx:
        return redirect("interviews:interview_new")
    return render(request, "sitting/_setup_panel.html", setup_says(request, form))


def setup_says(request: HttpRequest, form: SetupForm) -> dict:
    """The summary, and of a drill how much of it counts in the report."""
    summary = setup_summary(form)
    if not isinstance(summary["plan"], Topic):
        return summary
    return summary | {"drill_says": drill_says(practice.drill_of_topic(request.user, summary["plan"], now=request.now))}
