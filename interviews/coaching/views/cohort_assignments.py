"""Assigning to a cohort, its groups or chosen members; the window of what was assigned; one more attempt."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.publishing import publish
from interviews.coaching.forms.cohort import CohortAssignForm, ExtensionForm, WindowForm
from interviews.coaching.models import Assignment, CohortAssignment
from interviews.coaching.tasks import tell_assigned
from interviews.coaching.views.cohorts import own_cohort
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import Refused
from questions.models import Track


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_assign(request: HttpRequest, pk: int) -> HttpResponse:
    found = own_cohort(request, pk)
    members = list(found.members.joined().select_related("user").order_by("group", "name", "pk"))
    form = CohortAssignForm(
        request.POST if request.method == "POST" else None,
        tracks=list(Track.objects.active().with_sections()),
        members=members,
    )
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                made = CohortAssignment.objects.assign(
                    cohort=found, coach=request.user, now=request.now, **form.cleaned_data
                )
        except (Refused, NotEnoughQuestions) as error:
            form.add_error(None, str(error))
        else:
            publish(tell_assigned, made.pk)
            count = made.assignments.count()
            messages.success(request, f"Assigned to {count} {'member' if count == 1 else 'members'}. We've told them.")
            return redirect("interviews:cohort", pk)
    context = {"cohort": found, "form": form, "members": members}
    return render(request, "coaching/cohort_assign.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_assignment(request: HttpRequest, pk: int, given: int) -> HttpResponse:
    """When it opens, is due and closes; for whoever has not started."""
    found = own_cohort(request, pk)
    assignment = get_object_or_404(CohortAssignment.objects.select_related("track", "coach"), cohort=found, pk=given)
    names = ("opens_at", "due_on", "closes_at", "note")
    form = WindowForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(assignment, name) for name in names}
    )
    if form.is_bound and form.is_valid():
        assignment.change_window(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("interviews:cohort", pk)
    context = {
        "cohort": found,
        "assignment": assignment,
        "form": form,
        "count": assignment.assignments.filter(attempt=1).count(),
        "started": assignment.assignments.filter(attempt=1, interview__isnull=False).count(),
    }
    return render(request, "coaching/cohort_assignment.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw_cohort_assignment(request: HttpRequest, pk: int, given: int) -> HttpResponse:
    found = own_cohort(request, pk)
    get_object_or_404(CohortAssignment, cohort=found, pk=given).withdraw(now=request.now)
    messages.success(request, "Withdrawn. Anyone who has started can finish.")
    return redirect("interviews:cohort", pk)


@require_POST
def extend_assignment(request: HttpRequest, pk: int, place: int, assigned: int) -> HttpResponse:
    """Other dates for one member, from their page."""
    found = own_cohort(request, pk)
    member = get_object_or_404(found.members.joined(), pk=place)
    form = ExtensionForm(request.POST)
    given = Assignment.objects.in_force().filter(given_to_cohort__cohort=found, candidate=member.user_id)
    try:
        with given.under_lock(assigned) as locked:
            if form.is_valid():
                locked.extend(**form.cleaned_data)
    except Assignment.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as error:
        messages.error(request, str(error))
    else:
        if form.is_valid():
            messages.success(request, f"Saved for {member} only.")
        else:
            messages.error(request, "Not saved. Enter a date, or leave it empty.")
    return redirect("interviews:cohort_member", pk, place)


@require_POST
def assignment_again(request: HttpRequest, pk: int) -> HttpResponse:
    """One more attempt at what a cohort assigned, from its results."""
    try:
        with request.user.assignments.in_force().under_lock(pk) as locked:
            following = locked.again(now=request.now)
    except Assignment.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as error:
        messages.error(request, str(error))
        return redirect("interviews:dashboard")
    return redirect("interviews:assignment", following.pk)
