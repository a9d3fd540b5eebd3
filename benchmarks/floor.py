"""What the product's pages cost beside the floor (benchmarks/_floor_urls.py): same server, same settings, same run.

    ./dev bench floor                 ten kinds of request in turn, five rounds, 3 s each
    ./dev bench floor --rounds 3 --only save submit

A database of its own with a seeded past (20,000 answers, 400 a person), gunicorn as in production (2 × 4 threads), 16
connections that ask again as soon as they are answered. The rounds alternate, so that what else the machine does meets
all kinds; printed are medians over the rounds, and of each round's ratio to its own floor. CPU is what gunicorn and
PostgreSQL used, by /proc: trust it, and the ratios, more than requests a second. Exit status 1 when a goal is missed.
"""

import argparse
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks._cpu import backends, children, cpu_seconds
from benchmarks._site import CSRF_COOKIE, SESSION_COOKIE, TOKEN, free_port, own_database, prepare_site, say, serve
from benchmarks._site import session_of as session

CONNECTIONS = 16
QUESTIONS = 8
ANSWER = "a 20-byte answer, ok"
ANSWERS_A_PERSON = 400
KINDS = ["floor", "save", "submit", "show", "home", "results", "report", "library", "review"]
TITLES = {"show": "show question", "review": "coach review"}


class Goal(NamedTuple):
    share: float = 0  # at least, of the floor's throughput
    statements: int = 1000  # at most
    web_ms: float = 1000  # of CPU, at most


