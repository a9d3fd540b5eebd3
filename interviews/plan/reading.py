"""The plan's inputs from the database: the newest report, the cards, what was practised."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from accounts.composed import composed
from accounts.models import User
from interviews.plan.models import Preparation
from interviews.plan.scheduling import DRILLED_DAYS, MOST_DAYS, Inputs, Plan, Standing, TopicState, plan
from interviews.report.models import WeaknessReport
from interviews.report.statistics.weakness import Label
from interviews.report.stored import gated
from interviews.sitting.models import DRILL_QUESTIONS, Interview, InterviewQuestion
from questions.models import Status, Topic, Track

NOTHING_PRACTISED = {"week": None, "week_paused": None, "day": None, "day_paused": None, "interviews": 0, "spoken": 0}
TRIAL = "trial"  # for visitors: nobody prepares for it

STANDING = {
    Label.WEAK: Standing.WEAK,
    Label.PROBABLY_WEAK: Standing.PROBABLY_WEAK,
    Label.UNCLEAR: Standing.UNCLEAR,
    Label.PROBABLY_ON_TARGET: Standing.ON_TARGET,
    Label.ON_TARGET: Standing.ON_TARGET,
    Label.NOT_ENOUGH_EVIDENCE: Standing.NOT_KNOWN,
}


@dataclass(frozen=True, slots=True)
class Practised:
    """Minutes are those that questions were open, without pauses; a week begins on Monday, where the candidate is."""

    minutes_today: int
    minutes_this_week: int
    interviews_this_week: int
    has_spoken: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it was made of. `track`: the main one, None where none can be sat; `tracks`: all, by slug.

    `awaits_debrief`: the interview is over, and nothing was written down since.
    """

    plan: Plan
    preparation: Preparation
    practised: Practised
    track: Track | None
    tracks: Mapping[str, Track]
    topics: Mapping[str, Topic]
    today: date
    awaits_debrief: bool


def planned(candidate: User, report: WeaknessReport | None, *, now: datetime) -> Planned:
    """As of this moment, in the candidate's own days. Five statements; `report` is the newest."""
    zone = ZoneInfo(candidate.time_zone)
    today = now.astimezone(zone).date()
    preparation, asked, debriefed_on = Preparation.objects.with_debriefs(candidate, today)
    practised = practised_by(candidate, today, zone)
    tracks = tracks_sat_by(candidate)
    topics = topics_to_drill(candidate, now - timedelta(days=DRILLED_DAYS))
    track = main_track(preparation, tracks)
    last_mock = track and track.last_sat
    multiplier = float(candidate.time_multiplier)
    chosen = preparation.tracks or ([track.slug] if track else [])
    inputs = Inputs(
        today=today,
        minutes_a_day=preparation.minutes_a_day,
        minutes_today=practised.minutes_today,
        days_off=frozenset(preparation.days_off),
        interview_on=preparation.interview_on,
        topics=topic_states(report, topics, chosen, asked, multiplier) if report else (),
        mock_minutes=math.ceil(track.limit_seconds * multiplier / 60) if track else 0,
        days_since_mock=(today - last_mock.astimezone(zone).date()).days if last_mock else None,
        has_spoken=practised.has_spoken,
        due=due_by_day(candidate, today, zone),
    )
    was_on = preparation.interview_on
    awaits_debrief = bool(was_on and was_on < today and not (debriefed_on and debriefed_on >= was_on))
    return Planned(plan(inputs), preparation, practised, track, tracks, topics, today, awaits_debrief)


def practised_by(candidate: User, today: date, zone: ZoneInfo) -> Practised:
    midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
    monday = midnight - timedelta(days=today.weekday())
    (found,) = sums_of_answers(candidate.pk, monday - timedelta(days=14), monday, midnight) or [NOTHING_PRACTISED]

    def minutes(of: str) -> int:
        return round(max(0.0, (found[of].total_seconds() if found[of] else 0) - (found[f"{of}_paused"] or 0)) / 60)

    return Practised(minutes("day"), minutes("week"), found["interviews"], bool(found["spoken"]))


