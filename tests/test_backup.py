"""The backup and restore scripts, run as docs/operating.md says, on a database with a history."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from config.embedded.postgres import pg_bin
from interviews.report import compiling
from tests.factories import make_candidate, make_finished_interview, make_interview, write

DEPLOY = Path(__file__).parent.parent / "deploy"
RESTORED = "holdout_restored"


def connection_variables(database: str) -> dict[str, str]:
    """libpq's names for where the test's database is."""
    settings = connection.settings_dict
    wanted = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    found = {name: str(settings[key]) for name, key in wanted.items() if settings[key]}
    return found | {"PGDATABASE": database}


def connect(database: str) -> psycopg.Connection:
    variables = connection_variables(database)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return psycopg.connect(**{name: variables.get(key) for name, key in names.items()}, autocommit=True)


def run(script: str, argument: Path, *, database: str) -> subprocess.CompletedProcess:
    # Debian's of the same version as the server: a newer pg_dump writes what an older server does not understand.
    own = Path(f"/usr/lib/postgresql/{connection.pg_version // 10_000}/bin")
    programs = own if own.exists() else pg_bin()
    return subprocess.run(
        [DEPLOY / script, argument],
        env={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", **connection_variables(database)},
        capture_output=True,
        text=True,
        check=False,
    )


GUARDS = {
    # Not the text of a CHECK, and indexes without casts: PostgreSQL spells them differently when it reads its own dump.
    "constraints": "SELECT conname, contype, convalidated FROM pg_constraint ORDER BY 1, 2",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "indexes": r"SELECT regexp_replace(indexdef, '::[a-z ]+(\[\])?|[()]', '', 'g') FROM pg_indexes "
    "WHERE schemaname = 'public' ORDER BY 1",
    "sequences": "SELECT sequencename || coalesce(last_value, 0) FROM pg_sequences ORDER BY 1",
}


def contents(database: str) -> dict[str, list]:
    """A fingerprint of every table's rows, and what guards them."""
    with connect(database) as there:
        names = [name for (name,) in there.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        fingerprint = sql.SQL("SELECT count(*), md5(string_agg(r::text, ',' ORDER BY r::text)) FROM {} r")
        tables = {name: there.execute(fingerprint.format(sql.Identifier(name))).fetchall() for name in names}
        return tables | {what: there.execute(query).fetchall() for what, query in GUARDS.items()}


@pytest.fixture
def history(transactional_db):
    candidate = make_candidate(email="ada@example.com")
    now = timezone.now()
    make_finished_interview(candidate=candidate, now=now)
    write(make_interview(now=now), 1, "Ümlauts, 数学 and a 'quote'\nin two lines", now=now)
    compiling.compile_requested(candidate.pk, now=now)


@pytest.fixture
def elsewhere(history):
    """An empty database beside the test's own."""
    with connect("postgres") as server:
        server.execute(f"DROP DATABASE IF EXISTS {RESTORED} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {RESTORED} TEMPLATE template0")
        yield server
        server.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def newest_dump(folder: Path, *, database: str) -> Path:
    backup = run("backup.sh", folder, database=database)
    assert backup.returncode == 0, backup.stderr
    return Path(backup.stdout.strip())


def test_what_was_dropped_comes_back_from_a_dump_table_by_table(elsewhere, tmp_path):
    own = connection.settings_dict["NAME"]
    first = run("restore.sh", newest_dump(tmp_path, database=own), database=RESTORED)
    assert first.returncode == 0, first.stderr
    before = contents(RESTORED)
    assert before == contents(own)
    assert before["interviews_answerrevision"][0][0] > 0
    assert before["interviews_weaknessreport"][0][0] == 1

    dump = newest_dump(tmp_path / "second", database=RESTORED)
    elsewhere.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")
    elsewhere.execute(f"CREATE DATABASE {RESTORED} TEMPLATE template0")
    assert contents(RESTORED) != before
    second = run("restore.sh", dump, database=RESTORED)
    assert second.returncode == 0, second.stderr
    assert contents(RESTORED) == before


def test_a_restored_history_is_still_append_only(elsewhere, tmp_path):
    run("restore.sh", newest_dump(tmp_path, database=connection.settings_dict["NAME"]), database=RESTORED)
    with connect(RESTORED) as restored, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        restored.execute("UPDATE interviews_answerrevision SET rev = 99")


def test_a_restore_never_touches_a_database_that_holds_something(elsewhere, tmp_path):
    own = connection.settings_dict["NAME"]
    before = contents(own)
    refused = run("restore.sh", newest_dump(tmp_path, database=own), database=own)
    assert refused.returncode == 1
    assert "already holds" in refused.stderr
    assert contents(own) == before


def test_a_damaged_dump_is_refused_and_changes_nothing(elsewhere, tmp_path):
    dump = newest_dump(tmp_path, database=connection.settings_dict["NAME"])
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])
    assert run("restore.sh", dump, database=RESTORED).returncode != 0
    dump.with_name(dump.name + ".sha256").unlink()  # half a dump without its sum, too
    assert run("restore.sh", dump, database=RESTORED).returncode != 0
    with connect(RESTORED) as restored:
        tables = restored.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    failed = run("backup.sh", tmp_path, database="there_is_no_such_database")
    assert failed.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_old_dumps_go_and_new_ones_stay(history, tmp_path):
    old = tmp_path / "holdout-20200101T000000Z.dump"
    old.touch()
    os.utime(old, (0, 0))
    assert newest_dump(tmp_path, database=connection.settings_dict["NAME"]).exists()
    assert not old.exists()
