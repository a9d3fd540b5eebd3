"""The roster of a cohort: members added by CSV, invitations and how far they are, one member's place."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.cohorts import CohortRefused
from accounts.models import Cohort, CohortMember
from accounts.publishing import publish
from interviews.coaching import cohort_table, roster
from interviews.coaching.forms.cohort import MemberForm, RosterForm
from interviews.coaching.models import Assignment
from interviews.coaching.tasks import mail_invitations
from interviews.coaching.views.cohorts import join_link, managed_cohort, own_cohort
from interviews.sitting.models import Interview
from questions.exchange.table import as_csv

POLL_SECONDS = 2
ERRORS_SHOWN = 100
PLACES_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_roster(request: HttpRequest, pk: int) -> HttpResponse:
    """The POST adds what can be added and says, line by line, what cannot."""
    found = managed_cohort(request, pk)
    form = RosterForm(request.POST or None, request.FILES or None)
    read = None
    if request.method == "POST" and form.is_valid():
        read = roster.read(form.cleaned_data["text"])
        loaded = roster.load(found, read, invites=form.cleaned_data["invites"], now=request.now)
        if loaded.added and form.cleaned_data["invites"]:
            publish(mail_invitations, found.pk)
        messages.success(request, said_of(loaded))
        if not read.errors:
            return redirect("interviews:cohort_roster", pk)
        form = RosterForm()
    context = {
        "cohort": found,
        "form": form,
        "errors": sorted(read.errors)[:ERRORS_SHOWN] if read else [],
        "error_count": len(read.errors) if read else 0,
        "page": Paginator(found.members.select_related("user").order_by("pk"), PLACES_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "join_link": join_link(request, found),
        **progress(found),
    }
    return render(request, "coaching/cohort_roster.html", context, status=422 if form.errors else 200)


def said_of(loaded: roster.Loaded) -> str:
    added = len(loaded.added)
    words = [f"{added} {'person' if added == 1 else 'people'} added"]
    if loaded.changed:
        words.append(f"{loaded.changed} updated")
    if loaded.unchanged:
        words.append(f"{loaded.unchanged} already here")
    return ", ".join(words) + "."


def progress(found: Cohort) -> dict:
    """How many invitations are on their way, of all that went out."""
    invited = found.members.invited()
    waiting = invited.filter(mail_at__isnull=False).count()
    sent = invited.filter(mailed_at__isnull=False, mail_at=None).count()
    failed = invited.filter(mail_at=None, mailed_at=None, mail_attempts__gt=0).count()
    return {"waiting": waiting, "sent": sent, "failed": failed, "all": waiting + sent, "poll_seconds": POLL_SECONDS}


@require_safe
def cohort_roster_panel(request: HttpRequest, pk: int) -> HttpResponse:
    found = managed_cohort(request, pk)
    if not request.htmx:
        return redirect("interviews:cohort_roster", pk)
    return render(request, "coaching/_roster_progress.html", {"cohort": found, **progress(found)})


@require_safe
def cohort_roster_csv(request: HttpRequest, pk: int) -> HttpResponse:
    found = managed_cohort(request, pk)
    columns = ["email", "name", "group", "state", "shares", "extra time"]
    members = found.members.select_related("user").order_by("pk")
    response = HttpResponse(as_csv(columns, roster.state_rows(members)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="roster.csv"'
    return response


# --- one member ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_member(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """Name, group and extra time, which the owner may change; what was assigned and what came of it."""
    found = own_cohort(request, pk)
    member = get_object_or_404(found.members.select_related("user"), pk=place)
    is_managed = found.is_managed_by(request.user)
    if request.method == "POST":
        managed_cohort(request, pk)
    form = MemberForm(request.POST if request.method == "POST" else None, instance=member)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("interviews:cohort_member", pk, place)
    context = {
        "cohort": found,
        "member": member,
        "form": form if is_managed else None,
        "is_managed": is_managed,
        "attempts": attempts_of(request, found, member) if member.is_member else [],
    }
    return render(request, "coaching/cohort_member.html", context, status=422 if form.errors else 200)


def attempts_of(request: HttpRequest, found: Cohort, member: CohortMember) -> list[cohort_table.Cell]:
    given = Assignment.objects.filter(given_to_cohort__cohort=found, candidate=member.user_id)
    readable = Interview.objects.readable_by(request.user).filter(cohort=found.pk, candidate=member.user_id)
    interviews = {one.pk: one for one in cohort_table.with_results(readable)}
    return [
        cohort_table.Cell(
            one.given_to_cohort,
            one,
            interviews.get(one.interview_id),
            one.attempt,
            today=request.now.date(),
            now=request.now,
        )
        for one in given.select_related("given_to_cohort__track").order_by("-pk")[: cohort_table.MEMBERS_A_PAGE]
    ]


@require_POST
def remove_cohort_member(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """An invitation is deleted; a member's sharing ends at once, and what they sat stays theirs."""
    found = managed_cohort(request, pk)
    member = get_object_or_404(found.members.select_related("user"), pk=place)
    if member.is_member:
        found.leave(member.user, now=request.now)
    elif member.joined_at is None:
        member.delete()
    messages.success(request, f"{member} is no longer in this cohort.")
    return redirect("interviews:cohort_roster", pk)


@require_POST
def invite_cohort_member(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """Once more, or for the first time; once a day at most."""
    found = managed_cohort(request, pk)
    member = get_object_or_404(found.members.invited(), pk=place)
    try:
        member.invite(now=request.now)
    except CohortRefused as error:
        messages.error(request, str(error))
    else:
        publish(mail_invitations, found.pk)
        messages.success(request, f"Invitation sent to {member.email}.")
    return redirect("interviews:cohort_roster", pk)
