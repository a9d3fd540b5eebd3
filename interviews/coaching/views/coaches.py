"""The candidate's side of coaching: who may read what, who did, and asking for a review."""

import logging
import smtplib
from uuid import UUID

from django.contrib import messages
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import CoachGrant, InvitationRefused
from interviews.coaching import notices
from interviews.coaching.forms.review import AskForm, InvitationForm
from interviews.coaching.models import Review
from interviews.results.views.results import results_page
from interviews.sitting.models import Refused
from interviews.sitting.views.interview import own_interview

log = logging.getLogger(__name__)

LOOKS_A_PAGE = 50
# The newest that can be chosen for a grant of one interview.
INTERVIEWS_OFFERED = 50
PLACES_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def coaches(request: HttpRequest) -> HttpResponse:
    """Who may read my interviews. The POST invites; its answer shows the one-time link, which is kept nowhere."""
    interviews = list(request.user.interviews.order_by("-started_at")[:INTERVIEWS_OFFERED])
    asked = request.GET.get("interview", "")
    initial = {"interview": asked, "scope": CoachGrant.Scope.ONE} if asked else {}
    form = InvitationForm(request.POST if request.method == "POST" else None, interviews=interviews, initial=initial)
    link = ""
    if form.is_bound and form.is_valid():
        try:
            link = invite(request, form)
        except InvitationRefused as error:
            form.add_error(None, str(error))
    titles = {one.public_id: one for one in interviews}
    grants = CoachGrant.objects.filter(candidate=request.user).select_related("coach", "candidate")
    context = {
        "form": InvitationForm(interviews=interviews) if link else form,
        "link": link,
        "places": list(request.user.cohort_places.joined().select_related("cohort__owner")[:PLACES_SHOWN]),
        "live": with_interviews(grants.live().filter(cohort=None), titles),
        "invitations": with_interviews(grants.invitations(request.now), titles),
    }
    return render(request, "coaching/coaches.html", context, status=422 if form.errors else 200)


def invite(request: HttpRequest, form: InvitationForm) -> str:
    """The link, mailed too where there is an address."""
    email = form.cleaned_data["email"]
    grant, token = CoachGrant.objects.invite(
        request.user,
        scope=form.cleaned_data["scope"],
        interview_public_id=form.cleaned_data["interview"],
        email=email,
        now=request.now,
    )
    link = request.build_absolute_uri(reverse("interviews:invitation", args=[token]))
    if not email:
        return link
    text = render_to_string("coaching/invitation.txt", {"grant": grant, "link": link})
    try:
        send_mail("Holdout: you're invited as a coach", text, None, [email])
    except (OSError, smtplib.SMTPException):
        log.exception("The invitation of grant %s was not mailed.", grant.pk)
        messages.warning(request, "We couldn't send the email. Share the link below yourself.")
    else:
        messages.success(
            request, f"Invitation sent to {email}. You can also share the link below; it won't be shown again."
        )
    return link


def with_interviews(grants, interviews: dict) -> list[tuple]:
    """(grant, the one interview that it is for or None)."""
    return [(grant, interviews.get(grant.interview_public_id)) for grant in grants]


@require_POST
def revoke_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a coach's access, or takes an invitation back, from this moment on."""
    grant = get_object_or_404(CoachGrant, candidate=request.user, cohort=None, pk=pk)
    was_live = grant.is_live
    grant.revoke(now=request.now)
    messages.success(
        request,
        f"You ended this access for {grant.coach}." if was_live else "Invitation taken back.",
    )
    return redirect("interviews:coaches")


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to; the POST accepts it."""
    try:
        if request.method == "POST":
            grant = CoachGrant.objects.accept(token, by=request.user, now=request.now)
            messages.success(request, f"You're now coaching {grant.candidate}. Reviews they ask for appear here.")
            return redirect("interviews:coaching")
        grant = CoachGrant.objects.invited_with(token)
    except CoachGrant.DoesNotExist as missing:
        raise Http404 from missing
    except InvitationRefused as error:
        return render(request, "coaching/invitation.html", {"refusal": str(error)}, status=409)
    context = {"grant": grant, "refusal": grant.refusal(request.user, request.now)}
    return render(request, "coaching/invitation.html", context)


@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """Every look at my answers by somebody else."""
    looks = request.user.access_log.select_related("actor")
    context = {"page": Paginator(looks, LOOKS_A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "coaching/access_log.html", context)


@require_POST
def ask_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks one of the coaches who may read this interview, or all of them, for a review."""
    with own_interview(request, public_id) as interview:
        if not interview.is_finished:
            raise Http404
        form = AskForm(request.POST, coaches=interview.coaches())
        if form.is_valid():
            try:
                review = Review.objects.ask(
                    interview, coach=form.chosen_coach, due_on=form.cleaned_data["due_on"], now=request.now
                )
                asked = [form.chosen_coach] if form.chosen_coach else form.coaches.values()
                notices.review_asked(review, list(asked), now=request.now)
            except Refused as error:
                messages.info(request, str(error))  # most often a double click
            return redirect(reverse("interviews:results", args=[public_id]) + "#review")
    return results_page(request, interview, ask_form=form, status=422)


@require_POST
def withdraw_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    try:
        with Review.objects.of_candidate(request.user).under_lock(public_id) as waiting:
            waiting.withdraw(by=request.user, now=request.now)
            if not waiting.is_sent:
                notices.review_withdrawn(waiting)
    except Review.DoesNotExist as missing:
        raise Http404 from missing
    return redirect(reverse("interviews:results", args=[public_id]) + "#review")
