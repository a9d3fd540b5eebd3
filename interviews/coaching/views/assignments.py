"""What a coach has assigned, from the candidate's side: start it, decline it, share what came of it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import CoachGrant, CohortMember
from interviews.coaching import notices
from interviews.coaching.forms.assignment import DeclineAssignmentForm, StartAssignedForm
from interviews.coaching.models import Assignment
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import Refused
from interviews.sitting.setup import plan_summary
from interviews.sitting.views.interview import own_interview, running_interview


@require_http_methods(["GET", "HEAD", "POST"])
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is assigned, and who may read it then. The POST starts it and its clocks."""
    form = start_form(request, pk, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            with request.user.assignments.in_force().under_lock(pk) as locked:
                interview = locked.start(time_multiplier=form.cleaned_data["time_multiplier"], now=request.now)
        except Assignment.DoesNotExist as missing:
            raise Http404 from missing
        except (Refused, NotEnoughQuestions) as error:
            form.add_error(None, str(error))
        else:
            return redirect("interviews:interview", interview.public_id)
    return assignment_page(request, pk, form=form, status=422 if form.errors else 200)


def start_form(request: HttpRequest, pk: int, data) -> StartAssignedForm:
    """With one's own extra time, or what the cohort gives where that is more."""
    found = request.user.assignments.in_force().with_people().filter(pk=pk).first()
    given = found and given_time(request, found)
    multiplier = max(request.user.time_multiplier, given.time_multiplier if given else 1)
    return StartAssignedForm(data, initial={"time_multiplier": multiplier.normalize()})


def given_time(request: HttpRequest, found: Assignment) -> CohortMember | None:
    """The place in the cohort that comes with extra time."""
    if not found.given_to_cohort:
        return None
    places = request.user.cohort_places.filter(cohort=found.given_to_cohort.cohort_id)
    return places.filter(time_multiplier__isnull=False).first()


def assignment_page(
    request: HttpRequest, pk: int, *, form: StartAssignedForm, decline_form=None, status: int = 200
) -> HttpResponse:
    found = get_object_or_404(request.user.assignments.in_force().with_people(), pk=pk)
    if found.interview:
        return redirect("interviews:interview", found.interview.public_id)
    multiplier = form.cleaned_data.get("time_multiplier") if form.is_bound else form.initial["time_multiplier"]
    cohort = found.given_to_cohort and found.given_to_cohort.cohort_id
    grants = CoachGrant.objects.covering(candidate=request.user, interview=None, started_at=request.now, cohort=cohort)
    context = {
        "assignment": found,
        "is_overdue": found.is_overdue(timezone.localdate()),
        "form": form,
        "decline_form": decline_form or DeclineAssignmentForm(),
        "cohort": cohort and found.given_to_cohort.cohort,
        "coach_will_read": grants.filter(coach=found.coach).exists(),
        "given_time": given_time(request, found),
        "is_too_early": found.is_too_early(request.now),
        "is_too_late": found.is_too_late(request.now),
        "in_progress": running_interview(request),
        "speaks": request.user.speaks,
        **plan_summary(found.track, pace=found.pace, multiplier=multiplier or request.user.time_multiplier),
    }
    return render(request, "coaching/assignment.html", context, status=status)


@require_POST
def decline_assignment(request: HttpRequest, pk: int) -> HttpResponse:
    form = DeclineAssignmentForm(request.POST)
    if not form.is_valid():
        return assignment_page(request, pk, form=start_form(request, pk, None), decline_form=form, status=422)
    try:
        with request.user.assignments.in_force().under_lock(pk) as locked:
            locked.decline(reason=form.cleaned_data["reason"], now=request.now)
            notices.assignment_declined(locked, now=request.now)
    except Assignment.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as error:
        messages.error(request, str(error))
        return redirect("interviews:assignment", pk)
    messages.success(request, f"Declined. {locked.coach} can read why.")
    return redirect("interviews:dashboard")


@require_POST
def share_assigned(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Lets the coach who assigned this interview read it: it alone, until that is ended like any other grant."""
    with own_interview(request, public_id) as interview:
        found = get_object_or_404(request.user.assignments.in_force().with_people(), interview=interview)
        CoachGrant.objects.share_interview(
            request.user, found.coach, interview_public_id=interview.public_id, now=request.now
        )
    messages.success(request, f"{found.coach} can read this interview now.")
    return redirect(reverse("interviews:results", args=[public_id]) + "#review")
