"""In a drill: what became of an answer, before the next question."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from interviews.results.views.results import own_result, result_context
from interviews.sitting.views.interview import own_interview


@require_safe
def feedback(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Right or wrong and why; of an open answer one's own marks first. Afterwards the results hold the same."""
    with own_interview(request, public_id) as interview:
        question = own_result(interview, position)
        if not interview.is_in_progress:
            return redirect("interviews:results", public_id)
        sheet = interview.sheet
    context = result_context(question, interview) | {
        "total": len(sheet),
        "is_current": question.position == interview.current_question().position,
        "has_maths": question.version.has_maths,
    }
    return render(request, "results/feedback.html", context)
