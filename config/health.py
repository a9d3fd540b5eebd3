"""Does the site work? /healthz and /readyz answer machines; `manage.py doctor` tells people how to mend it."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from config.backlog import backlog, queue_depth
from config.metrics import metrics

CLOCK_SECONDS = 1  # deadlines are decided by our clock and swept by another machine's
OVERDUE_SECONDS = 120  # the sweep comes every 20 seconds
POSTGRES_NEEDED = 15  # constraints that take two missing values for equal (NULLS NOT DISTINCT)


class Finding(NamedTuple):
    name: str
    state: str  # ok, degraded: the site works without it, failed
    value: object
    mend: str  # what to do when it is not ok


def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. To `./dev run` it also says that it is its own, and not another site on the same port."""
    run = os.environ.get("HOLDOUT_RUN")
    return JsonResponse({"status": "ok"} | ({"run": run} if run else {}))


def readyz(request: HttpRequest) -> JsonResponse:
    """The site can do its work. 503 when it cannot; a broker that is away only slows reports down."""
    found = list(findings())
    states = {finding.state for finding in found}
    status = next(state for state in ("failed", "degraded", "ok") if state in states)
    body = {"status": status} | {finding.name: finding.value for finding in found}
    return JsonResponse(body, status=503 if status == "failed" else 200, headers={"Cache-Control": "no-store"})


# They answer before hosts, sessions and log-ins: to whatever address a health check happens to use.
PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}


class Probes:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        probe = PROBES.get(request.path_info)
        return probe(request) if probe and request.method in ("GET", "HEAD") else self.get_response(request)


def findings() -> Iterator[Finding]:
    """Stops after a failure that the rest depends on."""
    try:
        yield clock()
        yield (postgres := postgres_version())
        if postgres.state == "failed":
            return
        missing = unapplied_migrations()
        yield Finding(
            "unapplied_migrations", "failed" if missing else "ok", missing, "Run `manage.py prepare_database`."
        )
        if missing:
            return
        overdue = backlog(timezone.now()).overdue_seconds
    except DatabaseError as error:
        mend = "Is PostgreSQL up, and DATABASE_URL right? Every page answers 503 until it is back."
        yield Finding("database", "failed", type(error).__name__, mend)
        return
    yield Finding("database", "ok", "ok", "")
    yield Finding(
        "oldest_overdue_seconds",
        "ok" if overdue <= OVERDUE_SECONDS else "failed",
        round(overdue),
        "No sweep has run: are beat and a worker up? `manage.py sweep` does one without them.",
    )
    depth = queue_depth()
    mend = f"The broker does not answer: is it up, and its address right ({broker_address()})? Nothing is lost."
    yield Finding("queue_depth", "ok" if depth is not None else "degraded", depth, mend)


def clock() -> Finding:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    after = timezone.now()
    apart = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0)
    return Finding(
        "clock_difference_seconds",
        "ok" if apart <= CLOCK_SECONDS else "failed",
        round(apart, 1),
        "This machine and PostgreSQL's disagree about the time: run NTP on both.",
    )


def postgres_version() -> Finding:
    number = connection.pg_version
    return Finding(
        "postgres_version",
        "ok" if number >= 10_000 * POSTGRES_NEEDED else "failed",
        f"{number // 10_000}.{number % 10_000}",
        f"Holdout needs PostgreSQL {POSTGRES_NEEDED} or newer: docs/operating.md, Upgrading.",
    )


def unapplied_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in known_migrations() - applied.keys())


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def broker_address() -> str:
    """Without its password."""
    return (settings.RABBITMQ_URL or settings.REDIS_URL).rsplit("@", 1)[-1]
