"""A state of the data as tables to look at: names, types, keys and rows.

Read by the host's own SQLite, because a page cannot wait for a process; nothing is scored by it.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from questions import sketch

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


def schema(tables: Sequence[Drawn]) -> str:
    """How the tables hang together, as SVG: a box each, an arrow for the columns that lead to another. Empty where none
    does.
    """
    places = {table.name: number for number, table in enumerate(tables, start=1)}
    leads: dict[tuple[int, int], list[str]] = {}
    for table in tables:
        for column in table.columns:
            target = places.get(column.key.removeprefix("→ "))
            if column.key.startswith("→ ") and target not in (None, places[table.name]):
                leads.setdefault((places[table.name], target), []).append(column.name)
    boxes = [
        {"id": place, "kind": "box", "x": 10 + 380 * ((place - 1) % 2), "y": 15 + 95 * ((place - 1) // 2)}
        | {"w": 160, "h": 44, "text": name}
        for name, place in places.items()
    ]
    arrows = [
        {"id": 100 + number, "kind": "arrow", "from": start, "to": end, "text": ", ".join(columns)}
        for number, ((start, end), columns) in enumerate(leads.items())
    ]
    return sketch.svg(boxes + arrows, height=boxes[-1]["y"] + 60, name="Schema") if arrows else ""


def _table(database: sqlite3.Connection, name: str) -> Drawn:
    quoted = '"' + name.replace('"', '""') + '"'
    leads_to = {source: table for _, _, table, source, *_ in database.execute(f"PRAGMA foreign_key_list({quoted})")}
    columns = tuple(
        Column(column, kind, "key" if key else f"→ {leads_to[column]}" if column in leads_to else "")
        for _, column, kind, _, _, key in database.execute(f"PRAGMA table_info({quoted})")
    )
    rows = database.execute(f"SELECT * FROM {quoted}").fetchall()  # noqa: S608 # nosec B608 (a quoted name)
    return Drawn(name, columns, tuple(rows[:MOST_ROWS]), len(rows))
