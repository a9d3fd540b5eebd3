"""Child processes that end with us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

ROOT_IS_USUAL_IN_A_CONTAINER = "ignore:You're running the worker with superuser privileges"
# A part that keeps failing is tried again after 1, 2, 4 and then every 8 seconds.
MAX_PAUSE_SECONDS = 8
STEADY_SECONDS = 20
STOP_SECONDS = 25  # a worker gives a task in the middle 20 (config/celeryconfig.py)
PATIENCE_SECONDS = 3


def child_options(
    death_signal: signal.Signals, *, become: Callable[[], None] | None = None, group: int = 0, niceness: int = 0
) -> dict:
    """Popen arguments of a child that a terminal's Ctrl-C does not reach and that does not outlive us.

    Linux only: elsewhere a child survives our kill -9. The kernel watches the thread that starts the child,
    so start children from the main thread.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if become:
            become()  # first: a change of identity clears the death signal
        os.nice(niceness)
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return {"process_group": group, "preexec_fn": before_exec}


class Child:
    """One part of the site, in a process group of its own together with a guard.

    Our death asks the part to end, but a worker in the middle of a task takes its time: so the guard, whose
    standard input ends with us, kills the group a second later.
    """

    GUARD = ["/bin/sh", "-c", "read -r _; sleep 1; kill -KILL 0"]

    def __init__(
        self, name: str, role: str, command: list[str], *, keeps: tuple[int, ...] = (), niceness: int = 0
    ) -> None:
        """`command`: a Python module and its arguments. `keeps`: open files that it inherits."""
        self.name, self.role, self.command, self.keeps, self.niceness = name, role, command, keeps, niceness
        self.pause_seconds = 1
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.ended_at: float | None = None
        self.guard = subprocess.Popen(self.GUARD, stdin=subprocess.PIPE, process_group=0)  # noqa: S603
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-W", ROOT_IS_USUAL_IN_A_CONTAINER, "-m", *self.command],
            stdin=subprocess.DEVNULL,
            env=os.environ | {"HOLDOUT_ROLE": self.role},
            pass_fds=self.keeps,
            **child_options(signal.SIGTERM, group=self.guard.pid, niceness=self.niceness),
        )

    def keep_running(self) -> None:
        now = time.monotonic()
        if self.ended_at is None and self.process.poll() is not None:
            self.ended_at = now
            self.kill()  # the guard, and what a killed master has left behind
            if now - self.started_at > STEADY_SECONDS:
                self.pause_seconds = 1
            say(f"{self.name} ended ({self.process.returncode}); it starts again in {self.pause_seconds} s")
        elif self.ended_at is not None and now - self.ended_at >= self.pause_seconds:
            self.pause_seconds = min(2 * self.pause_seconds, MAX_PAUSE_SECONDS)
            self.start()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.guard.pid, signal.SIGKILL)
        self.guard.communicate()
        self.process.wait()


def stop(children: list[Child]) -> None:
    """Let them end; kill what does not, after STOP_SECONDS or at once when we are interrupted again."""
    try:
        for child in children:
            child.process.terminate()
        if left := wait_for(children, PATIENCE_SECONDS):
            say(f"Waiting for {left} to end. Ctrl-C again does not wait.")
        if left := wait_for(children, STOP_SECONDS - PATIENCE_SECONDS):
            say(f"./dev run: not everything ended by itself: {left} did not")
    finally:
        for child in children:
            child.kill()


def wait_for(children: list[Child], seconds: float) -> str:
    """The names of those that have not ended by then."""
    deadline = time.monotonic() + seconds
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0, deadline - time.monotonic()))
    return ", ".join(child.name for child in children if child.process.poll() is None)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
