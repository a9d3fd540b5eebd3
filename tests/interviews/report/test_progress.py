"""The expected score over time, and its word: today's scale, behind the same gates as the score itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.report import compiling
from interviews.report.page import topics_by_slug
from interviews.report.progress import DATES, dates
from interviews.report.readiness import readiness_of
from interviews.report.statistics.readiness import Readiness, readiness
from interviews.sitting.models import Interview
from tests.factories import make_finished_interview, make_track

pytestmark = pytest.mark.django_db


def test_a_date_shows_what_the_report_would_say_today_without_the_later_answers(candidate):
    now = timezone.now()
    make_track()
    interviews = [
        make_finished_interview(candidate=candidate, now=now - timedelta(days=days), scores=(1, 0, 1, 1) * 6, seed=days)
        for days in (40, 20, 2)
    ]
    report = compiling.compile_report(candidate, now=now)
    progress = report.data["progress"]
    assert [len(row["tracks"]) > 0 for row in progress] == [True] * len(progress)
    today = next(row for row in report.data["tracks"] if row["track"] == "screen")
    assert progress[-1]["tracks"]["screen"] == [today["score"], today["low"], today["high"]]
    with Interview.objects.under_lock(interviews[-1].public_id, now=now) as locked:
        locked.void(reason="A fire", by=None, now=now)
    without = compiling.compile_report(candidate, now=now)
    then = next(row for row in without.data["tracks"] if row["track"] == "screen")
    assert progress[-2]["tracks"]["screen"] == pytest.approx([then["score"], then["low"], then["high"]], abs=1e-6)


def test_a_track_has_its_word_with_what_it_rests_on_and_nothing_below_the_gates(candidate):
    now = timezone.now()
    make_track()
    make_finished_interview(candidate=candidate, now=now - timedelta(days=2), scores=(1,) * 4)
    (track,) = [
        one
        for one in readiness_of(compiling.compile_report(candidate, now=now), topics_by_slug())
        if one.slug == "screen"
    ]
    assert (track.word, track.evidence) == (Readiness.NOT_KNOWN, "not enough evidence yet: 4 of 20 answers.")
    assert "3 questions" in track.would_tell


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.30, 0.60, Readiness.BELOW), (0.60, 0.80, Readiness.NEAR), (0.75, 0.90, Readiness.AT)],
)
def test_a_word_is_given_where_it_is_probable(low, high, word):
    assert readiness(low, high, 0.7) == word


def test_many_days_become_twelve_dates_with_the_last_among_them():
    class Answer:
        def __init__(self, at):
            self.answered_at = at

    moments = [timezone.now() - timedelta(days=40 - day) for day in range(40)]
    found = dates([Answer(at) for at in moments], timezone.get_current_timezone())
    assert len(found) == DATES
    assert (found[0], found[-1]) == (moments[0], moments[-1])
