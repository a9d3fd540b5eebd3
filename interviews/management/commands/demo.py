"""Demo people for a fresh checkout: a candidate with a history and a report, a coach, a curator, an admin."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import COACHES, CURATORS, CoachGrant, Cohort, User
from interviews.coaching import notices, roster
from interviews.coaching.models import Assignment, CohortAssignment, Review
from interviews.plan.models import Preparation
from interviews.report import compiling
from interviews.sitting.models import Grade, Interview, InterviewQuestion, Written
from questions import formats
from questions.models import QuestionVersion, RubricPoint, Topic, Track

PASSWORD = "holdout-demo"  # noqa: S105 – printed at every start, and only where DEBUG is on
# (what was sat, how many days ago); `topic:` is a drill.
HISTORY = [
    ("general-screen", 47),
    ("google-mle", 33),
    ("topic:evaluation", 30),
    ("amazon-ds", 24),
    ("general-screen", 17),
    ("topic:math-stats", 12),
    ("topic:deep-learning", 9),
    ("topic:classical-ml", 6),
    ("general-screen", 4),
]
DAYS_LEFT = 16  # until the demo candidate's interview
SUNDAY = 6
# How often the demo candidate is right, by topic: a report with nothing to say would demonstrate nothing.
STRENGTH = {"fundamentals": 0.9, "math-stats": 0.25, "evaluation": 0.4, "deep-learning": 0.95, "classical-ml": 0.9}
USUAL_STRENGTH = 0.65


class Command(BaseCommand):
    help = "Make the demo people (only where DEBUG is on). A repeat changes nothing."

    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError("Demo people are made only where DEBUG is on.")
        candidate = person("candidate@example.com", name="Demo candidate")
        coach = person("coach@example.com", group=COACHES, name="Demo coach")
        person("curator@example.com", group=CURATORS, is_staff=True)
        person("admin@example.com", is_staff=True, is_superuser=True)
        if candidate.interviews.exists():
            return
        now = timezone.now()
        for seed, (slug, days_ago) in enumerate(HISTORY, start=1):
            kind, _, topic = slug.partition(":")
            plan = Topic.objects.top_level().get(slug=topic) if topic else Track.objects.get(slug=kind)
            ended_at = sit(candidate, plan, now=now - timedelta(days=days_ago), seed=seed)
            compiling.compile_requested(candidate.pk, now=ended_at)
        Preparation.objects.create(
            candidate=candidate,
            interview_on=(now + timedelta(days=DAYS_LEFT)).date(),
            tracks=["general-screen"],
            minutes_a_day=40,
            days_off=[SUNDAY],
        )
        begin_coaching(candidate, coach, now=now)
        begin_cohort(candidate, coach, now=now)
        compiling.compile_requested(candidate.pk, now=now)


def person(email: str, *, group: str | None = None, **fields) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, **fields)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def sit(candidate: User, plan: Track | Topic, *, now: datetime, seed: int) -> datetime:
    """One interview through the engine itself, as a page would send it, and self-scored afterwards. When it ended."""
    luck = random.Random(seed)  # noqa: S311 – the same demo on every machine
    interview = Interview.objects.start(
        candidate, plan, pace=Interview.Pace.STRICT, time_multiplier=Decimal(1), now=now, seed=seed
    )
    hits: dict[int, dict[int, str]] = {}
    while True:
        with Interview.objects.under_lock(interview.public_id, now=now) as locked:
            if not locked.is_in_progress:
                break
            question = locked.current_question()
            now += timedelta(seconds=question.limit_seconds * luck.uniform(0.4, 0.9))
        with Interview.objects.under_lock(interview.public_id, now=now) as locked:
            if question.is_follow_up:
                answer = [question.follow_up["model_answer"]]
            elif question.format.is_closed:
                answer = possible_answer(question.version, is_right=is_right(question, luck))
            else:
                hits[question.position] = {
                    point.pk: "hit" if is_right(question, luck) else luck.choice(["partly", "missed"])
                    for point in question.version.rubric_points.all()
                }
                points = question.version.rubric_points.all()
                hit = [point for point in points if hits[question.position][point.pk] == "hit"]
                answer = open_answer(question.version, hit)
            confidence = luck.choice([40, 60, 80, 90])
            locked.submit_answer(question.position, Written(answer, 1, locked.lease, confidence), now=now)
    worked_out = locked.work_out()
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.score(now=now, worked_out=worked_out)
        for question in locked.questions.filter(position__in=hits, state=InterviewQuestion.State.ANSWERED):
            question.grade_by_rubric(hits[question.position], by=candidate, source=Grade.Source.SELF, now=now)
            question.reveal(now=now)
    return now


@transaction.atomic
def begin_coaching(candidate: User, coach: User, *, now: datetime) -> None:
    """The coach may read everything, has an interview to review, and has assigned the next."""
    _, token = CoachGrant.objects.invite(candidate, scope=CoachGrant.Scope.ALL, email=coach.email, now=now)
    CoachGrant.objects.accept(token, by=coach, now=now)
    newest = candidate.interviews.finished().order_by("-started_at").first()
    review = Review.objects.ask(newest, coach=coach, due_on=(now + timedelta(days=3)).date(), now=now)
    notices.review_asked(review, [coach], now=now)
    assignment = Assignment.objects.assign(
        coach=coach,
        candidate=candidate,
        track=Track.objects.get(slug="general-screen"),
        pace=Interview.Pace.STRICT,
        due_on=(now + timedelta(days=5)).date(),
        note="Leave two minutes of each question for what could go wrong.",
        now=now,
    )
    notices.assigned(assignment, now=now)


def begin_cohort(candidate: User, coach: User, *, now: datetime) -> None:
    """The candidate is a member of the coach's cohort, others are on its roster, and something is assigned."""
    cohort = Cohort.objects.found(coach, name="Demo cohort", starts_on=now.date(), ends_on=None, now=now)
    lines = (
        "grace@example.com,Grace Hopper,Evening\nalan@example.com,Alan Turing,Evening\nada@example.com,Ada Lovelace,Day"
    )
    roster.load(cohort, roster.read(lines), invites=False, now=now)
    cohort.join(candidate, shares="cohort", now=now)
    CohortAssignment.objects.assign(
        cohort=cohort,
        coach=coach,
        track=Track.objects.get(slug="general-screen"),
        pace=Interview.Pace.GENTLE,
        has_same_questions=True,
        due_on=(now + timedelta(days=9)).date(),
        now=now,
    )


