"""A site of its own for a benchmark: an empty database beside DATABASE_URL's, settings as in production, gunicorn."""

import http.client
import logging
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import environ
import psycopg
from psycopg import sql

from config.children import child_options

SESSION_COOKIE = "__Host-sessionid"
CSRF_COOKIE = "__Host-csrftoken"
TOKEN = secrets.token_hex(16)  # the CSRF cookie and the header need only agree


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class own_database:
    """An empty database, which replaces DATABASE_URL's in the environment; dropped by close()."""

    def __init__(self, name: str) -> None:
        self.name = name
        url = os.environ["DATABASE_URL"]
        server = environ.Env.db_url_config(url)
        self.server = {
            "host": server["HOST"] or None,
            "port": server["PORT"] or None,
            "user": server["USER"] or None,
            "password": server["PASSWORD"] or None,
            "dbname": server["NAME"],
        }
        self.close()
        self._execute("CREATE DATABASE {}")
        os.environ["DATABASE_URL"] = re.sub("[^/]+$", name, url)

    def close(self) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(**self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))


def prepare_site(folder: str) -> None:
    """Settings as in production, the tables, the catalog, the static files. Before any import of the site's models."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "SLOW_QUERY_MS": "10000",
        "SECOND_FACTOR_REQUIRED": "false",
        "SAVES_PER_SECOND": "1000",  # a benchmark's few people save for many
        "STATIC_ROOT": f"{folder}/static",
    }
    import django

    django.setup()
    logging.disable(logging.INFO)  # here; gunicorn writes its log as always
    from django.core.management import call_command

    for command in ("migrate", "createcachetable", "load_catalog"):
        call_command(command, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def session_of(person) -> str:
    """The key of a session in which the person is logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["began_at"] = session["seen_at"] = int(time.time())
    session.save()
    session["listed_as"] = session.session_key  # a log-in lists its device: no later request has to
    session.save()
    return session.session_key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(port: int, log: Path, *, settings: str = "config.settings") -> subprocess.Popen:
    command = ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as output:
        web = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *command],
            stdout=output,
            stderr=output,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": settings},
            **child_options(signal.SIGTERM),
        )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and web.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/accounts/login/")
            if connection.getresponse().status == 200:
                return web
        time.sleep(0.2)
    sys.exit("gunicorn does not answer:\n" + "\n".join(log.read_text().splitlines()[-8:]))
