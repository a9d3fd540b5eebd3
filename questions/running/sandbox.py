"""The process that runs what nobody vouches for: started, watched and read from here.

Whatever a candidate's code or query does costs the limits below and ends as a result of that case. What is *our* fault
(no Deno, no snapshot, a process that does not get ready) is raised as EngineFault and is never a candidate's zero.
"""

import json
import math
import os
import selectors
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from questions.running import parts, snapshot
from questions.running.parts import EngineFault

MEMORY_KB = 1_200 * 1024  # of data, around the 256 MB that the engines allow themselves
OUTSIDE_SECONDS = 2  # after a limit has passed inside, until the process is killed
# CPU is what counts, as a machine may be busy. By the wall clock only a process is ended that has gone to sleep, after
# so many times its limit; one that wants to work and does not get to it for minutes is our fault.
SLEEP_FACTOR = 4
BUSY_SECONDS = 180
START_CPU_SECONDS = 30
STARTS = 2
MOST_CPU_SECONDS = 30  # of all the cases of one answer: what comes after is not run
SQL_SECONDS = 2
MOST_BYTES = 1_000_000  # of one result
MOST_CHARACTERS = 25_000  # of one text in it
NICE = 10  # whoever saves an answer goes first

# Limits that hold from the first instruction on; macOS knows no limit of data.
SHELL = 'ulimit -c 0; ulimit -f 0; ulimit -t "$1"; ulimit -d "$2" 2>/dev/null; shift 2; exec nice -n "$@"'


@dataclass(frozen=True)
class Run:
    """What became of a program: one line for its loading and one a case, see harness.py; or {"ended": why}."""

    loading: dict
    cases: list[dict]


def run_program(code: str, cases: list[dict], *, packages: list[str], seconds: float) -> Run:
    """`cases` hold nothing of what is expected. After a case that hung or ended the process, a new one goes on.

    `cases` of the result is empty when the program could not be loaded. Raises EngineFault.
    """
    task = _python_task([code], cases, packages, seconds)
    lines: list[dict] = []
    spent = 0.0
    while True:
        with Process(task | {"first": len(lines)}, reads_snapshot=True) as process:
            loading = process.result(seconds)
            if "value" not in loading:
                return Run(loading, lines and [*lines, *_unrun(cases, lines)])
            while len(lines) < len(cases):
                lines.append(process.result(seconds))
                if "stopped" in lines[-1] or "ended" in lines[-1]:
                    break
            spent += process.seconds_since_ready()
        if len(lines) == len(cases):
            return Run(loading, lines)
        if spent > MOST_CPU_SECONDS:
            return Run(loading, [*lines, *_unrun(cases, lines)])


def run_programs(codes: list[str], cases: list[dict], *, packages: list[str], seconds: float) -> list[Run]:
    """Each of the programs on the same cases, in one process as far as it goes: to start it costs more than they do.

    For programs of one author only, as each could change what the next one does. Raises EngineFault.
    """
    runs: list[Run] = []
    while len(runs) < len(codes):
        with Process(_python_task(codes[len(runs) :], cases, packages, seconds), reads_snapshot=True) as process:
            while len(runs) < len(codes) and (run := _whole_run(process, len(cases), seconds)):
                runs.append(run)
        if len(runs) < len(codes):
            runs.append(run_program(codes[len(runs)], cases, packages=packages, seconds=seconds))
    return runs


def _whole_run(process: "Process", count: int, seconds: float) -> Run | None:
    """The next program's; None when it did not load, or a case hung or ended the process."""
    loading = process.result(seconds)
    lines = [loading]
    while "value" in loading and len(lines) <= count and not {"stopped", "ended"} & set(lines[-1]):
        lines.append(process.result(seconds))
    is_whole = len(lines) == 1 + count and not {"stopped", "ended"} & set(lines[-1])
    return Run(loading, lines[1:]) if is_whole else None


def _python_task(codes: list[str], cases: list[dict], packages: list[str], seconds: float) -> dict:
    written = [json.dumps(case) for case in cases]  # only Python reads them: JavaScript's JSON has no NaN
    return {"engine": "cpython", "codes": codes, "cases": written, "packages": packages, "seconds": seconds, "first": 0}


def _unrun(cases: list[dict], lines: list[dict]) -> list[dict]:
    return [{"ended": "unrun"} for _ in cases[len(lines) :]]


