"""The seeded past: what is in it, and that a site's size changes no page's number of queries."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from interviews.coaching.models import Review
from interviews.plan.models import Preparation
from interviews.report import compiling
from interviews.sitting.models import AnswerRevision, Grade, Interview, InterviewEvent, InterviewQuestion
from tests.factories import make_admin, make_candidate, make_finished_interview, make_interview, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    for format in ("free_text", "single_choice", "multiple_choice", "numeric", "ordering", "staged", "sql"):
        make_version(format=format)


def seed(answers: int) -> None:
    call_command("seed", answers=answers, stdout=StringIO())


def rows() -> list:
    fields = ("interview__seed", "position", "version__question__slug", "state", "answer", "score", "confidence")
    return list(InterviewQuestion.objects.order_by("pk").values_list(*fields))


@override_settings(DEBUG=True)
def test_a_seeded_past_is_whole(bank):
    seed(403)
    answers = InterviewQuestion.objects.all()
    assert answers.count() == 408  # whole interviews of eight
    assert Interview.objects.count() == 51
    assert User.objects.count() == 3  # of 25 interviews each
    assert {"answered", "skipped"} == set(answers.values_list("state", flat=True))
    assert Grade.objects.count() == 408
    assert not answers.annotate(count=Count("grades")).exclude(count=1).exists()
    answered = answers.filter(state="answered").count()
    assert AnswerRevision.objects.count() == 2 * answered
    assert InterviewEvent.objects.count() == 51 * (3 + 2 * 8)
    assert 0.3 < answers.filter(score=1).count() / 408 < 0.7


def statements(person: User) -> dict[str, int]:
    """Of each page that a history could make longer; the first look fills the caches."""
    client = Client()
    client.force_login(person)
    newest = person.interviews.order_by("-started_at").first()
    counts = {}
    for name in ("dashboard", "results", "report", "library", "plan"):
        path = reverse(f"interviews:{name}", args=[newest.public_id] if name == "results" else [])
        client.get(path)
        with CaptureQueriesContext(connection) as ran:
            assert client.get(path).status_code == 200
        counts[name] = len(ran)
    return counts


@override_settings(DEBUG=True)
def test_a_person_of_the_seeded_past_gets_a_report_and_pages_ask_no_more_than_of_twenty_answers(bank):
    for _ in range(13):
        make_version(format="single_choice")
    call_command("seed", answers=400, answers_a_person=400, stdout=StringIO())
    veteran, newcomer = User.objects.get(email="seed1@example.com"), make_candidate()
    for days in range(5):
        make_finished_interview(candidate=newcomer, scores=(1, 0, 1, 0), now=timezone.now() - timedelta(days=days + 1))
    for person in (veteran, newcomer):
        Preparation.objects.create(candidate=person, interview_on=timezone.localdate() + timedelta(days=20))
        Review.objects.ask(person.interviews.order_by("-started_at").first(), now=timezone.now())
        compiling.compile_requested(person.pk, now=timezone.now())
    client = Client()
    client.force_login(veteran)
    assert "evaluation" in client.get("/report.json").content.decode()
    long, short = statements(veteran), statements(newcomer)
    assert long == short | {
        "report": short["report"] + 1
    }  # the answers that were wrong and sure, which one of them has
    assert max(long.values()) <= 14


@override_settings(DEBUG=True)
def test_a_database_is_seeded_once(bank):
    seed(8)
    before = rows()
    with pytest.raises(CommandError, match="already"):
        seed(8)
    assert rows() == before


def test_a_site_in_use_is_never_seeded(bank):
    make_interview()
    with pytest.raises(CommandError, match="DEBUG is off"):
        seed(8)


def test_nobody_can_log_in_as_a_seeded_person_in_production(bank):
    seed(8)
    assert not User.objects.get(email="seed1@example.com").has_usable_password()


@override_settings(DEBUG=True)
def test_a_full_site_asks_the_database_no_more_often_than_an_empty_one(bank):
    candidate = make_candidate()
    make_finished_interview(candidate=candidate)
    compiling.compile_requested(candidate.pk, now=timezone.now())
    interview = make_interview(candidate=candidate, now=timezone.now())
    paths = {
        candidate: [
            reverse("interviews:dashboard"),
            reverse("interviews:report"),
            reverse("interviews:interview", args=[interview.public_id]),
        ],
        make_admin(): ["/admin/questions/question/", "/admin/interviews/interview/"],
    }

    def counts() -> dict[str, int]:
        found = {}
        for person, own in paths.items():
            client = Client()
            client.force_login(person)
            for path in own:
                client.get(path)  # the first fills the caches
                with CaptureQueriesContext(connection) as ran:
                    assert client.get(path).status_code == 200
                found[path] = len(ran)
        return found

    empty = counts()
    seed(2000)
    assert counts() == empty
