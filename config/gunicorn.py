"""gunicorn's settings, in development and in production: `gunicorn config.wsgi -c python:config.gunicorn`.

WEB_CONCURRENCY sets the number of processes (2); see docs/operating.md for what one process carries.
"""

import os
import resource
import shutil
import tempfile
from itertools import count
from pathlib import Path

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
open_files = max(soft, 4096 if hard == resource.RLIM_INFINITY else min(hard, 4096))
resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, hard))

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "config.web_worker.WebWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
worker_connections = min(1000, (open_files - 100) // 2)  # of one process, slow and idle ones too; each may get a file
keepalive = 30
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
# Its own few lines in the format of the rest (config/logs.py).
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JSONFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"level": "WARNING"}},
}
# Memory: a busy disk must not make a worker look dead.
if Path("/dev/shm").is_dir():  # noqa: S108 # nosec B108
    worker_tmp_dir = "/dev/shm"  # noqa: S108 # nosec B108

# Where the processes add up their counters (config/metrics.py); read when prometheus-client is imported.
COUNTERS = tempfile.mkdtemp(prefix="holdout-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = COUNTERS


def pre_fork(server, worker):
    """Numbers the process: a replaced one takes over its predecessor's counters, or files would pile up."""
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in count() if number not in taken)


def post_fork(server, worker):
    from prometheus_client import values  # it reads the environment when it is imported

    values.ValueClass = values.MultiProcessValue(lambda: worker.number)


def on_exit(server):
    shutil.rmtree(COUNTERS, ignore_errors=True)
