"""kill -9 of everything, at random moments: whatever was answered with 200 is there afterwards.

Real processes under the real supervisor: gunicorn, a Celery worker, Valkey and a PostgreSQL that writes to the
disk as in production. Eight clients write, and each repeats a save until it is acknowledged.
"""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings

from config.celery import app
from config.celeryconfig import celery_broker_url
from config.children import Child
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from interviews import tasks

WRITERS = 8
SAVES_EACH = 25
TOKEN = "t" * 32  # the CSRF cookie and header need only agree
# A killed server is up again within about a second; a busy machine may take its time.
PATIENCE_SECONDS = 60

# Run in a process of its own, which has our database: this one has pytest-django's.
PREPARE = """
import json, django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tests.factories import make_interview
call_command("migrate", verbosity=0)
call_command("createcachetable")
people = []
for _ in range({writers}):
    interview = make_interview(pace="untimed", now=timezone.now(), formats=("free_text", "code"))
    client = Client()
    client.force_login(interview.candidate)
    question = interview.questions.get(position=1)
    people.append([client.cookies["sessionid"].value, str(interview.public_id), question.pk])
print(json.dumps(people))
"""


@dataclass
class Writer:
    """A candidate's page: saves what it writes, again and again until the server says that it has it."""

    port: int
    session: str
    interview: str
    question: int
    rev: int = 0
    acknowledged: list[str] = field(default_factory=list)
    refused: set = field(default_factory=set)  # statuses other than 200
    connection: http.client.HTTPConnection | None = None

    def request(self, method: str, address: str, fields: dict | None = None) -> http.client.HTTPResponse:
        """One request; the answer's body is read. Raises OSError or HTTPException when there is none."""
        self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if fields:
            headers["HX-Request"] = "true"
        try:
            self.connection.request(method, address, urlencode(fields or {}), headers)
            response = self.connection.getresponse()
            response.text = response.read().decode()
            return response
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def save(self, text: str) -> http.client.HTTPResponse:
        fields = {"answer": text, "rev": self.rev, "lease": 1}
        return self.request("POST", f"/interviews/{self.interview}/questions/1/save/", fields)

    def write(self) -> None:
        for _ in range(SAVES_EACH):
            self.rev += 1
            text = f"Revision {self.rev} of {self.question}."
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline:
                with suppress(OSError, http.client.HTTPException):
                    response = self.save(text)
                    if response.status == 200:
                        assert 'data-outcome="saved"' in response.text or 'data-outcome="held"' in response.text
                        self.acknowledged.append(text)
                        break
                    self.refused.add(response.status)
                time.sleep(0.05)


@dataclass
class Site:
    port: int
    broker_url: str
    postgres: Postgres
    web: Child
    worker: Child
    writers: list[Writer]

    def keep_running(self) -> None:
        for part in (self.postgres, self.web, self.worker):
            part.keep_running()

    def rows(self, sql: str) -> list[tuple]:
        with psycopg.connect(host=str(self.postgres.sockets), user="holdout", dbname="holdout") as connection:
            return connection.execute(sql).fetchall()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.keep_running()
            with suppress(OSError, http.client.HTTPException):
                if self.writers[0].request("GET", "/interviews/").status == 200:
                    return
            time.sleep(0.1)
        pytest.fail("the site does not answer")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as environment:
        data = Path(tempfile.mkdtemp(prefix="holdout-faults-"))
        postgres, valkey = Postgres(data, scratch=True), Valkey(data, scratch=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        children = []
        try:
            for server in (postgres, valkey):
                assert server.claim()
                server.start()
                environment.setenv(server.variable, server.url())
            environment.setenv("DEBUG", "true")
            environment.setenv("SAVES_PER_SECOND", "1000")  # the writers are programs
            environment.setenv("HOLDOUT_DATA", str(data))
            environment.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
            environment.chdir(settings.BASE_DIR)
            code = PREPARE.format(writers=WRITERS)
            people = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE).stdout
            postgres.stop()
            postgres.scratch = False  # from here on every commit reaches the disk
            assert postgres.claim()
            postgres.start()
            gunicorn = ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn", "--bind", f"127.0.0.1:{port}"]
            children = [
                Child("web", "web", gunicorn),
                Child(
                    "worker",
                    "worker",
                    ["celery", "-A", "config", "worker", "-Q", "celery,running", "-c", "2", "-l", "WARNING"],
                ),
            ]
            writers = [Writer(port, *person) for person in json.loads(people.splitlines()[-1])]
            site = Site(port, valkey.url(), postgres, *children, writers)
            site.wait_until_it_answers()
            yield site
        finally:
            for child in children:
                child.kill()
            for server in (valkey, postgres):
                server.stop()
            shutil.rmtree((data / "postgres").resolve(), ignore_errors=True)  # perhaps a link to /var/tmp
            shutil.rmtree(data, ignore_errors=True)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def victim(site: Site, name: str) -> int:
    match name:
        case "a web worker":
            return random.choice(children_of(site.web.process.pid))
        case "the web master":
            return site.web.process.pid
        case "the Celery worker":
            return site.worker.process.pid
        case "PostgreSQL":
            return site.postgres.process.pid


