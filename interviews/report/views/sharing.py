"""A report behind a link: making it, taking it back, and what whoever has it sees."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviews.report.forms import ShareForm
from interviews.report.models import ReportShare
from interviews.report.page import ReportPage, topics_by_slug


@require_http_methods(["GET", "HEAD", "POST"])
def report_share(request: HttpRequest) -> HttpResponse:
    """The live links. The POST makes one of the newest report; its answer shows the address, which is kept nowhere."""
    report = request.user.reports.first()
    form = ShareForm(request.POST if request.method == "POST" else None)
    link = ""
    if report and form.is_bound and form.is_valid():
        _, token = ReportShare.objects.share(report, **form.cleaned_data, now=request.now)
        link = request.build_absolute_uri(reverse("interviews:shared_report", args=[token]))
    context = {
        "report": report,
        "form": form,
        "link": link,
        "shares": ReportShare.objects.of_candidate(request.user).live(request.now).select_related("report"),
    }
    return render(request, "report/share.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_share(request: HttpRequest, pk: int) -> HttpResponse:
    share = get_object_or_404(ReportShare.objects.of_candidate(request.user), pk=pk)
    share.revoke(now=request.now)
    return redirect("interviews:report_share")


@login_not_required
@require_safe
def shared_report(request: HttpRequest, token: str) -> HttpResponse:
    """The numbers of one report; 404 alike for an unknown, an expired and a revoked link."""
    try:
        share = ReportShare.objects.shared_with(token, now=request.now)
    except ReportShare.DoesNotExist as missing:
        raise Http404 from missing
    page = ReportPage(share.report, share.report.candidate, topics_by_slug(), is_shared=True)
    response = render(request, "report/shared.html", {"page": page, "share": share})
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
