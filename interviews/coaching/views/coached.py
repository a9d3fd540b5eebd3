"""A coach's candidates: all of them, one of them, their report, and interviews to assign."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessLog, User
from interviews.coaching import coached, notices
from interviews.coaching.forms.assignment import AssignForm
from interviews.coaching.models import Assignment
from interviews.report.models import WeaknessReport
from interviews.report.page import ReportPage, topics_by_slug
from interviews.report.views.report import evidence_context
from interviews.sitting.models import Refused
from questions.models import Track


@require_safe
def candidates(request: HttpRequest) -> HttpResponse:
    """Who waits, and who is stuck on what."""
    search, only = (request.GET.get(name, "").strip()[:100].replace("\0", "") for name in ("q", "only"))
    with transaction.atomic():
        found = coached.CandidateList(
            request.user, search=search, only=only, page=request.GET.get("page"), now=request.now
        )
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "found": found,
        "rows": found.rows,
        "filters": coached.FILTERS.items(),
        "query": query.urlencode(),
        "today": timezone.localdate(),
    }
    return render(request, "coaching/candidates.html", context)


@require_safe
def candidate(request: HttpRequest, pk: int) -> HttpResponse:
    return candidate_page(request, own_candidate(request, pk))


def own_candidate(request: HttpRequest, pk: int) -> User:
    """By a grant that is live now; 404 to everybody else, former coaches as well."""
    return get_object_or_404(coached.candidates_of(request.user), pk=pk)


def candidate_page(
    request: HttpRequest, found: User, *, form: AssignForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "page": coached.CandidatePage(request.user, found, today=timezone.localdate()),
        "candidate": found,
        "form": form or AssignForm(tracks=list(Track.objects.active())),
    }
    return render(request, "coaching/candidate.html", context, status=status)


@require_safe
def candidate_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The candidate's own page parts, without their buttons. The candidate reads that it was looked at."""
    found = get_object_or_404(coached.candidates_with_report(request.user), pk=pk)
    newest = found.reports.first()
    with transaction.atomic():
        if newest:
            log_look(request, newest)
        page = ReportPage(newest, found, topics_by_slug(), is_for_coach=True) if newest else None
        return render(request, "coaching/candidate_report.html", {"candidate": found, "page": page})


def log_look(request: HttpRequest, report: WeaknessReport, part: str = "") -> None:
    AccessLog.objects.create(
        actor=request.user,
        candidate_id=report.candidate_id,
        subject=f"Weakness report of {report.compiled_at:%-d %b %Y}{part}",
        at=request.now,
    )


@require_safe
def candidate_evidence(request: HttpRequest, pk: int, claim: str) -> HttpResponse:
    """The answers behind one claim of the report; a look of its own."""
    found = get_object_or_404(coached.candidates_with_report(request.user), pk=pk)
    return evidence_response(request, "coaching/candidate_evidence.html", found, claim)


@require_safe
def candidate_evidence_panel(request: HttpRequest, pk: int, claim: str) -> HttpResponse:
    """The same answers alone, for the report in which the claim was opened."""
    found = get_object_or_404(coached.candidates_with_report(request.user), pk=pk)
    if not request.htmx:
        return redirect("interviews:candidate_evidence", pk, claim)
    return evidence_response(request, "report/_evidence.html", found, claim)


def evidence_response(request: HttpRequest, template: str, found: User, claim: str) -> HttpResponse:
    context = evidence_context(found, claim, found.reports.first(), is_for_coach=True)
    with transaction.atomic():
        log_look(request, context["page"].report, ": answers behind it")
        return render(request, template, context | {"candidate": found})


@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    found = own_candidate(request, pk)
    form = AssignForm(request.POST, tracks=list(Track.objects.active()))
    if form.is_valid():
        try:
            with transaction.atomic():
                assignment = Assignment.objects.assign(
                    coach=request.user, candidate=found, now=request.now, **form.cleaned_data
                )
                notices.assigned(assignment, now=request.now)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Assigned. We've told {found}.")
            return redirect("interviews:candidate", found.pk)
    return candidate_page(request, found, form=form, status=422)


@require_POST
def withdraw_assignment(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        with Assignment.objects.of_coach(request.user).under_lock(pk) as locked:
            locked.withdraw(now=request.now)
            notices.assignment_withdrawn(locked)
    except Assignment.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Assignment withdrawn.")
    return redirect("interviews:candidate", locked.candidate_id)