GOALS = {
    "save": Goal(share=0.75, statements=6),
    "submit": Goal(share=0.6, statements=10),
    "show": Goal(share=0.5, statements=8),
    "home": Goal(statements=14, web_ms=15),
    "results": Goal(statements=14, web_ms=40),
    "report": Goal(statements=14, web_ms=35),
    "library": Goal(statements=14, web_ms=25),
    "review": Goal(statements=14, web_ms=35),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench floor")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    kinds = list(dict.fromkeys(["floor", *options.only]))
    with closing(own_database("holdout_floor")), tempfile.TemporaryDirectory(prefix="holdout-floor-") as folder:
        prepare_site(folder)
        people = People(submits=int(options.rounds * options.seconds * 400) if "submit" in kinds else 0)
        statements = {kind: people.statements(kind) for kind in kinds}
        port = free_port()
        web = serve(port, Path(folder, "gunicorn.log"), settings="benchmarks._floor_settings")
        try:
            measured = {kind: [] for kind in kinds}
            for kind in kinds:  # templates compiled, connections opened
                Run(kind, people, port, seconds=0.5).go(web.pid)
            for _ in range(options.rounds):
                for kind in kinds:
                    measured[kind].append(Run(kind, people, port, seconds=options.seconds).go(web.pid))
        finally:
            web.terminate()
            web.wait()
    sys.exit(report(measured, statements))


# --- who asks for what ----------------------------------------------------------------------------


@dataclass
class Sitting:
    """Somebody in an interview; `rev` counts what they have saved, `position` is their open question."""

    session: str
    interview: str
    rev: int = 0
    position: int = 1


class People:
    """Candidates in an interview, candidates with a past, and coaches with a review to write."""

    def __init__(self, *, submits: int) -> None:
        from django.core.management import call_command
        from django.db import connection

        from accounts.models import User
        from benchmarks._floor_urls import TABLE

        call_command("seed", answers=20_000, answers_a_person=ANSWERS_A_PERSON, verbosity=0, stdout=StringIO())
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
        self.sitting = self.sit(2 * CONNECTIONS)
        self.submitting = self.sit(-(-submits // (QUESTIONS - 2)) + 2)
        experienced = list(User.objects.filter(email__startswith="seed").order_by("pk")[:CONNECTIONS])
        self.experienced = [session(person) for person in experienced]
        self.coaches = [self.coach_of(person) for person in experienced]
        self.lock = threading.Lock()
        connection.close()

    def sit(self, count: int) -> list[Sitting]:
        """So many people, each at the first of eight open questions."""
        from django.utils import timezone

        from accounts.models import User
        from interviews.sitting.models import Interview, InterviewQuestion
        from questions.models import QuestionVersion

        now = timezone.now()
        versions = list(QuestionVersion.objects.published().filter(format="free_text").order_by("pk")[:QUESTIONS])
        first = User.objects.count()
        people = User.objects.bulk_create(User(email=f"sitting{first + n}@example.com") for n in range(count))
        interviews = Interview.objects.bulk_create(
            Interview(
                candidate=person,
                title="Benchmark",
                pace="strict",
                time_multiplier=1,
                limit_seconds=36_000,
                seed=number,
                started_at=now,
                deadline_at=now + timedelta(hours=10),
                expires_at=now + timedelta(hours=1),
            )
            for number, person in enumerate(people)
        )
        InterviewQuestion.objects.bulk_create(
            InterviewQuestion(
                interview=interview,
                position=position,
                question_id=version.question_id,
                version=version,
                limit_seconds=3600,
                state="open" if position == 1 else "pending",
                opened_at=now if position == 1 else None,
                deadline_at=now + timedelta(hours=1) if position == 1 else None,
            )
            for interview in interviews
            for position, version in enumerate(versions, start=1)
        )
        pairs = zip(people, interviews, strict=True)
        return [Sitting(session(person), str(interview.public_id)) for person, interview in pairs]

    def coach_of(self, candidate) -> tuple[str, str]:
        """(session of a new coach of this candidate, the interview whose review they were asked for)."""
        from django.contrib.auth.models import Group
        from django.utils import timezone

        from accounts.models import COACHES, CoachGrant, User
        from interviews.coaching.models import Review
        from interviews.report import compiling

        now = timezone.now()
        coach = User.objects.create(email=f"coach-of-{candidate.email}")
        coach.groups.add(Group.objects.get_or_create(name=COACHES)[0])
        _, token = CoachGrant.objects.invite(candidate, scope=CoachGrant.Scope.ALL, email=coach.email, now=now)
        CoachGrant.objects.accept(token, by=coach, now=now)
        interview = candidate.interviews.finished().order_by("-started_at").first()
        Review.objects.ask(interview, coach=coach, now=now)
        compiling.compile_requested(candidate.pk, now=now)
        return session(coach), str(interview.public_id)

    def asks(self, kind: str, connection: int) -> Iterator[tuple[str, str, dict | None]]:
        """(session, path, form) one after the other, without end but for submits."""
        if kind in ("floor", "save"):
            sitting = self.sitting[connection + (CONNECTIONS if kind == "floor" else 0)]
            while True:
                sitting.rev += 1
                yield self.write(kind, sitting)
        if kind == "submit":
            while sitting := self.next_to_submit():
                while sitting.position < QUESTIONS:  # the last one ends the interview: another kind of work
                    sitting.rev = 1
                    yield self.write(kind, sitting)
                    sitting.position += 1
        sitting = self.sitting[connection]
        coach, interview = self.coaches[connection]
        pages = {
            "show": (sitting.session, f"/interviews/{sitting.interview}/"),
            "home": (self.experienced[connection], "/interviews/"),
            "results": (self.experienced[connection], f"/interviews/{interview}/results/"),
            "report": (self.experienced[connection], "/report/"),
            "library": (self.experienced[connection], "/library/"),
            "review": (coach, f"/coaching/interviews/{interview}/"),
        }
        while kind in pages:
            yield *pages[kind], None

    def next_to_submit(self) -> Sitting | None:
        with self.lock:
            return self.submitting.pop() if self.submitting else None

    def write(self, kind: str, sitting: Sitting) -> tuple[str, str, dict]:
        form = {"answer": ANSWER, "rev": sitting.rev, "position": sitting.position, "lease": self.lease(sitting)}
        if kind == "floor":
            return sitting.session, f"/floor/{sitting.interview}/{sitting.position}/", form
        return sitting.session, f"/interviews/{sitting.interview}/questions/{sitting.position}/{kind}/", form

    def lease(self, sitting: Sitting) -> int:
        """Each look at the page takes one; so it is read again before a run (Run.go)."""
        return self.leases.get(sitting.interview, 1)

    def read_leases(self) -> None:
        from django.db import connection

        from interviews.sitting.models import Interview

        running = Interview.objects.in_progress().values_list("public_id", "lease")
        self.leases = {str(public_id): lease for public_id, lease in running}
        connection.close()

    def statements(self, kind: str) -> int:
        """SQL statements of one such request, without BEGIN and COMMIT; after as many as an interview has questions, so
        that this process has asked each of them before."""
        from django.db import connection
        from django.test import Client, override_settings
        from django.test.utils import CaptureQueriesContext

        self.read_leases()
        asks = self.asks(kind, 0)
        for _ in range(QUESTIONS):
            key, path, form = next(asks)
            client = Client(SERVER_NAME="127.0.0.1", headers={"hx-request": "true"} if form else {})
            client.cookies[SESSION_COOKIE] = key
            with override_settings(ROOT_URLCONF="benchmarks._floor_urls"), CaptureQueriesContext(connection) as ran:
                response = client.post(path, form) if form else client.get(path)
            if response.status_code != 200:
                sys.exit(f"{kind}: {response.status_code} at {path}")
        connection.close()
        # Several may be sent together (interviews/sitting/fast/rows.py).
        return sum(query["sql"].count(";\n") + 1 for query in ran if query["sql"] not in ("BEGIN", "COMMIT"))


# --- asking ---------------------------------------------------------------------------------------


@dataclass
class Measured:
    requests: int
    seconds: float
    ms: list[float]
    web_cpu: float  # seconds
    postgres_cpu: float | None  # None: it runs elsewhere

    @property
    def throughput(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu(self) -> float:
        """Seconds a request, PostgreSQL's included."""
        return (self.web_cpu + (self.postgres_cpu or 0)) / self.requests


@dataclass
class Run:
    kind: str
    people: People
    port: int
    seconds: float
    ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def go(self, web: int) -> Measured:
        self.people.read_leases()
        before = cpu_seconds(children(web)), cpu_seconds(backends())
        began = time.perf_counter()
        self.ends_at = began + self.seconds
        threads = [threading.Thread(target=self.ask, args=[number]) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        after = cpu_seconds(children(web)), cpu_seconds(backends())
        if self.failures:
            sys.exit(f"{self.kind}: {self.failures[0]}")
        used = [None if None in (now, then) else now - then for then, now in zip(before, after, strict=True)]
        return Measured(len(self.ms), took, self.ms, *used)

    def ask(self, connection: int) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=300) as line:
                for key, path, form in self.people.asks(self.kind, connection):
                    request = self.request(key, path, form)
                    started = time.perf_counter()
                    if started > self.ends_at:
                        return
                    line.sendall(request)
                    status = answer(line)
                    self.ms.append(1000 * (time.perf_counter() - started))
                    if status != b"200":
                        self.failures.append(f"{status.decode()} at {path}")
                        return
        except OSError as error:
            self.failures.append(str(error))

    def request(self, key: str, path: str, form: dict | None) -> bytes:
        body = urlencode(form) if form else ""
        head = [
            f"{'POST' if form else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {SESSION_COOKIE}={key}; {CSRF_COOKIE}={TOKEN}",
        ]
        if form:
            form_type = "Content-Type: application/x-www-form-urlencoded"
            head += [f"X-CSRFToken: {TOKEN}", "HX-Request: true", form_type, f"Content-Length: {len(body)}"]
        return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def answer(line: socket.socket) -> bytes:
    """Reads one answer to its end; gives its status."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = line.recv(65536)
        if not more:
            raise OSError("the connection was closed")
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    missing = length - len(body)
    while missing > 0:
        missing -= len(line.recv(min(missing, 65536)))
    return head.split(b" ", 2)[1]


# --- the figures ----------------------------------------------------------------------------------


def report(measured: dict[str, list[Measured]], statements: dict[str, int]) -> int:
    floor = statistics.median(run.throughput for run in measured["floor"])
    say(f"{CONNECTIONS} connections, medians of {len(measured['floor'])} rounds, {os.cpu_count()} cores")
    columns = ("req/s", "of floor", "CPU ×", "p50 ms", "p95 ms", "p99 ms", "web CPU", "PG CPU", "SQL")
    say(f"{'':14}" + "".join(f"{column:>9}" for column in columns))
    missed = []
    for kind, runs in measured.items():
        rounds = list(zip(runs, measured["floor"], strict=True))
        ratio = statistics.median(run.throughput / base.throughput for run, base in rounds)
        cpu_ratio = statistics.median(run.cpu / base.cpu for run, base in rounds)
        ms = sorted(value for run in runs for value in run.ms)
        latencies = [ms[int(len(ms) * share)] for share in (0.5, 0.95, 0.99)]
        web = 1000 * statistics.median(run.web_cpu / run.requests for run in runs)
        by_postgres = [run.postgres_cpu / run.requests for run in runs if run.postgres_cpu is not None]
        postgres = f"{1000 * statistics.median(by_postgres):9.2f}" if by_postgres else f"{'–':>9}"
        say(
            f"{TITLES.get(kind, kind):14}{floor * ratio:9.0f}{ratio:9.2f}{cpu_ratio:9.2f}"
            + "".join(f"{value:9.1f}" for value in latencies)
            + f"{web:9.2f}{postgres}{statements[kind]:9}"
        )
        goal = GOALS.get(kind, Goal())
        if ratio < goal.share:
            missed.append(f"{kind}: {ratio:.2f} of the floor's throughput, wanted {goal.share}")
        if statements[kind] > goal.statements:
            missed.append(f"{kind}: {statements[kind]} SQL statements, wanted at most {goal.statements}")
        if web > goal.web_ms:
            missed.append(f"{kind}: {web:.0f} ms of web CPU, wanted at most {goal.web_ms}")
    say("\n".join(missed) or "ok: every goal is met")
    return 1 if missed else 0


if __name__ == "__main__":
    main()
