"""Valkey refused, frozen or forgetful: no page needs it, and whatever it lost the sweep does.

The broker of these tests is their own process, to be killed (connections are refused) or stopped (they are
accepted and never answered, which with Celery's defaults hangs for ever).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import publishing
from accounts.models import User
from config.celery import app
from config.celeryconfig import celery_broker_url
from config.embedded.valkey import Valkey
from interviews import tasks
from interviews.report.models import WeaknessReport
from interviews.sitting.models import AnswerRevision, EvidenceChange, Grade, Interview, InterviewEvent
from questions.models import Track
from tests.factories import PASSWORD, make_candidate, make_interview, make_track, make_version, question_of, write

pytestmark = pytest.mark.django_db(transaction=True)
SLOWEST_SECONDS = 1.5


class Broker:
    """A Valkey in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="holdout-broker-"))
        self.server = Valkey(self.folder, scratch=True)
        assert self.server.claim()
        self.server.start()
        self.url = self.server.url()

    def frozen(self) -> None:
        self.server.process.send_signal(signal.SIGSTOP)

    def refused(self) -> None:
        self.server.process.kill()
        self.server.process.wait()

    def mend(self) -> None:
        if self.server.process.poll() is None:
            self.server.process.send_signal(signal.SIGCONT)
        else:
            self.server.launch()

    def end(self) -> None:
        self.mend()
        self.server.stop()
        shutil.rmtree(self.folder)


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    monkeypatch.setenv("CELERY_BROKER_URL", celery_broker_url(broker.url))  # goes before the settings' address
    monkeypatch.setattr(publishing, "_broker_rests_until", 0.0)
    app._after_fork()  # forgets the connections to the settings' broker
    yield broker
    broker.end()
    app._after_fork()


@pytest.fixture
def person(settings) -> User:
    # The real hasher takes a quarter of a second, or four times that on a busy machine: not what is measured here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = User.objects.create_user("ada@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def track() -> Track:
    for format in ("free_text", "single_choice", "free_text"):
        make_version(format=format)
    return make_track(slug="screen", count=3)


def ask(client: Client, method: str, address: str, fields: dict | None = None, *, status: int):
    """One request that finds the broker as it is, whatever an earlier one has learnt about it.

    A page is asked for again when it comes late: a busy machine is late once, who waits for a broker every time.
    """
    took = []
    while not took or (min(took) >= SLOWEST_SECONDS and method == "get" and len(took) < 3):
        publishing._broker_rests_until = 0.0
        started = time.monotonic()
        response = getattr(client, method)(address, fields or {})
        took.append(time.monotonic() - started)
        assert response.status_code == status, f"{method} {address}: {response.status_code}"
    assert min(took) < SLOWEST_SECONDS, f"{method} {address} took {min(took):.2f} s"
    return response


CONFIRMED = {"confirmed": "yes", "lease": 1}


