"""What PostgreSQL and Valkey have in common: a folder, its lock, a socket in it, a process that is kept running."""

import fcntl
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from config.children import child_options

START_SECONDS = 60
STOP_SECONDS = 10


class ServerError(SystemExit):
    """A server that does not start; uncaught, its message is the last thing the command says."""


class Server:
    """One server and its folder. `lock` and `process` are set only in the process that started it."""

    name: str
    variable: str  # of the environment
    stop_signal: signal.Signals

    def __init__(self, data: Path, *, scratch: bool) -> None:
        self.folder = data / self.name
        self.scratch = scratch  # thrown away afterwards: no need to reach the disk
        self.log = data / f"{self.name}.log"
        self.lock_file = data / f"{self.name}.lock"
        self.lock: int | None = None
        self.process: subprocess.Popen | None = None
        self.become: Callable[[], None] | None = None

    @classmethod
    def is_named(cls) -> bool:
        """Does the environment say where one runs?"""
        return bool(os.environ.get(cls.variable))

    def url(self) -> str:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def command(self) -> list[str | Path]:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the folder ready for `command`. Runs under the lock, before the first start."""
        self.folder.mkdir(exist_ok=True)

    @property
    def sockets(self) -> Path:
        """The socket's folder. A socket's path has room for about 100 bytes, and no URL escapes this one."""
        folder = self.folder.resolve()
        if re.fullmatch(r"[\w./-]{1,79}", str(folder), re.ASCII):
            return folder
        return Path(tempfile.gettempdir()) / f"holdout-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}"

    def claim(self) -> bool:
        lock = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        os.ftruncate(lock, 0)
        self.lock = lock
        return True

    def claim_or_share(self) -> None:
        """Return with the lock in hand, or when the server of another process answers and is not about to end."""
        deadline = time.monotonic() + START_SECONDS
        while not self.claim():
            if self.answers() and not self.lock_file.read_bytes():
                return
            if time.monotonic() > deadline:
                raise ServerError(f"{self.lock_file} is locked, but no {self.name} answers; see {self.log}")
            time.sleep(0.05)

    def start(self) -> None:
        self.prepare()
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.sockets.lstat().st_uid != self.folder.stat().st_uid:
            raise ServerError(f"{self.sockets} belongs to somebody else")
        self.launch()

    def launch(self) -> None:
        """Start the process and wait until it answers.

        Several tries: after a kill -9 PostgreSQL waits until the last backend of its predecessor has gone.
        """
        deadline = time.monotonic() + START_SECONDS
        tries = 0
        while not self.answers():
            if self.process is None or self.process.poll() is not None:
                tries += 1
                if tries > 10:
                    raise ServerError(f"{self.name} does not start:\n{self._last_words()}")
                time.sleep(0 if tries == 1 else 0.5)
                self.process = self._spawn(self.command())
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} does not answer:\n{self._last_words()}")
            time.sleep(0.02)

    def make_sure(self) -> None:
        """Return when it answers, whoever runs it."""
        if self.lock is None:
            self.claim_or_share()
        if self.lock is not None and not self.answers():
            self.start()

    def keep_running(self) -> None:
        """Start the server again if it has died, or if the process that we shared it with has gone."""
        if self.process is not None and self.process.poll() is not None:
            sys.stdout.write(f"{self.name} ended ({self.process.returncode}), starting it again\n")
            self.launch()
        elif self.lock is None and self.claim():
            sys.stdout.write(f"the process that ran {self.name} has gone, starting it here\n")
            self.start()

    def say_that_it_ends(self) -> None:
        """So that nobody shares it any more."""
        if self.lock is not None:
            os.pwrite(self.lock, b"ends", 0)

    def stop(self) -> None:
        self.say_that_it_ends()
        if self.process is not None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.lock is not None:
            if self.sockets != self.folder.resolve():
                with suppress(OSError):
                    self.sockets.rmdir()
            os.close(self.lock)
            self.lock = None

    def _spawn(self, command: list[str | Path], stdin: int = subprocess.DEVNULL) -> subprocess.Popen:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=stdin,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | {"LC_ALL": "C"},
                pass_fds=[self.lock],
                **child_options(self.stop_signal, become=self.become),
            )

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
