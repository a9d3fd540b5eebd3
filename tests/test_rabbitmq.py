"""RabbitMQ as the broker, by setting: a web process waits no longer than for Redis, and nothing is lost with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from config.embedded.server import Server
from tests.production import CHECKOUT, Site, Visitor, empty_database, free_port, psycopg_url, sit
from tests.test_faults import engines_of

PUBLISH = """
import time
import django
django.setup()
import config.celery
from config.backlog import queue_depth
from interviews import tasks

try:
    tasks.compile_report.apply_async(args=(1,))  # the first makes the pool
except Exception:
    pass
started = time.monotonic()
try:
    tasks.compile_report.apply_async(args=(1,))
except Exception as error:
    print(type(error).__name__, time.monotonic() - started, queue_depth())
"""


@pytest.mark.parametrize("broker", ["refused", "frozen"])
def test_a_rabbitmq_that_is_away_costs_a_publisher_a_second(broker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        if broker == "refused":
            server.close()
            address = "127.0.0.1:1"  # nobody listens on the first port
        else:
            address = f"127.0.0.1:{server.getsockname()[1]}"
        outside = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        process = subprocess.run(
            [sys.executable, "-c", PUBLISH],
            env=outside | {"BROKER_URL": f"amqp://{address}//", "DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert process.returncode == 0, process.stderr
    kind, seconds, depth = process.stdout.split()
    assert (kind, depth) == ("OperationalError", "None")
    assert float(seconds) < 2  # a second, and what a busy machine adds


# --- With a RabbitMQ of Debian's package ----------------------------------------------------------

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
NAME = "holdout_rabbitmq"
PATIENCE_SECONDS = 90


class RabbitMQ(Server):
    name = "rabbitmq"
    variable = "BROKER_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path) -> None:
        super().__init__(data, scratch=True)
        self.port, self.node_port, self.names_port = free_port(), free_port(), free_port()

    def url(self) -> str:
        return f"amqp://127.0.0.1:{self.port}//"

    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"  # the first frame of a handshake
        return False

    def command(self) -> list[str | Path]:
        where = {
            "HOME": self.folder,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": self.names_port,
            "RABBITMQ_NODENAME": "holdout@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": self.node_port,
            "RABBITMQ_MNESIA_BASE": self.folder,
            "RABBITMQ_LOG_BASE": self.folder,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": self.folder / "none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "none",
        }
        return ["env", *(f"{name}={value}" for name, value in where.items()), PROGRAM]

    def start(self) -> None:
        # Erlang's list of names: without one it starts its own, which stays for ever.
        self.names = subprocess.Popen(["epmd", "-port", str(self.names_port), "-address", "127.0.0.1"])
        super().start()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
        super().stop()
        self.names.kill()
        self.names.wait()


@pytest.fixture
def broker(tmp_path):
    server = RabbitMQ(tmp_path)
    assert server.claim()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def site(broker, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    with empty_database(os.environ["DATABASE_URL"], NAME) as url:
        own = Site(folder, DATABASE_URL=url, BROKER_URL=broker.url(), REDIS_URL="")
        try:
            own.start_everything(with_beat=False)  # so that nothing but messages makes a report
            yield own
        finally:
            own.stop()


def reports(site: Site) -> int:
    url = site.here["DATABASE_URL"]
    with psycopg.connect(psycopg_url(url), dbname=NAME) as connection:
        return connection.execute("SELECT count(*) FROM interviews_weaknessreport").fetchone()[0]


def wait_until(condition: Callable[[], bool], site: Site) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, site.log()[-3000:]
        time.sleep(0.1)


def finish_a_trial(site: Site) -> float:
    """By a new guest; how many seconds the slowest request took."""
    guest = Visitor(site)
    slowest = 0.0
    request = guest.request

    def timed(*args):
        nonlocal slowest
        started = time.monotonic()
        page = request(*args)
        slowest = max(slowest, time.monotonic() - started)
        return page

    guest.request = timed
    assert guest.get("/trial/").status == 200, site.log()[-3000:]
    started = guest.post("/trial/", plan="trial", pace="strict", time_multiplier="1")
    assert sit(guest, started["Location"]).status == 200
    return slowest


def state(site: Site) -> str:
    return Visitor(site).get("/readyz").text


@pytest.mark.skipif(not PROGRAM.exists(), reason="no RabbitMQ: apt-get install rabbitmq-server")
def test_a_site_on_rabbitmq_makes_reports_and_loses_none_while_it_is_away(site, broker):
    assert '"status": "ok"' in state(site)
    finish_a_trial(site)
    wait_until(lambda: reports(site) == 1, site)
    broker.kill()
    assert finish_a_trial(site) < 5  # a second for the broker, and what a busy machine adds
    assert '"status": "degraded"' in state(site)
    assert reports(site) == 1
    broker.launch()
    wait_until(lambda: '"status": "ok"' in state(site), site)
    site.start("beat")
    wait_until(lambda: reports(site) == 2, site)
    assert [process.poll() for process in site.processes if "worker" in process.args] == [None, None]


ANSWERS = 4
SUBMIT_CODE = """
import django
django.setup()
import config.celery
from django.db import transaction
from interviews.sitting.tasks import request_scoring
from tests.factories import make_interview, write
for _ in range({count}):
    interview = make_interview(formats=("code",))  # whichever the catalog has
    with transaction.atomic():
        write(interview, 1, "for _ in range(3_000_000): pass", act="submit_answer")
        request_scoring(interview)
"""


def grades(site: Site) -> list[tuple]:
    """How many each answer has."""
    with psycopg.connect(psycopg_url(site.here["DATABASE_URL"]), dbname=NAME) as connection:
        return connection.execute("SELECT count(*) FROM interviews_grade GROUP BY question_id").fetchall()


@pytest.mark.skipif(not PROGRAM.exists(), reason="no RabbitMQ: apt-get install rabbitmq-server")
def test_a_worker_killed_while_it_runs_code_costs_no_score_and_gives_none_twice(site):
    """There is no beat here, so that nobody but RabbitMQ gives a killed worker's message to the next one."""
    running = site.start("running")
    given = {name: str(value) for name, value in site.services["web"]["environment"].items()} | site.here
    code = SUBMIT_CODE.format(count=ANSWERS)
    given |= {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(CHECKOUT)}
    subprocess.run([sys.executable, "-c", code], env=given, check=True)
    for _ in range(2):
        wait_until(lambda worker=running: engines_of(worker.pid), site)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        running = site.start("running")
    wait_until(lambda: len(grades(site)) == ANSWERS, site)
    assert grades(site) == [(1,)] * ANSWERS
