"""The coach's side: the inbox, and the review of one interview with autosave, preview, send and undo.

Every page that shows a candidate's answers writes one line into the access log that the candidate reads.
"""

import secrets
from contextlib import contextmanager
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AccessLog
from interviews.coaching import notices
from interviews.coaching.forms.review import DeclineForm, answer_draft, scorecard_draft
from interviews.coaching.models import Appeal, DetailRequest, Review, SaveOutcome, Snippet
from interviews.coaching.models.review import SCORECARD
from interviews.coaching.review_page import ReviewedAnswer, kept_texts, reviewed_answers
from interviews.coaching.scorecard import VERDICTS
from interviews.results.queries import give_results
from interviews.results.views.results import late_text
from interviews.sitting.models import EvidenceChange, Interview, InterviewQuestion, Refused
from interviews.sitting.models.question import in_order
from interviews.sitting.scoring import AFTER_FOLLOW_UP, AFTER_FOLLOW_UP_LABEL, MARK_LABELS
from questions.models import Level

SENT_REVIEWS_SHOWN = 10
DETAILS_SHOWN = 50
APPEALS_SHOWN = 50
REVIEWS_A_PAGE = 50
# What this coach said to this candidate before.
EARLIER_SHOWN = 5
NOT_SAVED = {
    SaveOutcome.STALE: "Changed in another window since this page was loaded.",
    SaveOutcome.HELD: "Another coach is reviewing this interview.",
    SaveOutcome.SENT: "This review has been sent. Take it back first to change it.",
}


@require_safe
def coaching(request: HttpRequest) -> HttpResponse:
    """The inbox: whoever waits longest for a review comes first."""
    reviews = Review.objects.for_coach(request.user).with_people().with_progress()
    found = reviews.awaiting_review().longest_waiting_first()
    waiting = Paginator(found, REVIEWS_A_PAGE).get_page(request.GET.get("page"))
    for review in waiting:
        review.is_elsewhere = review.is_held_by_other(request.user, request.now)
    appeals = Appeal.objects.for_coach(request.user).waiting().with_people().longest_waiting_first()
    context = {
        "waiting": waiting,
        "appeals": list(appeals[:APPEALS_SHOWN]),
        "details": list(DetailRequest.objects.for_coach(request.user).waiting().with_people()[:DETAILS_SHOWN]),
        "sent": list(reviews.sent().order_by("-sent_at")[:SENT_REVIEWS_SHOWN]),
    }
    return render(request, "coaching/inbox.html", context)


@require_safe
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The first answer that is not reviewed yet, else the first."""
    found = own_review(request, public_id)
    questions = found.missing_answers() or found.shown_questions
    if not questions:
        return scorecard_page(request, found)
    return answer_page(request, found, questions[0])


@require_safe
def next_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The one that has waited longest besides this one; the inbox when there is none."""
    found = own_review(request, public_id)
    waiting = Review.objects.for_coach(request.user).awaiting_review().longest_waiting_first()
    following = waiting.exclude(pk=found.pk).select_related("interview").first()
    if following is None:
        messages.info(request, "No other reviews are waiting for you.")
        return redirect("interviews:coaching")
    return redirect("interviews:review", following.interview.public_id)


