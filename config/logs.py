"""Logs: one JSON object a line, with the request's id, and nothing that people wrote.

Left out on purpose: paths (they can hold the token of a password reset), query strings, bodies, SQL
parameters, and the messages of exceptions that may quote what somebody typed.
"""

import json
import logging
import re
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.urls import Resolver404, resolve

queries = logging.getLogger("holdout.slow_queries")
request_id: ContextVar[str] = ContextVar("request_id", default="")

# These speak of machines; any other exception's message may quote an answer.
SPEAK_OF_MACHINES = (OperationalError, InterfaceError, ImproperlyConfigured, OSError)
E_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+")


def logging_options(*, plain: bool, level: str) -> dict:
    """Django's LOGGING. `plain`: for the eyes of somebody who develops, and without a line for each request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "config.logs.JSONFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain" if plain else "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Its own handlers would log twice, and mail the admins what a traceback holds.
            "django": {"handlers": [], "propagate": True},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners, by the thousand
            "holdout.requests": {"level": "WARNING" if plain else "INFO"},
            "holdout.security": {"level": "WARNING" if plain else "INFO"},
            "celery": {"level": "WARNING"},
            "waitress": {"level": "WARNING"},  # it names the path when somebody goes away
            "waitress.queue": {"level": "ERROR"},  # each request that waits for a thread
        },
    }


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": E_MAIL.sub("<e-mail>", self.message(record)),
            "request_id": request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = E_MAIL.sub("<e-mail>", exception_text(record.exc_info[1]))
        return json.dumps({key: value for key, value in line.items() if value != ""}, default=str)

    def message(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):  # Django's own loggers name the path
            view = view_name(request)
            record.args = tuple(view if arg == request.path else arg for arg in record.args or ())
        if record.name == "celery.app.trace" and record.exc_info:  # it quotes the exception
            return f"Task {record.args['name']}[{record.args['id']}] failed"
        if record.name == "waitress" and record.exc_info:  # it names the path
            return "An answer broke off"
        return record.getMessage()


def exception_text(error: BaseException) -> str:
    """Where it happened and what it was, with its message only where that cannot quote anybody."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    said = f": {error}" if isinstance(error, SPEAK_OF_MACHINES) else ""
    diagnosis = getattr(error.__cause__, "diag", None)  # psycopg's; its message may quote a value
    hints = [diagnosis.sqlstate, diagnosis.table_name, diagnosis.constraint_name] if diagnosis else []
    return "\n".join([*frames, " ".join([type(error).__name__ + said, *filter(None, hints)])])


def view_name(request: HttpRequest) -> str:
    """The view's name in the URLconf, the same for every interview; "unknown" where there is none."""
    match = request.resolver_match
    if match is None:  # refused by a middleware before it was resolved
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "unknown"
    return match.view_name or "unknown"


class SlowQueries:
    """Logs statements over a limit with their placeholders.

    PostgreSQL's own slow-query log would hold answers: psycopg sends the values inside the statement.
    """

    def __init__(self, limit_ms: int) -> None:
        self.limit_ms = limit_ms

    def __call__(self, execute, sql, params, many, context):
        started = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            ms = round((time.monotonic() - started) * 1000)
            if ms >= self.limit_ms:
                queries.warning("Slow query", extra={"fields": {"ms": ms, "sql": str(sql)[:2000]}})


def watch_queries(connection, **kwargs) -> None:
    """Receives Django's connection_created."""
    if not any(isinstance(wrapper, SlowQueries) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(SlowQueries(settings.SLOW_QUERY_MS))