@composed
def sums_of_answers(candidate, lately, monday, midnight):
    answered = InterviewQuestion.objects.of_candidate(candidate).filter(closed_at__gte=lately).order_by()
    open_for, paused = F("closed_at") - F("opened_at"), F("paused_seconds") + F("away_seconds")
    this_week, this_day = Q(closed_at__gte=monday), Q(closed_at__gte=midnight)
    return answered.values("interview__candidate").annotate(
        week=Sum(open_for, filter=this_week),
        week_paused=Sum(paused, filter=this_week),
        day=Sum(open_for, filter=this_day),
        day_paused=Sum(paused, filter=this_day),
        interviews=Count("interview", distinct=True, filter=this_week),
        spoken=Count("pk", filter=Q(has_recording=True)),
    )


def tracks_sat_by(candidate: User) -> dict[str, Track]:
    """Every track that can be sat, by slug, with `last_sat`: when the candidate did."""
    return {track.slug: track for track in tracks_with_last_sat(candidate.pk)}


@composed
def tracks_with_last_sat(candidate):
    sat = Interview.objects.exclude(state=Interview.State.VOID).filter(candidate=candidate, track=OuterRef("pk"))
    last_sat = Subquery(sat.order_by("-started_at").values("started_at")[:1])
    return Track.objects.active().exclude(slug=TRIAL).annotate(last_sat=last_sat)


def main_track(preparation: Preparation, tracks: Mapping[str, Track]) -> Track | None:
    """The chosen one, else what was sat last, else the first."""
    chosen = [tracks[slug] for slug in preparation.tracks if slug in tracks]
    sat = sorted((one for one in tracks.values() if one.last_sat), key=lambda one: one.last_sat, reverse=True)
    return next(iter([*chosen, *sat, *tracks.values()]), None)


def topics_to_drill(candidate: User, since: datetime) -> dict[str, Topic]:
    """By slug, with `usual_limit`, the mean limit of its published questions in seconds (None where it has none), and
    `drilled`, how many drills the candidate began since then.
    """
    return {topic.slug: topic for topic in topics_with_drills(candidate.pk, since)}


@composed
def topics_with_drills(candidate, since):
    primary = Q(version_links__position=0, version_links__version__status=Status.PUBLISHED)
    drills = Interview.objects.exclude(state=Interview.State.VOID).filter(candidate=candidate, topic=OuterRef("pk"))
    drilled = drills.filter(started_at__gte=since).order_by().values("topic").annotate(count=Count("pk"))
    return Topic.objects.top_level().annotate(
        usual_limit=Avg("version_links__version__limit_seconds", filter=primary),
        drilled=Coalesce(Subquery(drilled.values("count")), 0),
    )


def topic_states(
    report: WeaknessReport,
    topics: Mapping[str, Topic],
    chosen: Sequence[str],
    asked: Collection[str],
    multiplier: float,
) -> list[TopicState]:
    """Every topic of the chosen tracks, each track counting alike; without shares in the report all topics alike."""
    rows = {row["topic"]: gated(row, report.data["basis"]["counted"]) for row in report.data["topics"]}
    stored = {row["track"]: row.get("shares") for row in report.data.get("tracks", [])}
    shares_of = [stored[slug] for slug in chosen if stored.get(slug)] or [
        dict.fromkeys(topics, 1 / max(1, len(topics)))
    ]
    states = []
    for slug, topic in topics.items():
        share = sum(shares.get(slug, 0.0) for shares in shares_of) / len(shares_of)
        if share > 0 and topic.usual_limit:
            row = rows.get(slug)
            states.append(
                TopicState(
                    slug=slug,
                    name=topic.name,
                    share=share,
                    evidence=row["evidence"] if row else 0.0,
                    standing=STANDING[Label(row["label"])] if row else Standing.NOT_KNOWN,
                    drill_minutes=max(1, math.ceil(DRILL_QUESTIONS * float(topic.usual_limit) * multiplier / 60)),
                    was_asked=slug in asked,
                    drilled=topic.drilled,
                )
            )
    return states


def due_by_day(candidate: User, today: date, zone: ZoneInfo) -> dict[int, int]:
    """Days from today on which questions begin to fade, and how many; what faded earlier fades today."""
    cards = candidate.practice_cards.filter(question__versions__status="published").order_by()
    end = datetime(today.year, today.month, today.day, tzinfo=zone) + timedelta(days=MOST_DAYS)
    days = cards.filter(due_at__lt=end).annotate(day=TruncDate("due_at", tzinfo=zone)).values_list("day")
    due: dict[int, int] = {}
    for day, count in days.annotate(count=Count("pk")):
        offset = max(0, (day - today).days)
        due[offset] = due.get(offset, 0) + count
    return due
