"""Screens to read and to look up: for visitors, in the library, and the feedback of a drill."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.report import compiling
from interviews.sitting.models import Interview, Practice
from tests.browser.looking import GLANCES, enter, look_at_each, looked_at
from tests.factories import make_finished_interview, make_version, question_of, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_to_read_and_the_feedback_of_a_drill(visitor, person, home):
    page, now = visitor, timezone.now()
    done = make_finished_interview(candidate=person, scores=(0,) * 3, now=now - timedelta(days=2))
    compiling.compile_requested(person.pk, now=now)
    slug = question_of(done, 1).question.slug
    look_at_each(page, home, ("interviews:learn",), ("interviews:learn_question", slug), looks=GLANCES)
    drill = Interview.objects.start(
        person, Practice("Practice", [make_version(), make_version()]), pace="gentle", time_multiplier=1, now=now
    )
    write(drill, 1, "Words", now=now, act="submit_answer")
    enter(page, home, person)
    look_at_each(
        page,
        home,
        ("interviews:library",),
        ("interviews:misconceptions",),
        ("interviews:track_sheet", done.track.slug),
        ("interviews:feedback", drill.public_id, 1),
        ("interviews:library_question", slug),
        looks=GLANCES,
    )
    page.get_by_role("button", name="Bookmark").click()
    page.get_by_role("button", name="Show the answer").click()
    assert looked_at(page, looks=GLANCES) == [], "a question that is being studied"
