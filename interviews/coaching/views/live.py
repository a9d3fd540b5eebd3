"""Agreeing on a live mock: made, moved, accepted, called off, joined by a link, started by its candidate."""

from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.decorators import never_interrupted
from accounts.models import User
from interviews.coaching import coached, live_calendar, live_notices
from interviews.coaching.forms.assignment import StartAssignedForm
from interviews.coaching.forms.live import LiveMockForm, MoveForm, StartLiveForm
from interviews.coaching.models import LiveMock, Review
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import Interview, Refused
from interviews.sitting.setup import plan_summary
from interviews.sitting.views.interview import running_interview
from questions.models import Track

SEAT = "coaching.live"
OFFERED = 50  # coaches, candidates
SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def live_mocks(request: HttpRequest) -> HttpResponse:
    """Mine, the soonest first, and the form for another one."""
    form = live_mock_form(request, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return redirect("interviews:live_mock", make(request, form).public_id)
        except Refused as error:
            form.add_error(None, str(error))
    mine = LiveMock.objects.of(request.user).with_people()
    context = {
        "form": form,
        "running": list(mine.running()[:SHOWN]),
        "open": list(mine.open().soonest_first()[:SHOWN]),
    }
    return render(request, "coaching/live_mocks.html", context, status=422 if form.errors else 200)


def live_mock_form(request: HttpRequest, data) -> LiveMockForm:
    coaches = User.objects.filter(pk__in=request.user.grants_given.live().values("coach"), is_active=True)
    return LiveMockForm(
        data,
        coaches=list(coaches.order_by("name", "pk")[:OFFERED]),
        candidates=list(coached.candidates_of(request.user).order_by("name", "pk")[:OFFERED]),
        tracks=list(Track.objects.active()),
        initial={"role": "ask" if "ask" in request.GET else "answer", "person": request.GET.get("with", "")},
    )


@transaction.atomic
def make(request: HttpRequest, form: LiveMockForm) -> LiveMock:
    chosen = form.cleaned_data
    people = {"candidate": request.user, "interviewer": chosen["other"]}
    if chosen["role"] == "ask":
        people = {"candidate": chosen["other"], "interviewer": request.user}
    mock = LiveMock.objects.make(
        by=request.user,
        track=chosen["track"],
        starts_at=chosen["starts_at"],
        takes_turns=chosen["role"] == "turns",
        call_url=chosen["call_url"],
        now=request.now,
        **people,
    )
    live_notices.proposed(mock, by=request.user, now=request.now)
    return mock


@never_interrupted
@require_safe
def live_mock(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    """What is agreed and what is to be done next, for either of the two."""
    return mock_page(request, own_mock(request, mock_id))


@never_interrupted
@require_safe
def live_state(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    """Asked by a page that waits for the other: 204 while nothing has changed, else it loads again."""
    mock = own_mock(request, mock_id)
    if request.GET.get("seen") == state_seen(mock):
        return HttpResponse(status=204)
    return HttpResponseClientRefresh() if request.htmx else redirect("interviews:live_mock", mock_id)


@require_POST
def move_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    mock = own_mock(request, mock_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return mock_page(request, mock, move_form=form, status=422)
    return changed(request, mock, "move", live_notices.proposed, by=request.user, **form.cleaned_data)


@require_POST
def accept_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    return changed(request, own_mock(request, mock_id), "accept", live_notices.agreed, by=request.user)


@require_POST
def cancel_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    return changed(request, own_mock(request, mock_id), "cancel", live_notices.cancelled)


@require_POST
def see_new_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    mock = own_mock(request, mock_id)
    if mock.interviewer_id != request.user.pk or not mock.takes_turns:
        raise Http404
    return changed(request, mock, "see_new", lambda *args, **values: None)


@require_POST
def swap_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    mock = own_mock(request, mock_id)
    try:
        with transaction.atomic():
            following = mock.swap(request.user, now=request.now)
            live_notices.agreed(following, by=following.made_by, now=request.now)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("interviews:live_mock", mock_id)
    return redirect("interviews:live_mock", following.public_id)


def changed(request: HttpRequest, mock: LiveMock, change: str, told, **values) -> HttpResponse:
    """One of its methods, and the other is told; a repeat, which changes nothing, tells nobody."""
    try:
        with transaction.atomic():
            before = mock.changed_at
            getattr(mock, change)(**values, now=request.now)
            if mock.changed_at != before:
                told(mock, by=request.user, now=request.now)
    except Refused as error:
        messages.error(request, str(error))
    return redirect("interviews:live_mock", mock.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def join_live(request: HttpRequest, token: str) -> HttpResponse:
    """What whoever has the link is invited to, and who will see what; the POST takes the seat."""
    mock = get_object_or_404(LiveMock.objects.with_people(), pk=invited_with(token))
    if request.user.pk in (mock.candidate_id, mock.interviewer_id):
        return redirect("interviews:live_mock", mock.public_id)
    refusal = ""
    if mock.link_ended(request.now):
        refusal = "This link has been used, or its time is over. Ask for a new one."
    if request.method == "POST" and not refusal:
        try:
            with transaction.atomic():
                mock.take_seat(request.user, now=request.now)
                live_notices.agreed(mock, by=request.user, now=request.now)
        except Refused as error:
            refusal = str(error)
        else:
            return redirect("interviews:live_mock", mock.public_id)
    context = {"mock": mock, "inviter": mock.candidate or mock.interviewer, "answers": mock.candidate_id is None}
    return render(request, "coaching/join_live.html", context | {"refusal": refusal}, status=409 if refusal else 200)


def invited_with(token: str) -> int | None:
    try:
        return signing.loads(token, salt=SEAT)
    except signing.BadSignature:
        return None


@require_POST
def start_live(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    """By the candidate, who has read who will see what; the clocks start, and the other has the second seat."""
    mock = own_mock(request, mock_id)
    if mock.candidate_id != request.user.pk:
        raise Http404
    form = (StartAssignedForm if mock.takes_turns else StartLiveForm)(request.POST)
    if form.is_valid():
        try:
            interview = mock.start(**{"shares": False} | form.cleaned_data, now=request.now)
        except (Refused, NotEnoughQuestions) as error:
            form.add_error(None, str(error))
        else:
            return redirect("interviews:interview", interview.public_id)
    return mock_page(request, mock, start_form=form, status=422)


@require_safe
def live_calendar_file(request: HttpRequest, mock_id: UUID) -> HttpResponse:
    """For both calendars."""
    mock = own_mock(request, mock_id)
    if mock.starts_at is None:
        raise Http404
    page = request.build_absolute_uri(reverse("interviews:live_mock", args=[mock_id]))
    content = live_calendar.calendar(mock, page=page, now=request.now)
    headers = {"Content-Disposition": 'attachment; filename="live-mock.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def own_mock(request: HttpRequest, mock_id: UUID) -> LiveMock:
    """Of which one is one of the two; 404 to everybody else."""
    return get_object_or_404(LiveMock.objects.of(request.user).with_people(), public_id=mock_id)


def state_seen(mock: LiveMock) -> str:
    return f"{mock.state}-{mock.changed_at.timestamp()}-{hasattr(mock, 'swapped_to')}"


def mock_page(request: HttpRequest, mock: LiveMock, *, move_form=None, start_form=None, status: int = 200):
    answers = mock.candidate_id == request.user.pk
    link = ""
    if mock.state == "open":
        path = reverse("interviews:join_live", args=[signing.dumps(mock.pk, salt=SEAT)])
        link = request.build_absolute_uri(path)
    context = {
        "mock": mock,
        "other": mock.other(request.user),
        "answers": answers,
        "link": link,
        "seen": state_seen(mock),
        "move_form": move_form or MoveForm(initial={"starts_at": mock.starts_at}),
        "may_accept": mock.state == "proposed" and mock.proposed_by_id != request.user.pk,
    }
    if answers and mock.state == "agreed":
        multiplier = request.user.time_multiplier.normalize()
        context |= {
            "start_form": start_form
            or (StartAssignedForm if mock.takes_turns else StartLiveForm)(initial={"time_multiplier": multiplier}),
            "in_progress": running_interview(request),
            **plan_summary(mock.track, pace=Interview.Pace.STRICT, multiplier=multiplier),
        }
    if mock.state == "over" and not answers:
        context["review"] = Review.objects.for_coach(request.user).of_interview(mock.interview.public_id).first()
    return render(request, "coaching/live_mock.html", context, status=status)
