"""`./dev bench cohort`: what a cohort of 300 costs its coach: the roster's import, the table, the inbox.

In a database of its own. Every member has sat what was assigned and waits for a review; another 300 are imported with
an invitation each, mails going nowhere. CPU is this process's, without PostgreSQL's. Exit status 1 when a bound is
broken.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from io import StringIO
from statistics import median

from benchmarks._site import own_database, prepare_site, say

MEMBERS = 300
REPEATS = 5
IMPORT_SECONDS, TABLE_MS, STATEMENTS = 60, 300, 14
PAGES = ["cohort", "cohort_csv", "cohort_insights", "coaching", "candidates"]
BOUND = {"cohort", "coaching", "candidates"}  # by STATEMENTS


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench cohort")
    parser.add_argument("--members", type=int, default=MEMBERS)
    options = parser.parse_args()
    with closing(own_database("holdout_cohort")), tempfile.TemporaryDirectory(prefix="holdout-cohort-") as folder:
        prepare_site(folder)
        from django.db import connection
        from django.test import Client

        coach, cohort = make_cohort(options.members)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(coach)
        missed = import_roster(client, cohort, options.members) + look_at_pages(client, cohort)
        connection.close()
    say("\n".join(missed) or "ok: every bound is kept")
    sys.exit(1 if missed else 0)


def make_cohort(size: int) -> tuple:
    """(a coach, their cohort): so many members, each with an assigned interview that waits for a review."""
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.models import COACHES, Cohort, User
    from interviews.coaching.models import Assignment, CohortAssignment, Review
    from interviews.sitting.models import Interview
    from questions.models import Track

    now = timezone.now()
    call_command("seed", answers=16 * size, answers_a_person=16, verbosity=0, stdout=StringIO())
    coach = User.objects.create(email="coach-of-all@example.com", name="Coach")
    coach.groups.add(Group.objects.get_or_create(name=COACHES)[0])
    cohort = Cohort.objects.found(coach, name="Benchmark", starts_on=now.date(), ends_on=None, now=now)
    people = list(User.objects.filter(email__startswith="seed").order_by("pk"))
    for person in people:
        cohort.join(person, shares="cohort", now=now)
    given = CohortAssignment.objects.assign(
        cohort=cohort, coach=coach, track=Track.objects.get(slug="general-screen"), pace="strict", due_on=None, now=now
    )
    newest = Interview.objects.order_by("candidate", "-started_at").distinct("candidate")
    Interview.objects.filter(pk__in=newest.values("pk")).update(cohort=cohort)
    sat = {interview.candidate_id: interview for interview in Interview.objects.filter(cohort=cohort)}
    assignments = list(given.assignments.all())
    for one in assignments:
        one.interview = sat[one.candidate_id]
    Assignment.objects.bulk_update(assignments, ["interview"])
    asked_at = now - timedelta(days=1)
    Review.objects.bulk_create(Review(interview=one, asked_at=asked_at) for one in sat.values())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute: PostgreSQL takes a new table for an empty one
    return coach, cohort


def import_roster(client, cohort, size: int) -> list[str]:
    """Posts the roster as its page does, then mails as the worker does; what was missed."""
    from interviews.coaching.tasks import mail_invitations

    lines = "\n".join(f"new{number}@example.com, Person {number}, Group {number % 3}" for number in range(size))
    path = f"/coaching/cohorts/{cohort.pk}/roster/"
    began, cpu = time.perf_counter(), time.process_time()
    response = client.post(path, {"lines": lines, "invites": "on"})
    posted = time.perf_counter() - began
    if response.status_code != 302:
        sys.exit(f"roster: {response.status_code}")
    while cohort.members.filter(mail_at__isnull=False).exists():
        mail_invitations(cohort.pk)
    took = time.perf_counter() - began
    say(
        f"roster of {size}: added in {posted:.1f} s, all invited in {took:.1f} s, {time.process_time() - cpu:.1f} s CPU"
    )
    return [f"roster: {took:.0f} s, wanted {IMPORT_SECONDS}"] if took > IMPORT_SECONDS else []


def look_at_pages(client, cohort) -> list[str]:
    from django.urls import reverse

    say(f"\n{'':18}{'SQL':>6}{'ms':>8}{'CPU ms':>8}{'kB':>6}")
    missed = []
    for name in PAGES:
        path = reverse(f"interviews:{name}", args=[cohort.pk] if name.startswith("cohort") else [])
        statements, ms, cpu, size = measured(lambda path=path: client.get(path))
        say(f"{name:18}{statements:6}{ms:8.0f}{cpu:8.0f}{size / 1000:6.0f}")
        if name in BOUND and statements > STATEMENTS:
            missed.append(f"{name}: {statements} statements, wanted at most {STATEMENTS}")
        if name == "cohort" and ms > TABLE_MS:
            missed.append(f"{name}: {ms:.0f} ms, wanted at most {TABLE_MS}")
    return missed


def measured(get: Callable) -> tuple[int, float, float, int]:
    """Statements, milliseconds, those of CPU (medians), and bytes; the first look fills the caches."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    wall, cpu = [], []
    with CaptureQueriesContext(connection):
        get()
    with CaptureQueriesContext(connection) as ran:
        response = get()
    statements = sum(query["sql"] not in ("BEGIN", "COMMIT") for query in ran)
    if response.status_code != 200:
        sys.exit(f"{response.request['PATH_INFO']}: {response.status_code}")
    for _ in range(REPEATS):
        started, used = time.perf_counter(), time.process_time()
        get()
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - used))
    return statements, median(wall), median(cpu), len(response.content)


if __name__ == "__main__":
    main()
