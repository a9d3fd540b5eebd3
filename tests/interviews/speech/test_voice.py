"""Recordings in the timed engine: parts, the bell, the lease, and whose they are."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews import tasks
from interviews.report.history import read_history
from interviews.sitting.models import Interview, Outcome, Refused
from interviews.speech import receiving, storing
from interviews.speech.models import FOLDER, Recording, largest_bytes
from interviews.speech.receiving import TooMany
from tests.factories import NOON, make_candidate, make_interview, question_of, write
from tests.interviews.factories import client_of
from tests.interviews.speech.sounds import make_mp4, make_ogg, make_webm

pytestmark = pytest.mark.django_db
SOUND = make_webm(seconds=3)


def send(interview, content=SOUND, *, position=1, public_id=None, offset=0, now=NOON) -> Recording:
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        return receiving.receive_part(locked, position, public_id or uuid4(), offset=offset, content=content, now=now)


def finish(interview, recording, *, position=1, lease=None, claimed=3.0, now=NOON) -> Recording:
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        lease = locked.lease if lease is None else lease
        return receiving.finish(locked, position, recording.public_id, claimed_seconds=claimed, lease=lease, now=now)


def record(interview, content=SOUND, **how) -> Recording:
    lease = how.pop("lease", None)
    recording = send(interview, content, **how)
    return finish(interview, recording, position=how.get("position", 1), lease=lease, now=how.get("now", NOON))


def delete(interview, recording, *, lease=None, now=NOON):
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        lease = locked.lease if lease is None else lease
        return receiving.take_back(locked, 1, recording.public_id, lease=lease, now=now)


def files() -> set[str]:
    try:
        return set(default_storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return set()


def path_of(recording, name: str = "recording") -> str:
    question = recording.question
    return reverse(f"interviews:{name}", args=[question.interview.public_id, question.position, recording.public_id])


def part(client: Client, interview, content, *, offset=0, public_id=None):
    path = reverse("interviews:recording_part", args=[interview.public_id, 1, public_id or uuid4()])
    return client.post(f"{path}?offset={offset}", content, content_type="application/octet-stream")


# --- arriving ---------------------------------------------------------------------------------------


def test_a_recording_in_time_is_the_answer():
    interview = make_interview()
    recording = record(interview)
    question = question_of(interview, 1)
    assert (recording.kind, recording.content_type, recording.is_measured) == ("answer", "audio/webm", True)
    assert recording.length == "0:03"
    assert question.has_recording
    assert not question.is_blank
    assert interview.events.filter(kind="recorded", data__counts=True).count() == 1


def test_a_question_with_only_a_recording_is_answered_when_it_is_handed_in():
    interview = make_interview()
    record(interview)
    write(interview, 1, "", act="submit_answer")
    question = question_of(interview, 1)
    assert (question.state, question.counts_as_answered, question.is_for_rubric) == ("answered", True, True)


def test_a_question_with_only_a_recording_that_times_out_is_no_zero_and_the_report_knows_that_it_was_given():
    interview = make_interview()
    record(interview)
    later = NOON + timedelta(minutes=10)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        locked.score(now=later)
    question = question_of(interview, 1)
    assert (question.state, question.score) == ("timed_out", None)
    points = {point.pk: "hit" for point in question.version.rubric_points.all()}
    question.confidence = 80
    question.save()
    question.grade_by_rubric(points, by=interview.candidate, source="self", now=later)
    assert [answer.confidence for answer in read_history(interview.candidate_id, now=later).counted] == [0.8]


def test_parts_may_repeat_and_overlap_and_a_gap_changes_nothing():
    interview = make_interview()
    public_id = uuid4()
    assert send(interview, SOUND[:100], public_id=public_id).size == 100
    assert send(interview, SOUND[:100], public_id=public_id).size == 100  # the reply was lost
    assert send(interview, SOUND[:40], public_id=public_id).size == 100
    assert send(interview, SOUND[300:], public_id=public_id, offset=300).size == 100  # out of order
    assert send(interview, SOUND[50:400], public_id=public_id, offset=50).size == 400
    recording = send(interview, SOUND[400:], public_id=public_id, offset=400)
    assert recording.read() == SOUND
    assert finish(interview, recording).kind == "answer"
    assert send(interview, b"more", public_id=public_id, offset=len(SOUND)).kind == "answer"  # it is whole: no more
    assert finish(interview, recording).finished_at == NOON
    assert Recording.objects.count() == 1


def test_a_newer_recording_replaces_the_one_before():
    interview = make_interview()
    first, second = record(interview), record(interview, make_ogg())
    assert [one.pk for one in Recording.objects.all()] == [second.pk]
    assert (first.pk != second.pk, second.content_type) == (True, "audio/ogg")


def test_what_cannot_be_measured_is_the_browsers_word_and_bounded():
    interview = make_interview()
    recording = finish(interview, send(interview, make_mp4()), claimed=999_999)
    assert (recording.seconds, recording.is_measured) == (300, False)


@pytest.mark.parametrize("content", [b"<html>not a sound", make_webm(seconds=310), make_webm(codecs=(b"V_VP8",))])
def test_what_is_no_sound_or_too_long_is_refused_and_gone(content):
    interview = make_interview()
    recording = send(interview, content)
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked, pytest.raises(Refused):
        receiving.finish(locked, 1, recording.public_id, claimed_seconds=1, lease=1, now=NOON)
    assert not Recording.objects.exists()
    assert not question_of(interview, 1).has_recording


def test_too_much_is_refused_and_what_was_held_stays():
    interview = make_interview()
    most = largest_bytes(question_of(interview, 1))
    assert 2_000_000 < most < 2_100_000  # five minutes, with a question of one
    recording = send(interview, b"x" * (most - 10))
    with pytest.raises(Refused):
        send(interview, b"x" * 20, public_id=recording.public_id, offset=most - 10)
    recording.refresh_from_db()
    assert recording.size == most - 10


def test_no_more_than_ten_are_begun_for_one_question():
    interview = make_interview(now=timezone.now())
    for _ in range(10):
        recording = send(interview, b"x")
    with pytest.raises(TooMany):
        send(interview, b"x")
    answer = part(client_of(interview.candidate), interview, b"x")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")  # its page keeps it
    assert send(interview, b"y", public_id=recording.public_id, offset=1).size == 2


def test_more_than_a_day_of_speech_waits_in_its_page_until_the_next_day(monkeypatch):
    monkeypatch.setattr(receiving, "MOST_BYTES_A_DAY", 2 * len(SOUND))
    interview = make_interview(pace="untimed")
    for position in (1, 2):
        record(interview, position=position)
        write(interview, position, "", act="submit_answer")
    with pytest.raises(TooMany):
        send(interview, position=3)
    assert send(interview, position=3, now=NOON + timedelta(days=1)).size == len(SOUND)
    assert send(make_interview(candidate=make_candidate())).size == len(SOUND)


def test_closed_formats_take_no_recording():
    interview = make_interview(formats=("single_choice", "code"))
    with pytest.raises(Refused):
        send(interview)
    write(interview, 1, "", act="submit_answer")
    with pytest.raises(Refused):
        send(interview, position=2)


def test_the_database_forbids_two_answers_and_a_half_finished_one():
    interview = make_interview()
    recording = record(interview)
    for fields in (
        {"kind": "answer", "finished_at": NOON, "seconds": 1, "content_type": "audio/webm"},
        {"kind": "late"},
        {"size": 70_000_000},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recording.objects.create(question=recording.question, public_id=uuid4(), begun_at=NOON, **fields)


# --- the bell and the lease -------------------------------------------------------------------------


def test_within_the_grace_it_counts_and_after_it_it_is_late_and_kept():
    interview = make_interview(question_seconds=60)
    in_time = record(interview, now=NOON + timedelta(seconds=69))
    assert in_time.kind == "answer"
    after = record(interview, now=NOON + timedelta(seconds=71))
    assert after.kind == "late"
    assert {one.kind for one in Recording.objects.all()} == {"answer", "late"}
    question = question_of(interview, 1)
    assert (question.state, question.has_recording) == ("timed_out", True)


def test_a_recording_whose_last_part_comes_late_does_not_make_an_answer():
    interview = make_interview(question_seconds=60)
    recording = send(interview, SOUND[:200], now=NOON + timedelta(seconds=59))
    later = NOON + timedelta(seconds=80)
    send(interview, SOUND[200:], public_id=recording.public_id, offset=200, now=later)
    assert finish(interview, recording, now=later).kind == "late"
    assert question_of(interview, 1).is_blank


def test_a_recording_from_an_older_page_is_kept_beside():
    interview = make_interview()
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.take_lease()
    assert record(interview, lease=1).kind == "side"
    assert question_of(interview, 1).is_blank
    assert record(interview, lease=2).kind == "answer"


def test_two_windows_send_the_same_recording_once():
    interview = make_interview()
    public_id = uuid4()
    for offset in (0, 0, 100, 50):
        send(interview, SOUND[offset : offset + 120], public_id=public_id, offset=offset)
    recording = send(interview, SOUND[220:], public_id=public_id, offset=220)
    assert recording.read() == SOUND


def test_it_can_be_deleted_while_the_question_is_open_and_not_afterwards():
    interview = make_interview()
    recording = record(interview)
    assert delete(interview, recording, lease=7) is Outcome.ELSEWHERE
    assert delete(interview, recording) is Outcome.SAVED
    assert delete(interview, recording) is Outcome.HELD
    assert question_of(interview, 1).is_blank
    kept = record(interview)
    write(interview, 1, "", act="submit_answer")
    with pytest.raises(Refused):
        delete(interview, kept)
    assert Recording.objects.filter(pk=kept.pk).exists()


def test_after_the_end_nothing_replaces_it():
    interview = make_interview()
    recording = record(interview)
    write(interview, 1, "", act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.finish(lease=locked.lease, now=NOON)
    assert record(interview, make_ogg()).kind == "late"
    assert Recording.objects.get(kind="answer").pk == recording.pk


# --- files ------------------------------------------------------------------------------------------


def test_a_finished_recording_becomes_one_file_also_when_it_is_stored_twice():
    recording = record(make_interview())
    twin = Recording.objects.get(pk=recording.pk)
    before = recording.read()
    recording.store()
    twin.store()
    stored = Recording.objects.get(pk=recording.pk)
    assert files() == {stored.file.name.removeprefix(f"{FOLDER}/")}
    assert stored.read() == before
    assert not stored.parts.exists()
    storing.store(recording.pk, now=NOON)
    assert len(files()) == 1


def test_the_sweep_stores_what_no_message_did():
    record(make_interview(now=timezone.now()), now=timezone.now())
    tasks.sweep_once(now=timezone.now())
    assert len(files()) == 1


def test_a_storage_that_is_away_costs_no_answer(monkeypatch):
    recording = record(make_interview())

    def save(*_):
        raise OSError("away")

    monkeypatch.setattr(default_storage, "save", save)
    tasks.sweep_once(now=NOON)
    again = Recording.objects.get(pk=recording.pk)
    assert (again.file.name, len(again.read()) > len(SOUND)) == ("", True)


def replaced(interview, recording):
    record(interview, make_ogg())


def deleted(interview, recording):
    delete(interview, recording)


def interview_gone(interview, recording):
    interview.delete()


def person_gone(interview, recording):
    interview.candidate.delete()


@pytest.mark.parametrize("act", [replaced, deleted, interview_gone, person_gone])
def test_the_file_goes_with_the_recording(act, django_capture_on_commit_callbacks):
    interview = make_interview()
    recording = record(interview)
    recording.store()
    assert len(files()) == 1
    with transaction.atomic():  # the record of what happened is append-only otherwise
        connection.cursor().execute("SET LOCAL holdout.erasing = 'on'")
        with django_capture_on_commit_callbacks(execute=True):
            act(interview, recording)
    assert files() == set()
    assert not Recording.objects.filter(pk=recording.pk).exists()


def test_everything_that_somebody_recorded_can_be_listed():
    interview = make_interview()
    mine, _ = record(interview), record(make_interview())
    unfinished = send(interview, b"x")
    assert list(Recording.objects.of_candidate(interview.candidate)) == [mine, unfinished]


def test_the_nightly_search_removes_what_nothing_owns():
    now = timezone.now()
    interview = make_interview(now=now)
    kept = record(interview, now=now)
    kept.store()
    send(interview, b"half", now=now)
    orphan = default_storage.save(f"{FOLDER}/orphan.webm", ContentFile(SOUND))
    assert storing.remove_orphans(now=now) == (0, 0)  # younger than a day: perhaps on their way
    assert storing.remove_orphans(now=now + timedelta(days=1, minutes=1)) == (1, 1)
    assert not default_storage.exists(orphan)
    assert list(Recording.objects.all()) == [kept]
    assert default_storage.exists(Recording.objects.get().file.name)
