from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from interviews.sitting.models import EvidenceChange
from interviews.sitting.views.interview import running_interview

INTERVIEWS_A_PAGE = 10


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """First the one next action, then what was done before."""
    interviews = request.user.interviews.with_counts().order_by("-started_at")
    context = {
        "in_progress": running_interview(request),
        "assignments": list(request.user.assignments.open().with_people().soonest_first()),
        "today": timezone.localdate(),
        "page": Paginator(interviews, INTERVIEWS_A_PAGE).get_page(request.GET.get("page")),
        "due_reviews": request.user.practice_cards.due(request.now).count(),
        "report": request.user.reports.order_by("-pk").first(),
        "evidence_change": EvidenceChange.objects.filter(candidate=request.user).first(),
    }
    return render(request, "plan/dashboard.html", context)
