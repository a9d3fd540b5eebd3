"""A whole spoken screen by keyboard: Chromium's microphone plays a person who speaks, the site's own engine listens.

The voices that read questions aloud are a stub, as Chromium has none here.
"""

import os
import re
import wave
from pathlib import Path

import pytest

if os.environ.get("CI") != "true":  # there it has to be installed
    pytest.importorskip("faster_whisper", reason="requirements-speech.txt is not installed")

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviews.speech import tasks as speech
from interviews.speech.models import Recording, Transcript
from questions import listening
from questions.models import TrackSection
from tests.browser.conftest import TOO_SOON_MS, axe_violations
from tests.browser.test_follow_ups import hand_in
from tests.browser.test_keyboard import tab_to
from tests.browser.test_saving import eventually
from tests.factories import make_follow_up, make_track, make_version
from tests.interviews.speech.voice import RATE, samples_of
from tests.interviews.speech.voice_file import VOICE

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 7  # of the voice: its first sentence, in which nothing is said twice
VOICES = """
window.spoken = [];
const voices = [
  { name: "far", lang: "en-GB", localService: false },
  { name: "near", lang: "en-US", localService: true },
];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  speak: (said) => window.spoken.push([said.text, said.lang, said.voice.name]),
  cancel: () => window.spoken.push("cancelled"),
} });
window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) { super(); this.text = text; }
};
"""
FOLDS, LEISURE = "Names the folds of time series", "States that John Dashwood had leisure to consider"


@pytest.fixture
def voice(tmp_path) -> Path:
    """As Chromium plays it once, from its beginning each time that the microphone is opened."""
    path = tmp_path / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", None))
        file.writeframes((samples_of(VOICE.read_bytes())[: SECONDS * RATE] * 32_767).astype("<i2").tobytes())
    return path


@pytest.fixture
def page(launch_browser, browser_type_launch_args, voice):
    """Of a browser of its own: what the microphone plays is said when it starts."""
    args = [*browser_type_launch_args["args"], f"--use-file-for-fake-audio-capture={voice}%noloop"]
    browser = launch_browser(args=args)
    yield browser.new_page()
    browser.close()


def read_aloud(page: Page) -> list:
    return [one for one in page.evaluate("window.spoken") if one != "cancelled"]


def say_the_answer(page: Page, seconds: int) -> None:
    """One press starts it, a second ends it."""
    tab_to(page, "[data-voice=record]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="End your answer")).to_be_focused()
    expect(page.locator("[data-voice=time]")).to_have_text(re.compile(f"0:0[{seconds}-9]"), timeout=30_000)
    page.keyboard.press("Enter")
    expect(page.locator("[data-voice=state]")).to_have_text(re.compile("Recorded, 0:"), timeout=15_000)


def listen() -> None:
    """What the workers do with the newest recording."""
    recording = Recording.objects.latest("pk")
    speech.store(recording.pk, now=timezone.now())
    speech.transcribe_recording(recording.pk)


def test_a_screen_is_spoken_heard_asked_back_about_and_marked_by_keyboard(candidate_page, home, settings):
    settings.SPEECH = True
    page = candidate_page
    page.add_init_script(VOICES)
    for number in range(6):
        make_version(points=(f"Says something of planets and rivers {number}",), level="advanced")
    probes = [make_follow_up(ask="Could you say more about the folds?", after="missed", point=1, limit_seconds=90)]
    make_version(slug="said", points=(FOLDS, LEISURE), limit_seconds=600, follow_ups=probes, level="beginner")
    make_version(slug="written", limit_seconds=600)
    track = make_track(count=1, limit_seconds=1300, levels=["beginner"])
    TrackSection.objects.create(track=track, position=1, name="Second", count=1, levels=["intermediate"])
    listening.lexical_grader.cache_clear()

    page.goto(home + reverse("interviews:interview_new"))
    page.get_by_label("Speak", exact=True).press("Space")
    expect(page.get_by_text("short open answers get half the writing time")).to_be_visible()
    page.get_by_role("button", name="Test your microphone").press("Enter")
    expect(page.get_by_text("We can hear you.")).to_be_visible(timeout=15_000)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Start", exact=True).press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Title of said")
    eventually(lambda: len(read_aloud(page)) == 1)
    (read,) = read_aloud(page)
    assert (read[0].startswith("Title of said. Prompt of"), read[1:]) == (True, ["en-US", "near"])
    expect(page.locator(".clocks")).to_contain_text(re.compile("4:5[0-9]|5:00"))  # half of ten minutes
    say_the_answer(page, SECONDS)
    assert page.evaluate("window.spoken").pop() == "cancelled"  # or the microphone would have heard it
    assert axe_violations(page) == []
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Title of written")
    eventually(lambda: len(read_aloud(page)) == 2)
    listen()
    page.get_by_role("button", name="Write this one instead").press("Enter")
    expect(page.get_by_text("Answer out loud")).to_be_visible()
    expect(page.get_by_role("button", name="Read the question aloud")).to_have_count(0)
    eventually(lambda: page.evaluate("window.spoken").pop() == "cancelled")
    expect(page.locator(".clocks")).to_contain_text(re.compile("9:5[0-9]|10:00"))
    page.wait_for_timeout(TOO_SOON_MS)
    hand_in(page, "Because.")

    assert "leisure" in Transcript.objects.get().text
    asked = page.get_by_role("heading", level=1)
    expect(asked).to_have_text("Going back to your answer on “Title of said”: Could you say more about the folds?")
    expect(asked).to_be_focused()
    eventually(lambda: read_aloud(page)[-1][0] == asked.inner_text())
    assert axe_violations(page) == []
    say_the_answer(page, 4)
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**/results/")
    expect(page.get_by_text("Transcribing your recording")).to_be_visible()
    page.evaluate("window.isTheSame = true")
    listen()
    expect(page.get_by_text("Transcribing your recording")).to_have_count(0, timeout=15_000)
    expect(page.locator(".transcript-words")).to_have_count(2)
    assert page.evaluate("window.isTheSame")
    expect(page.get_by_text("Asked because we found no sentence about this point: “Names the folds")).to_be_visible()

    word = page.locator(".transcript-words").first.get_by_role("button", name=re.compile("leisure", re.I))
    tab_to(page, ".word")
    for _ in range(30):
        if word.evaluate("(word) => word === document.activeElement"):
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    sound = page.locator("audio").first
    at = float(word.get_attribute("data-at"))
    assert at > 0.5
    eventually(lambda: sound.evaluate("(sound) => sound.currentTime") > at + 0.2)  # it plays from there

    suggested = page.get_by_text(re.compile("(You may have said this|Possibly) here: «.*leisure", re.I))
    expect(suggested).to_be_visible()
    assert axe_violations(page) == []
    tab_to(page, "input[value=hit]")
    page.keyboard.press("ArrowLeft")  # the last of the three
    tab_to(page, "input[name*=keep]")
    page.keyboard.press("Space")
    tab_to(page, "input[value=hit]")
    page.keyboard.press("Space")
    tab_to(page, ".button.is-primary")
    page.keyboard.press("Enter")
    expect(page.locator(".rubric small")).to_contain_text(re.compile("leisure", re.I))
    assert page.evaluate("window.isTheSame")
