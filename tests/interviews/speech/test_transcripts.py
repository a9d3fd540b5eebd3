"""Transcripts as rows and on pages: who asks for them, who reads and who corrects them. No engine is needed."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from config.backlog import backlog
from config.management.commands import doctor
from interviews import tasks
from interviews.sitting.models import Interview
from interviews.speech import engines, remote, storing
from interviews.speech import tasks as speech
from interviews.speech.heard import DAMAGED, EngineAway, Heard, Word
from interviews.speech.models import Recording, Transcript, answer_text
from interviews.speech.models.recording import USUAL_WAIT
from interviews.speech.models.transcript import MOST_CORRECTIONS
from tests.factories import NOON, make_candidate, make_coach, make_interview, question_of
from tests.interviews.factories import HTMX, client_of, make_grant
from tests.interviews.speech.serving import serve
from tests.interviews.speech.test_voice import path_of, record

pytestmark = pytest.mark.django_db
SAID = Heard(
    [
        Word("Calibration", 0.5, 1.1, 0.93),
        Word("<b>compares", 1.2, 1.8, 0.31),
        Word("rates.", 4.9, 5.4, 0.88),
    ],
    seconds=6.0,
    pauses=[(1.9, 4.8)],
)


def keep(recording: Recording, heard: Heard = SAID) -> bool:
    Recording.objects.filter(pk=recording.pk).update(asked_at=NOON)
    return Transcript.objects.keep(recording, heard, engine="tiny.en", version="1", now=NOON)


@pytest.fixture
def recording(candidate) -> Recording:
    """Of a finished interview."""
    now = timezone.now()
    interview = make_interview(candidate=candidate, formats=("free_text",), now=now)
    recording = record(interview, now=now)
    recording.store(asked_at=now)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.finish(lease=locked.lease, now=now)
    return recording


def results(recording, client) -> str:
    return client.get(reverse("interviews:results", args=[recording.question.interview.public_id])).content.decode()


@pytest.fixture
def speech_is_on(settings, monkeypatch):
    """Whatever is installed."""
    monkeypatch.setattr(engines, "what_is_missing", lambda: "")
    settings.SPEECH = True


# --- what is due, and who is asked ----------------------------------------------------------------------


def test_a_transcript_is_asked_for_when_the_recording_is_a_file_and_again_when_nobody_came(
    speech_is_on, django_capture_on_commit_callbacks
):
    recording = record(make_interview())
    with django_capture_on_commit_callbacks() as queued:
        speech.store_recording(recording.pk)
        speech.store_recording(recording.pk)
    assert len(queued) == 1
    recording.refresh_from_db()
    asked_at = recording.asked_at
    assert asked_at
    later = asked_at + USUAL_WAIT + timedelta(seconds=1)
    asked = []

    def ask_again(pk: int, *, now) -> None:
        asked.append((pk, now))
        speech.ask_again(pk, now=now)

    for now in (asked_at, later, later):  # too soon, overlooked, asked just now
        tasks.sweep_once(now=now, hear=ask_again)
    assert asked == [(recording.pk, later)]
    waits = backlog(NOON + timedelta(minutes=7))
    assert (waits.speech_wait_seconds, waits.given_up) == (420, 0)
    route = current_app.amqp.router.route({}, tasks.transcribe_recording.name)
    assert (route["queue"].name, tasks.transcribe_recording.name) == ("speech", "interviews.tasks.transcribe_recording")


def test_without_an_engine_nothing_is_due_and_the_page_says_nothing(settings, candidate_client, candidate):
    settings.SPEECH = False
    recording = record(make_interview(candidate=candidate, formats=("free_text",)))
    assert not storing.store(recording.pk, now=NOON)
    recording.refresh_from_db()
    assert recording.file
    assert recording.asked_at is None
    assert "ranscri" not in results(recording, candidate_client).split("<main")[1]


def test_who_fails_three_times_is_left_alone_and_the_page_says_so(recording, candidate_client):
    now = timezone.now()
    for attempt in range(3):
        assert Recording.objects.claim(recording.pk, now=now)
        assert Recording.objects.claim(recording.pk, now=now) is None  # somebody is at it
        recording.refresh_from_db()
        assert recording.is_unheard, attempt
        recording.release()
    assert Recording.objects.claim(recording.pk, now=now) is None
    assert list(Recording.objects.failed(now)) == [recording]
    assert backlog(now).given_up == 1
    assert not Recording.objects.unheard().exists()
    page = results(recording, candidate_client)
    assert "That was our fault" in page
    assert "every 3s" not in page


def test_what_was_heard_is_stored_once_and_never_changed(recording):
    assert keep(recording)
    assert not Transcript.objects.keep(recording, DAMAGED, engine="other", version="1", now=NOON)
    transcript = Transcript.objects.get()
    transcript.correct("Calibration compares rates.", now=NOON)
    for rows in (Transcript.objects, transcript.corrections):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(text="Something else")


def test_a_transcript_of_a_recording_that_is_gone_is_forgotten(recording):
    gone = Recording.objects.get(pk=recording.pk)
    keep(recording)
    gone.delete()
    assert not Transcript.objects.exists()
    assert not Transcript.objects.keep(recording, SAID, engine="tiny.en", version="1", now=NOON)


# --- on the page ----------------------------------------------------------------------------------------


def test_the_page_shows_how_far_it_is_and_then_the_words_and_stops_asking(recording, candidate_client):
    recording.note_heard(recording.seconds / 2, now=timezone.now())
    path = path_of(recording, "transcript_panel")
    page = results(recording, candidate_client)
    assert f'hx-get="{path}" hx-trigger="every 3s"' in page
    panel = candidate_client.get(path, **HTMX).content.decode()
    assert "Transcribing your recording: 50%" in panel
    assert 'hx-trigger="every 3s"' in panel
    keep(recording)
    for shown in (candidate_client.get(path, **HTMX).content.decode(), results(recording, candidate_client)):
        assert "Automatic transcript</strong>; it may have misheard you" in shown
        assert '<span class="word" data-at="0.5">Calibration</span>' in shown
        assert 'class="word is-unsure" data-at="1.2">&lt;b&gt;compares' in shown
        assert "every 3s" not in shown
        assert "</p><p>" in shown  # after the pause


@pytest.mark.parametrize(
    ("heard", "says"),
    [(Heard(seconds=5), "couldn&#x27;t hear any words"), (DAMAGED, "couldn't read the sound")],
    ids=["nothing", "damaged"],
)
def test_no_words_are_a_sentence(recording, candidate_client, heard, says):
    keep(recording, heard)
    assert says.replace("&#x27;", "'") in results(recording, candidate_client)


def test_a_correction_stands_above_what_the_machine_heard(recording, candidate_client):
    keep(recording)
    path = path_of(recording, "correct_transcript")
    panel = candidate_client.post(path, {"text": "Calibration\r\ncompares rates. "}, **HTMX).content.decode()
    assert '<pre class="plain-text">Calibration\ncompares rates.</pre>' in panel
    assert "Show the automatic transcript" in panel
    transcript = Transcript.objects.get()
    assert transcript.text == "Calibration <b>compares rates."
    again = candidate_client.post(path, {"text": "Calibration\ncompares rates."})
    assert again.url.endswith(f"#transcript-{recording.public_id}")
    assert transcript.corrections.count() == 1
    too_long = candidate_client.post(path, {"text": "x" * 50_001})
    assert (too_long.status_code, transcript.corrections.count()) == (422, 1)
    assert "at most 50,000 characters" in too_long.content.decode()
    for number in range(MOST_CORRECTIONS):
        response = candidate_client.post(path, {"text": f"Try {number}"})
    assert (response.status_code, transcript.corrections.count()) == (422, MOST_CORRECTIONS)


def test_how_it_was_said_is_for_its_candidate_alone_and_beside_their_own_earlier_answers(candidate, recording):
    def said(words: int, pauses=()) -> Heard:
        """In half a minute."""
        every = 30 / words
        spoken = [Word("word", every * place, every * (place + 1), 0.9) for place in range(words)]
        return Heard(spoken, seconds=31.0, pauses=list(pauses))

    for who, words, age in ((candidate, 50, 9), (candidate, 70, 8), (make_candidate(), 10, 8)):
        then = timezone.now() - timedelta(days=age)
        earlier = record(make_interview(candidate=who, formats=("free_text",), now=then), now=then)
        keep(earlier, said(words))
        with Interview.objects.under_lock(earlier.question.interview.public_id, now=timezone.now()):
            pass  # its time is over
    keep(recording, said(75, pauses=[(12.0, 15.0), (20.0, 22.5)]))
    page = results(recording, client_of(candidate))
    assert "About 150 words a minute; about 120 in your earlier answers." in page
    assert '3 seconds at <span class="word" data-at="12.0">0:12</span>, 2 seconds at' in page
    assert "of the 1 minute you had" in page
    coach = make_coach()
    make_grant(candidate, coach)
    shown = client_of(coach).get(path_of(recording, "transcript_panel"), **HTMX).content.decode()
    assert "words a minute" not in shown
    assert Heard([Word("Yes.", 0, 1, 1)] * 4, seconds=9).words_a_minute is None
    assert Heard([Word("Yes.", 0, 1, 1)] * 9, seconds=2.9).words_a_minute is None


def test_it_is_its_candidates_alone_and_coaches_with_a_grant_read_it_with_a_line_in_the_log(candidate, recording):
    keep(recording)
    coach = make_coach()
    make_grant(candidate, coach)
    panel, correct = path_of(recording, "transcript_panel"), path_of(recording, "correct_transcript")
    shown = client_of(coach).get(panel, **HTMX).content.decode()
    assert "Calibration" in shown
    assert "Correct the transcript" not in shown
    client_of(coach).get(panel, **HTMX)
    looks = AccessLog.objects.filter(actor=coach, candidate=candidate)
    assert [look.subject for look in looks] == ["Screen: transcript of answer 1"]
    assert client_of(coach).post(correct, {"text": "x"}).status_code == 404
    stranger = client_of(make_candidate())
    assert (stranger.get(panel).status_code, stranger.post(correct, {"text": "x"}).status_code) == (404, 404)
    assert not Transcript.objects.get().corrections.exists()


def test_while_the_interview_runs_nobody_reads_it(candidate, candidate_client):
    running = record(make_interview(candidate=candidate, now=timezone.now()), now=timezone.now())
    keep(running)
    assert candidate_client.get(path_of(running, "transcript_panel")).status_code == 404
    assert candidate_client.post(path_of(running, "correct_transcript"), {"text": "x"}).status_code == 404
    assert answer_text(question_of(running.question.interview, 1)) == SAID.text  # for whoever asks back


def test_a_page_without_a_transcript_says_nothing_of_one(candidate, candidate_client):
    recording = record(make_interview(candidate=candidate, formats=("free_text",)))
    assert answer_text(recording.question) == ""
    assert 'id="transcript-' not in results(recording, candidate_client)
    assert candidate_client.post(path_of(recording, "correct_transcript"), {"text": "x"}).status_code == 404


# --- a service in the engine's place --------------------------------------------------------------------


def ask(url: str) -> Heard:
    import io

    return remote.transcribe(io.BytesIO(b"a sound"), "audio/webm", url=url, key="k", model="whisper-1")


def test_a_service_is_asked_and_what_it_says_is_checked(settings, candidate_client, candidate):
    good = b'{"duration": 2.5, "words": [{"word": " Low", "start": 0.1, "end": 0.4}]}'
    with serve(200, good) as (url, asked):
        heard = ask(url)
    assert heard == Heard([Word("Low", 0.1, 0.4, None)], seconds=2.5)
    assert asked[0].headers["Authorization"] == "Bearer k"
    for field in (b"a sound", b"whisper-1", b'filename="answer.webm"', b"verbose_json"):
        assert field in asked[0].body
    for status, body in (
        (500, b""),
        (400, b"{}"),
        (200, b"<html>"),
        (200, b'{"duration": "x", "words": 3}'),
        (302, b""),
    ):
        with serve(status, body) as (url, _), pytest.raises(EngineAway):
            ask(url)
    with pytest.raises(EngineAway):
        ask(url)  # nobody listens there any more
    settings.SPEECH = True
    settings.SPEECH_URL = "https://speech.example.org/v1/audio/transcriptions"
    interview = make_interview(candidate=candidate, now=timezone.now())
    page = candidate_client.get(f"/interviews/{interview.public_id}/").content.decode()
    assert "sent to speech.example.org" in page


def test_a_model_folder_that_is_missing_is_said_and_the_site_runs(settings, tmp_path):
    settings.SPEECH = True
    settings.SPEECH_MODEL = str(tmp_path / "nowhere")
    assert not engines.is_on()
    assert (doctor.speech().state, "SPEECH_MODEL names a folder" in doctor.speech().mend) == ("degraded", True)
    settings.SPEECH = False
    assert (doctor.speech().state, doctor.speech().value) == ("ok", "off")
