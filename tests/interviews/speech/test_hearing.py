"""What is heard in real sound, by the engine that the site uses. In one file: the model is loaded once a process."""

import difflib
import io
import os
import re

import pytest

if os.environ.get("CI") != "true":  # there it has to be installed
    pytest.importorskip("faster_whisper", reason="requirements-speech.txt is not installed")

import numpy as np
from django.utils import timezone

from interviews.speech import audio, engines, hearing, sound, whisper
from interviews.speech.models import Recording, Transcript, answer_text
from tests.factories import NOON, make_interview
from tests.interviews.speech.sounds import make_webm
from tests.interviews.speech.test_voice import record
from tests.interviews.speech.voice import encode, samples_of
from tests.interviews.speech.voice_file import VOICE, words_in_voice

RATE = sound.RATE
noise = np.random.default_rng(1)


def heard(content: bytes):
    content_type = audio.inspect(content).content_type
    return whisper.transcribe(io.BytesIO(content), content_type, folder=engines.model_folder(""), most_seconds=600)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def share_heard(said: str, text: str) -> float:
    matcher = difflib.SequenceMatcher(None, words(said), words(text), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(words(said))


def quiet(seconds: float) -> np.ndarray:
    """A room, not a vacuum."""
    return noise.normal(0, 0.0005, round(seconds * RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    return samples_of(VOICE.read_bytes())


@pytest.fixture(scope="module")
def with_pauses(voice) -> tuple[bytes, list[tuple[float, float]], str]:
    """The voice with 3 s of a quiet room where it draws breath in its middle; where that is, and what is said. (Said
    twice it would look to Whisper like a loop, which it tries anew by chance.)
    """
    tenth = RATE // 10
    middle = range(2 * len(voice) // 5, 3 * len(voice) // 5, tenth // 2)
    breath = min(middle, key=lambda start: np.square(voice[start : start + tenth]).sum()) + tenth // 2
    samples = np.concatenate([quiet(1), voice[:breath], quiet(3), voice[breath:], quiet(1)])
    return encode(samples, "webm"), [(1 + breath / RATE, 4 + breath / RATE)], words_in_voice()


def test_a_human_voice_is_heard_with_the_places_of_its_words_and_pauses(with_pauses, monkeypatch):
    content, gaps, said = with_pauses
    whole = heard(content)
    assert share_heard(said, whole.text) > 0.85, whole.text
    assert whole.seconds == pytest.approx(audio.inspect(content).seconds, abs=0.3)
    starts = [word.start for word in whole.words]
    assert starts == sorted(starts)
    assert all(0 < word.probability <= 1 and word.start <= word.end for word in whole.words)
    (gap,) = gaps
    assert not [word for word in whole.words if gap[0] + 0.5 < word.start < gap[1] - 0.5]
    assert any(abs(start - gap[0]) < 0.7 and abs(end - gap[1]) < 0.7 for start, end in whole.pauses), whole.pauses
    assert all(end - start >= 2 for start, end in whole.pauses)
    # In pieces: the same words, at the same places, and no piece longer than it may be.
    monkeypatch.setattr(sound, "PIECE_SECONDS", 8)
    monkeypatch.setattr(sound, "CUT_WITHIN_SECONDS", 4)
    in_pieces = heard(content)
    assert share_heard(said, in_pieces.text) > 0.8, in_pieces.text
    assert in_pieces.seconds == pytest.approx(whole.seconds, abs=0.1)
    assert in_pieces.words[-1].end == pytest.approx(whole.words[-1].end, abs=1)


def test_pieces_are_bounded_and_give_every_sample(voice, monkeypatch):
    monkeypatch.setattr(sound, "PIECE_SECONDS", 5)
    monkeypatch.setattr(sound, "CUT_WITHIN_SECONDS", 2)
    pieces = list(sound.pieces(io.BytesIO(VOICE.read_bytes()), "audio/ogg", most_seconds=600))
    assert len(pieces) > 2
    assert all(len(piece) <= 5 * RATE for piece in pieces)
    assert np.concatenate(pieces) == pytest.approx(voice, abs=1e-6)
    cut = list(sound.pieces(io.BytesIO(VOICE.read_bytes()), "audio/ogg", most_seconds=3))
    assert sum(map(len, cut)) == 3 * RATE


def silence() -> np.ndarray:
    return np.zeros(5 * RATE, np.float32)


def hiss() -> np.ndarray:
    return noise.normal(0, 0.1, 6 * RATE).astype(np.float32)


def hum() -> np.ndarray:
    times = np.arange(6 * RATE) / RATE
    return (0.1 * np.sin(2 * np.pi * 50 * times) + 0.05 * np.sin(2 * np.pi * 150 * times)).astype(np.float32)


def typing() -> np.ndarray:
    """Short clicks of a keyboard, some five a second."""
    samples = quiet(6)
    for start in noise.integers(0, len(samples) - 400, 30):
        samples[start : start + 400] += noise.normal(0, 0.2, 400) * np.exp(-np.arange(400) / 60)
    return samples


def music() -> np.ndarray:
    """Chords with overtones, one a half second."""
    times = np.arange(RATE // 2) / RATE
    chords = [(220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247)] * 3
    sounds = [sum(np.sin(2 * np.pi * f * n * times) / n for f in chord for n in (1, 2, 3)) for chord in chords]
    return np.concatenate([0.05 * one * np.exp(-2 * times) for one in sounds]).astype(np.float32)


@pytest.mark.parametrize("make", [silence, hiss, hum, typing, music])
def test_where_nobody_speaks_no_words_are_invented(make):
    nothing = heard(encode(make(), "webm"))
    assert (nothing.text, nothing.pauses, nothing.is_damaged) == ("", [], False)


def test_a_file_that_was_cut_off_gives_what_is_there_and_a_broken_one_says_so():
    content = VOICE.read_bytes()
    cut = heard(content[: len(content) // 2])
    assert 3 < len(cut.words) < len(words(words_in_voice()))
    assert share_heard(cut.text, words_in_voice()) > 0.7
    webm = make_webm(seconds=1)
    broken = webm[:200] + b"\xff" * 50
    assert heard(broken).is_damaged or heard(broken).text == ""


def test_a_file_is_decoded_as_what_our_own_reader_took_it_for(tmp_path):
    """FFmpeg guesses formats, and some of them open other files."""
    (tmp_path / "secret.ogg").write_bytes(VOICE.read_bytes())
    playlist = f"#EXTM3U\n#EXTINF:10,\nfile://{tmp_path}/secret.ogg\n".encode()
    for content_type in audio.EXTENSIONS:
        with pytest.raises(sound.Unreadable):
            list(sound.pieces(io.BytesIO(playlist), content_type, most_seconds=60))


# --- from the row to the transcript ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_that_died_in_the_middle_is_followed_by_another_and_the_transcript_is_stored_once(settings):
    settings.SPEECH = True
    interview = make_interview(now=timezone.now())
    recording = record(interview, VOICE.read_bytes(), now=timezone.now())
    begun = timezone.now()
    recording.store(asked_at=begun)
    dead = Recording.objects.claim(recording.pk, now=begun)
    dead.note_heard(2.0, now=begun)
    hearing.hear(recording.pk, now=begun)  # the message comes again at once: the other may still be alive
    assert not Transcript.objects.exists()
    later = begun + (dead.held_until - begun) * 1.01
    hearing.hear(recording.pk, now=later)
    hearing.hear(recording.pk, now=later)
    transcript = Transcript.objects.get()
    assert share_heard(words_in_voice(), transcript.text) > 0.85
    assert answer_text(recording.question) == transcript.text
    assert transcript.engine_version == whisper.VERSION
    assert 80 < transcript.words_a_minute < 300
    recording.refresh_from_db()
    assert (recording.asked_at, recording.attempts, recording.held_until) == (None, 2, None)
    assert transcript.created_at > NOON
