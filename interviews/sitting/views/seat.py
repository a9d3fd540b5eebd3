"""The candidate's say over who sits beside them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.decorators import never_interrupted
from interviews.sitting.views.interview import own_interview


@never_interrupted
@require_POST
def end_seat(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """From this moment on nobody sees anything of the interview as it runs. A repeat changes nothing."""
    with own_interview(request, public_id) as current:
        current.end_seat(by=request.user, now=request.now)
    messages.success(request, "You’re continuing alone. Nobody sees your answers while you write them.")
    return redirect("interviews:interview", public_id)
