"""A point of a sent review is appealed by its candidate and marked a second time by a coach."""

import secrets
from contextlib import contextmanager
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviews.coaching import notices
from interviews.coaching.forms.review import AppealForm, DeclineForm, RatingForm, appeal_draft
from interviews.coaching.models import Appeal, Review, SaveOutcome
from interviews.coaching.review_page import ReviewedAnswer, kept_texts
from interviews.coaching.views.reviewing import logged_page, question_at
from interviews.results.queries import for_results
from interviews.results.views.results import results_page
from interviews.sitting.models import EvidenceChange, InterviewQuestion, Refused
from interviews.sitting.scoring import MARK_LABELS

NOT_SAVED = {
    SaveOutcome.STALE: "Changed in another window since this page was loaded.",
    SaveOutcome.SENT: "This appeal has been answered or withdrawn.",
}


# --- the candidate ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, public_id: UUID, position: int, pk: int) -> HttpResponse:
    """One point (`pk`) of the newest sent review: the mark, why it should be another one, and who marks it again."""
    review = own_sent_review(request, public_id)
    question = question_at(review, position)
    row = marked_point(review, question, pk)
    if not row["can_appeal"]:  # it is appealed already: a double click, the back button
        return redirect(result_of(public_id, position))
    coaches = review.interview.coaches()
    form = AppealForm(request.POST if request.method == "POST" else None, coaches=coaches, first=review.coach)
    if form.is_bound and form.is_valid():
        try:
            with Review.objects.of_candidate(request.user).sent().under_lock(public_id) as locked:
                if locked != review:
                    raise Refused("There's a newer review of this interview.")
                reason = form.cleaned_data["reason"]
                asked = Appeal.objects.ask(
                    locked, question, row["point"], coach=form.chosen_coach, reason=reason, now=request.now
                )
                notices.appeal_asked(asked, now=request.now)
        except Refused as error:
            messages.error(request, f"Not sent. {error}")
        except Review.DoesNotExist as missing:
            raise Http404 from missing
        else:
            messages.success(request, f"You've asked {form.chosen_coach} to mark this point again.")
        return redirect(result_of(public_id, position))
    context = {
        "interview": review.interview,
        "question": question,
        "version": question.version,
        "review": review,
        "row": row,
        "form": form,
    }
    return render(request, "coaching/ask_appeal.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw_appeal(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    with appeal_under_lock(Appeal.objects.of_candidate(request.user), public_id, pk) as locked:
        try:
            locked.withdraw(by=request.user, now=request.now)
            notices.appeal_withdrawn(locked)
        except Refused as error:
            messages.error(request, f"Not withdrawn. {error}")
        else:
            messages.success(request, "Appeal withdrawn.")
    return redirect(result_of(public_id, locked.question.position))


@require_POST
def rate_review(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """What the candidate thinks of a review, for its coach; a later rating replaces it."""
    reviews = Review.objects.of_candidate(request.user).sent().filter(pk=pk)
    form = RatingForm(request.POST)
    try:
        with reviews.under_lock(public_id) as locked:
            if form.is_valid():
                locked.rate(form.cleaned_data["rating"], form.cleaned_data["comment"], now=request.now)
    except Review.DoesNotExist as missing:
        raise Http404 from missing
    if form.errors:
        return results_page(request, locked.interview, rating_form=(pk, form), status=422)
    messages.success(request, "Thank you. Your coach can read your rating.")
    return redirect(reverse("interviews:results", args=[public_id]) + f"#review-{pk}")


def own_sent_review(request: HttpRequest, public_id: UUID) -> Review:
    """The newest of one's own interview; 404 without one, and while the interview goes on."""
    sent = Review.objects.of_candidate(request.user).sent().of_interview(public_id)
    found = sent.with_people().with_answers().defer("private_notes").first()
    if found is None or not found.interview.is_finished:
        raise Http404
    return found


def marked_point(review: Review, question: InterviewQuestion, pk: int) -> dict:
    """The point's row (ReviewedAnswer.point_row); 404 where there is no mark."""
    reviewed = ReviewedAnswer(question, review.answer_to(question), review, may_be_appealed=True)
    for row in reviewed.points:
        if row["point"].pk == pk and row["mark"]:
            return row
    raise Http404


def result_of(public_id: UUID, position: int) -> str:
    return reverse("interviews:results", args=[public_id]) + f"#result-{position}"


# --- the coach --------------------------------------------------------------------------------------


@require_safe
def coach_appeal(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    return appeal_page(request, asked_appeal(request, public_id, pk))


@require_POST
def save_appeal(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Autosave; from the button also the way on to the preview."""
    with appeal_under_lock(Appeal.objects.for_coach(request.user), public_id, pk) as locked:
        try:
            outcome = locked.save_draft(appeal_draft(request.POST), by=request.user, now=request.now)
        except ValidationError as error:
            return not_saved(request, locked, " ".join(error.messages), status=422)
    if outcome is not SaveOutcome.SAVED:
        return not_saved(request, locked, NOT_SAVED[outcome], status=409)
    if not request.htmx:
        return redirect("interviews:answer_appeal", public_id, pk)
    return render(request, "coaching/_saved.html", {"part_rev": locked.rev, "saved_at": request.now})


@require_http_methods(["GET", "HEAD", "POST"])
def answer_appeal(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """What the candidate will read; the POST makes the second mark count."""
    if request.method != "POST":
        return answer_page(request, asked_appeal(request, public_id, pk))
    try:
        with appeal_under_lock(Appeal.objects.for_coach(request.user), public_id, pk) as locked:
            locked.answer(by=request.user, now=request.now)
            notices.appeal_answered(locked, now=request.now)
            EvidenceChange.note(locked.review.interview.candidate_id, now=request.now)
    except Refused as error:
        messages.error(request, f"Not sent. {error}")
        return answer_page(request, asked_appeal(request, public_id, pk), status=422)
    messages.success(request, "Second mark sent. It counts from now on.")
    return redirect("interviews:coaching")


@require_http_methods(["GET", "HEAD", "POST"])
def give_back_appeal(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Out of the inbox, with a reason that the candidate reads; they can ask somebody else. A repeat leads there."""
    try:
        return give_back_page(request, public_id, pk)
    except Http404:
        if Appeal.objects.given_back_by(request.user).of_interview(public_id).filter(pk=pk).exists():
            return redirect("interviews:coaching")
        raise


def give_back_page(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    found = asked_appeal(request, public_id, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        context = {
            "form": form,
            "heading": "Give this appeal back?",
            "what": f"{found.review.interview.candidate}: {found.question.version.title}",
            "back": reverse("interviews:coach_appeal", args=[public_id, pk]),
        }
        return render(request, "coaching/decline.html", context, status=422 if form.errors else 200)
    try:
        with appeal_under_lock(Appeal.objects.for_coach(request.user), public_id, pk) as locked:
            locked.withdraw(by=request.user, reason=form.cleaned_data["reason"], now=request.now)
            notices.appeal_answered(locked, now=request.now)
    except Refused as error:
        messages.error(request, f"Not given back. {error}")
    else:
        messages.success(request, "We've told the candidate, who can ask another coach.")
    return redirect("interviews:coaching")


def asked_appeal(request: HttpRequest, public_id: UUID, pk: int) -> Appeal:
    """Asked of this coach and covered by a grant that is live now; 404 to everybody else. Read without a lock."""
    found = Appeal.objects.for_coach(request.user).of_interview(public_id).with_people().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@contextmanager
def appeal_under_lock(appeals, public_id: UUID, pk: int):
    try:
        with appeals.of_interview(public_id).under_lock(pk) as locked:
            yield locked
    except Appeal.DoesNotExist as missing:
        raise Http404 from missing


def appeal_page(request: HttpRequest, found: Appeal, *, error: str = "", status: int = 200) -> HttpResponse:
    template, subject = "coaching/appeal.html", f"appeal about answer {found.question.position}"
    drafts = found.review.kept_drafts.of_parts(found.part, by=request.user) if found.is_waiting else []
    context = appeal_context(found) | {
        "mark_words": MARK_LABELS.items(),
        "kept": kept_texts(drafts),
        "error": error,
        "page_name": secrets.token_hex(8),
    }
    return logged_page(request, found.review.interview, template, subject, context, status=status)


def answer_page(request: HttpRequest, found: Appeal, *, status: int = 200) -> HttpResponse:
    template, subject = "coaching/answer_appeal.html", f"second mark of answer {found.question.position}"
    return logged_page(request, found.review.interview, template, subject, appeal_context(found), status=status)


def appeal_context(found: Appeal) -> dict:
    """The answer, the point and its first mark. `found` comes with its people."""
    question = for_results(InterviewQuestion.objects.all()).get(pk=found.question_id)
    review = found.review
    question.interview = review.interview
    reviewed = ReviewedAnswer(question, review.answer_to(question), review)
    return {
        "appeal": found,
        "review": review,
        "interview": review.interview,
        "candidate": review.interview.candidate,
        "question": question,
        "version": question.version,
        "position": question.position,
        "reviewed": reviewed,
        "row": reviewed.point_row(found.point),
    }


def not_saved(request: HttpRequest, found: Appeal, reason: str, *, status: int) -> HttpResponse:
    """Without JavaScript the whole page again, with the text that was kept."""
    if request.htmx:
        context = {"reason": reason, "is_kept": status == 409}
        return render(request, "coaching/_not_saved.html", context, status=status)
    return appeal_page(
        request, asked_appeal(request, found.review.interview.public_id, found.pk), error=reason, status=status
    )
