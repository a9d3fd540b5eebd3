"""`./dev run`: the whole site in one terminal. Each part is started again when it ends; all end with this."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from config.children import child_options
from config.embedded import data_folder, servers
from config.embedded.server import Server

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "8000")
ADDRESS = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
STOP_SECONDS = 5
# A part that keeps failing is tried again after 1, 2, 4 and then every 8 seconds.
MAX_PAUSE_SECONDS = 8
STEADY_SECONDS = 20
ROOT_IS_USUAL_IN_A_CONTAINER = "ignore:You're running the worker with superuser privileges"
DEMO_LOG_INS = """
  candidate@example.com   a finished history with its report
  coach@example.com       a review waiting
  curator@example.com     the question bank
  admin@example.com       everything, at /admin/
  Password of all four: holdout-demo
"""


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    check_address()
    data_folder().mkdir(parents=True, exist_ok=True)
    with servers() as embedded:
        debug = os.environ.get("DEBUG", "").lower() in ("true", "1", "yes", "on")
        manage("prepare_database", "--verbosity", "0")
        if debug:
            manage("demo")
        children: list[Child] = []
        try:
            for name, role, command in parts(debug=debug):
                children.append(Child(name, role, command))
            keep_running(children, embedded, demo=debug)
        finally:
            stop(children)


def parts(*, debug: bool) -> list[tuple[str, str, list[str]]]:
    """Name, role and Python module with arguments."""
    celery = ["celery", "--quiet", "-A", "config"]
    schedule = str(data_folder() / "beat-schedule")
    gunicorn = ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn", "--bind", ADDRESS]
    return [
        ("worker", "worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"]),
        ("beat", "worker", [*celery, "beat", "--schedule", schedule, "--loglevel", "WARNING"]),
        ("web", "web", [*gunicorn, *(["--reload"] if debug else [])]),
    ]


def keep_running(children: "list[Child]", embedded: list[Server], *, demo: bool) -> None:
    announced = False
    while True:
        for part in (*embedded, *children):
            part.keep_running()
        if not announced and site_answers():
            announced = True
            say(f"\nHoldout runs at http://{ADDRESS}/")
            say(DEMO_LOG_INS if demo else "")
        time.sleep(0.3)


class Child:
    """One part of the site, in a process group of its own together with a guard.

    Our death asks the part to end, but a worker in the middle of a task takes its time: so the guard, whose
    standard input ends with us, kills the group a second later.
    """

    GUARD = ["/bin/sh", "-c", "read -r _; sleep 1; kill -KILL 0"]

    def __init__(self, name: str, role: str, command: list[str]) -> None:
        self.name, self.role, self.command = name, role, command
        self.pause_seconds = 1
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.ended_at: float | None = None
        self.guard = subprocess.Popen(self.GUARD, stdin=subprocess.PIPE, process_group=0)  # noqa: S603
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-W", ROOT_IS_USUAL_IN_A_CONTAINER, "-m", *self.command],
            stdin=subprocess.DEVNULL,
            env=os.environ | {"HOLDOUT_ROLE": self.role},
            **child_options(signal.SIGTERM, group=self.guard.pid),
        )

    def keep_running(self) -> None:
        now = time.monotonic()
        if self.ended_at is None and self.process.poll() is not None:
            self.ended_at = now
            self.kill()  # the guard, and what a killed master has left behind
            if now - self.started_at > STEADY_SECONDS:
                self.pause_seconds = 1
            say(f"{self.name} ended ({self.process.returncode}); it starts again in {self.pause_seconds} s")
        elif self.ended_at is not None and now - self.ended_at >= self.pause_seconds:
            self.pause_seconds = min(2 * self.pause_seconds, MAX_PAUSE_SECONDS)
            self.start()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.guard.pid, signal.SIGKILL)
        self.guard.communicate()
        self.process.wait()


def stop(children: list[Child]) -> None:
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    try:
        for child in children:
            child.process.wait(max(0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        say("./dev run: not everything ended by itself")
    finally:
        for child in children:
            child.kill()


def manage(*command: str) -> None:
    outcome = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *command], check=False, **child_options(signal.SIGTERM)
    )
    if outcome.returncode != 0:
        sys.exit(f"./dev run: manage.py {command[0]} failed; the reason is above")


def check_address() -> None:
    """Exit with a clear word when the address cannot be had; a killed predecessor may hold it for a moment."""
    deadline = time.monotonic() + 3
    while error := listening_error():
        if time.monotonic() > deadline or getattr(error, "errno", None) != errno.EADDRINUSE:
            sys.exit(f"./dev run: cannot listen on {ADDRESS} ({error}). Try another: PORT=8001 ./dev run")
        time.sleep(0.2)


def listening_error() -> Exception | None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(HOST, int(PORT), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, ValueError, OverflowError) as error:
        return error
    return None


def site_answers() -> bool:
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{PORT}"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
