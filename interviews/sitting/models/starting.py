"""Starting an interview: its questions are drawn, pinned, and the first one is opened."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from interviews.sitting import drawing
from interviews.sitting.adapting import Drill
from interviews.sitting.models.held import Held
from interviews.sitting.models.question import InterviewQuestion
from questions.follow_ups import longest_limits
from questions.models import QuestionVersion, Topic, Track, in_section, on_topics

DRILL_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Practice:
    """Exactly these questions, in this order: the plan of a drill. `topic`: when they are all of one.

    With a `drill` so many are asked, but each is chosen only when it is opened; these stand in until then.
    """

    name: str
    versions: Sequence[QuestionVersion | drawing.Drawable]
    topic: Topic | None = None
    drill: Drill | None = None


class Starting:
    """The part of InterviewQuerySet that begins interviews."""

    def start(
        self,
        candidate,
        plan: Track | Topic | Practice,
        *,
        pace: str,
        time_multiplier: Decimal,
        now: datetime,
        seed: int | None = None,
        cohort=None,
        drawn: Sequence[drawing.Drawable] = (),
        asks_back: bool = True,
        speaks: bool = False,
        second_seat=None,
    ) -> Held:
        """Draws the questions, pins them and opens the first. The plan is a track, a topic, or chosen practice.

        `cohort` assigned it; `drawn` are a track's questions where they are the same for all its members. Who `speaks`
        answers aloud where a question takes it, in less time. An interview that `asks_back` does so in a track as often
        as its time has room for; a drill offers it. With somebody on the `second_seat`, it is they who ask back.

        Starting twice gives the same interview: the candidate's one in progress. Raises
        `drawing.NotEnoughQuestions`, and then writes nothing.
        """
        for running in self.in_progress().filter(candidate=candidate):
            with self.model.objects.under_lock(running.public_id, now=now) as locked:
                if locked.is_in_progress:
                    return locked
        seed = secrets.randbits(31) if seed is None else seed
        if isinstance(plan, Topic):
            plan = Practice(plan.name, draw_versions(candidate, plan, seed=seed), topic=plan)
        is_track = isinstance(plan, Track)
        versions = drawn or (draw_versions(candidate, plan, seed=seed) if is_track else plan.versions)
        if not versions:
            raise drawing.NotEnoughQuestions("There are no published questions to practise.")
        places = places_for_follow_ups(plan, versions) if is_track and asks_back and not second_seat else {}
        interview = self.model(
            candidate=candidate,
            track=plan if is_track else None,
            topic=None if is_track else plan.topic,
            cohort=cohort,
            title=plan.name,
            pace=pace,
            time_multiplier=time_multiplier,
            seed=seed,
            speaks=speaks,
            asks_back=asks_back,
            second_seat=second_seat,
            started_at=now,
            drill=None if is_track or plan.drill is None else plan.drill.as_json(),
        )
        ways = [interview.way_to_answer(version.pk, version.limit_seconds) for version in versions]
        interview.limit_seconds = plan.limit_seconds if is_track else sum(seconds for _, seconds in ways)
        interview.deadline_at = interview.deadline_from_terms()
        try:
            with transaction.atomic():
                interview.save()
                sheet = InterviewQuestion.objects.bulk_create(
                    InterviewQuestion(
                        interview=interview,
                        position=position,
                        question_id=version.question_id,
                        version_id=version.pk,
                        is_spoken=way[0],
                        limit_seconds=way[1],
                        follow_up_places=places.get(version.pk, 0),
                    )
                    for position, (version, way) in enumerate(zip(versions, ways, strict=True), start=1)
                )
                with interview.holding_its_row(sheet=sheet):
                    interview.record("started", actor=candidate, now=now, seed=seed)
                    interview.open_next(now=now)
        except IntegrityError as error:
            if "one_interview_in_progress_per_candidate" not in str(error):
                raise
            return self.start(
                candidate,
                plan,
                pace=pace,
                time_multiplier=time_multiplier,
                now=now,
                seed=seed,
                cohort=cohort,
                drawn=drawn,
                asks_back=asks_back,
                speaks=speaks,
                second_seat=second_seat,
            )
        return interview

    @transaction.atomic
    def start_as_guest(
        self, track: Track, *, browser: str, time_zone: str, pace: str, time_multiplier: Decimal, now: datetime
    ) -> Held:
        """An interview of a new guest; a double click, known by its `browser` (guest_of), gives the first one's.

        Raises `drawing.NotEnoughQuestions`, and then there is no guest either.
        """
        guest = get_user_model().objects.guest_of(browser, time_zone=time_zone)
        return self.start(guest, track, pace=pace, time_multiplier=time_multiplier, now=now)


def draw_versions(
    candidate, plan: Track | Topic, *, seed: int, among: Collection[int] | None = None
) -> list[drawing.Drawable]:
    """The questions of one interview, in order; what the person has seen least recently comes last.

    Without a candidate: of one that several people are to sit. `among`: no other questions than these, by primary key.
    """
    if isinstance(plan, Track):
        wanted = [(section.name, section.count, in_section(section)) for section in plan.sections.all()]
    else:
        wanted = [(plan.name, DRILL_QUESTIONS, on_topics([plan.slug]))]
    pools = QuestionVersion.objects.published().for_drawing(*(fitting for _, _, fitting in wanted))
    if among is not None:
        pools = [[version for version in pool if version.question_id in among] for pool in pools]
    slots = [drawing.Slot(name, count, pool) for (name, count, _), pool in zip(wanted, pools, strict=True)]
    return drawing.draw(slots, seen=InterviewQuestion.objects.last_seen(candidate) if candidate else {}, seed=seed)


def places_for_follow_ups(track: Track, versions: Sequence[drawing.Drawable]) -> dict[int, int]:
    """How many follow-ups may come after each version, within the track's time."""
    found = QuestionVersion.objects.filter(pk__in=[version.pk for version in versions]).exclude(follow_ups=[])
    longest = {one["pk"]: longest_limits(one) for one in found.values("pk", "format", "follow_ups")}
    limits = {version.pk: longest[version.pk] for version in versions if version.pk in longest}
    spare_seconds = track.limit_seconds - sum(version.limit_seconds for version in versions)
    return drawing.keep_places(limits, spare_seconds=spare_seconds)
