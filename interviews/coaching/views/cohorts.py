"""Cohorts from their coaches' side: all of them, one as a table, its settings and coaches."""

import logging
import smtplib

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.cohorts import CohortRefused
from accounts.models import Cohort
from interviews.coaching.cohort_table import STATES, CohortTable
from interviews.coaching.forms.cohort import CoachForm, CohortForm
from interviews.coaching.invitations import join_path, seat_path
from questions.exchange.table import as_csv

log = logging.getLogger(__name__)


def own_cohort(request: HttpRequest, pk: int) -> Cohort:
    """That this person coaches now; 404 to everybody else, members and former coaches as well."""
    found = Cohort.objects.of_coach(request.user).with_groups().select_related("owner")
    return get_object_or_404(found, pk=pk)


def managed_cohort(request: HttpRequest, pk: int) -> Cohort:
    """Whose roster, coaches and dates this person decides on."""
    found = own_cohort(request, pk)
    if not found.is_managed_by(request.user):
        raise Http404
    return found


def join_link(request: HttpRequest, cohort: Cohort) -> str:
    return request.build_absolute_uri(join_path(cohort))


@require_http_methods(["GET", "HEAD", "POST"])
def cohorts(request: HttpRequest) -> HttpResponse:
    """Those that one coaches; the POST founds one, which only a coach may."""
    if not request.user.is_coach:
        raise Http404
    form = CohortForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = Cohort.objects.found(request.user, now=request.now, **form.cleaned_data)
        except CohortRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The cohort is ready. Add its members, or share the link below.")
            return redirect("interviews:cohort_roster", made.pk)
    found = Cohort.objects.of_coach(request.user).with_counts().select_related("owner")
    context = {"cohorts": found, "form": form, "today": timezone.localdate()}
    return render(request, "coaching/cohorts.html", context, status=422 if form.errors else 200)


@require_safe
def cohort(request: HttpRequest, pk: int) -> HttpResponse:
    """Members × assignments. Each member reads, once a day, that this coach looked."""
    found = own_cohort(request, pk)
    with transaction.atomic():
        table = cohort_table(request, found, page=request.GET.get("page"))
        context = {
            "cohort": found,
            "table": table,
            "is_managed": found.is_managed_by(request.user),
            "has_ended": found.has_ended(request.now),
            "groups": found.groups,
            "states": STATES.items(),
            "query": query_without_page(request),
        }
        return render(request, "coaching/cohort.html", context)


def query_without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def cohort_table(request: HttpRequest, found: Cohort, *, page: str | None) -> CohortTable:
    chosen = {name: request.GET.get(name, "")[:100].replace("\0", "") for name in ("group", "state", "sort")}
    chosen["search"] = request.GET.get("q", "").strip()[:100].replace("\0", "")
    return CohortTable(found, request.user, chosen, page=page, today=timezone.localdate(), now=request.now)


@require_safe
def cohort_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole table as it is filtered, for a spreadsheet."""
    found = own_cohort(request, pk)
    with transaction.atomic():
        table = cohort_table(request, found, page="all")
    names = ["Name", "Email", "Group", "State", "Shares", "Extra time", "Mean score %", "Reviews waiting"]
    for one in table.assignments:
        names += [f"{one.track} {one.assigned_at:%Y-%m-%d}", "Score %", "Review"]
    response = HttpResponse(as_csv(names, map(csv_row, table.rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cohort.csv"'
    return response


def csv_row(row) -> list:
    member = row.member
    cells = [
        str(member),
        member.email,
        member.group,
        member.state,
        member.get_shares_display() if member.is_member else "",
        str(member.time_multiplier or ""),
        percent(member.score),
        member.waiting,
    ]
    for cell in row.cells:
        cells += [cell.state, percent(cell.score), cell.review_state]
    return cells


def percent(share: float | None) -> int | str:
    return "" if share is None else round(100 * share)


# --- settings and coaches -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_settings(request: HttpRequest, pk: int) -> HttpResponse:
    found = managed_cohort(request, pk)
    form = CohortForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_bound and form.is_valid():
        managed_cohort(request, pk).change(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("interviews:cohort_settings", pk)
    return settings_page(request, pk, form=form, status=422 if form.errors else 200)


def settings_page(
    request: HttpRequest, pk: int, *, form: CohortForm, coach_form: CoachForm | None = None, status: int = 200
) -> HttpResponse:
    found = managed_cohort(request, pk)
    context = {
        "cohort": found,
        "form": form,
        "coach_form": coach_form or CoachForm(),
        "seats": found.seats.live().select_related("coach"),
        "invited": [(seat, request.build_absolute_uri(seat_path(seat))) for seat in found.seats.invited(request.now)],
        "join_link": join_link(request, found),
    }
    return render(request, "coaching/cohort_settings.html", context, status=status)


@require_POST
def renew_cohort_code(request: HttpRequest, pk: int) -> HttpResponse:
    managed_cohort(request, pk).renew_code()
    messages.success(request, "New link and code made. The old ones no longer work.")
    return redirect("interviews:cohort_settings", pk)


@require_POST
def invite_cohort_coach(request: HttpRequest, pk: int) -> HttpResponse:
    found = managed_cohort(request, pk)
    form = CoachForm(request.POST)
    if form.is_valid():
        try:
            seat = found.invite_coach(form.cleaned_data["email"], now=request.now)
        except CohortRefused as error:
            form.add_error("email", str(error))
        else:
            mail_seat(request, found, seat)
            return redirect("interviews:cohort_settings", pk)
    return settings_page(request, pk, form=CohortForm(instance=found), coach_form=form, status=422)


def mail_seat(request: HttpRequest, found: Cohort, seat) -> None:
    link = settings.SITE_URL + seat_path(seat)
    text = render_to_string("coaching/cohort_seat.txt", {"cohort": found, "link": link, "owner": request.user})
    try:
        send_mail(" ".join(f"Holdout: coach {found}".split()), text, None, [seat.email])
    except (OSError, smtplib.SMTPException):
        log.exception("The invitation of seat %s was not mailed.", seat.pk)
        messages.warning(request, "We couldn't send the email. Share the link below yourself.")
    else:
        messages.success(request, f"Invitation sent to {seat.email}.")


@require_POST
def remove_cohort_coach(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """Reads nothing through the cohort from this moment on; an open invitation is taken back."""
    found = managed_cohort(request, pk)
    try:
        get_object_or_404(found.seats, pk=seat).remove(by=request.user, now=request.now)
    except CohortRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Removed. They can no longer read anything through this cohort.")
    return redirect("interviews:cohort_settings", pk)
