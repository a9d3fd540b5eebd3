"""A state of the data as tables to look at: names, types, keys and rows.

Read by the host's own SQLite, because a page cannot wait for a process; nothing is scored by it.
"""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache

MOST_ROWS = 50
MOST_STEPS = 1_000_000  # of SQLite's machine: a script of a curator, not of a stranger


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    key: str  # "key", "→ table" or empty


@dataclass(frozen=True)
class Drawn:
    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple, ...]
    row_count: int


@lru_cache(maxsize=256)
def drawn(script: str) -> tuple[Drawn, ...]:
    """Empty where this SQLite cannot read the script: the page then shows it as it is."""
    database = sqlite3.connect(":memory:")
    try:
        budget = iter(range(MOST_STEPS // 10_000))
        database.set_progress_handler(lambda: next(budget, None) is None, 10_000)
        database.executescript(script)
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
        return tuple(_table(database, name) for (name,) in names)
    except (sqlite3.Error, sqlite3.Warning):
        return ()
    finally:
        database.close()


def _table(database: sqlite3.Connection, name: str) -> Drawn:
    quoted = '"' + name.replace('"', '""') + '"'
    leads_to = {source: table for _, _, table, source, *_ in database.execute(f"PRAGMA foreign_key_list({quoted})")}
    columns = tuple(
        Column(column, kind, "key" if key else f"→ {leads_to[column]}" if column in leads_to else "")
        for _, column, kind, _, _, key in database.execute(f"PRAGMA table_info({quoted})")
    )
    rows = database.execute(f"SELECT * FROM {quoted}").fetchall()  # noqa: S608 # nosec B608 (a quoted name)
    return Drawn(name, columns, tuple(rows[:MOST_ROWS]), len(rows))
