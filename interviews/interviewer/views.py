"""Answering a point again, beside the first answer; and letting a language model read one's answers, or not."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import never_interrupted
from interviews.interviewer import graders
from interviews.interviewer.models import ModelConsent, SecondTry
from interviews.interviewer.models.again import LONGEST_TRY, MOST_TRIES
from interviews.interviewer.models.asked import KEPT
from interviews.sitting.models import InterviewQuestion
from interviews.sitting.scoring import MARK_LABELS
from questions.models import RubricPoint


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, public_id: UUID, position: int, pk: int) -> HttpResponse:
    """The tries so far beside the first answer; the POST hands the running one in, also after its time."""
    question, point = own_point(request, public_id, position, pk)
    if request.method != "POST":
        return again_page(request, question, point)
    text = sent_text(request)
    if len(text) > LONGEST_TRY or not text.strip():
        error = f"Use at most {LONGEST_TRY:,} characters." if text.strip() else "Write something first."
        return again_page(request, question, point, text=text, error=error, status=422)
    with transaction.atomic():
        running = SecondTry.objects.of_point(question, point).filter(handed_in_at=None).select_for_update().first()
        if running:
            running.hand_in(text, now=request.now)
    return redirect("interviews:again", public_id, position, pk)


@never_interrupted
@require_POST
def save_again(request: HttpRequest, public_id: UUID, position: int, pk: int) -> HttpResponse:
    """Autosave of the running try, also after its time."""
    question, point = own_point(request, public_id, position, pk)
    text = sent_text(request)
    if len(text) > LONGEST_TRY:
        return HttpResponse(f"Not saved: use at most {LONGEST_TRY:,} characters.", status=422)
    is_saved = SecondTry.objects.of_point(question, point).save_draft(text)
    if not request.htmx:
        return redirect("interviews:again", public_id, position, pk)
    return HttpResponse("Saved" if is_saved else "This try was submitted in another window.")


def sent_text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")


@require_POST
def start_again(request: HttpRequest, public_id: UUID, position: int, pk: int) -> HttpResponse:
    question, point = own_point(request, public_id, position, pk)
    with transaction.atomic():
        InterviewQuestion.objects.select_for_update().get(pk=question.pk)
        if SecondTry.objects.of_point(question, point).count() < MOST_TRIES:
            SecondTry.objects.begin(question, point, now=request.now)
    return redirect("interviews:again", public_id, position, pk)


@require_POST
def mark_again(request: HttpRequest, public_id: UUID, position: int, pk: int) -> HttpResponse:
    """One's own mark of the newest try, by the same point."""
    question, point = own_point(request, public_id, position, pk)
    mark = request.POST.get("mark", "")
    newest = SecondTry.objects.of_point(question, point).filter(handed_in_at__isnull=False).last()
    if newest and mark in MARK_LABELS:
        newest.mark = mark
        newest.save(update_fields=["mark"])
    return redirect("interviews:again", public_id, position, pk)


def own_point(request: HttpRequest, public_id: UUID, position: int, pk: int) -> tuple[InterviewQuestion, RubricPoint]:
    """Of the candidate's own finished interview, once the answer was revealed: before, a point would give it away."""
    questions = InterviewQuestion.objects.drawn().shown().select_related("interview", "version")
    own = questions.filter(interview__in=request.user.interviews.finished())
    question = get_object_or_404(own, interview__public_id=public_id, position=position)
    if not (question.is_for_rubric and question.is_revealed):
        raise Http404
    return question, get_object_or_404(question.version.rubric_points, pk=pk)


def again_page(
    request: HttpRequest,
    question: InterviewQuestion,
    point: RubricPoint,
    *,
    text: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    tries = list(SecondTry.objects.of_point(question, point))
    for one in tries:
        one.question = question
    running = next((one for one in tries if one.handed_in_at is None), None)
    done = [one for one in tries if one.handed_in_at]
    context = {
        "interview": question.interview,
        "question": question,
        "version": question.version,
        "point": point,
        "running": running,
        "left": running and running.left(request.now),
        "done": done[::-1],
        "may_start": len(tries) < MOST_TRIES,
        "marks": MARK_LABELS.items(),
        "text": text or (running.text if running else ""),
        "error": error,
        "has_maths": question.version.has_maths,
        "longest": LONGEST_TRY,
    }
    return render(request, "interviewer/again.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def language_model(request: HttpRequest) -> HttpResponse:
    """What is sent where, before anybody lets it; where the site names no model there is no such page."""
    if not graders.is_on():
        raise Http404
    if request.method == "POST":
        if request.POST.get("allow") == "yes":
            ModelConsent.objects.give(request.user, now=request.now)
            messages.success(request, "From your next interview on, a language model reads your open answers.")
        else:
            ModelConsent.objects.withdraw(request.user, now=request.now)
            messages.success(request, "No more of your answers are sent to a language model.")
        return redirect("interviews:language_model")
    consent = ModelConsent.objects.live().filter(candidate=request.user).first()
    context = {"consent": consent, "service": graders.service(), "model": settings.LLM_MODEL, "calls_days": KEPT.days}
    return render(request, "interviewer/language_model.html", context)
