"""Queuing a Celery task after the commit: by everybody who changes what a task looks at."""

import logging
import time

from django.db import transaction

log = logging.getLogger(__name__)

# After a failed publish the broker is left alone for this long: one request waits for it, not every request.
BROKER_REST_SECONDS = 10
_broker_rests_until = 0.0  # 0: it answered when it was last asked


def publish(task, *args: int) -> None:
    """Queues a task after the commit. Never raises and takes at most about a second: the row is the outbox."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task, args: tuple[int, ...]) -> None:
    global _broker_rests_until
    if time.monotonic() < _broker_rests_until:
        return
    if _broker_rests_until:  # it was away: this request tries it again, the others need not wait beside it
        _broker_rests_until = time.monotonic() + BROKER_REST_SECONDS
    try:
        task.apply_async(args=args)
        _broker_rests_until = 0.0
    except Exception as error:  # whatever a broker may raise, the answer is stored and the sweep will come
        _broker_rests_until = time.monotonic() + BROKER_REST_SECONDS
        log.warning("%s%s was not queued (%s); the sweep will do it.", task.name, args, error)
