"""Health, metrics, logs, limits: what an operator relies on."""

import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils import timezone

from config import health
from config.logs import JSONFormatter, SlowQueries
from config.management.commands import prepare_database
from config.urls import urlpatterns as real_urlpatterns
from interviews.sitting.models import Interview
from tests.factories import make_interview, make_version

pytestmark = pytest.mark.django_db

CANARY = "a canary of an answer"


@login_not_required
def breaks(request: HttpRequest, token: str):
    raise ValueError(f"{CANARY} by ada@example.com")


@login_not_required
def takes_long(request: HttpRequest):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5), %s", [CANARY])


urlpatterns = [
    path("breaks/<str:token>/", breaks, name="breaks"),
    path("takes-long/", takes_long, name="takes_long"),
    *real_urlpatterns,
]


@pytest.fixture
def log():
    """Everything that is logged, as production would write it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    names = ("", "holdout.requests")
    levels = {name: logging.getLogger(name).level for name in names}
    logging.getLogger().addHandler(handler)
    logging.getLogger("holdout.requests").setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def ready(client: Client) -> tuple[int, dict]:
    response = client.get("/readyz")
    return response.status_code, response.json()


# --- /healthz, /readyz, doctor --------------------------------------------------------------------


def test_a_working_site_is_ready(client):
    status, body = ready(client)
    assert (status, body["status"]) == (200, "ok")
    assert body["oldest_overdue_seconds"] == 0


@pytest.fixture
def frozen_broker():
    """It accepts, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def refused_broker() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("broker", ["refused", "frozen"])
def test_a_broker_that_is_away_degrades_and_costs_less_than_a_second(client, frozen_broker, broker):
    url = frozen_broker if broker == "frozen" else refused_broker()
    started = time.monotonic()
    with override_settings(REDIS_URL=url):
        status, body = ready(client)
    assert (status, body["status"], body["queue_depth"]) == (200, "degraded", None)
    assert time.monotonic() - started < 1.5  # the broker's second, and what a busy machine adds


@override_settings(REDIS_URL="redis://valkey:6379/0")
def test_a_broker_name_that_takes_long_to_look_up_costs_less_than_a_second(client):
    def unknown_after_a_while(*_, **__):
        time.sleep(3)
        raise socket.gaierror

    started = time.monotonic()
    with patch("socket.getaddrinfo", unknown_after_a_while):
        status, body = ready(client)
    assert (status, body["status"]) == (200, "degraded")
    assert time.monotonic() - started < 1.5


def test_an_interview_that_no_sweep_ends_makes_the_site_unready(client):
    interview = make_interview(now=timezone.now())
    late = timezone.now() - timedelta(seconds=health.OVERDUE_SECONDS - 20)
    Interview.objects.filter(pk=interview.pk).update(expires_at=late)
    assert ready(client)[0] == 200
    Interview.objects.filter(pk=interview.pk).update(expires_at=late - timedelta(seconds=40))
    status, body = ready(client)
    assert (status, body["status"]) == (503, "failed")
    assert 130 <= body["oldest_overdue_seconds"] <= 200
    call_command("sweep")
    assert ready(client)[0] == 200


def test_a_missing_migration_makes_the_site_unready_and_is_named(client):
    MigrationRecorder(connection).record_unapplied("interviews", "0002_append_only")
    status, body = ready(client)
    assert status == 503
    assert body["unapplied_migrations"] == ["interviews.0002_append_only"]


@pytest.mark.parametrize(("number", "status", "said"), [(150000, 200, "15.0"), (140012, 503, "14.12")])
def test_a_postgresql_that_is_too_old_makes_the_site_unready_and_is_named(client, monkeypatch, number, status, said):
    monkeypatch.setattr(connection, "pg_version", number)
    found, body = ready(client)
    assert (found, body["postgres_version"]) == (status, said)
    assert ("unapplied_migrations" in body) == (status == 200)


def test_a_postgresql_that_is_too_old_is_not_prepared(monkeypatch):
    monkeypatch.setattr(connection, "pg_version", 140012)
    with pytest.raises(CommandError, match=r"This is PostgreSQL 14.12. Holdout needs PostgreSQL 15 or newer"):
        call_command("prepare_database")


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_to_prepare_does_not_hold_up_an_index_that_is_built_concurrently(monkeypatch):
    """Each would wait for the other, until PostgreSQL breaks one of them off in the middle of its migration."""
    done = []
    monkeypatch.setattr(prepare_database, "call_command", lambda name, **_: done.append(name))

    def prepare():
        try:
            call_command("prepare_database")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
        assert prepare_database.lock(cursor)
        try:
            second = pool.submit(prepare)
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()"
            while not second.done():
                cursor.execute(waiting, ["SELECT pg_%advisory_lock(%"])
                if cursor.fetchone()[0]:
                    break
            cursor.execute("CREATE INDEX CONCURRENTLY scratch ON accounts_user (date_joined)")
            cursor.execute("DROP INDEX scratch")
            assert done == []
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [prepare_database.ADVISORY_LOCK])
        second.result()
    assert done == ["migrate", "createcachetable", "load_catalog"]


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (1, 503), (-1, 503)])
def test_a_clock_that_differs_from_the_databases_makes_the_site_unready(client, hours, status):
    real = timezone.now
    with patch.object(health.timezone, "now", lambda: real() + timedelta(hours=hours)):
        assert client.get("/readyz").status_code == status


