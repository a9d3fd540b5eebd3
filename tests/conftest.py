import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def candidate(db):
    return factories.make_candidate(email="ada@example.com")


@pytest.fixture
def candidate_client(candidate) -> Client:
    client = Client()
    client.force_login(candidate)
    return client
