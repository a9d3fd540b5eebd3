"""What waits to be done: the numbers behind /readyz, /metrics and `doctor`."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Thread

import redis
from amqp.exceptions import NotFound
from celery import current_app
from django.conf import settings
from django.db.models import F, Min
from redis.backoff import NoBackoff
from redis.retry import Retry

from interviews.records.models import DataExport
from interviews.sitting.models import EvidenceChange, Interview, InterviewEvent
from interviews.speech.models import Recording

BROKER_SECONDS = 0.8


@dataclass(frozen=True)
class Backlog:
    overdue_seconds: float  # how long the longest overdue interview has waited for the sweep
    unscored: int
    reports_pending: int
    report_wait_seconds: float  # how long ago the longest waiting report was asked for
    not_run: int  # answers without a score because the engine failed, which is our fault
    speech_wait_seconds: float  # how long the longest waiting recording has been whole
    given_up: int  # scorings, reports, exports and transcripts left alone after three tries


def backlog(now: datetime) -> Backlog:
    overdue_since = Interview.objects.overdue(now).values_list("expires_at", flat=True).first()
    pending = EvidenceChange.objects.pending()
    asked_at = pending.aggregate(oldest=Min("requested_at"))["oldest"]
    unscored = Interview.objects.unscored().count()
    submitted = Interview.objects.filter(state=Interview.State.SUBMITTED).count()
    failed_reports = EvidenceChange.objects.filter(served__lt=F("requested"), attempts__gte=EvidenceChange.MAX_ATTEMPTS)
    spoken_at = Recording.objects.unheard().aggregate(oldest=Min("finished_at"))["oldest"]
    failed_exports, failed_recordings = DataExport.objects.failed(now), Recording.objects.failed(now)
    return Backlog(
        overdue_seconds=(now - overdue_since).total_seconds() if overdue_since else 0,
        unscored=unscored,
        reports_pending=pending.count(),
        report_wait_seconds=(now - asked_at).total_seconds() if asked_at else 0,
        not_run=InterviewEvent.objects.not_run().count(),
        speech_wait_seconds=(now - spoken_at).total_seconds() if spoken_at else 0,
        given_up=submitted - unscored + failed_reports.count() + failed_exports.count() + failed_recordings.count(),
    )


def queue_depth(queue: str = "celery") -> int | None:
    """Messages that wait for a worker; None when the broker does not answer within a second.

    In a thread of its own, because no time-out bounds the look-up of a host name.
    """
    depths: list[int] = []
    asking = Thread(target=lambda: depths.append(_ask_broker(queue)), daemon=True)
    asking.start()
    asking.join(BROKER_SECONDS)
    return depths[0] if depths and depths[0] >= 0 else None


def _ask_broker(queue: str) -> int:
    """-1: it does not answer."""
    if settings.RABBITMQ_URL:
        return _ask_rabbitmq(queue)
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_SECONDS / 2,
        socket_connect_timeout=BROKER_SECONDS / 2,
        retry=Retry(NoBackoff(), 0),  # redis-py's default tries again for seconds
    )
    try:
        return client.llen(queue)
    except (redis.RedisError, OSError):
        return -1
    finally:
        client.close()


def _ask_rabbitmq(queue: str) -> int:
    with suppress(Exception), current_app.connection_for_write() as connection:
        try:
            return connection.channel().queue_declare(queue, passive=True).message_count
        except NotFound:  # before the first worker and the first message
            return 0
    return -1
