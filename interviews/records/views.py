"""Everything that the site holds of a person: a copy of it, its deletion, and how long what is kept."""

import logging
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.publishing import publish
from interviews.interviewer.models.asked import KEPT
from interviews.records import erasure, retention
from interviews.records.forms import DeletionForm
from interviews.records.models import EXPORT_LASTS, DataExport
from interviews.records.tasks import build_export, erase

log = logging.getLogger(__name__)


@require_safe
def your_data(request: HttpRequest) -> HttpResponse:
    context = export_context(request) | {
        "wait_days": erasure.WAIT.days,
        "drafts_days": retention.KEPT_WHOLE.days,
        "calls_days": KEPT.days,
        "useless_days": retention.KEPT_USELESS.days,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 3600),
    }
    return render(request, "records/your_data.html", context)


@require_safe
def export_panel(request: HttpRequest) -> HttpResponse:
    """The copy alone. While it is being built, it polls; once that has ended, it does no more."""
    if not request.htmx:
        return redirect("interviews:your_data")
    return render(request, "records/_export_panel.html", export_context(request))


def export_context(request: HttpRequest) -> dict:
    export = DataExport.objects.newest_of(request.user)
    has_failed = export is not None and export.has_failed(request.now)
    is_pending = export is not None and not export.is_ready and not has_failed
    waited = (request.now - export.requested_at).total_seconds() if is_pending else 0
    return {
        "export": export,
        "has_failed": has_failed,
        "has_expired": export is not None and export.has_expired(request.now),
        "is_pending": is_pending,
        "poll_seconds": 2 if waited < 60 else 15,
        "lasts_hours": int(EXPORT_LASTS.total_seconds() // 3600),
    }


@require_POST
@reauthentication_required
def request_export(request: HttpRequest) -> HttpResponse:
    """Asks for a copy. While one is being built, that is the one."""
    export = DataExport.objects.request(request.user, now=request.now)
    publish(build_export, export.pk)
    return redirect("interviews:your_data")


@require_safe
def download_export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file, to its owner alone. 404 before it is ready, 410 once it has expired."""
    export = get_object_or_404(request.user.exports, public_id=public_id, ready_at__isnull=False)
    if export.has_expired(request.now) or not export.file:
        return render(request, "records/expired.html", {"export": export}, status=410)
    return send_export(request, export)


@reauthentication_required
def send_export(request: HttpRequest, export: DataExport) -> FileResponse:
    try:
        content = export.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    except Exception:  # whatever a storage may raise that is away
        log.exception("Export %s could not be read.", export.pk)
        response = render(request, "503.html", status=503)
        response["Retry-After"] = "5"
        return response
    name = f"holdout-your-data-{export.ready_at:%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_account(request: HttpRequest) -> HttpResponse:
    """Asks for the deletion after a wait, in which the account works as before and can be kept."""
    if request.user.erase_at:
        return redirect("interviews:your_data")
    form = DeletionForm(request.POST if request.method == "POST" else None, person=request.user)
    if form.is_valid():
        request.user.ask_for_erasure(at=request.now + erasure.WAIT)
        return redirect("interviews:your_data")
    context = {"form": form, "wait_days": erasure.WAIT.days, "is_now": False}
    return render(request, "records/delete.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_now(request: HttpRequest) -> HttpResponse:
    """The wait cut short: only for who is waiting already, so that no single form deletes anything."""
    if not request.user.erase_at:
        return redirect("interviews:delete_account")
    form = DeletionForm(request.POST if request.method == "POST" else None, person=request.user)
    if not form.is_valid():
        context = {"form": form, "is_now": True}
        return render(request, "records/delete.html", context, status=422 if form.errors else 200)
    request.user.ask_for_erasure(at=request.now)
    publish(erase, request.user.pk)
    logout(request)
    response = render(request, "records/deleted.html")
    # Drafts that the browser kept in case the connection was lost.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def keep_account(request: HttpRequest) -> HttpResponse:
    """Takes the wish to be deleted back. A repeat changes nothing."""
    request.user.keep()
    messages.success(request, "We’re keeping your account and everything in it.")
    return redirect("interviews:your_data")
