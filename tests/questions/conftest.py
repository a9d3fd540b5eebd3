import pytest

from tests.factories import make_curator
from tests.questions.factories import make_topic, make_version


@pytest.fixture
def curator():
    make_topic(slug="coding")
    make_topic(slug="evaluation")
    return make_curator()


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def a_team(settings):
    """More than one curator: nobody publishes their own."""
    settings.CURATORS_MAY_PUBLISH_OWN = False


@pytest.fixture
def author():
    return make_curator(email="author@example.com")


@pytest.fixture
def reviewer():
    return make_curator(email="reviewer@example.com")


@pytest.fixture
def author_desk(client, author):
    client.force_login(author)
    return client


@pytest.fixture
def reviewer_desk(client, reviewer):
    client.force_login(reviewer)
    return client


@pytest.fixture
def version(request):
    return make_version(format=request.param)
