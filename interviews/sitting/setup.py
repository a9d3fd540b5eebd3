"""What can be chosen before an interview, and what the choice amounts to."""

from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest

from accounts.models import User
from interviews.sitting.forms import SetupForm
from interviews.sitting.models import DRILL_QUESTIONS, Interview
from questions.models import QuestionVersion, Topic, Track


def setup_form(request: HttpRequest, data) -> SetupForm:
    """`?plan=` in the address chooses, as `?topic=` does; else it is what was sat last, and so is the pace."""
    form = SetupForm(data, tracks=Track.objects.active().with_sections(), topics=Topic.objects.top_level())
    form.initial = {"pace": Interview.Pace.STRICT, "time_multiplier": request.user.time_multiplier.normalize()}
    form.initial["answers"] = "speak" if request.user.speaks else "write"
    if data is None:
        topic = request.GET.get("topic", "")
        asked = [f"topic:{topic}", request.GET.get("plan", ""), last_track(request.user), *form.plans]
        form.initial["plan"] = next((key for key in asked if key in form.plans), "")
        pace, asks_back = remembered(request.user, is_drill=form.initial["plan"].startswith("topic:"))
        form.initial |= {"pace": pace, "follow_ups": asks_back}
    return form


def last_track(candidate: User) -> str:
    """The slug of what was sat last; empty before there is one."""
    sat = candidate.interviews.filter(track__isnull=False).order_by("-started_at")
    return sat.values_list("track__slug", flat=True).first() or ""


def remembered(candidate: User, *, is_drill: bool) -> tuple[str, bool]:
    """Pace, and whether follow-ups are wanted: as in the candidate's last interview of this kind. Before there is one,
    drills are gentle and the others strict, and both have them.
    """
    before = candidate.interviews.filter(track__isnull=is_drill).order_by("-started_at")
    usual = (Interview.Pace.GENTLE if is_drill else Interview.Pace.STRICT, True)
    return before.values_list("pace", "asks_back").first() or usual


def setup_summary(form: SetupForm) -> dict:
    """What the choice amounts to, also while it is still incomplete: the initial values stand in."""
    chosen = form.initial | {"plan": form.plans.get(form.initial.get("plan", ""))}
    if form.is_bound:
        form.is_valid()
        chosen |= form.cleaned_data
    if chosen["plan"] is None:
        return {"plan": None}
    summary = plan_summary(chosen["plan"], pace=chosen["pace"], multiplier=chosen["time_multiplier"])
    return summary | {"speaks": chosen.get("answers") == "speak"}  # a trial is written


def plan_summary(plan: Track | Topic, *, pace: str, multiplier: Decimal) -> dict:
    """What `_setup_panel.html` says. Of a drill `limit` is an estimate: which questions it asks is not known yet."""
    is_track = isinstance(plan, Track)
    seconds = plan.limit_seconds if is_track else DRILL_QUESTIONS * QuestionVersion.objects.usual_limit(plan)
    return {
        "plan": plan,
        "is_track": is_track,
        "question_count": sum(section.count for section in plan.sections.all()) if is_track else DRILL_QUESTIONS,
        "limit": timedelta(seconds=seconds),
        "limit_with_extra": timedelta(seconds=float(seconds * multiplier)),
        "has_extra": multiplier != 1,
        "pace": pace,
    }
