import os
import threading
from pathlib import Path

import pytest
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import Client
from hypothesis import settings

from tests import factories

# No test depends on speed. In CI the examples are the same in every run: new ones are looked for by people.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@receiver(connection_created)
def give_the_tests_own_connection_time(connection, **_) -> None:
    """The web's limits are for requests. Emptying every table between two tests may take longer on a slow disk, and
    a test that is one transaction may wait for a program to run.
    """
    if threading.current_thread() is threading.main_thread():
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '60s'; SET lock_timeout = '30s'")
            cursor.execute("SET idle_in_transaction_session_timeout = '300s'")


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path) -> Path:
    """Each test's own storage."""
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def candidate(db):
    return factories.make_candidate(email="ada@example.com")


@pytest.fixture
def candidate_client(candidate) -> Client:
    client = Client()
    client.force_login(candidate)
    return client
