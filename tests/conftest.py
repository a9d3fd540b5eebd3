import os

import pytest
from django.test import Client
from hypothesis import settings

from tests import factories

# No test depends on speed. In CI the examples are the same in every run: new ones are looked for by people.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture
def candidate(db):
    return factories.make_candidate(email="ada@example.com")


@pytest.fixture
def candidate_client(candidate) -> Client:
    client = Client()
    client.force_login(candidate)
    return client
