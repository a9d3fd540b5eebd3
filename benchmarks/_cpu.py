"""CPU seconds of other processes, by /proc."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def backends() -> list[int]:
    """gunicorn's connections to PostgreSQL, as process numbers; none where PostgreSQL runs elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'holdout-web'"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    connection.close()
    return pids


def cpu_seconds(pids: list[int]) -> float | None:
    """None: these processes do not run on this machine."""
    stats = []
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            stats.append(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split())
    if pids and not stats:
        return None
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS
