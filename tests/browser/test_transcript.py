"""A transcript in a real browser: it arrives by itself, its words play the sound, and its candidate corrects it."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.sitting.models import Interview
from interviews.speech.heard import Heard, Word
from interviews.speech.models import Recording, Transcript
from tests.browser.conftest import axe_violations
from tests.browser.test_saving import eventually
from tests.factories import make_interview
from tests.interviews.speech.test_voice import record
from tests.interviews.speech.voice_file import VOICE

pytestmark = pytest.mark.django_db(transaction=True)
SAID = ["Mr.", "John", "Dashwood", "had", "then", "leisure"]


@pytest.fixture
def recording(person) -> Recording:
    now = timezone.now()
    interview = make_interview(candidate=person, formats=("free_text",), now=now)
    recording = record(interview, VOICE.read_bytes(), now=now)
    recording.store(asked_at=now)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.finish(lease=locked.lease, now=now)
    return recording


def position_of(page: Page) -> float:
    return page.locator(".recording audio").evaluate("(sound) => sound.currentTime")


def test_a_transcript_arrives_without_a_reload_and_its_words_play_the_sound(candidate_page, home, recording):
    page = candidate_page
    page.goto(home + reverse("interviews:results", args=[recording.question.interview.public_id]))
    expect(page.get_by_text("Transcribing your recording")).to_be_visible()
    page.evaluate("window.isTheSame = true")
    words = [Word(word, 2.0 * place, 2.0 * place + 0.4, 0.2 if place == 2 else 0.9) for place, word in enumerate(SAID)]
    heard = Heard(words, seconds=15.4, pauses=[(10.4, 13.0)])
    Transcript.objects.keep(recording, heard, engine="tiny.en", version="1", now=timezone.now())
    word = page.get_by_role("button", name="then", exact=True)
    expect(word).to_be_visible(timeout=15_000)
    assert page.evaluate("window.isTheSame")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert axe_violations(page) == []
    word.click()
    eventually(lambda: position_of(page) >= 8)
    page.get_by_role("button", name="Mr.").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Dashwood (unsure)")).to_be_focused()
    eventually(lambda: 4 <= position_of(page) < 8)
    page.get_by_text("How you said it").click()
    expect(page.get_by_text("3 seconds at 0:11")).to_be_visible()
    page.get_by_text("Correct the transcript").click()
    page.get_by_label("What you said").fill("Mister John Dashwood had then leisure.")
    page.get_by_role("button", name="Save the correction").click()
    expect(page.get_by_text("Transcript, corrected")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("window.isTheSame")
    assert not [url for url in asked if "transcript" in url and url.endswith("/panel/")]  # it has stopped asking
