"""PostgreSQL refuses to run as root: two ways for its process to be `nobody` instead."""

import ctypes
import os
import pwd
import subprocess
from pathlib import Path

CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


def become_nobody_in_namespace() -> None:
    """Enter a user namespace that shows our uid 0 as `nobody`: the files stay root's, nothing is chowned."""
    nobody, uid, gid = pwd.getpwnam("nobody"), os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody.pw_uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{nobody.pw_gid} {gid} 1")


def become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def namespace_works(program: Path, folder: Path) -> bool:
    """False in a default container, and where the path is not root's own: there root is an ordinary user."""
    test = ["/bin/sh", "-c", 'test -x "$0" && test -w "$1"', program, folder]
    try:
        probe = subprocess.run(test, check=False, preexec_fn=become_nobody_in_namespace)  # noqa: S603
    except subprocess.SubprocessError:
        return False
    return probe.returncode == 0
