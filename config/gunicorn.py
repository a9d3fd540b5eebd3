"""gunicorn's settings, in development and in production: `gunicorn config.wsgi -c python:config.gunicorn`.

WEB_CONCURRENCY sets the number of processes (2); see docs/operating.md for what one process carries.
"""

import os
import shutil
import tempfile
from pathlib import Path

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
keepalive = 30
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 – memory: a busy disk must not make a worker look dead
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# Where the processes add up their counters (config/metrics.py); read when prometheus-client is imported.
COUNTERS = tempfile.mkdtemp(prefix="holdout-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = COUNTERS


def child_exit(server, worker):
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(COUNTERS, ignore_errors=True)
