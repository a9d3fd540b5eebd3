"""The Celery application; its settings are the CELERY_… ones of Django's settings."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("holdout")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_djangos_logging(**kwargs) -> None:
    """Django's LOGGING holds in workers, too: one format, and nothing of a task's arguments."""
