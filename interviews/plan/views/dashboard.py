"""Home: what to do now, the plan in short, progress, and the interviews so far."""

from collections.abc import Iterable

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.composed import composed
from interviews.notices.models import Notice
from interviews.plan import home
from interviews.plan.forms import HistoryForm
from interviews.plan.home import Step, steps_of_plan
from interviews.plan.reading import Planned, planned
from interviews.report.models import WeaknessReport
from interviews.report.readiness import readiness_of
from interviews.sitting.clock_text import duration, plural
from interviews.sitting.models import Interview
from interviews.sitting.views.interview import running_interview

INTERVIEWS_A_PAGE = 10
SMALLER_STEPS = 2
MOST_UNREAD = 100


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    running = running_interview(request)
    report = WeaknessReport.newest(request.user)
    mine = planned(request.user, report, now=request.now)
    chosen = HistoryForm(request.GET)
    history = request.user.interviews.order_by("-started_at").values_list("pk", flat=True)
    page = Paginator(chosen.filtered(history), INTERVIEWS_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = home.lines_of(list(page.object_list))
    unread = unread_notices(request.user.pk)
    steps = next_steps(request, running, history, page, unread, mine)
    readiness = readiness_of(report, mine.topics) if report else []
    track = mine.track.slug if mine.track else ""
    context = {
        "in_progress": running,
        "steps": steps[:1],
        "smaller_steps": steps[1 : 1 + SMALLER_STEPS],
        "planned": mine,
        "days_left": mine.preparation.days_left(mine.today),
        "progress": home.progress_of(report, track, mine.topics) if report else None,
        "readiness": next((one for one in readiness if one.slug == track), None),
        "page": page,
        "history_form": chosen,
        "unread_notices": len(unread),
    }
    return render(request, "plan/dashboard.html", context)


def next_steps(
    request: HttpRequest,
    running: Interview | None,
    history: QuerySet[int],
    page: Page,
    unread: list[Notice],
    mine: Planned,
) -> list[Step]:
    """In the order in which they matter: what runs, what was asked for, what waits for the candidate, the plan."""
    if running:
        return [resuming(running)]
    if request.user.is_guest:
        return []
    # The newest ten are enough to look at; on the first page they are there already.
    is_newest = page.number == 1 and not request.GET
    newest = page if is_newest else home.lines_of(list(history[:INTERVIEWS_A_PAGE]))
    of_plan = steps_of_plan(mine) if page.object_list else []
    return [*assigned(request), *debriefing(mine), *to_score(newest), *arrived(unread), *of_plan]


@composed
def unread_notices(person):
    return Notice.objects.unread().filter(recipient=person).order_by("-pk")[:MOST_UNREAD]


def resuming(running: Interview) -> Step:
    text = (
        "Paused. Its clock has stopped."
        if running.paused_at
        else f"Started {timezone.localtime(running.started_at):%-d %b, %H:%M}."
    )
    if running.is_strict and not running.paused_at:
        text += " Its clock is running."
    return Step(running.title, text, "Resume", reverse("interviews:interview", args=[running.public_id]))


def assigned(request: HttpRequest) -> list[Step]:
    steps, today = [], timezone.localdate(request.now)
    for one in request.user.assignments.to_start(request.user):
        due = ""
        if one.due_on:
            due = (
                f" It was due on {one.due_on:%-d %b}; you can still start it."
                if one.due_on < today
                else f" Due {one.due_on:%-d %b}."
            )
        text = f"{duration(one.track.limit_seconds).capitalize()}.{due}"
        path = reverse("interviews:assignment", args=[one.pk])
        steps.append(Step(f"{one.coach} assigned you: {one.track}", text, "View", path, note=one.note))
    return steps


def debriefing(mine: Planned) -> list[Step]:
    if not mine.awaits_debrief:
        return []
    text = "Write down what you were asked while you remember it. Only you can read it."
    return [Step("How was the interview?", text, "Write it down", reverse("interviews:debriefs"))]


def to_score(newest: Iterable[Interview]) -> list[Step]:
    waiting = next((one for one in newest if one.results["to_score"]), None)
    if waiting is None:
        return []
    path = reverse("interviews:results", args=[waiting.public_id])
    text = f"{waiting.title}: {plural(waiting.results['to_score'], 'open answer')} to compare with the model answer."
    return [Step("Score your answers", text, "Score", path)]


def arrived(unread: list[Notice]) -> list[Step]:
    notice = next((one for one in unread if one.kind == "review_sent"), None)
    if notice is None:
        return []
    action = reverse("interviews:open_notice", args=[notice.pk])
    return [Step("Your review has arrived", f"{notice.subject}.", "Read it", action=action)]
