"""What one was told, and which of it one wants to be told, here and by e-mail."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviews.notices.forms import NoticesForm
from interviews.notices.models import MutedNotice

NOTICES_A_PAGE = 20


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    page = Paginator(request.user.notices.shown(), NOTICES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/notices.html", {"page": page})


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, and on to what it is about."""
    notice = get_object_or_404(request.user.notices.shown(), pk=pk)
    request.user.notices.filter(pk=notice.pk).mark_read(now=request.now)
    return redirect(notice.path)


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """All of them."""
    request.user.notices.mark_read(now=request.now)
    return redirect("interviews:notices")


@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    muted = set(request.user.muted_notices.values_list("kind", "channel"))
    form = NoticesForm(request.POST if request.method == "POST" else None, muted=muted, is_coach=request.user.is_coach)
    if form.is_bound and form.is_valid():
        MutedNotice.objects.mute(request.user, form.muted)
        messages.success(request, "Saved.")
        return redirect("interviews:notice_settings")
    return render(request, "notices/settings.html", {"form": form}, status=422 if form.errors else 200)
