"""The screens of a live mock, from both seats, with long names."""

import pytest
from django.core import signing
from django.utils import timezone

from interviews.coaching.models import LiveMock
from interviews.coaching.views.live import SEAT
from tests.browser.looking import GLANCES, LONG_NAME, enter, look_at_each
from tests.factories import make_candidate, make_coach, make_follow_up, make_track, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_of_a_live_mock(page, home):
    make_version(limit_seconds=600, follow_ups=[make_follow_up(ask=f"And with {LONG_NAME}?")])
    track = make_track(count=1, limit_seconds=1800)
    coach, candidate, now = make_coach(name=LONG_NAME), make_candidate(name=LONG_NAME), timezone.now()
    open_to_all = LiveMock.objects.make(by=coach, candidate=None, interviewer=coach, track=track, now=now)
    enter(page, home, candidate)
    look_at_each(page, home, ("interviews:join_live", signing.dumps(open_to_all.pk, salt=SEAT)), looks=GLANCES)
    agreed = LiveMock.objects.make(by=coach, candidate=candidate, interviewer=coach, track=track, now=now)
    agreed.accept(candidate, now=now)
    pages = [("interviews:live_mocks",), ("interviews:live_mock", agreed.public_id)]
    look_at_each(page, home, *pages, looks=GLANCES)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{home}/interviews/**")
    enter(page, home, coach)
    agreed.refresh_from_db()
    look_at_each(page, home, *pages, ("interviews:live_room", agreed.interview.public_id), looks=GLANCES)
