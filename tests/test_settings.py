"""Settings of production whose values were measured: to change one is a decision, not an accident."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.contrib.staticfiles import finders

from config.celery import app
from tests.production import CHECKOUT, compose_services, psycopg_url

SHOW = """
import json
from config import celery, settings
found = vars(settings) | dict(celery.app.conf)  # Django's names are upper case, Celery's lower
print(json.dumps(found, default=str))
"""
SECRET = "a-key-for-this-test-and-for-nothing-else-in-the-world"
EVERYWHERE = {
    "task_serializer": "json",
    "accept_content": ["json"],  # no pickle: a message runs no code
    "task_ignore_result": True,
    "timezone": "UTC",
    "enable_utc": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_soft_time_limit": 90,
    "task_time_limit": 120,
    "worker_max_tasks_per_child": 200,
    "worker_max_memory_per_child": 300_000,
    "worker_soft_shutdown_timeout": 20,
    "SESSION_ENGINE": "django.contrib.sessions.backends.db",  # in Redis, its loss logs everybody out
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_SAMESITE": "Lax",
    "SECURE_HSTS_SECONDS": 31_536_000,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 2_621_440,
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_LOGOUT_ON_GET": False,
    "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "SECOND_FACTOR_REQUIRED": True,
}
OF_THE_WEB = EVERYWHERE | {
    # A frozen Redis held `delay()` for ever with the defaults; so it holds it for a second.
    "broker_transport_options": {"socket_timeout": 1, "socket_connect_timeout": 1},
    "task_publish_retry": True,
    "task_publish_retry_policy": {
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    "broker_pool_acquire_timeout": 1,
}
OF_A_WORKER = EVERYWHERE | {
    "broker_transport_options": {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    },
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # with a number, a worker gives up after so many
}
ON_THE_SERVER = {
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "client_connection_check_interval": "2s",
}

HTMX = {
    "selfRequestsOnly": True,
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "historyRestoreAsHxRequest": False,
    "timeout": 8000,
}


def in_production(**variables: str) -> dict:
    """All settings, in a process of its own, as docker-compose.yml would make them."""
    given = {"PATH": os.environ["PATH"], "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "mock.example.com"}
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    process = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=CHECKOUT,
        env=given | servers | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(process.stdout)


@pytest.mark.parametrize(("role", "expected"), [("web", OF_THE_WEB), ("worker", OF_A_WORKER)])
def test_each_role_has_the_settings_that_were_measured(role, expected):
    found = in_production(HOLDOUT_ROLE=role)
    assert {name: found.get(name, "missing") for name in expected} == expected
    database = found["DATABASES"]["default"]
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (300, True)
    assert "pool" not in database["OPTIONS"]
    sweep = found["beat_schedule"]["sweep"]
    assert (sweep["schedule"], sweep["options"]) == (20.0, {"expires": 15})


@pytest.mark.parametrize(("role", "statement"), [("web", "5s"), ("worker", "1min")])
def test_the_server_knows_how_long_a_connection_of_each_role_may_take(role, statement):
    options = in_production(HOLDOUT_ROLE=role)["DATABASES"]["default"]["OPTIONS"]
    assert options["connect_timeout"] == 3
    with psycopg.connect(psycopg_url(os.environ["DATABASE_URL"]), **options) as connection:
        expected = ON_THE_SERVER | {"statement_timeout": statement, "application_name": f"holdout-{role}"}
        found = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in expected}
        assert found == expected


def test_htmx_is_version_2_and_runs_nothing_that_stands_in_a_page():
    """In version 4 `hx-disable`, which is around what curators write, means something else."""
    script = Path(finders.find("django_htmx/htmx-2.min.js")).read_text()
    assert re.search(r'version:"2\.0\.\d+"', script)
    page = (CHECKOUT / "templates/base.html").read_text()
    assert "django_htmx/htmx-2.min.js" in page
    found = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert {name: found[name] for name in HTMX} == HTMX


def test_whatever_curators_wrote_in_blocks_is_closed_to_htmx():
    """The second lock; the first is the sanitiser, which leaves no attribute that htmx reads."""
    pages = [
        path for path in (CHECKOUT / "templates").rglob("*.html") if not {"admin", "export", "anki"} & {*path.parts}
    ]
    blocks = [
        line for path in pages for line in path.read_text().splitlines() if re.search(r"(prompt|answer)_html", line)
    ]
    assert len(blocks) > 4
    for line in blocks:
        assert "safe" not in line or "hx-disable" in line, line


def test_a_message_is_given_to_another_worker_only_when_no_task_can_still_run():
    """Else a long one runs twice at once."""
    app.loader.import_default_modules()
    limits = [task.time_limit or app.conf.task_time_limit for task in app.tasks.values()]
    assert len(limits) > 10
    assert max(limits) < OF_A_WORKER["broker_transport_options"]["visibility_timeout"]


def test_the_broker_of_the_compose_file_keeps_its_messages_and_never_throws_one_away():
    given = dict.fromkeys(("SITE_ADDRESS", "ALLOWED_HOSTS", "EMAIL_URL"), "x") | {
        "SECRET_KEY": SECRET,
        "POSTGRES_PASSWORD": "none",
    }
    command = " ".join(compose_services(given)["valkey"]["command"])
    for option in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction"):
        assert option in command, option
