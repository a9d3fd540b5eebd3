"""What a candidate remembers of real interviews: theirs alone."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from interviews.plan.forms import DebriefForm
from interviews.plan.models import MOST_DEBRIEFS, Debrief, Preparation
from interviews.report.page import topics_by_slug

DEBRIEFS_A_PAGE = 10


@require_http_methods(["GET", "HEAD", "POST"])
def debriefs(request: HttpRequest) -> HttpResponse:
    """Those so far, and the form for another."""
    topics, today = topics_by_slug(), timezone.localdate(request.now)
    interview_on = Preparation.objects.of(request.user).interview_on
    was_on = interview_on if interview_on and interview_on <= today else today
    data = request.POST if request.method == "POST" else None
    debrief = Debrief(candidate=request.user, written_at=request.now, held_on=was_on)
    form = DebriefForm(data, instance=debrief, topics=topics.values(), today=today)
    if form.is_bound and form.is_valid():
        if request.user.debriefs.count() >= MOST_DEBRIEFS:
            form.add_error(None, f"You have {MOST_DEBRIEFS} debriefs. Delete one first.")
        else:
            form.save()
            messages.success(request, "Saved. Only you can read it.")
            return redirect("interviews:debriefs")
    page = Paginator(request.user.debriefs.newest_first(), DEBRIEFS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(one, [topics[slug].name for slug in one.topics if slug in topics]) for one in page]
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "plan/debriefs.html", context, status=422 if form.errors else 200)


@require_POST
def delete_debrief(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(request.user.debriefs, pk=pk).delete()
    messages.success(request, "Deleted.")
    return redirect("interviews:debriefs")
