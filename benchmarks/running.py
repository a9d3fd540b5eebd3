"""What running an answer costs, and whether twenty at once slow down somebody who writes.

    ./dev bench running

CPU seconds of the processes, which other work on the machine hardly changes, and wall seconds, which it does. Then
gunicorn with settings as in production, twenty interviews whose answers are run by two processes, and the saves of
another candidate meanwhile. Exit status 1 when one of those takes longer than the bound.
"""

import http.client
import os
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from benchmarks._site import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    TOKEN,
    free_port,
    own_database,
    prepare_site,
    say,
    serve,
    session_of,
)

DATABASE = "holdout_running_bench"
BOUND_MS = 150
SUBMISSIONS = 20
PROCESSES = 2
SAVE_EVERY_SECONDS = 0.25
STATES = ["INSERT INTO t VALUES (1), (2), (3);", "INSERT INTO t VALUES (4);", "INSERT INTO t VALUES (5), (6);"]


def main() -> None:
    for name, do in kinds().items():
        cpu, wall = measured(do)
        say(f"{name:<42} {cpu:5.2f} s CPU  {wall:5.2f} s wall")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    say(f"{'largest process':<42} {peak:5.0f} MB")
    slowest = saves_beside_submissions()
    sys.exit(1 if slowest > BOUND_MS else 0)


def kinds() -> dict:
    """What is run: the smallest answer of each kind."""
    from questions.running import sandbox

    program = "def double(value):\n    return 2 * value\n"
    cases = [{"expression": f"double({number})"} for number in range(8)]
    states = [{"script": f"CREATE TABLE t (a); {rows}", "is_reversed": False} for rows in STATES]
    arrays = "import numpy as np\ndef mean(x):\n    return x.mean(0)\n"
    endless = "def hang():\n    while True: pass\n"

    def python(code, cases, packages=(), seconds=2):
        return lambda: sandbox.run_program(code, cases, packages=list(packages), seconds=seconds)

    return {
        "a function, eight cases": python(program, cases),
        "NumPy, two cases": python(arrays, [{"expression": "mean(np.eye(9))"}] * 2, ["numpy"]),
        "an endless loop (limit 2 s), then a case": python(endless, [{"expression": "hang()"}, {"expression": "1"}]),
        "a query, three states": lambda: sandbox.run_queries(states, ["SELECT count(*) FROM t"]),
    }


def measured(do) -> tuple[float, float]:
    """CPU of the children and wall seconds; the second run, with the files in memory."""
    do()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    do()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began


def saves_beside_submissions() -> float:
    """The slowest save in ms while twenty answers are run."""
    with closing(own_database(DATABASE)), tempfile.TemporaryDirectory(prefix="holdout-running-") as folder:
        prepare_site(folder)
        interviews, writer = people_who_submitted()
        port = free_port()
        web = serve(port, Path(folder, "gunicorn.log"))
        try:
            quiet = saves(port, writer, until=lambda: len(writer["times"]) >= SUBMISSIONS)
            with ThreadPoolExecutor(PROCESSES) as pool:
                began = time.monotonic()
                runs = [pool.submit(run_submitted, pk) for pk in interviews]
                busy = saves(port, writer, until=lambda: all(run.done() for run in runs))
                for run in runs:
                    run.result()
                wall = time.monotonic() - began
        finally:
            web.terminate()
            web.wait()
    say(f"{SUBMISSIONS} submissions in {wall:.1f} s, by {PROCESSES} processes on {os.cpu_count()} cores")
    for name, taken in (("before", quiet), ("meanwhile", busy)):
        say(f"saves {name}: {len(taken)}, median {statistics.median(taken):.0f} ms, slowest {max(taken):.0f} ms")
    say(f"bound {BOUND_MS} ms")
    return max(busy)


def people_who_submitted() -> tuple[list[int], dict]:
    """Interviews of one code question each, handed in; and somebody else in the middle of theirs."""
    from django.utils import timezone

    from accounts.models import User
    from interviews.sitting.models import Interview
    from interviews.sitting.models.answer import Written
    from interviews.sitting.models.starting import Practice
    from questions.models import QuestionVersion

    version = QuestionVersion.objects.published().filter(format="code").exclude(answer__packages=["numpy"]).first()
    begun = []
    for number in range(SUBMISSIONS + 1):
        person = User.objects.create_user(f"bench{number}@example.com", None)
        with_question = Practice("Bench", [version])
        interview = Interview.objects.start(
            person, with_question, pace="strict", time_multiplier=1, now=timezone.now(), seed=1
        )
        begun.append((person, interview))
    *submitted, (person, interview) = begun
    for _, handed_in in submitted:
        with Interview.objects.under_lock(handed_in.public_id, now=timezone.now()) as locked:
            locked.submit_answer(1, Written([version.answer["solution"]], 1, locked.lease), now=timezone.now())
    writer = {"session": session_of(person), "interview": interview.public_id, "lease": interview.lease, "times": []}
    return [handed_in.pk for _, handed_in in submitted], writer


def run_submitted(pk: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from interviews.sitting import tasks

    try:
        tasks.run_submitted(pk, now=timezone.now())
    finally:
        connection.close()


def saves(port: int, writer: dict, *, until) -> list[float]:
    """How long each took, in ms."""
    first = len(writer["times"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Cookie": f"{SESSION_COOKIE}={writer['session']}; {CSRF_COOKIE}={TOKEN}",
        "X-CSRFToken": TOKEN,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    while not until():
        rev = len(writer["times"]) + 1
        body = urlencode({"answer": f"words {rev}", "rev": rev, "lease": writer["lease"], "position": 1})
        began = time.monotonic()
        connection.request("POST", f"/interviews/{writer['interview']}/questions/1/save/", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"a save was answered with {answer.status}")
        writer["times"].append(1000 * (time.monotonic() - began))
        time.sleep(SAVE_EVERY_SECONDS)
    return writer["times"][first:]


if __name__ == "__main__":
    main()
