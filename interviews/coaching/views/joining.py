"""A cohort from the member's side: who will see what, joining, changing it, leaving; and a coach taking a seat."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.codes import tidy_code
from accounts.cohorts import CohortRefused
from accounts.models import Cohort, CohortCoach
from accounts.publishing import publish
from interviews.coaching.forms.cohort import CodeForm, SharesForm
from interviews.coaching.invitations import place_of, seat_of
from interviews.coaching.models import CohortAssignment
from interviews.coaching.tasks import tell_of_coach


@require_http_methods(["GET", "HEAD"])
def enter_cohort_code(request: HttpRequest) -> HttpResponse:
    """For a code that was read out: leads to the page that says what joining means."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        code = tidy_code(form.cleaned_data["code"])
        if Cohort.objects.filter(join_code=code).exists():
            return redirect("interviews:join_cohort", code)
        form.add_error("code", "There is no cohort with this code. Check it, or ask your coach for the link.")
    return render(request, "coaching/enter_code.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def join_cohort(request: HttpRequest, code: str) -> HttpResponse:
    """Who will see what comes first. The POST joins; for a member it changes what they share."""
    try:
        cohort = Cohort.objects.with_code(code)
    except Cohort.DoesNotExist as missing:
        raise Http404 from missing
    member = cohort.members.joined().filter(user=request.user).first()
    form = SharesForm(request.POST if request.method == "POST" else None)
    if member:
        form.initial = {"shares": member.shares}
    refusal = refusal_for(request, cohort)
    if form.is_bound and form.is_valid() and not refusal:
        try:
            place = place_of(request.GET.get("place", "")[:200])
            joined = cohort.join(request.user, shares=form.cleaned_data["shares"], place=place, now=request.now)
        except CohortRefused as error:
            refusal = str(error)
        else:
            for assigned in CohortAssignment.objects.for_newcomer(joined):
                assigned.give([joined], now=request.now)
            if member:
                messages.success(request, "Saved. It applies from now on.")
                return redirect("interviews:coaches")
            messages.success(request, f"You've joined {cohort}.")
            return redirect("interviews:dashboard")
    context = {
        "cohort": cohort,
        "coaches": cohort.coaches(),
        "member": member,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "coaching/join_cohort.html", context, status=422 if form.errors or refusal else 200)


def refusal_for(request: HttpRequest, cohort: Cohort) -> str:
    """Why this person cannot join; empty: they can."""
    if request.user.is_guest:
        return "You need an account to join a cohort. Sign up, then open the link again."
    if cohort.has_ended(request.now):
        return "This cohort has ended."
    if cohort.seats.live().filter(coach=request.user).exists():
        return "You coach this cohort, so you can't join it as a member."
    return ""


@require_POST
def leave_cohort(request: HttpRequest, pk: int) -> HttpResponse:
    """Its coaches read nothing from this moment on."""
    cohort = get_object_or_404(Cohort.objects.filter(members__user=request.user), pk=pk)
    cohort.leave(request.user, now=request.now)
    messages.success(request, f"You left {cohort}. Its coaches can no longer read your interviews.")
    return redirect("interviews:coaches")


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_seat(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to coach; the POST accepts it, and the members are told."""
    seat = get_object_or_404(CohortCoach.objects.select_related("cohort__owner", "coach"), pk=seat_of(token))
    if seat.coach == request.user and seat.removed_at is None:
        return redirect("interviews:cohort", seat.cohort_id)
    refusal = seat.refusal(request.user, request.now)
    if request.method == "POST" and not refusal:
        try:
            seat.take(request.user, now=request.now)
        except CohortRefused as error:
            refusal = str(error)
        else:
            publish(tell_of_coach, seat.pk)
            messages.success(request, f"You're now coaching {seat.cohort}.")
            return redirect("interviews:cohort", seat.cohort_id)
    context = {"seat": seat, "cohort": seat.cohort, "refusal": refusal}
    return render(request, "coaching/cohort_seat.html", context, status=409 if refusal else 200)