def is_right(question: InterviewQuestion, luck: random.Random) -> bool:
    return luck.random() < STRENGTH.get(question.version.primary_topic.slug, USUAL_STRENGTH)


def possible_answer(version: QuestionVersion, *, is_right: bool) -> list[str]:
    """To a closed question a right or a wrong answer; to an open one a short text."""
    options = list(version.options.all())
    answer = version.answer or {}
    if not formats.get(version.format).is_closed:
        return open_answer(version, [point for point in version.rubric_points.all() if is_right])
    if "solution" in answer:  # a query
        return [answer["solution"] if is_right else "SELECT 'a guess'"]
    if answer:
        return [str(answer["value"] * (1 if is_right else 2))]
    if all(option.is_right for option in options):  # steps, in the right order
        return [str(option.pk) for option in (options if is_right else [*options[2:], *options[:2]])]
    return [str(option.pk) for option in options if option.is_right == is_right][: None if is_right else 1]


def open_answer(version: QuestionVersion, hit: list[RubricPoint]) -> list[str]:
    """Says the points that were hit, so that the self-score fits what is written; those of a stage in their stage."""
    points = list(version.rubric_points.all())
    if version.answer:  # code: it runs as well as it explains
        code = version.answer["solution" if 2 * len(hit) > len(points) else "starter"]
        return ["\n".join([code, *(f"# {in_own_words(point)}" for point in hit)])]
    of_points = version.stages_of_points
    if not any(of_points):
        return [prose(hit)] * max(1, len(version.stages))
    return [
        prose([point for point, stage in zip(points, of_points, strict=True) if point in hit and stage == one["name"]])
        for one in version.stages
    ]


def prose(points: list[RubricPoint]) -> str:
    return " ".join(map(in_own_words, points)) or "I would start from the definitions, but I am not sure."


def in_own_words(point: RubricPoint) -> str:
    """A point as somebody says it who does not know the rubric: its longest paraphrase, as a sentence."""
    text = max(point.says, key=len, default=point.text).rstrip(".")
    return f"{text[0].upper()}{text[1:]}."
