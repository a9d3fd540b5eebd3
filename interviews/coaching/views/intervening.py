"""A coach helps while an interview runs, or after it: time added, or one question reopened, with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from interviews.coaching import coached, notices
from interviews.coaching.forms.intervention import CoachInterventionForm
from interviews.sitting.models import Interview, InterviewQuestion, Refused
from interviews.sitting.models.question import in_order


@require_http_methods(["GET", "HEAD", "POST"])
def interview_time(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """That it runs, and how much time is left; no answers. Looking takes no lock and expires nothing."""
    readable = coached.readable_interviews(request.user)
    found = get_object_or_404(readable.select_related("candidate"), public_id=public_id)
    form = CoachInterventionForm(request.POST if request.method == "POST" else None, interview=found)
    if form.is_bound and form.is_valid():
        try:
            with Interview.objects.under_lock(public_id, candidate=found.candidate, now=request.now) as locked:
                get_object_or_404(readable, pk=locked.pk)  # the grant may have ended while this waited
                form.apply(locked, by=request.user, now=request.now)
                if locked.is_in_progress and found.is_finished:
                    notices.reopened(locked, by=request.user, now=request.now)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Done. {found.candidate} can see who did it and why.")
            return redirect("interviews:interview_time", public_id)
    question = found.current_question()
    interview_left = found.interview_left(request.now) if found.is_in_progress else None
    context = {
        "interview": found,
        "candidate": found.candidate,
        "form": form,
        "question": question,
        "question_count": found.questions.drawn().count(),
        "interview_left": interview_left,
        "question_left": found.question_left(question, request.now) if question and question.is_open else None,
        "is_over": bool(found.is_strict and interview_left is not None and interview_left.total_seconds() <= 0),
        "shown": shown_in_order(found) if found.is_finished else [],
        "interventions": found.events.interventions(),
    }
    return render(request, "coaching/time.html", context, status=422 if form.errors else 200)


def shown_in_order(interview: Interview) -> list[InterviewQuestion]:
    return in_order(interview.questions.shown().select_related("version"))
