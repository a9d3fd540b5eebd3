"""Child processes that end with us."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def child_options(death_signal: signal.Signals, *, become: Callable[[], None] | None = None, group: int = 0) -> dict:
    """Popen arguments of a child that a terminal's Ctrl-C does not reach and that does not outlive us.

    Linux only: elsewhere a child survives our kill -9. The kernel watches the thread that starts the child,
    so start children from the main thread.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if become:
            become()  # first: a change of identity clears the death signal
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return {"process_group": group, "preexec_fn": before_exec}
