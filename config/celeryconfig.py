"""Celery's options (config/celery.py reads them), and what beat starts when."""

from urllib.parse import parse_qs, urlsplit

from celery.schedules import crontab
from django.conf import settings


def celery_broker_url(redis_url: str) -> str:
    """redis-py's `unix://PATH?db=N` as Celery spells it: `redis+socket://PATH?virtual_host=N`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    db = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={db}"


broker_url = settings.RABBITMQ_URL or celery_broker_url(settings.REDIS_URL)
task_serializer = "json"
accept_content = ["json"]
task_routes = {
    "interviews.tasks.run_answers": {"queue": settings.RUNNING_QUEUE},
    "interviews.tasks.find_case": {"queue": settings.RUNNING_QUEUE},
    "interviews.tasks.transcribe_recording": {"queue": settings.SPEECH_QUEUE},
}
task_ignore_result = True  # a task's outcome is a row in PostgreSQL
timezone = "UTC"
enable_utc = True
if settings.IS_WORKER:
    broker_transport_options = (
        {"confirm_publish": True, "connect_timeout": 5}
        if settings.RABBITMQ_URL
        else {
            "visibility_timeout": 900,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        }
    )
    broker_connection_retry_on_startup = True
    broker_connection_max_retries = None
else:
    # Measured: with the defaults a frozen Redis hangs `delay()` for ever; so 0.0 s refused, 1.0 s frozen.
    broker_transport_options = (
        {"confirm_publish": True, "connect_timeout": 1, "read_timeout": 1, "write_timeout": 1}
        if settings.RABBITMQ_URL
        else {"socket_timeout": 1, "socket_connect_timeout": 1}
    )
    task_publish_retry = True
    task_publish_retry_policy = {
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
    broker_pool_acquire_timeout = 1
task_acks_late = True
task_reject_on_worker_lost = True  # without it a killed pool child loses its task
worker_prefetch_multiplier = 1
task_soft_time_limit = 90
task_time_limit = 120
worker_max_tasks_per_child = 200
worker_max_memory_per_child = 300_000  # KiB
worker_soft_shutdown_timeout = 20
beat_schedule = {
    # `expires`: messages that pile up while no worker runs are worth nothing.
    "sweep": {"task": "interviews.tasks.sweep", "schedule": 20.0, "options": {"expires": 15}},
    "remind": {"task": "interviews.tasks.remind", "schedule": crontab(minute=7), "options": {"expires": 3000}},
    "calibrate": {
        "task": "interviews.tasks.calibrate",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
    "remove forgotten guests": {
        "task": "interviews.tasks.remove_forgotten_guests",
        "schedule": crontab(hour=4, minute=11),
        "options": {"expires": 3600},
    },
    "thin revisions": {
        "task": "interviews.tasks.thin_revisions",
        "schedule": crontab(hour=4, minute=41),
        "options": {"expires": 3600},
    },
    "tidy": {
        "task": "interviews.tasks.tidy",
        "schedule": crontab(hour=4, minute=11),
        "options": {"expires": 3600},
    },
}
