"""RabbitMQ as the broker, by setting, as far as it shows without one: a web process waits no longer than for Redis."""

import os
import socket
import subprocess
import sys

import pytest

PUBLISH = """
import time
import django
django.setup()
import config.celery
from config.backlog import queue_depth
from interviews import tasks

try:
    tasks.compile_report.apply_async(args=(1,))  # the first makes the pool
except Exception:
    pass
started = time.monotonic()
try:
    tasks.compile_report.apply_async(args=(1,))
except Exception as error:
    print(type(error).__name__, time.monotonic() - started, queue_depth())
"""


@pytest.mark.parametrize("broker", ["refused", "frozen"])
def test_a_rabbitmq_that_is_away_costs_a_publisher_a_second(broker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        if broker == "refused":
            server.close()
            address = "127.0.0.1:1"  # nobody listens on the first port
        else:
            address = f"127.0.0.1:{server.getsockname()[1]}"
        outside = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        process = subprocess.run(
            [sys.executable, "-c", PUBLISH],
            env=outside | {"BROKER_URL": f"amqp://{address}//", "DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert process.returncode == 0, process.stderr
    kind, seconds, depth = process.stdout.split()
    assert (kind, depth) == ("OperationalError", "None")
    assert float(seconds) < 2  # a second, and what a busy machine adds
