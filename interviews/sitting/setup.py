"""What can be chosen before an interview, and what the choice amounts to."""

import secrets
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest

from accounts.models import User
from interviews.sitting.forms import MIX, SetupForm
from interviews.sitting.mixing import Mix
from interviews.sitting.models import DRILL_QUESTIONS, Interview, Practice
from questions.models import QuestionVersion, Topic, Track


def setup_form(request: HttpRequest, data) -> SetupForm:
    """`?plan=` in the address chooses, as `?topic=` does; else it is what was sat last, and so are pace and mix."""
    form = SetupForm(data, tracks=Track.objects.active().with_sections(), topics=Topic.objects.top_level())
    form.initial = {"pace": Interview.Pace.STRICT, "time_multiplier": request.user.time_multiplier.normalize()}
    form.initial["answers"] = "speak" if request.user.speaks else "write"
    if data is None:
        topic = request.GET.get("topic", "")
        form.initial |= remembered_choices(request.user)
        last = MIX if form.initial.pop("was_mix") else last_track(request.user)
        asked = [f"topic:{topic}", request.GET.get("plan", ""), last, *form.plans]
        form.initial["plan"] = next((key for key in asked if key in form.plans or key == MIX), "")
        pace, asks_back = remembered(request.user, is_drill=form.initial["plan"].startswith(("topic:", MIX)))
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


def hid_stages(candidate: User) -> bool:
    """Whether the last interview's designs were structured without the stages."""
    return bool(candidate.interviews.order_by("-started_at").values_list("hides_stages", flat=True).first())


def remembered_choices(candidate: User) -> dict:
    """Of the set-up's fields what was chosen last: the stages, the newest mix; `was_mix`: it came last of all."""
    newest = candidate.interviews.order_by("-started_at").values_list("hides_stages", "mix").first()
    hidden, mix = newest or (False, None)
    was_mix = mix is not None
    if not was_mix:
        mixed = candidate.interviews.exclude(mix=None).order_by("-started_at")
        mix = mixed.values_list("mix", flat=True).first() or Mix().as_json()
    fields = {f"mix_{name}": value for name, value in mix.items()}
    return {"hides_stages": hidden, "was_mix": was_mix, "mix_seed": secrets.randbits(31), **fields}


def setup_summary(form: SetupForm) -> dict:
    """What the choice amounts to, also while it is still incomplete: the initial values stand in."""
    plan = form.initial.get("plan", "")
    chosen = form.initial | {"plan": form.mix(form.initial) if plan == MIX else form.plans.get(plan)}
    if form.is_bound:
        form.is_valid()
        chosen |= form.cleaned_data
    if chosen["plan"] is None:
        return {"plan": None}
    summary = plan_summary(chosen["plan"], pace=chosen["pace"], multiplier=chosen["time_multiplier"])
    # A trial is written, and no mix.
    return summary | {"speaks": chosen.get("answers") == "speak", "mix_seed": chosen.get("mix_seed")}


def plan_summary(plan: Track | Topic | Mix, *, pace: str, multiplier: Decimal) -> dict:
    """What `_setup_panel.html` says. Of a drill `limit` is an estimate: which questions it asks is not known yet; of a
    mix it comes by `mix_summary`.
    """
    is_track = isinstance(plan, Track)
    said = {"plan": plan, "is_track": is_track, "is_exact": is_track, "pace": pace, "has_extra": multiplier != 1}
    said["multiplier"] = multiplier
    if isinstance(plan, Mix):
        return said
    seconds = plan.limit_seconds if is_track else DRILL_QUESTIONS * QuestionVersion.objects.usual_limit(plan)
    count = sum(section.count for section in plan.sections.all()) if is_track else DRILL_QUESTIONS
    return said | {"question_count": count, **lengths(seconds, multiplier)}


def mix_summary(practice: Practice, *, speaks: bool, multiplier: Decimal) -> dict:
    """What was drawn, as long as it will be: spoken answers have less time."""
    asked = Interview(speaks=speaks)
    seconds = sum(asked.way_to_answer(version.pk, version.limit_seconds)[1] for version in practice.versions)
    return {"is_exact": True, "question_count": len(practice.versions), **lengths(seconds, multiplier)}


def lengths(seconds: int, multiplier: Decimal) -> dict[str, timedelta]:
    return {"limit": timedelta(seconds=seconds), "limit_with_extra": timedelta(seconds=float(seconds * multiplier))}
