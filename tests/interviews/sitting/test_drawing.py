"""Drawing from the shipped catalog: what a person has not seen comes first, again and again."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.urls import reverse

from interviews.sitting.drawing import Drawable, NotEnoughQuestions, Slot, draw
from interviews.sitting.models import InterviewQuestion, draw_versions
from questions.models import Question, QuestionVersion, Track, in_section
from tests.factories import NOON, load_shipped_catalog, make_candidate, make_interview, make_version

pytestmark = pytest.mark.django_db


def rows(*versions: QuestionVersion) -> list[Drawable]:
    """As the bank gives them, in this order."""
    (pool,) = QuestionVersion.objects.for_drawing(Q(pk__isnull=False))
    found = {row.pk: row for row in pool}
    return [found[version.pk] for version in versions]


def slot(*versions: QuestionVersion, count: int = 1) -> Slot:
    return Slot("Section", count, rows(*versions))


def test_every_track_is_drawn_twenty_times_without_a_repeat_that_the_bank_does_not_force():
    """A question comes again only when its section has nothing unseen left; one that is run, not in six sittings."""
    load_shipped_catalog()
    tracks = list(Track.objects.active().with_sections())
    assert len(tracks) >= 11  # the nine, the coding round, and the trial
    runs = set(Question.objects.filter(versions__format__in=("code", "sql")).values_list("pk", flat=True))
    for track in tracks:
        sections = track.sections.all()
        pools = QuestionVersion.objects.published().for_drawing(*map(in_section, sections))
        slots = [Slot(one.name, one.count, pool) for one, pool in zip(sections, pools, strict=True)]
        seen = {}
        for time in range(20):
            drawn = draw(slots, seen=seen, seed=time)
            assert len({version.question_id for version in drawn}) == sum(one.count for one in slots)
            place = 0
            for one in slots:
                for version in drawn[place : place + one.count]:
                    if version.question_id in seen:
                        assert time >= 6 or version.question_id not in runs, (track.slug, one.name, version)
                        families = {v.family for v in drawn if v is not version}
                        unseen = [
                            v
                            for v in one.pool
                            if v.question_id not in seen and v not in drawn and v.family not in families
                        ]
                        assert unseen == [], (track.slug, one.name, version)
                place += one.count
            for version in drawn:
                seen[version.question_id] = NOON + timedelta(days=time)


def test_the_same_seed_draws_the_same_questions():
    versions = [make_version() for _ in range(8)]
    first = draw([slot(*versions, count=4)], seen={}, seed=7)
    assert draw([slot(*reversed(versions), count=4)], seen={}, seed=7) == first
    others = [draw([slot(*versions, count=4)], seen={}, seed=seed) for seed in range(8)]
    assert any(other != first for other in others)


def test_topics_are_spread_before_one_comes_twice():
    versions = [make_version(topics=(topic,)) for topic in ("evaluation", "evaluation", "evaluation", "nlp")]
    for seed in range(6):
        drawn = draw([slot(*versions, count=2)], seen={}, seed=seed)
        assert {version.primary_topic_id for version in drawn} == {one.primary_topic.pk for one in versions}


def test_a_question_and_its_companion_are_never_drawn_together():
    parent = make_version()
    companion = make_version(format="single_choice", companion_of=parent.question)
    with pytest.raises(NotEnoughQuestions):
        draw([slot(parent, companion, count=2)], seen={}, seed=1)


def test_what_was_seen_longest_ago_comes_before_what_was_seen_last():
    versions = [make_version() for _ in range(3)]
    seen = {version.question_id: NOON + timedelta(days=day) for day, version in enumerate(versions)}
    assert draw([slot(*versions)], seen=seen, seed=1) == rows(versions[0])


def test_only_what_was_shown_counts_as_seen():
    candidate = make_candidate()
    interview = make_interview(candidate=candidate)
    assert len(InterviewQuestion.objects.last_seen(candidate)) == 1
    assert len(draw_versions(candidate, interview.track, seed=1)) == 3


def test_a_track_without_sections_starts_nothing_and_says_why(candidate, candidate_client):
    """An administrator may save one."""
    track = Track.objects.create(slug="empty", name="Empty", limit_seconds=600)
    form = {"plan": track.slug, "pace": "strict", "time_multiplier": "1"}
    response = candidate_client.post(reverse("interviews:interview_new"), form)
    assert response.status_code == 422
    assert "There are no published questions to practise." in response.content.decode()
    assert not candidate.interviews.exists()
