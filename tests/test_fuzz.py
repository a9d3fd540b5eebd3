"""Every address of the URLconf gets hostile forms from somebody who is logged in.

No answer may be a 500 (the test client raises what a view raises), and nothing of a stranger may change.
"""

import random
import re
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from django.core import serializers
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from interviews.sitting.models import AnswerRevision, Grade, Interview, InterviewEvent, InterviewQuestion
from interviews.speech.models import Recording
from tests.factories import (
    make_candidate,
    make_coach,
    make_finished_interview,
    make_interview,
    make_recording,
    make_track,
    make_version,
)

pytestmark = pytest.mark.django_db

ROUNDS = 1
TEMPLATES = Path(__file__).parent.parent / "templates"
HOSTILE = [
    *("", " ", "0", "1", "-1", "1e3", "NaN", "Infinity", "1" * 400, "99999999999999999999", "０", "²", "1.5"),
    *("yes", "true", "null", "[]", "{}", "hit", "strict", "untimed", "advanced", "topic:evaluation", "UTC"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1 --", "../../../etc/passwd", "=1+1", "a@example.com"),
    *("\x00", "a\x00b", "\r\nSet-Cookie: a=b", "\u202e", "\ud800", "𝒳" * 50, "[" * 5000, "x" * 60_000),
    *("https://evil.example.org/", "//evil.example.org", "javascript:alert(1)", "2026-13-45T99:99"),
]
# What the pages' own forms send, and what no page sends.
NAMES = sorted(
    {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([\w-]+)"', path.read_text())}
    | {"answer", "rev", "lease", "position", "confidence", "confirmed", "move", "plan", "pace", "time_multiplier"}
    | {
        "size",
        "milliseconds",
        "level",
        "next",
        "email",
        "password",
        "id",
        "pk",
        "is_staff",
        "is_superuser",
        "candidate",
        "q1-1",
    }
)


def routes(patterns=None, prefix: str = "") -> list[str]:
    found = []
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        found += [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)
    return found


def address(route: str, public_ids: list[str], luck: random.Random) -> str | None:
    """The route with its parts filled in; None where it is a regular expression that this does not write."""

    def part(match: re.Match) -> str:
        kind = match[1]
        if kind == "uuid":
            return luck.choice(public_ids)
        if kind == "int":
            return luck.choice(["0", "1", "2", "3", "2147483648", "9" * 30])
        return luck.choice(["1", "a-b", "trend", "..", "%00", "%F0%9F%92%A9", "a" * 300])

    path = "/" + re.sub(r"<(?:(\w+):)?\w+>", part, route)
    return None if re.search(r"[\\^$(<]", path) else path


def form(luck: random.Random) -> str:
    """A form's body, urlencoded by hand: a lone surrogate is no text that a client would encode."""
    names = luck.sample(NAMES, k=luck.randint(0, 12))
    fields = [(name, luck.choice(HOSTILE)) for name in names for _ in range(luck.choice([1, 1, 1, 3]))]
    return "&".join(f"{name}={quote_from_bytes(value.encode(errors='surrogatepass'))}" for name, value in fields)


def everything_of(person) -> str:
    """The person's rows, as text."""
    own = Interview.objects.filter(candidate=person)
    rows = [
        *[person._meta.model.objects.get(pk=person.pk)],
        *own.order_by("pk"),
        *InterviewQuestion.objects.filter(interview__in=own).order_by("pk"),
        *InterviewEvent.objects.filter(interview__in=own).order_by("pk"),
        *AnswerRevision.objects.filter(question__interview__in=own).order_by("pk"),
        *Recording.objects.of_candidate(person).order_by("pk"),
        *Grade.objects.filter(question__interview__in=own).order_by("pk"),
    ]
    return serializers.serialize("json", rows)


@pytest.mark.parametrize("make_person", [make_candidate, make_coach])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_hostile_forms_break_nothing_and_change_nothing_of_a_stranger(make_person, seed):
    luck = random.Random(f"{make_person.__name__} {seed}")
    now = timezone.now()
    make_track(slug="screen", count=1)
    make_version(format="free_text")
    stranger = make_candidate()
    theirs = [make_finished_interview(candidate=stranger, now=now), make_interview(candidate=stranger, now=now)]
    person = make_person()
    own = [
        make_finished_interview(candidate=person, now=now),
        make_interview(candidate=person, now=now, formats=("free_text", "ordering", "numeric", "multiple_choice")),
    ]
    recordings = [make_recording(interview=interview) for interview in (own[1], theirs[1])]
    public_ids = [str(one.public_id) for one in (*own, *own, *theirs, *recordings)]
    before = everything_of(stranger)
    sent = 0
    for route in routes():
        path = address(route, public_ids, luck)
        if path is None:
            continue
        client = Client()
        if not person._meta.model.objects.filter(pk=person.pk, is_active=True).exists():
            person = make_person()  # a form that was hit by chance has ended the account
        client.force_login(person)
        for headers in ({}, {"hx-request": "true"}):
            response = client.post(path, form(luck), content_type="application/x-www-form-urlencoded", headers=headers)
            assert response.status_code < 500, (path, response.status_code)
            if response.status_code in (301, 302):
                assert "evil.example.org" not in response.url.split("?")[0], path
            sent += 1
    assert sent > 60
    assert everything_of(stranger) == before


def test_hostile_addresses_break_no_page():
    luck = random.Random("addresses")
    now = timezone.now()
    make_track(slug="screen", count=1)
    make_version(format="free_text")
    coach = make_coach()
    own = [make_finished_interview(candidate=coach, now=now), make_interview(candidate=coach, now=now)]
    public_ids = [str(one.public_id) for one in own]
    asked = 0
    for route in routes():
        path = address(route, public_ids, luck)
        if path is None:
            continue
        client = Client()
        client.force_login(coach)
        for headers in ({}, {"hx-request": "true"}):
            query = f"page={quote_from_bytes(luck.choice(HOSTILE).encode(errors='surrogatepass'))}&" + form(luck)
            response = client.get(f"{path}?{query[:4000]}", headers=headers)
            assert response.status_code < 500, (path, query[:4000])
            asked += 1
    assert asked > 120


# What our views read from an address, and what their forms would send.
PARAMETERS = sorted(
    {
        name
        for app in ("accounts", "questions", "interviews")
        for path in (TEMPLATES.parent / app).rglob("*.py")
        for name in re.findall(r"""GET(?:\.get|\.getlist)?[(\[]["']([\w-]+)""", path.read_text())
    }
    | {*NAMES, "page"}
)


@pytest.mark.parametrize("value", ["x", "\x00", "9" * 30, "\u00b2", "-1", "00000000-0000-0000-0000-000000000000"])
def test_no_parameter_of_any_address_breaks_its_page(value):
    """Every parameter at once, and each address with the same nonsense in all of them."""
    assert {"page", "next", "earlier", "with"} <= {*PARAMETERS}
    now = timezone.now()
    make_track(slug="screen", count=1)
    coach = make_coach()
    public_ids = [str(make_finished_interview(candidate=coach, now=now).public_id)]
    client, luck = Client(), random.Random(value)
    query = "&".join(f"{name}={quote_from_bytes(value.encode())}" for name in PARAMETERS)
    asked = 0
    for route in routes():
        path = address(route, public_ids, luck)
        if path is None:
            continue
        client.force_login(coach)
        response = client.get(f"{path}?{query}")
        assert response.status_code < 500, path
        asked += 1
    assert asked > 60


@pytest.mark.parametrize("act", ["save", "submit", "skip", "finish", "next", "pause", "resume"])
@pytest.mark.parametrize("format", ["free_text", "staged", "single_choice", "multiple_choice", "numeric", "ordering"])
def test_hostile_answers_of_every_format_break_nothing(candidate, candidate_client, format, act):
    luck = random.Random(f"{format} {act}")
    interview = make_interview(candidate=candidate, now=timezone.now(), formats=(format,) * 2, pace="gentle")
    middle = "" if act in ("finish", "pause", "resume") else "questions/1/"
    path = f"/interviews/{interview.public_id}/{middle}{act}/"
    for value in luck.sample(HOSTILE, k=8):
        sane = {"lease": str(interview.lease), "rev": "1", "position": "1"}
        sane[luck.choice(list(sane))] = luck.choice(HOSTILE)
        fields = [*sane.items(), ("answer", value), ("answer", luck.choice(HOSTILE)), ("confidence", value)]
        body = "&".join(f"{name}={quote_from_bytes(text.encode(errors='surrogatepass'))}" for name, text in fields)
        response = candidate_client.post(path, body, content_type="application/x-www-form-urlencoded")
        assert response.status_code < 500
