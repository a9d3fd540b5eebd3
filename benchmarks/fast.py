"""`./dev bench fast`: what each part of `interviews/sitting/fast/` buys, in CPU of the web and of PostgreSQL.

Each part is replaced by plain Django, in turn, in one process and without a network; docs/speed.md holds the
numbers. A request's CPU is what decides throughput: the cores are shared with PostgreSQL.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks._site import own_database, prepare_site, say

ROUNDS, REQUESTS = 9, 40
TICK = os.sysconf("SC_CLK_TCK")
KINDS = ("save", "submit", "show")
WORTH_KEEPING = 0.05


def main() -> None:
    database = own_database("holdout_bench_fast")
    try:
        with TemporaryDirectory() as folder:
            prepare_site(folder)
            report(measure())
    finally:
        from django.db import connection

        connection.close()
        database.close()


def measure() -> dict[str, dict[str, float]]:
    """Milliseconds of CPU a request, by what is plain and by kind of request: medians of rounds that take turns."""
    variants: dict[str, Callable[[], ExitStack]] = {"all fast": ExitStack, **plain()}
    found = {name: {kind: [] for kind in KINDS} for name in variants}
    for _ in range(ROUNDS):
        for name, variant in variants.items():
            for kind in KINDS:
                with variant():
                    found[name][kind].append(cpu_of(kind))
    return {name: {kind: median(times) for kind, times in kinds.items()} for name, kinds in found.items()}


def cpu_of(kind: str) -> float:
    """Mean of REQUESTS requests, the first three of which warm up."""
    requests = asks(kind)
    for _ in range(3):
        next(requests)()
    web, database = time.process_time(), backend_seconds()
    for _ in range(REQUESTS):
        next(requests)()
    return 1000 * (time.process_time() - web + backend_seconds() - database) / REQUESTS


def backend_seconds() -> float:
    """CPU of the process that serves this connection; in ticks of 10 ms."""
    from django.db import connection

    connection.ensure_connection()
    with open(f"/proc/{connection.connection.info.backend_pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def asks(kind: str) -> Iterator[Callable[[], None]]:
    """One request after the other, of one person who is logged in."""
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1", HTTP_HX_REQUEST="true" if kind != "show" else "")
    while True:
        person, interview = sit(60)
        client.force_login(person)
        path = f"/interviews/{interview.public_id}/"
        for position in range(1, 59 if kind == "submit" else 2):
            for rev in range(1, 2 if kind == "submit" else 10_000):
                form = {"answer": f"Some words of an answer, {rev}.", "rev": rev, "lease": 1}

                def ask(path=path, form=form, position=position) -> None:
                    if kind == "show":
                        answer = client.get(path)
                    else:
                        answer = client.post(f"{path}questions/{position}/{kind}/", form)
                    if answer.status_code != 200:
                        sys.exit(f"{kind} answered {answer.status_code}")

                yield ask


def sit(count: int) -> tuple:
    """A new person at the first of so many open questions."""
    from decimal import Decimal

    from django.utils import timezone

    from accounts.models import User
    from interviews.sitting.models import Interview, Practice
    from questions.models import QuestionVersion

    person = User.objects.create(email=f"{time.perf_counter_ns()}@example.com")
    versions = QuestionVersion.objects.published().filter(format="free_text").order_by("pk")[:count]
    plan = Practice("Benchmark", list(versions))
    return person, Interview.objects.start(person, plan, pace="strict", time_multiplier=Decimal(1), now=timezone.now())


# --- plain Django in their place --------------------------------------------------------------------


def plain() -> dict[str, Callable[[], ExitStack]]:
    from interviews.sitting import question_page
    from interviews.sitting.fast import fragments, rows
    from interviews.sitting.models import held, interview_queries

    def without(target, name: str, replacement) -> Callable[[], ExitStack]:
        def enter() -> ExitStack:
            stack = ExitStack()
            stack.enter_context(patch.object(target, name, replacement))
            return stack

        return enter

    class OneByOne(rows.Writes):
        """Each row by its own statement, as `save` and `bulk_create` compose it."""

        def send(self) -> None:
            for row, names in self._changed.values():
                row.save(update_fields=list(names))
            for row, is_harmless_twice in self._new:
                type(row).objects.bulk_create([row], ignore_conflicts=is_harmless_twice)
            self._changed, self._new = {}, []

    return {
        "writes one by one": without(held, "Writes", OneByOne),
        "lock and questions by the ORM": without(
            interview_queries.InterviewQuerySet, "under_lock", contextmanager(under_lock)
        ),
        "the question's card drawn anew": without(question_page, "question_card", fragments.question_card.__wrapped__),
        "the list of questions drawn anew": without(question_page, "steps", fragments.steps.__wrapped__),
        "the six steps drawn anew": without(question_page, "confidence_field", fragments.confidence_field.__wrapped__),
        "addresses reversed": without(question_page, "addresses", addresses),
    }


def under_lock(self, public_id, *, candidate=None, now, skip_locked=False):
    from django.db import transaction

    with transaction.atomic():
        found = self.model.objects.select_for_update(no_key=True, skip_locked=skip_locked).filter(public_id=public_id)
        interview = (found.filter(candidate=candidate) if candidate else found).get()
        if candidate:
            interview.candidate = candidate
        with interview.holding_its_row(sheet=list(interview.questions.order_by("position"))):
            interview.expire(now=now)
            interview.writes.send()
            yield interview


def addresses(public_id, position: int) -> dict[str, str]:
    from django.urls import reverse

    from interviews.sitting.fast.fragments import NOBODY

    arguments = {act: [public_id, position] for act in ("save", "submit", "skip", "go_on")}
    arguments |= {"recording": [public_id, position, NOBODY], "finish": [public_id], "pause": [public_id]}
    return {f"{act}_url": reverse(f"interviews:{act}", args=values) for act, values in arguments.items()}


# --- what came out ------------------------------------------------------------------------------------


def report(found: dict[str, dict[str, float]]) -> None:
    fast = found["all fast"]
    say("| plain instead of fast | " + " | ".join(f"{kind} ms | buys" for kind in KINDS) + " | worth its room |")
    say("|---|" + "---|" * (2 * len(KINDS) + 1))
    for name, times in found.items():
        gains = {kind: times[kind] / fast[kind] - 1 for kind in KINDS}
        cells = " | ".join(f"{times[kind]:.2f} | {gains[kind]:+.0%}" for kind in KINDS)
        verdict = "" if name == "all fast" else "yes" if max(gains.values()) >= WORTH_KEEPING else "no"
        say(f"| {name} | {cells} | {verdict} |")


if __name__ == "__main__":
    main()
