"""Marking by question: what there is to mark, one answer after the other, names hidden by choice."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Cohort
from interviews.coaching import cohort_notices
from interviews.coaching.by_question import Stack, questions_to_mark, waiting_answers
from interviews.coaching.forms.review import answer_draft
from interviews.coaching.models import SaveOutcome
from interviews.coaching.views.cohorts import own_cohort
from interviews.coaching.views.reviewing import (
    NOT_SAVED,
    answer_context,
    logged_page,
    own_review,
    question_at,
    refusal_text,
    review_under_lock,
    saved_fragment,
    snippets_beside,
)
from interviews.sitting.models import InterviewQuestion

HIDES_NAMES = "coaching_hides_names"


@require_safe
def mark_by_question(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions that somebody of the cohort waits to have marked."""
    found = own_cohort(request, pk)
    cohort_notices.ask_reviews(cohort=found, now=request.now)  # what the worker would ask for in a moment
    questions = questions_to_mark(found, request.user)
    context = {
        "cohort": found,
        "questions": questions,
        "left": sum(one.left for one in questions),
        "hides_names": request.session.get(HIDES_NAMES, True),
    }
    return render(request, "coaching/mark_by_question.html", context)


@require_POST
def hide_names(request: HttpRequest, pk: int) -> HttpResponse:
    own_cohort(request, pk)
    request.session[HIDES_NAMES] = request.POST.get("hides") == "yes"
    return redirect("interviews:mark_by_question", pk)


@require_safe
def mark_question(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """On to the next answer without marks; back to the questions when there is none."""
    found = own_cohort(request, pk)
    stack = Stack(found, request.user, version)
    after = request.GET.get("after", "")
    following = stack.next_unmarked(int(after) if after.isascii() and after.isdigit() and len(after) < 12 else None)
    if following is None:
        if stack.order:
            messages.success(request, "Every answer to this question is marked.")
        return redirect("interviews:mark_by_question", pk)
    return redirect("interviews:mark_answer", pk, version, following)


@require_safe
def mark_answer(request: HttpRequest, pk: int, version: int, answer: int) -> HttpResponse:
    return marking_page(request, own_cohort(request, pk), version, answer)


def own_answer(request: HttpRequest, found: Cohort, version: int, answer: int) -> InterviewQuestion:
    waiting = waiting_answers(found, request.user).filter(version=version)
    return get_object_or_404(waiting.select_related("interview"), pk=answer)


def marking_page(
    request: HttpRequest, found: Cohort, version: int, answer: int, *, error: str = "", status: int = 200
) -> HttpResponse:
    waiting = own_answer(request, found, version, answer)
    review = own_review(request, waiting.interview.public_id)
    question = question_at(review, waiting.position)
    stack = Stack(found, request.user, version)
    hides_names = request.session.get(HIDES_NAMES, True)
    place = stack.place(answer)
    context = answer_context(request, review, question) | {
        "cohort": found,
        "review": review,
        "interview": review.interview,
        "who": f"Answer {place}" if hides_names else str(review.interview.candidate),
        "hides_names": hides_names,
        "place": place,
        "stack": stack,
        "before": stack.before(answer),
        "answer_pk": answer,
        "is_readonly": review.is_sent,
        "snippets": snippets_beside(request, review, question),
        "error": error,
    }
    subject = f"answer {question.position}, marked by question"
    return logged_page(request, review.interview, "coaching/mark_answer.html", subject, context, status=status)


@require_POST
def save_marked_answer(request: HttpRequest, pk: int, version: int, answer: int) -> HttpResponse:
    """Into the person's own review, as if it had been opened by itself; from a button on to the next answer."""
    found = own_cohort(request, pk)
    waiting = own_answer(request, found, version, answer)
    with review_under_lock(request, waiting.interview.public_id) as locked:
        question = question_at(locked, waiting.position)
        try:
            draft = answer_draft(request.POST, question)
        except ValidationError as error:
            return not_saved(request, found, version, answer, refusal_text(error), status=422)
        outcome = locked.save_answer(question, draft, by=request.user, now=request.now, holds_review=False)
    if outcome is not SaveOutcome.SAVED:
        return not_saved(request, found, version, answer, NOT_SAVED[outcome], status=409)
    if request.htmx:
        return saved_fragment(request, locked, question)
    go = request.POST.get("go", "")
    if go.isascii() and go.isdigit() and len(go) < 12:
        return redirect("interviews:mark_answer", pk, version, int(go))
    response = redirect("interviews:mark_question", pk, version)
    response["Location"] += f"?after={answer}"
    return response


def not_saved(
    request: HttpRequest, found: Cohort, version: int, answer: int, reason: str, *, status: int
) -> HttpResponse:
    if request.htmx:
        context = {"reason": reason, "is_kept": status == 409}
        return render(request, "coaching/_not_saved.html", context, status=status)
    return marking_page(request, found, version, answer, error=reason, status=status)
