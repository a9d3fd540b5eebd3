"""Sitting an interview. The server picks the template; the page never does."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from accounts import kept_forms
from accounts.decorators import kept_until_logged_in, never_interrupted
from accounts.publishing import publish
from interviews.sitting.forms import whole_number, written_answer
from interviews.sitting.models import Interview, InterviewQuestion, Outcome, Refused, Written
from interviews.sitting.question_page import clocks, finish_context, panel_context, saved_context
from interviews.sitting.tasks import find_case, request_scoring
from questions.formats.ordering import moved

BESIDE = "What you sent while you were logged out is kept beside your answer. It didn’t replace anything."
PUT_BACK = {
    Outcome.SAVED: "What you sent while you were logged out is saved, but not submitted yet.",
    Outcome.HELD: BESIDE,
    Outcome.ELSEWHERE: BESIDE,
    Outcome.LATE: "The question had ended. What you sent while you were logged out is kept as late text, not scored.",
}
with_answer = kept_until_logged_in(Interview.objects.candidate_of)


@contextmanager
def own_interview(request: HttpRequest, public_id: UUID):
    """The candidate's own interview under its lock; 404 to everybody else. Scoring is queued when it has ended."""
    try:
        with Interview.objects.under_lock(public_id, candidate=request.user, now=request.now) as interview:
            yield interview
            if interview.was_just_submitted:
                request_scoring(interview)
    except (Interview.DoesNotExist, InterviewQuestion.DoesNotExist) as missing:
        raise Http404 from missing


def running_interview(request: HttpRequest) -> Interview | None:
    """The candidate's one interview in progress; one whose time is over ends here, as at every look."""
    running = request.user.interviews.in_progress().first()
    if running is None or not running.is_due(request.now):
        return running
    with own_interview(request, running.public_id) as current:
        return current if current.is_in_progress else None


@never_interrupted
@require_safe
def interview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The current question. Loading the whole page takes the lease: it becomes the one page that may save."""
    is_load = is_loaded_to_be_shown(request)
    with own_interview(request, public_id) as current:
        refused = put_back(request, current) if is_load else {}
        if current.is_in_progress and is_load:
            current.take_lease()
        return interview_page(request, current, **refused)


def is_loaded_to_be_shown(request: HttpRequest) -> bool:
    """Not for a script, a frame or a look in advance, under whichever name a browser tells that."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    is_in_advance = any(word in purpose for purpose in purposes for word in ("prefetch", "preview"))
    is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return request.method == "GET" and is_page and not request.htmx and not is_in_advance


def put_back(request: HttpRequest, current: Interview) -> dict:
    """What its candidate sent while they were logged out, saved as a draft: another press submits it.

    Gives what `interview_page` shows in the place of the saved answer, where it could not be saved.
    """
    form = kept_forms.take(request)
    if form is None:
        return {}
    try:
        outcome = save_form(form, current, now=request.now)
    except (ValidationError, Refused) as error:
        return {"answer": form.getlist("answer"), "errors": messages_of(error)}
    except InterviewQuestion.DoesNotExist:
        return {"answer": form.getlist("answer"), "errors": ["What you sent while you were logged out wasn’t saved."]}
    messages.info(request, PUT_BACK[outcome])
    return {}


@never_interrupted
@require_safe
def interview_panel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The region alone, as the server sees it now; takes no lease."""
    with own_interview(request, public_id) as current:
        if not request.htmx:
            return redirect("interviews:interview", public_id)
        if current.is_in_progress and request.GET.get("lease") != str(current.lease):
            return elsewhere(request, current)
        return interview_page(request, current)


@never_interrupted
@require_safe
def clock(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Milliseconds left, for a page that wants to agree with the server's clock; null where there is no clock.

    A pause is a state of its own here.
    """
    with own_interview(request, public_id) as current:
        question = current.current_question()
        left = clocks(current, question, request.now) if current.is_in_progress else {}
        return JsonResponse(
            {
                "state": "paused" if current.paused_at else current.state,
                "position": question.position,
                "question_ms": left.get("question_ms"),
                "interview_ms": left.get("interview_ms"),
            }
        )


