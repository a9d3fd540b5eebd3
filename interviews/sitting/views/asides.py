"""What can be asked for beside the answer: a hint, a design without its stages, the way back. The text comes along."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import never_interrupted
from accounts.publishing import publish
from interviews.sitting.forms import whole_number, written_answer
from interviews.sitting.models import Outcome, Refused
from interviews.sitting.tasks import find_case
from interviews.sitting.views.interview import after_move, invalid, own_interview, save_form, with_answer


@never_interrupted
@with_answer
@require_POST
def hint(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Shows what helps; the answer then counts in no report. A hidden case is looked for in a worker."""
    with own_interview(request, public_id) as current:
        question = current.shown_question(position)
        try:
            written = written_answer(request.POST, question, is_draft=True)
            outcome = current.take_hint(position, written, now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, question, error)
        if question.awaits_case and question.hinted_at == request.now:
            publish(find_case, question.pk)
        return after_move(request, current, position, outcome)


@never_interrupted
@require_safe
def hint_panel(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """The hidden case that a hint shows, once a worker has found it."""
    with own_interview(request, public_id) as current:
        if not request.htmx:
            return redirect("interviews:interview", public_id)
        question = current.shown_question(position)
        context = {"interview": current, "question": question, "version": question.version}
        return render(request, "sitting/_hinted_case.html", context)


@never_interrupted
@with_answer
@require_POST
def arrange(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Hides the prompts of a design's stages, or shows them again."""
    with own_interview(request, public_id) as current:
        question = current.shown_question(position)
        try:
            written = written_answer(request.POST, question, is_draft=True)
            hides = request.POST.get("hides_stages") == "yes"
            outcome = current.arrange(position, written, hides_stages=hides, now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, question, error)
        return after_move(request, current, position, outcome)


@never_interrupted
@with_answer
@require_POST
def go_back(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """To an earlier question. The open one's text is kept; the page that asks before the end has none."""
    with own_interview(request, public_id) as current:
        try:
            outcome = save_form(request.POST, current, now=request.now) if "rev" in request.POST else Outcome.HELD
            if outcome is not Outcome.ELSEWHERE:
                outcome = current.go_back(position, lease=whole_number(request.POST, "lease"), now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, current.current_question(), error)
        return after_move(request, current, position, outcome)
