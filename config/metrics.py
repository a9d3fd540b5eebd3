"""Prometheus metrics: what requests did, and what waits to be done.

Requests are counted by prometheus-client, because the site runs in several processes and a scrape reaches
one of them: its multiprocess files add them up (config/gunicorn.py). What waits is read from PostgreSQL and
the broker at the scrape, and is the same whichever process answers.
"""

import hmac
import os
import time

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from config.backlog import backlog, queue_depth

REQUESTS = Counter("holdout_requests", "Requests answered.", ["view", "method", "status"])
SECONDS = Histogram(
    "holdout_request_seconds",
    "Time to answer a request.",
    ["view"],
    buckets=[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
)
REFUSED = Counter("holdout_saves_refused", "Answers that were not taken, and why.", ["reason"])
TAKES_ANSWERS = {"interviews:save", "interviews:submit", "interviews:skip", "interviews:finish"}
REASONS = {
    401: "signed out",
    403: "forged or stale token",
    404: "no such question",
    409: "another page has taken over",
    413: "too large",
    422: "not valid",
    429: "too many",
    503: "database away or busy",
}


def count(request: HttpRequest, view: str, status: int, seconds: float) -> None:
    REQUESTS.labels(view, request.method if request.method in ("GET", "HEAD", "POST") else "other", status).inc()
    SECONDS.labels(view).observe(seconds)
    if status >= 400 and view in TAKES_ANSWERS:
        REFUSED.labels(REASONS.get(status, str(status))).inc()


def metrics(request: HttpRequest) -> HttpResponse:
    """404 unless METRICS_TOKEN is set and sent as a bearer token."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponseNotFound()
    registry = CollectorRegistry()
    registry.register(Waiting())
    text = generate_latest(registry) + generate_latest(all_processes())
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def all_processes() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # one process, as under runserver and in tests
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


class Waiting:
    """A Prometheus collector of what waits."""

    def collect(self):
        started = time.monotonic()
        try:
            found = backlog(timezone.now())
        except DatabaseError:
            yield GaugeMetricFamily("holdout_database_up", "1 when PostgreSQL answers.", 0)
        else:
            yield GaugeMetricFamily("holdout_database_up", "1 when PostgreSQL answers.", 1)
            yield GaugeMetricFamily(
                "holdout_sweep_lag_seconds", "How long the longest overdue interview waits.", found.overdue_seconds
            )
            yield GaugeMetricFamily("holdout_interviews_unscored", "Submitted, not yet scored.", found.unscored)
            yield GaugeMetricFamily("holdout_answers_not_run", "Unscored because the engine failed.", found.not_run)
            yield GaugeMetricFamily("holdout_reports_pending", "Reports asked for.", found.reports_pending)
            yield GaugeMetricFamily(
                "holdout_report_wait_seconds", "How long the longest asked-for report waits.", found.report_wait_seconds
            )
            yield GaugeMetricFamily(
                "holdout_speech_lag_seconds", "How long the longest waiting recording waits.", found.speech_wait_seconds
            )
            yield GaugeMetricFamily("holdout_given_up", "What was left alone after three failures.", found.given_up)
        depth = queue_depth()
        yield GaugeMetricFamily("holdout_broker_up", "1 when the broker answers.", int(depth is not None))
        yield GaugeMetricFamily("holdout_queue_depth", "Messages that wait for a worker.", depth or 0)
        runs = queue_depth(settings.RUNNING_QUEUE) if depth is not None else None
        yield GaugeMetricFamily("holdout_running_queue_depth", "Interviews whose answers wait to be run.", runs or 0)
        spoken = queue_depth(settings.SPEECH_QUEUE) if depth is not None else None
        yield GaugeMetricFamily("holdout_speech_queue_depth", "Recordings that wait to be transcribed.", spoken or 0)
        yield GaugeMetricFamily("holdout_scrape_seconds", "Time this took.", time.monotonic() - started)
