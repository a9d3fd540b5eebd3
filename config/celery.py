"""The Celery application; its options are in config/celeryconfig.py."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("holdout")
app.config_from_object("config.celeryconfig")  # when first needed: it reads the settings
app.autodiscover_tasks()


@setup_logging.connect
def keep_djangos_logging(**kwargs) -> None:
    """Django's LOGGING holds in workers, too: one format, and nothing of a task's arguments."""