def walk(client: Client) -> Interview:
    """All that a candidate does, from the log-in to the log-out."""
    name = lambda view, *arguments: reverse(f"interviews:{view}", args=arguments)  # noqa: E731
    ask(client, "get", reverse("account_login"), status=200)
    ask(client, "post", reverse("account_login"), {"login": "ada@example.com", "password": PASSWORD}, status=302)
    ask(client, "get", name("dashboard"), status=200)
    ask(client, "get", name("interview_new"), status=200)
    choice = {"plan": "screen", "pace": "strict", "time_multiplier": "1"}
    ask(client, "post", name("interview_new"), choice, status=302)
    interview = Interview.objects.get()
    key = interview.public_id
    ask(client, "get", name("interview", key), status=200)
    ask(client, "get", name("clock", key), status=200)
    for position in (1, 2, 3):
        interview.refresh_from_db()
        question = question_of(interview, position)
        answer = "An answer." if question.version.format == "free_text" else question.version.options.first().pk
        page = {"answer": answer, "lease": interview.lease, "rev": question.rev + 1}
        ask(client, "post", name("save", key, position), page, status=302)
        page["rev"] += 1
        if position == 3:
            ask(client, "post", name("finish", key), page | {"position": 3}, status=200)
            ask(client, "post", name("finish", key), {"confirmed": "yes", "lease": interview.lease}, status=302)
        elif question.version.format == "free_text":
            ask(client, "post", name("submit", key, position), page, status=302)
        else:
            ask(client, "post", name("skip", key, position), page | {"confirmed": "yes"}, status=302)
    ask(client, "get", name("interview", key), status=302)
    ask(client, "get", name("results", key), status=200)
    to_score = interview.questions.filter(version__format="free_text", state="answered").first()
    marks = {f"q{to_score.position}-{point.pk}": "hit" for point in to_score.version.rubric_points.all()}
    ask(client, "post", name("self_score", key, to_score.position), marks, status=302)
    ask(client, "get", name("report"), status=200)
    ask(client, "get", name("report_json"), status=404)  # no worker, no report: and that is no error
    ask(client, "post", name("report_target"), {"level": "advanced"}, status=302)
    ask(client, "get", reverse("accounts:settings_page"), status=200)
    ask(client, "post", reverse("account_logout"), status=302)
    return interview


def assert_nothing_is_lost(interview: Interview) -> None:
    interview.refresh_from_db()
    assert interview.is_finished
    assert all(question.rev and question.answer for question in interview.questions.all())
    assert AnswerRevision.objects.filter(question__interview=interview).values("question").distinct().count() == 3


def assert_scored_and_compiled(interview: Interview) -> None:
    interview.refresh_from_db()
    assert interview.state == Interview.State.SCORED
    request = EvidenceChange.objects.get(candidate=interview.candidate)
    assert not request.is_pending
    assert interview.candidate.reports.first().data["basis"]["answers"] == 3


@pytest.mark.parametrize("hindrance", ["refused", "frozen"])
def test_a_candidates_whole_way_needs_no_broker(broker, hindrance, client, person, track):
    getattr(broker, hindrance)()
    interview = walk(client)
    assert_nothing_is_lost(interview)
    tasks.sweep()  # the broker is still away: `manage.py sweep` does as much
    assert_scored_and_compiled(interview)


@pytest.mark.parametrize("hindrance", ["refused", "frozen"])
def test_when_the_broker_is_back_a_worker_catches_up_with_one_sweep(broker, hindrance, client):
    interview = make_interview(now=timezone.now())
    client.force_login(interview.candidate)
    getattr(broker, hindrance)()
    write(interview, 1, "Kept.", now=timezone.now())
    ask(client, "post", reverse("interviews:finish", args=[interview.public_id]), CONFIRMED, status=302)
    broker.mend()
    tasks.sweep.apply_async()  # as beat does every 20 seconds
    database = re.sub("[^/]+$", connection.settings_dict["NAME"], os.environ["DATABASE_URL"])
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config", "worker", "--pool", "solo", "-l", "WARNING"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database, "REDIS_URL": broker.url, "HOLDOUT_ROLE": "worker"},
    )
    try:
        deadline = time.monotonic() + 60
        while not WeaknessReport.objects.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(30)
    interview.refresh_from_db()
    assert interview.state == Interview.State.SCORED
    assert interview.candidate.reports.count() == 1


def test_a_failing_publisher_never_shows_and_the_sweep_alone_makes_the_report(monkeypatch, client, person, track):
    def fail(*args, **kwargs):
        raise RuntimeError("whatever a broker's library may raise")

    for task in (tasks.score_interview, tasks.compile_report):
        monkeypatch.setattr(task, "apply_async", fail)
    interview = walk(client)
    assert_nothing_is_lost(interview)
    assert not WeaknessReport.objects.exists()
    tasks.sweep()
    assert_scored_and_compiled(interview)


def tries(caplog) -> int:
    return sum("was not queued" in record.getMessage() for record in caplog.records)


