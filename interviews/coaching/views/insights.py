"""What a cohort as a whole misses, and the answers behind a number."""

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from interviews.coaching import coached
from interviews.coaching.insights import FEWEST_MEMBERS, Insights
from interviews.coaching.models import AnswerReview, CohortAssignment
from interviews.coaching.views.cohorts import own_cohort, query_without_page
from interviews.sitting.models import Interview, InterviewQuestion
from questions.models import QuestionVersion

ANSWERS_A_PAGE = 20


def number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_safe
def cohort_insights(request: HttpRequest, pk: int) -> HttpResponse:
    found = own_cohort(request, pk)
    given = number(request, "given")
    context = {
        "cohort": found,
        "insights": Insights(found, request.user, given=given),
        "assignments": list(CohortAssignment.objects.filter(cohort=found).select_related("track")),
        "chosen": given,
        "fewest": FEWEST_MEMBERS,
    }
    return render(request, "coaching/cohort_insights.html", context)


@require_safe
def cohort_answers(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """The answers to one question that this coach may read, as long as enough members gave one; each a look."""
    found = own_cohort(request, pk)
    readable = Interview.objects.reviewable_by(request.user).filter(cohort=found)
    answers = InterviewQuestion.objects.drawn().shown().filter(interview__in=readable, version=version)
    if answers.values("interview__candidate").distinct().count() < FEWEST_MEMBERS:
        raise Http404
    asked = get_object_or_404(QuestionVersion, pk=version)
    about, narrowed = narrowed_to(request, asked)
    chosen = answers.filter(narrowed).select_related("interview__candidate").order_by("-closed_at", "-pk").distinct()
    with transaction.atomic():
        page = Paginator(chosen, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
        people = list({one.interview.candidate_id: one.interview.candidate for one in page}.values())
        coached.log_looks(
            request.user, people, subject=f"Answers to “{asked.title}” in a cohort"[:200], now=request.now
        )
        context = {
            "cohort": found,
            "version": asked,
            "about": about,
            "page": page,
            "query": query_without_page(request),
        }
        return render(request, "coaching/cohort_answers.html", context)


def narrowed_to(request: HttpRequest, asked: QuestionVersion) -> tuple[str, Q]:
    """(what they have in common, in words; the answers that have it)."""
    if point := asked.rubric_points.filter(pk=number(request, "point")).first():
        missed = {str(point.pk): "missed"}
        return f"Missed: {point.text}", said(Q(marks__contains=missed), Q(grades__evidence__points__contains=missed))
    if wrong := asked.misconceptions.filter(pk=number(request, "misconception")).first():
        graded = Q(grades__evidence__misconceptions__contains=wrong.pk)
        return f"Said: {wrong.statement}", said(Q(misconceptions__contains=wrong.pk), graded)
    return "", Q()


def said(by_coach: Q, by_grade: Q) -> Q:
    """By a coach's marks; where there are none, by the grades."""
    marked = AnswerReview.objects.filter(question=OuterRef("pk"), is_complete=True, review__withdrawn_at=None)
    return Q(Exists(marked.filter(by_coach))) | (by_grade & ~Q(Exists(marked)))
