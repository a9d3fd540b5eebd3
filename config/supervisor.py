"""`./dev run`: the whole site in one terminal. Each part is started again when it ends; all end with this."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from config.addresses import CHOOSE_ANOTHER, EVERY, listen, outward_addresses, with_port
from config.children import Child, child_options, say, stop
from config.embedded import data_folder, make_data_folder, servers
from config.embedded.server import Server

HOST = os.environ.get("HOST") or "127.0.0.1"
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
    with listen(HOST, os.environ.get("PORT") or "8000") as door:
        os.environ["PORT"] = str(door.getsockname()[1])
        os.environ["HOLDOUT_RUN"] = secrets.token_hex(8)
        make_data_folder()
        with servers() as embedded:
            debug = os.environ.get("DEBUG", "").lower() in ("true", "1", "yes", "on")
            manage(embedded, "prepare_database", "--verbosity", "0")
            if debug:
                manage(embedded, "demo")
            children: list[Child] = []
            try:
                start(children, door, debug=debug)
                keep_running(children, embedded, demo=debug)
            finally:
                door.close()
                for server in embedded:
                    server.say_that_it_ends()
                stop(children)


def start(children: list[Child], door: socket.socket, *, debug: bool) -> None:
    celery = ["celery", "--quiet", "-A", "config"]
    running = ["worker", "--queues", "running", "--hostname", "running@%h", "--concurrency", "2"]
    speech = ["worker", "--queues", "speech", "--hostname", "speech@%h", "--concurrency", "1"]
    speech += ["--max-memory-per-child", "700000"]  # KiB; more than others, as it holds a model
    schedule = str(data_folder() / "beat-schedule")
    gunicorn = ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn", "--bind", f"fd://{door.fileno()}"]
    children.append(Child("worker", "worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"]))
    # By itself, and last in line for the processor: it runs what candidates wrote.
    children.append(Child("running", "worker", [*celery, *running, "--loglevel", "WARNING"]))
    # By itself, too: it takes long, and everything else goes before it.
    children.append(Child("speech", "worker", [*celery, *speech, "--loglevel", "WARNING"], niceness=10))
    children.append(Child("beat", "worker", [*celery, "beat", "--schedule", schedule, "--loglevel", "WARNING"]))
    children.append(Child("web", "web", [*gunicorn, *(["--reload"] if debug else [])], keeps=(door.fileno(),)))


def keep_running(children: list[Child], embedded: list[Server], *, demo: bool) -> None:
    announced = False
    while True:
        for part in (*embedded, *children):
            part.keep_running()
        if not announced and (found := run_that_answers(HOST, int(os.environ["PORT"]))):
            if found != os.environ["HOLDOUT_RUN"]:
                sys.exit(f"./dev run: another site answers at {with_port(HOST, os.environ['PORT'])}. {CHOOSE_ANOTHER}")
            announced = True
            announce(demo=demo)
        time.sleep(0.3)


def announce(*, demo: bool) -> None:
    port = os.environ["PORT"]
    say(f"\nHoldout runs at http://{with_port(HOST, port)}/")
    for address in outward_addresses(HOST):
        say(f"and for everybody in this network at http://{with_port(address, port)}/")
    say(DEMO_LOG_INS if demo else "")


def manage(embedded: list[Server], *command: str) -> None:
    """Again when a server that we shared ended in the middle: it was another run's, and ended with it."""
    options = child_options(signal.SIGTERM)
    while subprocess.run([sys.executable, "manage.py", *command], check=False, **options).returncode != 0:  # noqa: S603
        if all(server.answers() for server in embedded):
            sys.exit(f"./dev run: manage.py {command[0]} failed; the reason is above")
        for server in embedded:
            server.make_sure()


def run_that_answers(host: str, port: int) -> str | None:
    """Whose /healthz is it? None while nobody answers."""
    connection = http.client.HTTPConnection(EVERY.get(host, host), port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    with suppress(ValueError, KeyError, TypeError):
        return json.loads(answer)["run"]
    return "another site's"


if __name__ == "__main__":
    main()
