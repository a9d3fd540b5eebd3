"""The embedded servers and `./dev run`, as processes: what is started, shared, found again and left behind."""

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from config.embedded import remove_scratch

CHECKOUT = Path(__file__).parent.parent
# Says the address and the process numbers (0: shared), and keeps the servers until its standard input ends.
HOLDER = """
import os, sys
from config.embedded import servers
with servers() as running:
    print(*(server.process.pid if server.process else 0 for server in running), running[0].sockets, flush=True)
    sys.stdin.read()
"""


def environment(data: Path, **variables: str) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return outside | {"HOLDOUT_DATA": str(data)} | variables


def run_python(data: Path, script: str, **variables: str) -> str:
    process = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env=environment(data, **variables),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return process.stdout


class Holder:
    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            cwd=CHECKOUT,
            env=environment(data),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> "Holder":
        postgres, valkey, self.sockets = self.process.stdout.readline().rstrip("\n").split(" ", 2)
        self.postgres, self.valkey = int(postgres), int(valkey)
        return self

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(host=self.sockets, user="holdout", dbname="holdout") as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    remove_scratch(tmp_path / "data")


@pytest.fixture
def hold(data: Path) -> Iterator[Callable[[], Holder]]:
    holders: list[Holder] = []

    def start() -> Holder:
        holders.append(Holder(data))
        return holders[-1]

    yield start
    for holder in holders:
        holder.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def all_servers_are_gone(data: Path) -> bool:
    """Each server holds its lock for as long as any of its processes lives."""
    for name in ("postgres", "valkey"):
        with (data / f"{name}.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
    return True


def test_cold_start_makes_a_database_that_sorts_like_production(hold):
    holder = hold().wait()
    assert holder.sql("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'holdout'") == [
        ("b", "C.UTF-8")
    ]


def test_second_process_shares_and_leaves_the_servers_running(hold):
    first, second = hold().wait(), hold().wait()
    assert (second.postgres, second.valkey, second.sockets) == (0, 0, first.sockets)
    second.close()
    assert first.sql("SELECT 1") == [(1,)]


def test_of_three_cold_starts_at_once_one_starts_both_servers(hold):
    with ThreadPoolExecutor(3) as pool:
        holders = list(pool.map(Holder.wait, [hold() for _ in range(3)]))
    starters = [holder for holder in holders if holder.postgres or holder.valkey]
    assert len(starters) == 1
    assert starters[0].postgres
    assert starters[0].valkey


def test_start_recovers_after_the_postmaster_was_killed(hold):
    first = hold().wait()
    first.sql("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(first.postgres, 9)
    first.close()
    assert hold().wait().sql("SELECT answer FROM kept") == [(42,)]


def test_postmaster_pid_of_a_foreign_process_does_not_prevent_the_start(hold, data):
    first = hold().wait()
    folder = data / "postgres"  # the sockets of a long path are elsewhere
    pid_file = (folder / "pgdata/postmaster.pid").read_text()
    first.close()
    foreign = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "pgdata/postmaster.pid").write_text(pid_file.replace(str(first.postgres), str(foreign.pid), 1))
        assert hold().wait().sql("SELECT 1") == [(1,)]
    finally:
        foreign.kill()
        foreign.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_servers_shut_down_in_order_when_their_process_is_killed(hold, data):
    holder = hold().wait()
    holder.process.kill()
    assert wait_until(lambda: all_servers_are_gone(data), 10)
    assert "database system is shut down" in (data / "postgres.log").read_text().splitlines()[-1]


def test_killed_servers_come_back_on_the_same_socket(data):
    script = """
from config.embedded import servers
with servers() as running:
    for server in running:
        server.process.kill()
        server.process.wait()
        server.keep_running()
        print(server.name, server.answers())
"""
    assert {"postgres True", "valkey True"} <= set(run_python(data, script).splitlines())


def test_folder_too_long_for_a_socket_and_with_odd_letters_still_starts(data):
    odd = data / "with spaces and ünicode" / ("x" * 100)
    script = "from config.embedded import servers\nwith servers() as running: print(running[0].answers())"
    assert run_python(odd, script) == "True\n"
    remove_scratch(odd)


def test_scratch_servers_leave_nothing_behind(data):
    script = """
from config.embedded import servers
with servers(scratch=True) as running:
    print(running[0].folder.parent)
"""
    folder = Path(run_python(data, script).strip())
    assert not folder.exists()
    assert not data.exists()


@pytest.mark.parametrize("broker", ["REDIS_URL", "BROKER_URL"])
def test_nothing_starts_when_the_environment_names_both_servers(data, broker):
    script = "from config.embedded import servers\nwith servers() as running: print(running)"
    addresses = {"DATABASE_URL": "postgres://db/holdout", broker: "redis://redis/0"}
    assert run_python(data, script, **addresses) == "[]\n"
    assert not data.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_dev_run_replaces_a_killed_worker_and_leaves_nothing_when_killed(data):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = str(server.getsockname()[1])

    def answers() -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).status == 200
        except OSError:
            return False

    def parts() -> dict[int, str]:
        """The process numbers and commands of the supervisor's children and theirs."""
        commands = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"HOLDOUT_DATA={data}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    commands[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return commands

    def workers() -> set[int]:
        """Of the worker that does not run candidates' code."""
        found = parts().items()
        return {number for number, command in found if "config worker" in command and "--queues" not in command}

    with (data.parent / "run.log").open("w") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=CHECKOUT,
            env=environment(data, PORT=port, DEBUG="true"),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: answers() or supervisor.poll() is not None, 300)
        assert supervisor.poll() is None, (data.parent / "run.log").read_text()
        assert wait_until(workers, 60)
        first = workers()
        os.kill(min(first), 9)
        assert wait_until(lambda: workers() and not workers() & first, 60)
    finally:
        supervisor.kill()
        supervisor.wait()
    assert wait_until(lambda: not parts(), 60), parts()
    assert all_servers_are_gone(data)