def test_the_health_check_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz", headers={"host": "10.0.0.7"}).json() == {"status": "ok"}


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it():
    out = StringIO()
    with pytest.raises(CommandError, match="published_questions"):  # the test's database has no catalog
        call_command("doctor", stdout=out)
    assert "load_catalog" in out.getvalue()
    make_version()
    call_command("doctor", stdout=out)


# --- errors and logs ------------------------------------------------------------------------------


@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
def test_an_error_page_is_calm_and_the_log_says_where_but_not_what_was_written(log):
    client = Client(raise_request_exception=False)
    page = client.get("/breaks/a-secret-token/?answer=typed")
    assert page.status_code == 500
    assert "went wrong on our side" in page.content.decode()
    for secret in (CANARY, "Traceback", "ValueError"):
        assert secret not in page.content.decode()
    (error,) = [line for line in log() if line["level"] == "ERROR"]
    assert "test_operations.py" in error["exception"]
    assert "ValueError" in error["exception"]
    (request,) = [line for line in log() if line["logger"] == "holdout.requests"]
    assert error["request_id"] == request["request_id"] == page["X-Request-Id"]
    for secret in (CANARY, "a-secret-token", "ada@example.com", "typed"):
        assert secret not in json.dumps(log())


@override_settings(ROOT_URLCONF=__name__)
def test_a_statement_over_its_limit_answers_503_and_says_when_to_try_again():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
    for headers in ({}, {"hx-request": "true"}):
        response = Client(raise_request_exception=False).get("/takes-long/", headers=headers)
        assert (response.status_code, response["Retry-After"]) == (503, "1")
        assert CANARY not in response.content.decode()


def test_a_line_break_in_a_message_stays_within_its_line(log):
    logging.getLogger("anything").warning('one\n{"level": "forged"}')
    assert [line["level"] for line in log()] == ["WARNING"]


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_a_proxys_request_id_is_kept_and_a_strange_one_is_not(client):
    assert client.get("/", headers={"x-request-id": "0123-abcd-4567"})["X-Request-Id"] == "0123-abcd-4567"
    assert client.get("/", headers={"x-request-id": 'a b"c'})["X-Request-Id"] != 'a b"c'
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=0):
        assert client.get("/", headers={"x-request-id": "0123-abcd-4567"})["X-Request-Id"] != "0123-abcd-4567"


def test_a_slow_statement_is_logged_without_its_values(log):
    with connection.execute_wrapper(SlowQueries(20)), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05), %s", [CANARY])
        cursor.execute("SELECT 1")
    (line,) = [line for line in log() if line["logger"] == "holdout.slow_queries"]
    assert line["sql"] == "SELECT pg_sleep(0.05), %s"
    assert line["ms"] >= 50


def test_every_connection_is_watched_for_slow_statements():
    connection.ensure_connection()
    assert [type(wrapper) for wrapper in connection.execute_wrappers].count(SlowQueries) == 1


def test_a_request_holds_its_locks_for_fifteen_seconds_at_most():
    from config.wsgi import bound_transactions

    if connection.pg_version < 170000:
        pytest.skip("PostgreSQL has this limit from version 17 on")
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("0",)  # commands and workers take their time
        bound_transactions(connection)
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("15s",)
        cursor.execute("RESET transaction_timeout")
    assert connection_created.disconnect(bound_transactions)  # as gunicorn has it, but not for other tests


# --- metrics --------------------------------------------------------------------------------------


def scrape(client: Client) -> str:
    with override_settings(METRICS_TOKEN="a-token"):
        return client.get("/metrics", headers={"authorization": "Bearer a-token"}).content.decode()


def sample(text: str, name: str) -> float:
    return next((float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)), 0)


def test_metrics_are_not_there_without_a_token(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_what_waits_is_counted(client):
    interview = make_interview(now=timezone.now())
    Interview.objects.filter(pk=interview.pk).update(expires_at=timezone.now() - timedelta(seconds=60))
    submitted = make_interview(now=timezone.now())
    Interview.objects.filter(pk=submitted.pk).update(state="submitted", closed_at=timezone.now())
    text = scrape(client)
    assert 59 <= sample(text, "holdout_sweep_lag_seconds") <= 90
    assert sample(text, "holdout_interviews_unscored") == 1


def test_a_refused_save_is_counted_with_its_reason(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now())
    name = 'holdout_saves_refused_total{reason="not valid"}'
    before = sample(scrape(candidate_client), name)
    save = reverse("interviews:save", args=[interview.public_id, 1])
    answer = {"answer": "x", "rev": "1e3", "lease": interview.lease}
    assert candidate_client.post(save, answer, headers={"hx-request": "true"}).status_code == 422
    assert sample(scrape(candidate_client), name) == before + 1
