"""Parses a file in a process of its own, with a limit on its time and its memory: the file may be anybody's.

`parse` starts this module with the file on its input and reads JSON back. The process knows no setting and no secret,
opens no connection, and writes no file; whatever the file makes it do, it costs these limits and nothing else.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path, PurePath

from questions.exchange.items import Parsed, Remark
from questions.exchange.parsing import parse as parse_here

CPU_SECONDS = 20
WALL_SECONDS = 60  # on a machine that does something else as well
MEMORY_BYTES = 300 * 2**20
TOO_LARGE = 3  # its exit code
ROOT = Path(__file__).resolve().parent.parent.parent


def parse(name: str, source: bytes, *, cpu_seconds: int = CPU_SECONDS) -> Parsed:
    """As `parsing.parse`, and a fault also where the limits ended it.

    Raises RuntimeError when the process itself could not work.
    """
    ending = PurePath(name).suffix
    command = [sys.executable, "-B", "-X", "utf8", "-m", "questions.exchange.process", ending, str(cpu_seconds)]
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and module)
            command, input=source, capture_output=True, timeout=WALL_SECONDS, env={}, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired:
        return _refused(f"It takes longer than {WALL_SECONDS} seconds to read")
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return _refused(f"It takes more than {cpu_seconds} seconds of computing to read")
    if done.returncode == TOO_LARGE:
        return _refused(f"It takes more than {MEMORY_BYTES // 2**20} MB of memory to read")
    if done.returncode:
        raise RuntimeError(f"The process that reads files failed: {done.stderr.decode(errors='replace')[-500:]}")
    return Parsed.from_json(json.loads(done.stdout))


def _refused(why: str) -> Parsed:
    return Parsed(faults=[Remark(0, "", f"{why}: split the file.")])


# --- inside the process -----------------------------------------------------------------------------------------------


def main() -> None:
    ending, cpu_seconds = sys.argv[1:]
    lower_limits(int(cpu_seconds))
    try:
        reply = json.dumps(asdict(parse_here(f"file{ending}", sys.stdin.buffer.read())))
    except MemoryError:
        os._exit(TOO_LARGE)
    sys.stdout.write(reply)
    sys.stdout.flush()
    os._exit(0)  # nothing is worth tidying up


def lower_limits(cpu_seconds: int) -> None:
    limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NPROC: 0, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # macOS refuses it
        limits[resource.RLIMIT_AS] = MEMORY_BYTES
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))  # SIGXCPU at the first


if __name__ == "__main__":
    main()
