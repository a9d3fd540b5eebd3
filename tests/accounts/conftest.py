import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_track, make_version

START = {"plan": "trial", "pace": "strict", "time_multiplier": "1"}


@pytest.fixture
def trial_track():
    make_version(format="free_text")
    return make_track(slug="trial", count=1)


@pytest.fixture
def guest_client(trial_track) -> Client:
    client = Client()
    assert client.post(reverse("interviews:trial"), START).status_code == 302
    return client
