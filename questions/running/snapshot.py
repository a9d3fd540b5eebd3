"""The memory of an interpreter that has started: with it a run costs half a second of CPU instead of five.

A product of the build, never committed: `./dev` and the image make it, by `python -m questions.running.snapshot`.
"""

import hashlib
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from questions.running import parts
from questions.running.parts import EngineFault

FOLDER = parts.ROOT / ".build"
BUILD_SECONDS = 300


def path() -> Path:
    """It is named by what goes into it, so that an old one is never taken."""
    sources = [parts.HERE / "runner.js", parts.STATIC / "js" / "running" / "python.js", parts.PYODIDE / "SHA256SUMS"]
    made_from = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return FOLDER / f"python-{made_from[:12]}.snapshot"


def checksum_path(snapshot: Path) -> Path:
    return snapshot.with_suffix(".sha256")


def found() -> Path:
    """The snapshot, as it was written. Raises EngineFault when it is missing or damaged."""
    snapshot = path()
    try:
        state = snapshot.stat()
        written = checksum_path(snapshot).read_text().strip()
    except OSError as error:
        raise EngineFault("The Python snapshot is missing: python -m questions.running.snapshot") from error
    if checksum(snapshot, state.st_size, state.st_mtime_ns) != written:
        raise EngineFault("The Python snapshot is damaged: delete it, then python -m questions.running.snapshot")
    return snapshot


@lru_cache(maxsize=1)
def checksum(snapshot: Path, size: int, changed_at: int) -> str:
    """Read once a process, as long as the file stays the same."""
    return hashlib.sha256(snapshot.read_bytes()).hexdigest()


def build() -> None:
    """Makes it unless it is there. Raises EngineFault."""
    snapshot = path()
    if snapshot.exists() and checksum_path(snapshot).exists():
        return
    FOLDER.mkdir(exist_ok=True)
    unfinished = snapshot.with_suffix(f".{os.getpid()}")
    command = parts.runner(str(parts.STATIC / "vendor"), str(unfinished), "snapshot", may_read=[], may_write=unfinished)
    try:
        made = subprocess.run(  # noqa: S603 (our own files)
            command, capture_output=True, timeout=BUILD_SECONDS, env=parts.ENVIRONMENT, check=False
        )
        if made.returncode != 0:
            raise EngineFault(f"The Python snapshot could not be made: {made.stderr.decode(errors='replace')[-500:]}")
        for old in FOLDER.glob("python-*.s*"):
            old.unlink(missing_ok=True)
        checksum_path(snapshot).write_text(hashlib.sha256(unfinished.read_bytes()).hexdigest())
        unfinished.rename(snapshot)
    finally:
        unfinished.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        build()
    except EngineFault as fault:
        sys.stderr.write(f"Code is not run here: {fault}\n")
        sys.exit("--strict" in sys.argv)  # an image without it is not worth having; a laptop works without it
