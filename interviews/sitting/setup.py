"""What can be chosen before an interview, and what the choice amounts to."""

from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest

from interviews.sitting.forms import SetupForm
from interviews.sitting.models import DRILL_QUESTIONS, Interview
from questions.models import QuestionVersion, Topic, Track


def setup_form(request: HttpRequest, data) -> SetupForm:
    form = SetupForm(data, tracks=Track.objects.active().with_sections(), topics=Topic.objects.top_level())
    form.initial = {"pace": Interview.Pace.STRICT, "time_multiplier": request.user.time_multiplier.normalize()}
    form.initial["answers"] = "speak" if request.user.speaks else "write"
    if data is None:
        asked_topic = f"topic:{request.GET.get('topic', '')}"
        if asked_topic in form.plans:
            form.initial |= {"plan": asked_topic, "pace": Interview.Pace.GENTLE}
        else:
            form.initial["plan"] = next(iter(form.plans), "")
    return form


def setup_summary(form: SetupForm) -> dict:
    """What the choice amounts to, also while it is still incomplete: the initial values stand in."""
    chosen = form.initial | {"plan": form.plans.get(form.initial.get("plan", ""))}
    if form.is_bound:
        form.is_valid()
        chosen |= form.cleaned_data
    if chosen["plan"] is None:
        return {"plan": None}
    summary = plan_summary(chosen["plan"], pace=chosen["pace"], multiplier=chosen["time_multiplier"])
    return summary | {"speaks": chosen["answers"] == "speak"}


def plan_summary(plan: Track | Topic, *, pace: str, multiplier: Decimal) -> dict:
    """What `_setup_panel.html` says."""
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
