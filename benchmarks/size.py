"""What a site's size costs its pages: the same people's requests with one answer in the database and with a million.

    ./dev bench size                        a million answers, some minutes
    ./dev bench size --answers 100000

In a database of its own, filled by `manage.py seed`. Printed for each page: SQL statements and milliseconds (median of
seven, in this process, without a server) before and after. Exit status 1 when the number of statements differs, when
the admin's list of questions takes longer than 300 ms, a report longer than 1 s, or the seed longer than 5 minutes.
"""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from decimal import Decimal
from io import StringIO
from statistics import median

from benchmarks._site import own_database, prepare_site, say

REPEATS = 7
SEED_SECONDS = 300
LIMITS_MS = {"admin: questions": 300, "report, compiled": 1000}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench size")
    parser.add_argument("--answers", type=int, default=1_000_000)
    options = parser.parse_args()
    with closing(own_database("holdout_size")), tempfile.TemporaryDirectory(prefix="holdout-size-") as folder:
        prepare_site(folder)
        from django.core.management import call_command
        from django.test import override_settings

        site = Site()
        small = site.measure()
        began = time.monotonic()
        with override_settings(DEBUG=True):  # this database is ours
            call_command("seed", answers=options.answers, stdout=(said := StringIO()))
        seconds = time.monotonic() - began
        say(said.getvalue().rstrip())
        large = site.measure()
        site.close()
    sys.exit(report(small, large, options.answers, seconds))


class Site:
    """A candidate with one answer and a running interview, and an admin."""

    def __init__(self) -> None:
        from django.utils import timezone

        from accounts.models import User
        from interviews.sitting.models import Interview, Written
        from questions.models import Topic

        self.now = timezone.now()
        self.candidate = User.objects.create(email="one-answer@example.com")
        self.admin = User.objects.create(email="admin-of-all@example.com", is_staff=True, is_superuser=True)
        topic = Topic.objects.top_level().get(slug="evaluation")
        start = {"pace": "gentle", "time_multiplier": Decimal(1), "now": self.now, "seed": 1}
        finished = Interview.objects.start(self.candidate, topic, **start)
        with Interview.objects.under_lock(finished.public_id, now=self.now) as locked:
            locked.submit_answer(1, Written([], 1, locked.lease), now=self.now)
            locked.finish(lease=locked.lease, now=self.now)
            locked.score(now=self.now)
        self.compile_report()
        self.interview = Interview.objects.start(self.candidate, topic, **start)
        self.rev = 0

    def measure(self) -> dict[str, tuple[int, float]]:
        """Page → (statements, milliseconds)."""
        candidate, admin = client_of(self.candidate), client_of(self.admin)
        sitting = f"/interviews/{self.interview.public_id}/"
        kinds = {
            "question": lambda: candidate.get(sitting),
            "save": lambda: self.save(candidate, sitting),
            "dashboard": lambda: candidate.get("/interviews/"),
            "report page": lambda: candidate.get("/report/"),
            "report, compiled": self.compile_report,
            "admin: questions": lambda: admin.get("/admin/questions/question/"),
            "admin: interviews": lambda: admin.get("/admin/interviews/interview/"),
            "health": lambda: candidate.get("/readyz"),
        }
        return {kind: measured(kind, ask) for kind, ask in kinds.items()}

    def save(self, candidate, sitting: str):
        self.rev += 1
        self.interview.refresh_from_db(fields=["lease"])
        form = {"answer": [], "rev": self.rev, "position": 1, "lease": self.interview.lease}
        return candidate.post(f"{sitting}questions/1/save/", form, headers={"hx-request": "true"})

    def compile_report(self) -> None:
        from django.db import transaction

        from interviews.report import compiling

        with transaction.atomic():
            compiling.compile_report(self.candidate, now=self.now)

    def close(self) -> None:
        from django.db import connection

        connection.close()


def client_of(person):
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    return client


def measured(kind: str, ask) -> tuple[int, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(REPEATS + 1):  # the first fills the caches
        with CaptureQueriesContext(connection) as ran:
            started = time.perf_counter()
            response = ask()
            times.append(1000 * (time.perf_counter() - started))
        if response is not None and response.status_code != 200:
            sys.exit(f"{kind}: {response.status_code}")
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in ran), median(times[1:])


def report(small: dict, large: dict, answers: int, seconds: float) -> int:
    say(f"{'':20}{'SQL at 1':>12}{'at ' + format(answers, ','):>14}{'ms at 1':>12}{'at ' + format(answers, ','):>14}")
    missed = []
    for kind, (statements, ms) in small.items():
        statements_after, ms_after = large[kind]
        say(f"{kind:20}{statements:12}{statements_after:14}{ms:12.1f}{ms_after:14.1f}")
        if statements_after != statements:
            missed.append(f"{kind}: {statements_after} statements, {statements} before")
        if ms_after > LIMITS_MS.get(kind, float("inf")):
            missed.append(f"{kind}: {ms_after:.0f} ms, wanted at most {LIMITS_MS[kind]}")
    if seconds > SEED_SECONDS:
        missed.append(f"seed: {seconds:.0f} s, wanted at most {SEED_SECONDS}")
    say("\n".join(missed) or "ok: the same statements at both sizes, and nothing too slow")
    return 1 if missed else 0


if __name__ == "__main__":
    main()
