import pytest

from tests.factories import make_curator
from tests.questions.factories import make_topic


@pytest.fixture
def curator():
    make_topic(slug="coding")
    make_topic(slug="evaluation")
    return make_curator()


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client
