"""The room of a live mock, from the second seat: the answer as it is saved, and what may be done to the interview.

Only who has the seat finds it, and only while the interview runs: the candidate can end that at any moment. What is
looked at is written into the candidate's access log, once a question; a page that asks again for what it shows is not.
"""

from contextlib import contextmanager
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.decorators import never_interrupted
from accounts.models import AccessLog
from interviews.coaching.forms.intervention import CoachInterventionForm
from interviews.coaching.forms.live import marks_of, own_words, probe_of
from interviews.coaching.models import LiveMock, beside
from interviews.coaching.room_page import look_context, news_of, question_context, with_news
from interviews.sitting.forms import whole_number
from interviews.sitting.models import Interview, InterviewQuestion, Refused


@never_interrupted
@require_safe
def live_room(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole page. When the mock is over it leads to what is left to do."""
    found = with_news(Interview.objects.beside(request.user)).filter(public_id=public_id)
    found = found.select_related("candidate", "live_mock").first()
    if found is None:
        return redirect(after_the_mock(request, public_id))
    return room_page(request, found)


@never_interrupted
@require_safe
def live_look(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asked every 1.5 s: 204 while nothing is new, which takes one statement besides the log-in's."""
    found = with_news(Interview.objects.beside(request.user)).filter(public_id=public_id).first()
    if found is None:
        return HttpResponseClientRedirect(after_the_mock(request, public_id))
    if request.GET.get("seen") == news_of(found):
        return HttpResponse(status=204)
    if not request.htmx:
        return redirect("interviews:live_room", public_id)
    return regions(request, found)


@never_interrupted
@require_POST
def live_ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A follow-up: a reviewed one of the question, or own words."""
    with act(request, public_id) as (interview, outcome):
        position = whole_number(request.POST, "position")
        probe = probe_of(request.POST)
        ask = "" if probe is not None else own_words(request.POST, "ask")
        interview.ask_back(position, probe=probe, ask=ask, by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


@never_interrupted
@require_POST
def live_move_on(request: HttpRequest, public_id: UUID) -> HttpResponse:
    with act(request, public_id) as (interview, outcome):
        interview.move_on(whole_number(request.POST, "position"), by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


@never_interrupted
@require_POST
def live_pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Both clocks; the candidate can go on by themselves, too."""
    with act(request, public_id) as (interview, outcome):
        if "resume" in request.POST:
            interview.resume(by=request.user, now=request.now)
        else:
            interview.pause(by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


@never_interrupted
@require_POST
def live_time(request: HttpRequest, public_id: UUID) -> HttpResponse:
    with act(request, public_id) as (interview, outcome):
        form = CoachInterventionForm(
            request.POST.dict() | {"action": "add", "reason": "Live mock interview"}, interview=interview
        )
        if not form.is_valid():
            raise Refused("Choose how many minutes.")
        form.apply(interview, by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


@never_interrupted
@require_POST
def live_note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A private note that remembers its moment, for the review."""
    with act(request, public_id, is_for_review=True) as (interview, outcome):
        beside.note(interview, own_words(request.POST, "note"), by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


@never_interrupted
@require_POST
def live_mark(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rubric points of one question, as far as they are marked; the review begins with them."""
    with act(request, public_id, is_for_review=True) as (interview, outcome):
        position = whole_number(request.POST, "position")
        beside.mark(interview, position, marks_of(request.POST), by=request.user, now=request.now)
    return after_act(request, public_id, outcome)


# --- under the lock -----------------------------------------------------------------------------------


class Outcome:
    """Why an act was refused; empty: it was done."""

    refusal = ""


@contextmanager
def act(request: HttpRequest, public_id: UUID, *, is_for_review: bool = False):
    """The interview under its lock, in which this person has the second seat now; 404 to everybody else.

    What is refused changes nothing, and is said by `after_act`.
    """
    outcome = Outcome()
    try:
        if not Interview.objects.beside(request.user).filter(public_id=public_id).exists():
            raise Http404
        with Interview.objects.under_lock(public_id, now=request.now) as interview:
            if not interview.is_in_progress or interview.second_seat_id != request.user.pk:
                raise Http404
            if is_for_review and LiveMock.objects.filter(interview=interview, takes_turns=True).exists():
                raise Http404
            yield interview, outcome
    except (Refused, ValidationError) as error:
        outcome.refusal = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    except InterviewQuestion.DoesNotExist as missing:
        raise Http404 from missing


def after_act(request: HttpRequest, public_id: UUID, outcome: Outcome) -> HttpResponse:
    found = with_news(Interview.objects.beside(request.user)).filter(public_id=public_id)
    found = found.select_related("candidate", "live_mock").first()
    if found is None:
        path = after_the_mock(request, public_id)
        return HttpResponseClientRedirect(path) if request.htmx else redirect(path)
    if request.htmx:
        return regions(request, found, error=outcome.refusal)
    if outcome.refusal:
        return room_page(request, found, error=outcome.refusal, status=422)
    return redirect("interviews:live_room", public_id)


# --- pages --------------------------------------------------------------------------------------------


def room_page(request: HttpRequest, found: Interview, *, error: str = "", status: int = 200) -> HttpResponse:
    context = look_context(found, now=request.now, error=error)
    log_look(request, found, context["question"])
    context |= question_context(found, context["question"], by=request.user, takes_turns=found.live_mock.takes_turns)
    context |= {"mock": found.live_mock, "candidate": found.candidate}
    return render(request, "coaching/room.html", context, status=status)


def regions(request: HttpRequest, found: Interview, *, error: str = "") -> HttpResponse:
    """The answer; beside it, out of band, what the page shows otherwise: the acts after an event (`seen`), the question
    after another one was opened or asked back (`at`).
    """
    context = look_context(found, now=request.now, error=error)
    context["is_acts_oob"] = request.GET.get("seen", "").partition("-")[0] != str(found.newest_event)
    at = request.GET.get("at") or request.POST.get("at")
    if at != context["at"]:
        log_look(request, found, context["question"])
        turns = found.live_mock.takes_turns
        context |= question_context(found, context["question"], by=request.user, takes_turns=turns)
        context["is_oob"] = True
    return render(request, "coaching/_room_regions.html", context, status=422 if error else 200)


def log_look(request: HttpRequest, interview: Interview, question: InterviewQuestion) -> None:
    subject = f"{interview.title}, live: {str(question).lower()} as it was answered"
    AccessLog.objects.note_look(request.user, interview, subject, now=request.now)


def after_the_mock(request: HttpRequest, public_id: UUID) -> str:
    """Where whoever had the second seat goes on; 404 to everybody else."""
    mock = LiveMock.objects.filter(interviewer=request.user, interview__public_id=public_id).first()
    if mock is None:
        raise Http404
    return reverse("interviews:live_mock", args=[mock.public_id])