@require_safe
def review_answer(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    found = own_review(request, public_id)
    return answer_page(request, found, question_at(found, position))


@require_POST
def save_review_answer(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Autosave; from a button also the way on to another part."""
    with review_under_lock(request, public_id) as locked:
        question = question_at(locked, position)
        try:
            outcome = locked.save_answer(
                question, answer_draft(request.POST, question), by=request.user, now=request.now
            )
        except ValidationError as error:
            return refused(request, public_id, str(position), error)
    return after_save(request, locked, str(position), outcome, question=question)


@require_safe
def review_scorecard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return scorecard_page(request, own_review(request, public_id))


@require_POST
def save_review_scorecard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    with review_under_lock(request, public_id) as locked:
        try:
            outcome = locked.save_scorecard(scorecard_draft(request.POST), by=request.user, now=request.now)
        except ValidationError as error:
            return refused(request, public_id, SCORECARD, error)
    return after_save(request, locked, SCORECARD, outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def review_send(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is missing, and exactly what the candidate will see; the POST sends it."""
    if request.method != "POST":
        return send_page(request, own_review(request, public_id, is_whole=True))
    try:
        with review_under_lock(request, public_id, for_grading=True) as locked:
            locked.send(by=request.user, now=request.now)
            notices.review_sent(locked, now=request.now)
            EvidenceChange.note(locked.interview.candidate_id, now=request.now)
    except Refused as error:
        messages.error(request, f"Not sent. {error}")
        return send_page(request, own_review(request, public_id, is_whole=True), status=422)
    messages.success(request, "Review sent. You can take it back for ten minutes.")
    return redirect("interviews:review_send", public_id)


@require_POST
def review_undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    try:
        with review_under_lock(request, public_id, for_grading=True) as locked:
            locked.undo(by=request.user, now=request.now)
            notices.review_taken_back(locked)
            EvidenceChange.note(locked.interview.candidate_id, now=request.now)
    except Refused as error:
        messages.error(request, f"Not taken back. {error}")
    else:
        messages.success(request, "Review taken back. The candidate no longer sees it.")
    return redirect("interviews:review_send", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def review_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Out of this coach's inbox, with a reason that the candidate reads. A repeat leads back to the inbox."""
    try:
        return decline_page(request, public_id)
    except Http404:
        if Review.objects.declined_by(request.user).of_interview(public_id).exists():
            return redirect("interviews:coaching")
        raise


def decline_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = own_review(request, public_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        context = {
            "form": form,
            "heading": "Skip this review?",
            "what": f"{found.interview.candidate}, {found.interview.title}",
            "back": reverse("interviews:review", args=[public_id]),
        }
        return render(request, "coaching/decline.html", context, status=422 if form.errors else 200)
    try:
        with review_under_lock(request, public_id) as locked:
            locked.skip(by=request.user, reason=form.cleaned_data["reason"], now=request.now)
            if not locked.is_waiting:
                notices.review_declined(locked, now=request.now)
    except Refused as error:
        messages.error(request, f"Not skipped. {error}")
        return redirect("interviews:review_send", public_id)
    others = "; the other coaches can still review it" if locked.is_waiting else ", and can ask another coach"
    messages.success(request, f"Removed from your inbox. The candidate can read why{others}.")
    return redirect("interviews:coaching")


# --- whose ------------------------------------------------------------------------------------------


def own_review(request: HttpRequest, public_id: UUID, *, is_whole: bool = False) -> Review:
    """Asked of this coach and covered by a grant that is live now; 404 to everybody else. Read without a lock."""
    reviews = Review.objects.for_coach(request.user).of_interview(public_id).with_people()
    found = (reviews.with_answers() if is_whole else reviews.with_progress()).first()
    if found is None:
        raise Http404
    return found


@contextmanager
def review_under_lock(request: HttpRequest, public_id: UUID, *, for_grading: bool = False):
    reviews = Review.objects.for_coach(request.user)
    reviews = reviews.with_answers() if for_grading else reviews.with_progress()
    try:
        with reviews.under_lock(public_id) as locked:
            yield locked
    except Review.DoesNotExist as missing:
        raise Http404 from missing


def question_at(found: Review, position: int) -> InterviewQuestion:
    for question in found.shown_questions:
        if question.position == position:
            return question
    raise Http404


# --- pages ------------------------------------------------------------------------------------------


def review_page(
    request: HttpRequest, found: Review, template: str, subject: str, context: dict, *, status: int = 200
) -> HttpResponse:
    shared = {
        "review": found,
        "interview": found.interview,
        "candidate": found.interview.candidate,
        "is_elsewhere": found.is_held_by_other(request.user, request.now),
        "snippets": snippets_beside(request, found, context.get("question")),
        "verdicts": VERDICTS.items(),
        "levels": Level.choices,
    }
    return logged_page(request, found.interview, template, subject, shared | context, status=status)


def snippets_beside(request: HttpRequest, found: Review, question: InterviewQuestion | None) -> list[Snippet]:
    cohort_id, question_id = found.interview.cohort_id, question and question.question_id
    return Snippet.objects.beside(question_id, coach=request.user, cohort_id=cohort_id)


def logged_page(
    request: HttpRequest, interview: Interview, template: str, subject: str, context: dict, *, status: int = 200
) -> HttpResponse:
    """Renders a page about somebody's answers, and writes down that it was looked at."""
    with transaction.atomic():
        subject = f"{interview.title}, {interview.started_at:%-d %b %Y}: {subject}"
        AccessLog.objects.note_look(request.user, interview, subject, now=request.now)
        return render(request, template, context, status=status)


def answer_page(
    request: HttpRequest, found: Review, question: InterviewQuestion, *, error: str = "", status: int = 200
) -> HttpResponse:
    positions = [one.position for one in found.shown_questions]
    place = positions.index(question.position)
    context = answer_context(request, found, question) | {
        "here": f"Answer {place + 1} of {len(positions)}",
        "before": positions[place - 1] if place else None,
        "after": positions[place + 1] if place + 1 < len(positions) else SCORECARD,
        "error": error,
    }
    return review_page(request, found, "coaching/answer.html", f"answer {question.position}", context, status=status)


def answer_context(request: HttpRequest, found: Review, question: InterviewQuestion) -> dict:
    """What `_answer.html` and `_marks.html` need: the question with everything that its result shows."""
    give_results(in_order([question, *question.follow_ups.all()]))
    question.interview = found.interview
    return {
        "question": question,
        "version": question.version,
        "position": question.position,
        "answer": question.answer,
        "options": question.presented_options(),
        "result_template": question.format.result_template,
        "reviewed": ReviewedAnswer(question, found.answer_to(question), found),
        "late": late_text(question),
        "mark_words": MARK_LABELS.items(),
        "later_mark": AFTER_FOLLOW_UP,
        "later_word": AFTER_FOLLOW_UP_LABEL,
        "has_maths": question.version.has_maths,
        "page_name": secrets.token_hex(8),
        "is_readonly": is_readonly(request, found),
        "kept": kept(request, found, str(question.position), SCORECARD),  # which stands beside it
    }


def scorecard_page(request: HttpRequest, found: Review, *, error: str = "", status: int = 200) -> HttpResponse:
    said = Review.objects.for_coach(request.user).sent().by_coach(request.user)  # as far as a grant still reaches
    said = said.of_candidate(found.interview.candidate).exclude(pk=found.pk)
    context = {
        "page_name": secrets.token_hex(8),
        "earlier": list(said.select_related("interview").order_by("-sent_at")[:EARLIER_SHOWN]),
        "before": found.shown_questions[-1].position if found.shown_questions else None,
        "is_readonly": is_readonly(request, found),
        "kept": kept(request, found, SCORECARD),
        "error": error,
    }
    return review_page(request, found, "coaching/scorecard.html", "scorecard", context, status=status)


def send_page(request: HttpRequest, found: Review, *, status: int = 200) -> HttpResponse:
    context = {
        "missing_answers": found.missing_answers(),
        "answers_misquoted": found.answers_misquoted(),
        "missing_in_scorecard": found.missing_in_scorecard(),
        "answers": [one for one in reviewed_answers(found) if one.has_content],
        "can_undo": found.can_undo(request.now),
        "has_maths": True,  # the coach's own words may hold some, too
    }
    return review_page(request, found, "coaching/send.html", "preview of the review", context, status=status)


def is_readonly(request: HttpRequest, found: Review) -> bool:
    return found.is_sent or found.is_held_by_other(request.user, request.now)


def kept(request: HttpRequest, found: Review, *parts: str) -> list[tuple]:
    return kept_texts(found.kept_drafts.of_parts(*parts, by=request.user)) if not found.is_sent else []


# --- answers to a save ------------------------------------------------------------------------------


def after_save(
    request: HttpRequest, saved: Review, part: str, outcome: SaveOutcome, *, question: InterviewQuestion | None = None
) -> HttpResponse:
    """To htmx the state of the save; to a button the way on. What could not be saved is kept, and says so (409)."""
    public_id = saved.interview.public_id
    if outcome is not SaveOutcome.SAVED:
        return refused(request, public_id, part, NOT_SAVED[outcome], status=409)
    if not request.htmx:
        return redirect(*target(public_id, request.POST.get("go", part)))
    return saved_fragment(request, saved, question)


def saved_fragment(request: HttpRequest, saved: Review, question: InterviewQuestion | None) -> HttpResponse:
    """The state of the save, and out of band what follows from it."""
    said = saved.answer_to(question) if question else saved
    context = {
        "review": saved,
        "part_rev": said.rev,
        "rev_id": "review-rev" if question else "scorecard-rev",
        "saved_at": request.now,
        "reviewed": ReviewedAnswer(question, said, saved) if question else None,
        "question": question,
    }
    return render(request, "coaching/_saved.html", context)


def target(public_id: UUID, part: str) -> tuple:
    """The arguments of `redirect` for a part of the review, as the buttons name it."""
    if part == "send":
        return "interviews:review_send", public_id
    if part.isdecimal() and len(part) < 4:
        return "interviews:review_answer", public_id, int(part)
    return "interviews:review_scorecard", public_id


def refusal_text(reason: ValidationError | str) -> str:
    return " ".join(reason.messages) if isinstance(reason, ValidationError) else reason


def refused(request: HttpRequest, public_id: UUID, part: str, reason, *, status: int = 422) -> HttpResponse:
    """Not saved, and why. Without JavaScript the whole page again, with the text that was kept."""
    text = refusal_text(reason)
    if request.htmx:
        context = {"reason": text, "is_kept": status == 409}
        return render(request, "coaching/_not_saved.html", context, status=status)
    found = own_review(request, public_id)
    if part == SCORECARD:
        return scorecard_page(request, found, error=text, status=status)
    return answer_page(request, found, question_at(found, int(part)), error=text, status=status)