@pytest.mark.parametrize("name", ["a web worker", "the web master", "the Celery worker", "PostgreSQL"])
def test_every_acknowledged_save_is_there_after_kill_9_of(name, site):
    site.wait_until_it_answers()
    random.seed(f"seeded by {name}")
    before = sum(len(writer.acknowledged) for writer in site.writers)
    moments = sorted(random.sample(range(20, WRITERS * SAVES_EACH - 40), 2))
    writing = [Thread(target=writer.write, daemon=True) for writer in site.writers]
    for thread in writing:
        thread.start()
    killed = 0
    while any(thread.is_alive() for thread in writing):
        saved = sum(len(writer.acknowledged) for writer in site.writers) - before
        if killed < len(moments) and saved >= moments[killed]:
            time.sleep(random.uniform(0, 0.02))
            with suppress(ProcessLookupError, IndexError, FileNotFoundError):
                os.kill(victim(site, name), signal.SIGKILL)
            killed += 1
        site.keep_running()
        time.sleep(0.002)
    assert killed == len(moments)
    kept = {
        (question, text)
        for question, text in site.rows("SELECT question_id, answer->>0 FROM interviews_answerrevision")
    }
    lost = [text for writer in site.writers for text in writer.acknowledged if (writer.question, text) not in kept]
    assert lost == []
    assert [len(writer.acknowledged) for writer in site.writers] == [writer.rev for writer in site.writers]
    current = dict(site.rows("SELECT id, answer->>0 FROM interviews_interviewquestion WHERE state = 'open'"))
    assert all(current[writer.question] == writer.acknowledged[-1] for writer in site.writers)
    # A page is told the truth: 503 and it tries again. Any other status would be a fault of ours.
    assert set().union(*(writer.refused for writer in site.writers)) <= {503}


def test_a_held_row_lock_is_waited_for_two_seconds_and_then_answered_503(site):
    site.wait_until_it_answers()
    writer = site.writers[0]
    with psycopg.connect(host=str(site.postgres.sockets), user="holdout", dbname="holdout") as connection:
        connection.execute(
            "SELECT 1 FROM interviews_interview WHERE public_id = %s FOR NO KEY UPDATE", [writer.interview]
        )
        started = time.monotonic()
        writer.rev += 1
        response = writer.save("While the row is held.")
        seconds = time.monotonic() - started
    assert response.status == 503
    assert response.headers["Retry-After"] == "1"
    assert 1.9 <= seconds < 3.5, "lock_timeout is 2 s"
    assert writer.save("When the row is free.").status == 200


def test_without_the_database_every_page_says_503_and_no_save_is_acknowledged(site):
    site.wait_until_it_answers()
    writer = site.writers[1]
    site.postgres.process.kill()
    site.postgres.process.wait()
    interview = f"/interviews/{writer.interview}/"
    for address in ("/", "/interviews/", "/interviews/new/", interview, f"{interview}clock/", "/report/", "/settings/"):
        response = writer.request("GET", address)
        assert (response.status, response.headers["Retry-After"]) == (503, "1"), address
        assert "Traceback" not in response.text
    writer.rev += 1
    response = writer.save("Nobody is there to take this.")
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    response = writer.request("POST", "/accounts/login/", {"login": "ada@example.com", "password": "whatever it is"})
    assert response.status == 503
    assert writer.request("GET", "/healthz").status == 200
    site.wait_until_it_answers()
    assert writer.save("And now somebody is.").status == 200


SLOW_AND_RIGHT = "def double(value):\n    for _ in range(2_000_000):\n        pass\n    return 2 * value"


def engines_of(worker: int) -> list[int]:
    """The processes that run candidates' code for this worker at this moment."""
    with suppress(FileNotFoundError):  # it has just been killed, or one of them has ended
        return [engine for process in children_of(worker) for engine in children_of(process)]
    return []


def test_a_worker_killed_in_the_middle_loses_no_score_and_no_report(site):
    """Last: it ends the interviews. The killed worker's messages may be gone; beat's next sweep does the work.

    It is killed while it scores, and twice more while it runs somebody's code.
    """
    site.wait_until_it_answers()
    for place, writer in enumerate(site.writers):
        address = f"/interviews/{writer.interview}"
        answer = {"answer": "The last word.", "rev": writer.rev + 1, "lease": 1}
        assert writer.request("POST", f"{address}/questions/1/submit/", answer).status == 200
        code = {"answer": SLOW_AND_RIGHT, "rev": 1, "lease": 1}
        assert writer.request("POST", f"{address}/questions/2/save/", code).status == 200
        assert writer.request("POST", f"{address}/finish/", {"confirmed": "yes", "lease": 1}).status == 200
        if place in (1, 4):
            with suppress(ProcessLookupError):
                os.kill(site.worker.process.pid, signal.SIGKILL)
        site.keep_running()
    deadline = time.monotonic() + PATIENCE_SECONDS
    asked_at = 0.0
    killed_while_running = 0
    while time.monotonic() < deadline:
        site.keep_running()
        if killed_while_running < 2 and engines_of(site.worker.process.pid):
            site.worker.process.kill()
            killed_while_running += 1
        if time.monotonic() - asked_at > 5:  # beat asks every 20 seconds
            asked_at = time.monotonic()
            with app.connection(celery_broker_url(site.broker_url)) as connection:
                tasks.sweep.apply_async(connection=connection)
        states = dict(site.rows("SELECT state, count(*) FROM interviews_interview GROUP BY state"))
        reports = site.rows("SELECT count(*) FROM interviews_weaknessreport")[0][0]
        if states == {"scored": WRITERS} and reports == WRITERS:
            break
        time.sleep(0.1)
    assert killed_while_running == 2
    assert states == {"scored": WRITERS}
    assert reports == WRITERS
    grades = site.rows("SELECT question_id, array_agg(score) FROM interviews_grade GROUP BY question_id")
    assert [scores for _, scores in grades] == [[1.0]] * WRITERS
