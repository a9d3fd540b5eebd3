from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from interviews.report.page import topics_by_slug
from interviews.report.practice_page import practice_page
from interviews.sitting.models import EvidenceChange
from interviews.sitting.views.interview import running_interview

INTERVIEWS_A_PAGE = 10


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """First the one next action, then what was done before."""
    interviews = request.user.interviews.with_counts().order_by("-started_at")
    report = request.user.reports.order_by("-pk").first()
    context = {
        "in_progress": running_interview(request),
        "assignments": list(request.user.assignments.open().with_people().soonest_first()),
        "today": timezone.localdate(),
        "page": Paginator(interviews, INTERVIEWS_A_PAGE).get_page(request.GET.get("page")),
        # Asked for only where practice is the next action.
        "practice": lambda: practice_page(request.user, report, topics_by_slug(), now=request.now) if report else None,
        "report": report,
        "evidence_change": EvidenceChange.objects.filter(candidate=request.user).first(),
    }
    return render(request, "plan/dashboard.html", context)
