"""Who speaks has less time for what is quicker said than typed, and may go over to writing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.sitting.models import Interview
from interviews.sitting.models.speaking import spoken_limit
from interviews.speech.models import longest_seconds
from questions.models import QuestionVersion, Track, TrackSection
from tests.factories import NOON, make_interview, make_topic, make_track, make_version, question_of, write

pytestmark = pytest.mark.django_db


def start(candidate, *, now=NOON, pace="strict", multiplier=1, seconds=300, plan=None) -> Interview:
    """Of one question each of the formats, in this order."""
    if plan is None:
        plan = Track.objects.create(slug="spoken", name="Spoken", limit_seconds=3000)
        for position, format in enumerate(["free_text", "staged", "single_choice"]):
            make_version(format=format, limit_seconds=seconds)
            TrackSection.objects.create(track=plan, position=position, name=format, count=1, formats=[format])
    return Interview.objects.start(candidate, plan, pace=pace, time_multiplier=multiplier, now=now, seed=1, speaks=True)


@pytest.mark.parametrize(
    ("format", "written", "spoken"),
    [
        ("free_text", 300, 150),
        ("free_text", 180, 90),
        ("free_text", 120, 90),
        ("free_text", 60, 60),
        ("staged", 300, 300),
    ],
)
def test_half_the_time_at_least_a_minute_and_a_half_and_never_more_than_to_write(format, written, spoken):
    assert spoken_limit(format, written) == spoken


def test_only_what_can_be_answered_aloud_is_spoken_and_a_design_keeps_its_time(candidate):
    interview = start(candidate, multiplier=2)
    rows = [(one.is_spoken, one.limit_seconds) for one in interview.questions.order_by("position")]
    assert rows == [(True, 150), (True, 300), (False, 300)]
    question = question_of(interview, 1)
    assert question.deadline_at == NOON + timedelta(seconds=2 * 150)
    assert longest_seconds(question) == 300
    assert not any(one.is_spoken for one in make_interview().questions.all())  # nobody said that they speak


def test_who_writes_instead_gets_the_time_to_write_once_and_keeps_what_was_typed(candidate, candidate_client):
    now = timezone.now()
    interview = start(candidate, now=now)
    path = reverse("interviews:write_instead", args=[interview.public_id])
    form = {"answer": "A note.", "rev": 1, "lease": interview.lease, "position": 1}
    for rev in (1, 2):
        page = candidate_client.post(path, form | {"rev": rev}, headers={"hx-request": "true"}).content.decode()
    assert "A note." in page
    assert "Write this one instead" not in page
    question = question_of(interview, 1)
    assert (question.is_spoken, question.limit_seconds, question.answer) == (False, 300, ["A note."])
    assert question.deadline_at == question.opened_at + timedelta(seconds=300)
    assert interview.events.filter(kind="written_instead").count() == 1
    write(interview, 1, "A note.", rev=3, now=now, act="submit_answer")
    assert question_of(interview, 2).is_spoken  # the next is another choice


def test_a_drill_has_the_sum_of_its_spoken_times_and_grows_when_one_is_written(candidate):
    for _ in range(5):
        make_version(format="free_text", topics=("nlp",), limit_seconds=300)
    drill = start(candidate, plan=make_topic(slug="nlp"))
    assert drill.limit_seconds == 5 * 150
    assert all(one.is_spoken for one in drill.questions.all())
    with Interview.objects.under_lock(drill.public_id, now=NOON) as locked:
        locked.write_instead(1, now=NOON)
    drill = Interview.objects.get(pk=drill.pk)
    assert drill.limit_seconds == 6 * 150
    assert drill.deadline_at == NOON + timedelta(seconds=6 * 150)


def test_set_up_offers_it_as_the_settings_say_and_the_page_is_that_of_somebody_who_speaks(candidate, candidate_client):
    track = make_track(count=1, formats=["free_text"])
    make_version(limit_seconds=300)
    new = reverse("interviews:interview_new")
    assert 'value="write" checked' in candidate_client.get(new).content.decode()
    settings = {"time_zone": "UTC", "time_multiplier": 1, "speaks": "on", "target_level": candidate.target_level}
    assert candidate_client.post(reverse("accounts:settings_page"), settings).status_code == 302
    response = candidate_client.get(new)
    assert 'value="speak" checked' in response.content.decode()
    assert "microphone=(self)" in response["Permissions-Policy"]
    chosen = {"plan": track.slug, "pace": "strict", "time_multiplier": 1, "answers": "speak"}
    panel = candidate_client.get(reverse("interviews:setup_panel"), chosen, headers={"hx-request": "true"})
    assert "half the writing time" in panel.content.decode()
    started = candidate_client.post(new, chosen)
    page = candidate_client.get(started.url).content.decode()
    for words in (
        "Your spoken answer",
        "Start your answer",
        "Notes, or your answer in writing",
        "Read the question aloud",
    ):
        assert words in page
    assert "data-aloud-at-once" not in page  # the box was left empty
    assert QuestionVersion.objects.get().limit_seconds == 300