def test_a_broker_that_stays_frozen_is_tried_by_one_request_and_not_by_all(broker, monkeypatch, caplog):
    broker.frozen()
    for _ in range(5):
        publishing.publish(tasks.compile_report, 1)
    assert tries(caplog) == 1

    # Its rest over, one of many tries again while the others go on at once.
    monkeypatch.setattr(publishing, "_broker_rests_until", time.monotonic() - 1)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: publishing._send(tasks.compile_report, (1,)), range(8)))
    assert tries(caplog) == 2
    assert time.monotonic() - started < SLOWEST_SECONDS


def test_a_broker_that_is_back_is_used_again_after_its_rest(broker, monkeypatch, caplog):
    broker.refused()
    publishing.publish(tasks.compile_report, 1)
    broker.mend()
    monkeypatch.setattr(publishing, "_broker_rests_until", time.monotonic() - 1)
    for _ in range(3):
        publishing.publish(tasks.compile_report, 1)
    assert tries(caplog) == 1
    with app.connection_for_read() as channel:
        assert channel.default_channel.queue_declare("celery", passive=True).message_count == 3


def test_no_task_is_ever_delayed_retried_or_queued_beside_the_one_publisher():
    """A held countdown message makes kombu 5.7's worker exit when the broker goes away; and one that is
    published anywhere else would hang or fail the request of somebody whose answer is already stored."""
    forbidden = re.compile(r"\bcountdown=|\beta=|\.retry\(|autoretry_for|\.apply_async\(|\.delay\(|delay_on_commit")
    found = [
        f"{path.relative_to(settings.BASE_DIR)}: {line.strip()}"
        for folder in ("accounts", "config", "interviews", "questions")
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))
        for line in path.read_text().splitlines()
        if forbidden.search(line)
    ]
    assert found == ["accounts/publishing.py: task.apply_async(args=args)"]


# --- harmless twice ---------------------------------------------------------------------------------


def everything() -> dict[str, list]:
    """The rows that tasks write, without what only counts how often they were tried."""
    tried = {"scoring_attempts", "attempts"}
    return {
        model.__name__: [
            {field: value for field, value in row.items() if field not in tried}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (Interview, InterviewEvent, Grade, WeaknessReport, EvidenceChange)
    }


def submitted_interview() -> Interview:
    interview = make_interview(
        candidate=make_candidate(), formats=("single_choice", "free_text", "numeric"), now=timezone.now()
    )
    option = question_of(interview, 1).version.options.first()
    write(interview, 1, str(option.pk), now=timezone.now(), act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    return interview


def run(name: str, interview: Interview) -> None:
    match name:
        case "score_interview":
            tasks.score_interview(interview.pk)
            tasks.compile_report(interview.candidate_id)  # which the evidence that changed asks for
        case "compile_report":
            tasks.compile_report(interview.candidate_id)
        case "sweep":
            tasks.sweep()


TASKS = ["score_interview", "compile_report", "sweep"]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_runs_again_writes_the_same_rows(name):
    interview = submitted_interview()
    if name == "compile_report":
        EvidenceChange.note(interview.candidate_id, now=timezone.now())
    run(name, interview)
    once = everything()
    assert once["WeaknessReport"], "the first run did something"
    run(name, interview)
    assert everything() == once


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_runs_twice_at_once_does_its_work_once(name):
    interview = submitted_interview()
    if name == "compile_report":
        EvidenceChange.note(interview.candidate_id, now=timezone.now())
    together = Barrier(2)

    def run_in_thread(_) -> None:
        try:
            together.wait(10)
            run(name, interview)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run_in_thread, range(2)))
    rows = everything()
    assert len(rows["WeaknessReport"]) == 1
    if name != "compile_report":
        assert [event["kind"] for event in rows["InterviewEvent"]].count("scored") == 1
        assert len(rows["Grade"]) == 2  # the choice, and the question that was open; the third was never shown
        assert rows["Interview"][0]["state"] == Interview.State.SCORED
    assert not EvidenceChange.objects.pending().exists()
