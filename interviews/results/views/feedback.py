"""In a drill: what became of an answer, before the next question."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import never_interrupted
from interviews.results.views.results import own_result, result_context
from interviews.sitting.forms import whole_number
from interviews.sitting.views.interview import after_move, invalid, own_interview


@require_safe
def feedback(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Right or wrong and why; of an open answer one's own marks first. Afterwards the results hold the same."""
    with own_interview(request, public_id) as interview:
        question = own_result(interview, position)
        if not interview.is_in_progress:
            return redirect("interviews:results", public_id)
        current = interview.current_question()
        drawn = [one for one in interview.sheet if not one.is_follow_up]
        context = result_context(question, interview)
    context |= {
        "total": len(drawn),
        "current": current if current.is_closed and current.number == position else None,
        "is_last": not drawn[-1].is_pending,
        "has_maths": question.version.has_maths,
    }
    return render(request, "results/feedback.html", context)


@never_interrupted
@require_POST
def one_more(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """The follow-up that a drill offered."""
    with own_interview(request, public_id) as interview:
        try:
            outcome = interview.ask_one_more(position, lease=whole_number(request.POST, "lease"), now=request.now)
        except ValidationError as error:
            return invalid(request, interview, interview.shown_question(position), error)
        return after_move(request, interview, position, outcome)