def run_queries(states: list[dict], queries: list[str]) -> list[list[dict]]:
    """Each query on each state {script, is_reversed}: {columns, rows} or {error, is_script}, or {"ended": why} for a
    query that the process did not survive, on this and the states after it. Raises EngineFault.
    """
    task = {"engine": "sqlite", "states": states, "queries": queries}
    lines: list[dict] = []
    while len(lines) < len(states) * len(queries):
        with Process(task | {"first": len(lines)}) as process:
            while len(lines) < len(states) * len(queries):
                lines.append(process.table(SQL_SECONDS))
                if "ended" in lines[-1]:
                    lines += [lines[-1]] * (-len(lines) % len(states))
                    break
    return [lines[start : start + len(states)] for start in range(0, len(lines), len(states))]


class Process:
    """One Deno with one task; it is ready when the block begins, and gone when it ends."""

    def __init__(self, task: dict, *, reads_snapshot: bool = False) -> None:
        self.task = json.dumps(task).encode()
        self.snapshot = snapshot.found() if reads_snapshot else None

    def __enter__(self) -> "Process":
        first = None
        for _ in range(STARTS):
            self._start()
            try:
                first = self._line(START_CPU_SECONDS)
            finally:
                if first != {"ready": True}:
                    self._end()
            if first == {"ready": True}:
                self.ready_at = self.seconds()
                return self
        raise EngineFault(f"The engine did not start: {first} (exit status {self.process.returncode})")

    def __exit__(self, *error) -> None:
        self._end()

    def seconds(self) -> float:
        """CPU time so far; where the system does not tell, wall time."""
        fields = self._state()
        if not fields:
            return time.monotonic() - self.started_at
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _is_asleep(self) -> bool:
        return self._state()[:1] == ["S"]

    def _state(self) -> list[str]:
        """The fields of proc(5)'s stat from the third on, the state; empty where there is none."""
        try:
            return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return []

    def seconds_since_ready(self) -> float:
        return self.seconds() - self.ready_at

    def result(self, seconds: float) -> dict:
        """The next line of the harness, as far as it can be believed: texts are texts, and short."""
        line = self._line(seconds + OUTSIDE_SECONDS)
        if "ended" in line:
            return line
        kept = {name: _text(line[name]) for name in TEXTS if isinstance(line.get(name), str)}
        kept |= {name: line[name] for name in ("stopped",) if line.get(name) is True}
        kept |= {name: line[name] for name in ("line", "seconds") if _is_small_number(line.get(name))}
        if isinstance(line.get("raised"), list):
            kept["raised"] = [_text(str(name))[:200] for name in line["raised"][:20]]
        if "value" in line:
            kept["value"] = line["value"]
        return kept if {"value", "raised", "too_big", "stopped"} & set(kept) else {"ended": "exit"}

    def table(self, seconds: float) -> dict:
        """The next line of the SQL engine."""
        return self._line(seconds + OUTSIDE_SECONDS)

    def _start(self) -> None:
        snapshots = [self.snapshot] if self.snapshot else []
        command = parts.runner(str(parts.STATIC / "vendor"), *map(str, snapshots), may_read=snapshots)
        limits = [str(MOST_CPU_SECONDS + START_CPU_SECONDS), str(MEMORY_KB), str(NICE)]
        with tempfile.TemporaryFile() as given:
            given.write(self.task)
            given.seek(0)
            self.process = subprocess.Popen(  # noqa: S603 (our own shell line and files)
                ["/bin/sh", "-c", SHELL, "sh", *limits, *command],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=parts.ENVIRONMENT,
                cwd="/",
                process_group=0,
            )
        self.started_at = time.monotonic()
        self.unread = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def _end(self) -> None:
        self.selector.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def _line(self, seconds: float) -> dict:
        """The next line, a JSON object; {"ended": "time" | "exit" | "size"} when none comes. Raises EngineFault."""
        end, began_at = self.seconds() + seconds, time.monotonic()
        while b"\n" not in self.unread:
            if len(self.unread) > MOST_BYTES:
                return {"ended": "size"}
            if not self.selector.select(timeout=0.2):
                waited = time.monotonic() - began_at
                if self.seconds() > end or (waited > SLEEP_FACTOR * seconds and self._is_asleep()):
                    return {"ended": "time"}
                if waited > BUSY_SECONDS:
                    raise EngineFault("The machine is too busy to run it.")
                continue
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                return {"ended": "exit"}
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\n")
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            return {"ended": "exit"}
        return read if isinstance(read, dict) else {"ended": "exit"}


TEXTS = ("shown", "printed", "message", "traceback", "too_big")


def _text(text: str) -> str:
    """A text that PostgreSQL takes, and no longer than is ever shown."""
    return text[:MOST_CHARACTERS].replace("\0", "␀").encode("utf-8", "replace").decode()


def _is_small_number(value) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) < 1e9
