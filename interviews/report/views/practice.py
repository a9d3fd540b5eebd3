"""Starting a drill of chosen questions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from interviews.report import practice
from interviews.report.forms import PracticeForm
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import Interview
from interviews.sitting.setup import remembered
from interviews.sitting.views.interview import running_interview


@require_POST
def practise(request: HttpRequest) -> HttpResponse:
    """A gentle drill of exactly the questions that were shown; without any, of what is best to practise now."""
    form = PracticeForm(request.POST)
    wanted = form.cleaned_data["question"] if form.is_valid() else []
    if not wanted:
        session = practice.practising(request.user, request.user.reports.first(), now=request.now).session
        wanted = [one.question_id for one in (*session.measuring, *session.reviews)]
    running = running_interview(request)
    if running:
        messages.info(request, f"“{running.title}” is still in progress. Finish it first, then practise.")
        return redirect("interviews:interview", running.public_id)
    _, asks_back = remembered(request.user, is_drill=True)
    try:
        drill = request.user.interviews.start(
            request.user,
            practice.practice_of(wanted),
            pace=Interview.Pace.GENTLE,
            time_multiplier=request.user.time_multiplier,
            now=request.now,
            speaks=request.user.speaks,
            asks_back=asks_back,
        )
    except NotEnoughQuestions as error:
        messages.error(request, str(error))
        return redirect("interviews:report")
    return redirect("interviews:interview", drill.public_id)
