"""Keyword-only functions that make what a test is about; everything else is a plain default."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from itertools import count
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import COACHES, CURATORS, User
from interviews.sitting.models import Interview, InterviewQuestion, Written
from interviews.speech.models import Recording
from questions import catalog_files, catalog_loading
from questions.models import (
    Misconception,
    Option,
    Question,
    QuestionVersion,
    RubricPoint,
    Topic,
    Track,
    TrackSection,
    VersionTopic,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
_numbers = count(1)

# Read once a process. Nobody changes it, and `./dev check` has tried what runs in it.
shipped_catalog = cache(catalog_files.read)


def load_shipped_catalog() -> None:
    catalog_loading.load(shipped_catalog(), now=timezone.now())


SQL_ANSWER = {
    "schema": "CREATE TABLE views (surface TEXT); INSERT INTO views VALUES ('feed'), ('feed'), ('search');",
    "solution": "SELECT surface, count(*) AS total FROM views GROUP BY surface",
    "compare": "unordered",
}
CODE_ANSWER = {
    "packages": [],
    "starter": "def double(value):\n    ...",
    "solution": "def double(value):\n    return 2 * value  # the secret solution",
    "seconds": 2,
    "rubric_share": 0.2,
    "cases": [
        {"name": "one", "call": "double", "arguments": [1], "expected": 2, "shown": True},
        {"name": "a hidden text", "call": "double", "arguments": ["'secret'"], "expected": "secretsecret"},
    ],
}


def make_candidate(*, email: str | None = None, **fields) -> User:
    user = User(email=email or f"person{next(_numbers)}@example.com", **fields)
    user.set_unusable_password()
    user.save()
    return user


def make_member(*, email: str, password: str = PASSWORD, **fields) -> User:
    """Somebody who can log in at the page: with a password and a confirmed address."""
    user = User.objects.create_user(email, password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_coach(**fields) -> User:
    coach = make_candidate(**fields)
    coach.groups.add(Group.objects.get_or_create(name=COACHES)[0])
    return coach


def make_curator(**fields) -> User:
    curator = make_candidate(is_staff=True, **fields)
    curator.groups.add(curators())
    return curator


def curators() -> Group:
    """The group as the migrations make it; a test that flushes the database takes it away from the next."""
    if not Group.objects.filter(name=CURATORS).exists():
        import_module("questions.migrations.0002_curators").add_curators(apps, None)
        import_module("questions.migrations.0005_curators_answer_flags").add_permissions(apps, None)
        import_module("questions.migrations.0014_figures").let_curators(apps, None)
        import_module("interviews.migrations.0027_found_points").let_curators_decide(apps, None)
    return Group.objects.get(name=CURATORS)


def make_admin(**fields) -> User:
    return make_candidate(is_staff=True, is_superuser=True, **fields)


def make_topic(*, slug: str = "evaluation", **fields) -> Topic:
    fields.setdefault("name", slug.replace("-", " ").title())
    return Topic.objects.get_or_create(slug=slug, parent=None, defaults=fields)[0]


def make_version(
    *,
    slug: str | None = None,
    format: str = "free_text",
    topics: tuple[str, ...] = ("evaluation",),
    limit_seconds: int = 60,
    options: list[tuple[str, bool]] | None = None,
    points: tuple[str, ...] = ("States the first thing", "States the second thing"),
    level: str = "intermediate",
    companion_of: Question | None = None,
    publish: bool = True,
    **fields,
) -> QuestionVersion:
    """A published question. Choice formats get four options, the first right; ordering four steps in order."""
    slug = slug or f"question-{next(_numbers)}"
    question = Question.objects.create(slug=slug, companion_of=companion_of)
    if format == "numeric":
        fields.setdefault("answer", {"value": 20, "tolerance": 0.5, "unit": "%"})
    if format == "sql":
        fields.setdefault("answer", SQL_ANSWER)
    if format == "code":
        fields.setdefault("answer", CODE_ANSWER)
    if format == "staged":
        fields.setdefault(
            "stages",
            [{"name": "Clarify", "minutes": 5, "asks": "Ask."}, {"name": "Model", "minutes": 5, "asks": "Choose."}],
        )
    version = QuestionVersion.objects.create(
        question=question,
        number=1,
        title=f"Title of {slug}",
        level=level,
        category="theory",
        format=format,
        limit_seconds=limit_seconds,
        prompt=fields.pop("prompt", f"Prompt of {slug}."),
        model_answer=f"The secret model answer of {slug}.",
        **fields,
    )
    for position, topic in enumerate(topics):
        VersionTopic.objects.create(version=version, topic=make_topic(slug=topic), position=position)
    if options is None and format in ("single_choice", "multiple_choice"):
        options = [("right", True), ("wrong a", False), ("wrong b", False), ("wrong c", False)]
        if format == "multiple_choice":
            options[1] = ("also right", True)
    if options is None and format == "ordering":
        options = [("first", True), ("second", True), ("third", True), ("fourth", True)]
    for position, (text, is_right) in enumerate(options or []):
        Option.objects.create(version=version, position=position, text=text, is_right=is_right, why=f"Because {text}.")
    if format in ("free_text", "staged", "code"):
        for position, text in enumerate(points):
            RubricPoint.objects.create(version=version, position=position, text=text)
        Misconception.objects.create(version=version, statement="The secret misconception", correction="It is not so.")
    if publish:
        version.publish(now=NOON)
    return version


def make_follow_up(*, ask: str = "And why?", after: str = "always", limit_seconds: int = 30, **fields) -> dict:
    """As the catalog has it; about a `point`, from 1, unless it may always be asked."""
    rubric = [{"point": "Says why", "weight": 1}]
    return {
        "ask": ask,
        "after": after,
        "limit_seconds": limit_seconds,
        "rubric": rubric,
        "model_answer": "The secret answer to a follow-up.",
    } | fields


def make_track(*, slug: str = "screen", count: int = 3, limit_seconds: int = 300, **filters) -> Track:
    track = Track.objects.create(slug=slug, name=slug.title(), limit_seconds=limit_seconds)
    TrackSection.objects.create(track=track, name="All", count=count, **filters)
    return track


def make_interview(
    *,
    candidate: User | None = None,
    formats: tuple[str, ...] = ("free_text", "free_text", "free_text"),
    pace: str = "strict",
    time_multiplier: Decimal = Decimal(1),
    limit_seconds: int = 150,
    question_seconds: int = 60,
    now: datetime = NOON,
    seed: int = 1,
    topics: tuple[str, ...] = ("evaluation",),
) -> Interview:
    """A started interview of one track with one question a format, in that order, each of `question_seconds`."""
    candidate = candidate or make_candidate()
    track = Track.objects.create(slug=f"track-{next(_numbers)}", name="Screen", limit_seconds=limit_seconds)
    for position, format in enumerate(formats):
        name = f"only-{next(_numbers)}"
        make_version(format=format, limit_seconds=question_seconds, topics=(*topics, name)[:1] if topics else (name,))
        TrackSection.objects.create(track=track, position=position, name=format, count=1, formats=[format])
    return Interview.objects.start(candidate, track, pace=pace, time_multiplier=time_multiplier, now=now, seed=seed)


def make_finished_interview(
    *, candidate: User, now: datetime = NOON, scores: tuple[float, ...] = (1, 0, 1), **fields
) -> Interview:
    """A scored interview of closed questions: a score of 1 picks the right option, 0 a wrong one."""
    interview = make_interview(candidate=candidate, formats=("single_choice",) * len(scores), now=now, **fields)
    for position, score in enumerate(scores, start=1):
        moment = now + timedelta(seconds=5 * position)
        with Interview.objects.under_lock(interview.public_id, now=moment) as locked:
            question = locked.shown_question(position)
            option = question.version.options.filter(is_right=bool(score)).first()
            locked.submit_answer(position, Written([str(option.pk)], question.rev + 1, locked.lease), now=moment)
    with Interview.objects.under_lock(interview.public_id, now=moment) as locked:
        locked.score(now=moment)
    return Interview.objects.get(pk=interview.pk)


def write(
    interview: Interview,
    position: int,
    text: str | list[str],
    *,
    rev: int = 1,
    now: datetime = NOON,
    lease=None,
    act="save_answer",
):
    """Saves, submits or skips as a page would; gives the outcome."""
    answer = [text] if isinstance(text, str) else text
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        written = Written(answer, rev, locked.lease if lease is None else lease)
        return getattr(locked, act)(position, written, now=now)


def make_recording(
    *, interview: Interview, position: int = 1, content: bytes = b"a voice", kind: str = "answer"
) -> Recording:
    """A finished one, not a file yet; `store()` makes one of it. Nobody looked at what its bytes are."""
    question = question_of(interview, position)
    recording = question.recordings.create(public_id=uuid4(), begun_at=NOON)
    recording.append(content)
    recording.kind, recording.content_type, recording.seconds, recording.finished_at = kind, "audio/webm", 1, NOON
    recording.save()
    if kind == "answer":
        InterviewQuestion.objects.filter(pk=question.pk).update(has_recording=True)
    return recording


def question_of(interview: Interview, position: int) -> InterviewQuestion:
    return InterviewQuestion.objects.get(interview=interview, position=position)