@never_interrupted
@with_answer
@require_POST
def save(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Autosave: answers with the state of the save and the clocks, never with the field itself."""
    with own_interview(request, public_id) as current:
        question = current.shown_question(position)
        try:
            written = written_answer(request.POST, question, is_draft=True)
            outcome = current.save_answer(position, written, now=request.now)
        except (ValidationError, Refused) as error:
            return refused_save(request, current, question, error)
        if outcome is Outcome.ELSEWHERE:
            return elsewhere(request, current, position)
        if not request.htmx:
            return redirect("interviews:interview", public_id)
        return HttpResponse(
            render_to_string("sitting/_saved.html", saved_context(current, question, outcome, request.now))
        )


@never_interrupted
@with_answer
@require_POST
def submit(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Hands the answer in and goes on; a repeat shows where the interview stands. An empty one asks first."""
    with own_interview(request, public_id) as current:
        question = current.shown_question(position)
        if "move" in request.POST:
            return move_step(request, current, question)
        try:
            written = sure_or_written(request, question, is_draft=not question.is_open)
            if needs_asking(request, question) and question.is_blank_with(written.answer):
                return ask(request, current, question, written, "sitting/_empty_panel.html")
            outcome = current.submit_answer(position, written, now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, question, error)
        return after_move(request, current, position, outcome)


@never_interrupted
@with_answer
@require_POST
def skip(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Leaves the question out. Where something is written or recorded, it asks first."""
    with own_interview(request, public_id) as current:
        question = current.shown_question(position)
        try:
            written = sure_or_written(request, question, is_draft=True)
            if needs_asking(request, question) and not question.is_blank_with(written.answer):
                return ask(request, current, question, written, "sitting/_skip_panel.html")
            outcome = current.skip(position, written, now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, question, error)
        return after_move(request, current, position, outcome)


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
@require_POST
def go_on(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """From a question whose time ran out to the next."""
    with own_interview(request, public_id) as current:
        try:
            outcome = current.go_on(position, lease=whole_number(request.POST, "lease"), now=request.now)
        except ValidationError as error:
            return invalid(request, current, current.shown_question(position), error)
        return after_move(request, current, position, outcome)


@never_interrupted
@with_answer
@require_POST
def finish(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks first, then ends the interview. The text in the open question's form comes along both times."""
    with own_interview(request, public_id) as current:
        try:
            if "confirmed" in request.POST:
                outcome = current.finish(lease=whole_number(request.POST, "lease"), now=request.now)
            else:
                outcome = save_form(request.POST, current, now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, current.current_question(), error)
        if outcome is Outcome.ELSEWHERE:
            return elsewhere(request, current)
        if not current.is_in_progress:
            return interview_page(request, current)
        return region_or_page(request, "sitting/_finish_panel.html", finish_context(current, now=request.now))


@never_interrupted
@with_answer
@require_POST
def pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    with own_interview(request, public_id) as current:
        try:
            outcome = save_form(request.POST, current, now=request.now)
            if outcome is Outcome.ELSEWHERE:
                return elsewhere(request, current)
            current.pause(now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, current.current_question(), error)
        return interview_page(request, current)


@never_interrupted
@with_answer
@require_POST
def write_instead(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The open question, which was to be spoken, is written."""
    with own_interview(request, public_id) as current:
        try:
            outcome = save_form(request.POST, current, now=request.now)
            if outcome is Outcome.ELSEWHERE:
                return elsewhere(request, current)
            current.write_instead(whole_number(request.POST, "position"), now=request.now)
        except (ValidationError, Refused) as error:
            return invalid(request, current, current.current_question(), error)
        return interview_page(request, current)


@never_interrupted
@require_POST
def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    with own_interview(request, public_id) as current:
        current.resume(now=request.now)
        return interview_page(request, current)


def save_form(form: QueryDict, current: Interview, *, now: datetime) -> Outcome:
    """Keeps what stands in the open question's form, before something else is done with the interview."""
    position = whole_number(form, "position")
    written = written_answer(form, current.shown_question(position), is_draft=True)
    return current.save_answer(position, written, now=now)


def sure_or_written(request: HttpRequest, question: InterviewQuestion, *, is_draft: bool) -> Written:
    """What a page sent, or the answer as it is held where the page that asks was answered."""
    if "confirmed" in request.POST:
        return question.held(lease=whole_number(request.POST, "lease"))
    return written_answer(request.POST, question, is_draft=is_draft)


def needs_asking(request: HttpRequest, question: InterviewQuestion) -> bool:
    return question.is_open and "confirmed" not in request.POST


def ask(
    request: HttpRequest, current: Interview, question: InterviewQuestion, written: Written, template: str
) -> HttpResponse:
    """No single press throws work away: what was sent is kept as a draft, and the template asks."""
    outcome = current.save_answer(question.position, written, now=request.now)
    if outcome is Outcome.ELSEWHERE:
        return elsewhere(request, current, question.position)
    return region_or_page(request, template, panel_context(current, now=request.now))


# --- answers to these -----------------------------------------------------------------------------


def interview_page(request: HttpRequest, current: Interview, *, status: int = 200, **changes) -> HttpResponse:
    """Where the interview stands: its current question, the time-out or the pause, or the way to the results."""
    if not current.is_in_progress:
        return leads_to(request, reverse("interviews:results", args=[current.public_id]))
    if current.gives_feedback and (closed := current.current_question()).is_closed:
        return leads_to(request, reverse("interviews:feedback", args=[current.public_id, closed.number]))
    if request.method == "POST" and not request.htmx and status == 200:
        return redirect("interviews:interview", current.public_id)
    template = "sitting/_paused_panel.html" if current.paused_at else "sitting/_question_panel.html"
    return region_or_page(request, template, panel_context(current, now=request.now, **changes), status=status)


def leads_to(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def region_or_page(request: HttpRequest, template: str, context: dict, *, status: int = 200) -> HttpResponse:
    if request.htmx:
        return render(request, template, context, status=status)
    interview = context["interview"]
    takes_voice = interview.takes_voice
    context |= {"panel": template, "takes_voice": takes_voice}
    context |= {"has_maths": interview.asks_with_maths, "takes_code": interview.takes_code}
    response = render(request, "sitting/interview.html", context, status=status)
    if takes_voice:
        response.uses_microphone = True  # config/middleware.py
    return response


def after_move(request: HttpRequest, current: Interview, position: int, outcome: Outcome) -> HttpResponse:
    if outcome is Outcome.ELSEWHERE:
        return elsewhere(request, current, position)
    if outcome is Outcome.LATE:
        asked = current.shown_question(position)
        messages.warning(request, f"{asked} had already ended, so what you sent is kept as late text and not scored.")
    return interview_page(request, current)


def move_step(request: HttpRequest, current: Interview, question: InterviewQuestion) -> HttpResponse:
    """Without JavaScript a step is moved by its button: a draft in the new order."""
    try:
        written = written_answer(request.POST, question, is_draft=True)
        shown = written.answer or [str(step.pk) for step in question.presented_options()]
        written = replace(written, answer=moved(shown, request.POST["move"]))
        outcome = current.save_answer(question.position, written, now=request.now)
    except (ValidationError, Refused) as error:
        return invalid(request, current, question, error)
    return after_move(request, current, question.position, outcome)


def elsewhere(request: HttpRequest, current: Interview, position: int | None = None) -> HttpResponse:
    """Another page has the lease. What was sent is kept; the fragment says so and offers to continue here."""
    context = {"interview": current, "position": position or current.current_question().position}
    if not request.htmx:
        return render(request, "sitting/elsewhere.html", context, status=409)
    response = render(request, "sitting/_elsewhere.html", context, status=409)
    return reswap(retarget(response, f"#save-{context['position']}"), "outerHTML")


def refused_save(request: HttpRequest, current: Interview, question: InterviewQuestion, error) -> HttpResponse:
    context = {"interview": current, "question": question, "errors": messages_of(error)}
    if not request.htmx:
        return invalid(request, current, question, error)
    return render(request, "sitting/_save_refused.html", context, status=422)


def invalid(request: HttpRequest, current: Interview, question: InterviewQuestion, error) -> HttpResponse:
    """The same question again with what was typed and what is wrong with it; nothing has changed."""
    if not question.is_open or not current.is_in_progress:
        return interview_page(request, current)
    answer = [text[:100_000] for text in request.POST.getlist("answer")]
    return interview_page(request, current, status=422, answer=answer, errors=messages_of(error))


def messages_of(error: ValidationError | Refused) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
