import pytest
from django.utils import timezone

from interviews.coaching.models import Review
from interviews.sitting.models import Interview
from tests.factories import make_coach
from tests.interviews.factories import make_answered_interview, make_grant


@pytest.fixture
def coach(db):
    return make_coach(email="grace@example.com")


@pytest.fixture
def answered_interview(candidate) -> Interview:
    return make_answered_interview(candidate=candidate)


@pytest.fixture
def review(candidate, coach, answered_interview) -> Review:
    make_grant(candidate, coach)
    return Review.objects.ask(answered_interview, coach=coach, now=timezone.now())
