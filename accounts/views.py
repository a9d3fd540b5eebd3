from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import kept_forms, pages, sessions, turns
from accounts.forms import SettingsForm
from accounts.mail import development_mails


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """allauth's log-in, which waits where too many come at once."""
    return turns.log_in_or_wait(request)


@login_not_required
@require_GET
def log_in_turn(request: HttpRequest) -> HttpResponse:
    """Where the page of a log-in that waits asks again."""
    return turns.try_again(request)


@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """One's own name, level, time zone, standing extra time, timers and shortcuts; and the ways to everything else."""
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Settings saved.")
        return redirect("accounts:settings_page")
    context = {"form": form, "has_language_model": bool(settings.LLM_URL and settings.LLM_MODEL)}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Logs one of one's own devices out."""
    sessions.end(request, get_object_or_404(UserSession, user=request.user, pk=pk))
    messages.success(request, "That device has been logged out.")
    return redirect("usersessions_list")


@require_POST
def end_all_sessions(request: HttpRequest) -> HttpResponse:
    """Logs every device out, this one too."""
    sessions.end_all(request)
    messages.success(request, "You're logged out everywhere.")
    return redirect("account_login")


@require_POST
def timers(request: HttpRequest) -> HttpResponse:
    """The clocks hidden or shown, as the interview's own button says; remembered with the person."""
    request.user.hides_timers = request.POST.get("hidden") == "yes"
    request.user.save(update_fields=["hides_timers"])
    return HttpResponse(status=204)


@login_not_required
@require_GET
def development_mail(request: HttpRequest) -> HttpResponse:
    """Mails of a checkout without a mail server; outside development there is no such page."""
    if not (settings.DEBUG and hasattr(settings, "EMAIL_FILE_PATH")):
        raise Http404
    return render(request, "accounts/development_mail.html", {"mails": development_mails()})


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A log-in in another tab changes the token: an answer goes back to its page, anything else written is shown."""
    is_ours = kept_forms.is_from_our_page(request)
    if is_ours and not request.htmx and kept_forms.keep(request):
        return redirect(pages.page_of(request))
    context = {"written": kept_forms.prose(request), "page": pages.page_of(request) if is_ours else ""}
    return render(request, "403_csrf.html", context, status=403)
