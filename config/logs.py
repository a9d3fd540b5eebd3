"""Logs: one JSON object a line, with the request's id, and nothing that people wrote.

Left out on purpose: paths (they can hold the token of a password reset), query strings, bodies, SQL
parameters, and the messages of exceptions that may quote what somebody typed.
"""

import json
import logging
import re
import secrets
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from config import metrics

requests = logging.getLogger("holdout.requests")
queries = logging.getLogger("holdout.slow_queries")
request_id: ContextVar[str] = ContextVar("request_id", default="")

# These speak of machines; any other exception's message may quote an answer.
SPEAK_OF_MACHINES = (OperationalError, InterfaceError, ImproperlyConfigured, OSError)
E_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+")
PROXYS_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


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
        if isinstance(getattr(record, "exc_info", None), tuple) and issubclass(record.exc_info[0], DisallowedHost):
            return "A request for a host that is not ours"
        return record.getMessage()


def exception_text(error: BaseException) -> str:
    """Where it happened and what it was, with its message only where that cannot quote anybody."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    said = f": {error}" if isinstance(error, SPEAK_OF_MACHINES) else ""
    cause = error.__cause__ or error.__context__
    diagnosis = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return "\n".join([*frames, type(error).__name__ + said + (f" [{diagnosis}]" if diagnosis else "")])


def view_name(request: HttpRequest) -> str:
    """The view's name in the URLconf, the same for every interview; "unknown" where there is none."""
    match = request.resolver_match
    if match is None:  # refused by a middleware before it was resolved
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "unknown"
    return match.view_name or "unknown"


class RequestLog:
    """Gives each request an id, logs it and counts it. A proxy's X-Request-Id is kept where a proxy is trusted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        proxys = request.headers.get("X-Request-Id", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        token = request_id.set(proxys if PROXYS_ID.fullmatch(proxys) else secrets.token_hex(8))
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            self.record(request, response, time.monotonic() - started)
            return response
        finally:
            request_id.reset(token)

    def record(self, request, response, seconds: float) -> None:
        view = view_name(request)
        metrics.count(request, view, response.status_code, seconds)
        user = getattr(request, "user", None)
        fields = {
            "view": view,
            "method": request.method,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "user": user.pk if user is not None and user.is_authenticated else "",
        }
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        requests.log(level, "%s %s %d", request.method, view, response.status_code, extra={"fields": fields})


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
