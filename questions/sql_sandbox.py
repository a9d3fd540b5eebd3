"""Runs SQL that nobody vouches for in SQLite, in a process of its own that can do little else.

`run` starts this same file with an isolated interpreter (so it imports the standard library only), hands it the SQL
and reads rows back. The process lowers its own limits before it sees any SQL: it opens no file, starts no process
and gets the memory and the time below; SQLite itself stays in memory and refuses everything but reading what the
schema made. Whatever the SQL does, it costs these limits and nothing else.
"""

import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass

MEMORY_BYTES = 256 * 2**20  # address space of the process; SQLite's own heap gets a quarter
QUERY_SECONDS = 2  # after these SQLite is interrupted, and can still say so
CPU_SECONDS = 4  # after these the process is killed: some single functions cannot be interrupted
WALL_SECONDS = 8
MAX_ROWS = 1000
MAX_VALUE_BYTES = 100_000
MAX_RESULT_BYTES = 500_000

SQLITE_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 200,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
BUILDING = READING | {
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_REINDEX,
    sqlite3.SQLITE_TRANSACTION,
}
REFUSED_FUNCTIONS = {"load_extension", "fts3_tokenizer"}
NAMES = {sqlite3.SQLITE_ATTACH: "ATTACH", sqlite3.SQLITE_PRAGMA: "PRAGMA", sqlite3.SQLITE_DELETE: "DELETE"}

# What SQLite does not have and people bring from other databases, and what it has instead.
OTHER_DIALECTS = {
    r"::": "a cast is CAST(value AS INTEGER)",
    r"\bilike\b": "LIKE does not mind capitals",
    r"\btop\s+\d": "LIMIT stands at the end",
    r"\binterval\b": "a week later is date(day, '+7 days')",
    r"\b(date_trunc|date_part|to_char|extract|year|month|datediff|date_format)\s*\(": "dates are texts: see strftime()",
    r"\bnow\s*\(": "it is datetime('now')",
}

# A cell as JSON has it: bytes become {"blob": hex}.
Cell = int | float | str | dict | None


class SqlError(Exception):
    """The SQL is at fault; the text is for whoever wrote it."""


class SchemaError(SqlError):
    """…and it is the schema."""


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: list[list[Cell]]


def run(schema: str, query: str) -> Table:
    """What the query gives on a fresh database made by the schema.

    Raises SqlError for whatever the SQL did, RuntimeError when the process itself could not work.
    """
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", __file__]
    task = json.dumps({"schema": schema, "query": query})
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and file)
            command, input=task.encode(), capture_output=True, timeout=WALL_SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise SqlError(f"Stopped after {WALL_SECONDS} seconds.") from None
    if done.returncode == -signal.SIGXCPU:
        raise SqlError(f"Stopped after {CPU_SECONDS} seconds of computing.")
    if done.returncode < 0:
        raise SqlError("Stopped: it needed more than a query gets here.")
    if done.returncode > 0:
        raise RuntimeError(f"The SQL process failed: {done.stderr.decode(errors='replace')[-500:]}")
    reply = json.loads(done.stdout)
    if "error" in reply:
        raise (SchemaError if reply["is_schema"] else SqlError)(reply["error"])
    return Table(reply["columns"], reply["rows"])


# --- inside the process -----------------------------------------------------------------------------------------------


def main() -> None:
    task = json.load(sys.stdin.buffer)
    lower_limits()
    try:
        reply = answer(task["schema"], task["query"])
    except SqlError as error:
        reply = {"error": str(error), "is_schema": isinstance(error, SchemaError)}
    sys.stdout.write(json.dumps(reply))


def lower_limits() -> None:
    limits = {
        resource.RLIMIT_NOFILE: 3,  # those that are open
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # macOS refuses it; there only SQLite's own limit holds
        limits[resource.RLIMIT_AS] = MEMORY_BYTES
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))  # SIGXCPU at the first


def answer(schema: str, query: str) -> dict:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.text_factory = lambda text: text.decode(errors="replace")
    for limit, most in SQLITE_LIMITS.items():
        database.setlimit(limit, most)
    for setting in ("temp_store = MEMORY", "trusted_schema = OFF", f"hard_heap_limit = {MEMORY_BYTES // 4}"):
        database.execute(f"PRAGMA {setting}")
    stop_at = time.monotonic() + QUERY_SECONDS
    database.set_progress_handler(lambda: time.monotonic() > stop_at, 10_000)
    refused: list[str] = []
    try:
        database.set_authorizer(authorizer(BUILDING, refused))
        database.executescript(schema)
    except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
        raise SchemaError(explained(error, refused)) from None
    try:
        database.set_authorizer(authorizer(READING, refused))
        return fetched(database.execute(query))
    except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
        raise SqlError(explained(error, refused) + dialect_hint(str(error), query)) from None


def authorizer(allowed: set[int], refused: list[str]):
    """An authorizer callback that notes what it refuses."""

    def decide(action: int, first: str | None, second: str | None, database: str | None, view: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and second in REFUSED_FUNCTIONS:
            refused.append(f"{second}()")
        elif action == sqlite3.SQLITE_READ and allowed is READING and first.startswith(("pragma_", "sqlite_")):
            refused.append(first)  # a table-valued PRAGMA, or what SQLite keeps for itself
        elif action in allowed:
            return sqlite3.SQLITE_OK
        else:
            refused.append(NAMES.get(action, "That"))
        return sqlite3.SQLITE_DENY

    return decide


def fetched(cursor: sqlite3.Cursor) -> dict:
    if cursor.description is None:
        raise SqlError("There is no query to run.")
    rows, size = [], 0
    for row in cursor:
        rows.append([{"blob": cell.hex()} if isinstance(cell, bytes) else cell for cell in row])
        size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
        if len(rows) > MAX_ROWS:
            raise SqlError(f"Stopped: it gives more than {MAX_ROWS:,} rows. Is a join without its condition?")
        if size > MAX_RESULT_BYTES:
            raise SqlError(f"Stopped: its rows hold more than {MAX_RESULT_BYTES:,} characters.")
    return {"columns": [column[0] for column in cursor.description], "rows": rows}


def explained(error: Exception, refused: list[str]) -> str:
    text = str(error)
    if refused:
        return f"{refused[0]} is not allowed here: write one SELECT, which only reads."
    if isinstance(error, MemoryError):
        return "Stopped: it needs more memory than a query gets here."
    if text == "interrupted":
        return f"Stopped after {QUERY_SECONDS} seconds. Does every join have its condition, and a recursion its end?"
    if "one statement" in text:
        return "Write one statement: there is something after the first semicolon."
    if isinstance(error, UnicodeError) or "null character" in text:
        return "The query holds a character that SQL cannot have."
    return f"SQLite says: {text}."


def dialect_hint(error: str, query: str) -> str:
    """When SQLite did not understand the query: the first word in it that another database would have."""
    if not re.search("syntax error|unrecognized token|no such function", error):
        return ""
    hints = (hint for word, hint in OTHER_DIALECTS.items() if re.search(word, query, re.IGNORECASE))
    return next((f" The dialect is SQLite: {hint}." for hint in hints), "")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # nothing is worth tidying up
