"""The weakness report: its page, the panel that waits for it, and its raw numbers."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from interviews.report import anki, exports
from interviews.report.changes import Compared
from interviews.report.compiling import changes_since
from interviews.report.evidence import answers_behind, with_answers
from interviews.report.forms import SinceForm, TargetForm
from interviews.report.models import WeaknessReport
from interviews.report.opening import opening
from interviews.report.page import ReportPage, earlier_reports, topics_by_slug
from interviews.report.parts import NAMED_ANSWERS
from interviews.report.practice_page import practice_page
from interviews.report.stored import let_out
from interviews.sitting.models import EvidenceChange


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    return render(request, "report/report.html", panel_context(request))


@require_safe
def report_panel(request: HttpRequest) -> HttpResponse:
    """The report alone. While a newer one is asked for, it polls; once that stands, it does no more."""
    if not request.htmx:
        return redirect("interviews:report")
    return render(request, "report/_panel.html", panel_context(request))


def panel_context(request: HttpRequest) -> dict:
    asked = EvidenceChange.objects.filter(candidate=request.user).first()
    newest = WeaknessReport.newest(request.user)
    topics = topics_by_slug()
    practice = practice_page(request.user, newest, topics, now=request.now)
    page = None
    if newest:
        changes = chosen_changes(request, newest)
        page = ReportPage(
            newest,
            request.user,
            topics,
            changes=changes,
            changes_query=since_query(request),
            drill_notes=practice.drill_notes,
        )
    is_pending = bool(asked and asked.is_pending and not asked.has_failed)
    # Every two seconds at first; somebody whose worker is away is not asked about it for ever that often.
    waited = (request.now - asked.requested_at).total_seconds() if is_pending else 0
    return {
        "report": newest,
        "page": page,
        "opening": opening(page, practice) if page else [],
        "earlier_reports": earlier_reports(newest, request.user) if newest else [],
        "practice": practice,
        "since_query": since_query(request),
        "is_pending": is_pending,
        "has_failed": bool(asked and asked.has_failed),
        "poll_seconds": 2 if waited < 60 else 15,
        "target_form": TargetForm(initial={"level": request.user.target_level}),
    }


@require_safe
def report_evidence(request: HttpRequest, claim: str) -> HttpResponse:
    """The answers behind one claim of the newest report."""
    return render(request, "report/evidence.html", own_evidence(request, claim))


@require_safe
def report_evidence_panel(request: HttpRequest, claim: str) -> HttpResponse:
    """The same answers alone, for the report in which the claim was opened."""
    if not request.htmx:
        return redirect("interviews:report_evidence", claim)
    return render(request, "report/_evidence.html", own_evidence(request, claim))


def own_evidence(request: HttpRequest, claim: str) -> dict:
    newest = request.user.reports.first()
    changes = newest and chosen_changes(request, newest)
    return evidence_context(request.user, claim, newest, changes=changes, changes_query=since_query(request))


def evidence_context(
    candidate: User,
    key: str,
    newest: WeaknessReport | None,
    *,
    is_for_coach: bool = False,
    **changes,
) -> dict:
    """404 where the newest report makes no such claim, or has no answers behind it."""
    page = newest and ReportPage(newest, candidate, topics_by_slug(), is_for_coach=is_for_coach, **changes)
    claim = page and page.claims.get(key)
    if not claim:
        raise Http404
    answers = answers_behind(claim, candidate, newest)
    misses = with_answers(newest.data["misconceptions"], answers) if claim == page.misses else []
    return {
        "page": page,
        "claim": claim,
        "answers": answers,
        "misses": misses,
        "most": NAMED_ANSWERS,
        "subtopics": page.subtopics.get(claim.topic, ()) if claim.topic else (),
    }


def chosen_changes(request: HttpRequest, newest: WeaknessReport) -> dict | None:
    """Those since an earlier report or interview of one's own that was asked for; None: what the report itself has."""
    chosen = SinceForm(request.GET)
    if not chosen.is_valid():
        return None
    compared = None
    if public_id := chosen.cleaned_data["earlier"]:
        report = request.user.reports.filter(public_id=public_id, pk__lt=newest.pk).first()
        compared = report and Compared(report.compiled_at, report)
    elif public_id := chosen.cleaned_data["interview"]:
        interview = request.user.interviews.filter(public_id=public_id).first()
        compared = interview and Compared(interview.started_at)
    return compared and changes_since(newest, compared)


def since_query(request: HttpRequest) -> str:
    """What was asked for, so that the addresses that follow ask for the same."""
    chosen = SinceForm(request.GET)
    asked = {name: value for name, value in chosen.cleaned_data.items() if value} if chosen.is_valid() else {}
    return f"?{urlencode(asked)}" if asked else ""


@require_POST
def report_target(request: HttpRequest) -> HttpResponse:
    """Measure me against another level: stored, and the report compiled anew."""
    form = TargetForm(request.POST)
    if form.is_valid() and form.cleaned_data["level"] != request.user.target_level:
        request.user.target_level = form.cleaned_data["level"]
        request.user.save(update_fields=["target_level"])
        EvidenceChange.note(request.user.pk, now=request.now)
    return redirect("interviews:report")


@require_safe
def report_json(request: HttpRequest) -> JsonResponse:
    """The raw numbers of the newest report; 404 before there is one."""
    newest = request.user.reports.first()
    if newest is None:
        return JsonResponse({"error": "No report has been compiled yet."}, status=404)
    return JsonResponse(
        {"compiled_at": newest.compiled_at.isoformat(), **let_out(newest.data)}, json_dumps_params={"indent": 1}
    )


@require_safe
def report_csv(request: HttpRequest) -> HttpResponse:
    """The topics of the newest report; 404 before there is one."""
    newest = request.user.reports.first()
    if newest is None:
        raise Http404
    return download(exports.report_csv(newest), "text/csv; charset=utf-8", "holdout-report.csv")


@require_safe
def missed_questions(request: HttpRequest) -> HttpResponse:
    """The candidate's missed questions with their answers, to import into Anki."""
    content = anki.missed_questions(request.user, now=request.now)
    return download(content, "application/octet-stream", "holdout-missed-questions.apkg")


@require_safe
def missed_questions_text(request: HttpRequest) -> HttpResponse:
    """Where the same questions stood as text."""
    return redirect("interviews:missed_questions", permanent=True)


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
