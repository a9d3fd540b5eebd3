"""Sitting an interview aloud, by keyboard, with Chromium's own microphone; the voices are a stub, as it has none."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from interviews.speech.models import Recording
from tests.browser.conftest import axe_violations
from tests.browser.test_saving import eventually
from tests.factories import make_track, make_version

pytestmark = pytest.mark.django_db(transaction=True)
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


def test_a_question_is_read_aloud_answered_by_two_presses_and_the_next_one_written(candidate_page, person, home):
    page = candidate_page
    page.add_init_script(VOICES)
    for number in (1, 2):
        make_version(slug=f"question-{number}", limit_seconds=600)
    make_track(count=2, limit_seconds=3000)
    page.goto(home + reverse("interviews:interview_new"))
    page.get_by_label("Speak", exact=True).check()
    expect(page.get_by_text("short open answers get half the writing time")).to_be_visible()
    page.get_by_role("button", name="Test your microphone").press("Enter")
    expect(page.get_by_text("We can hear you.")).to_be_visible(timeout=15_000)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Start", exact=True).press("Enter")
    start = page.get_by_role("button", name="Start your answer")
    expect(start).to_be_visible()
    title = page.get_by_role("heading", level=1).inner_text()
    (read,) = [one for one in page.evaluate("window.spoken") if one != "cancelled"]
    assert (read[0].startswith(f"{title}. Prompt of"), read[1:]) == (True, ["en-US", "near"])
    start.press("Enter")
    end = page.get_by_role("button", name="End your answer")
    expect(end).to_be_focused()
    assert page.evaluate("window.spoken").pop() == "cancelled"  # or the microphone would hear it
    expect(page.locator("[data-voice=left]")).to_have_text(re.compile("4:5"))  # half of ten minutes
    expect(page.locator("[data-voice=time]")).to_have_text(re.compile("0:0[2-9]"), timeout=15_000)
    page.keyboard.press("Enter")
    expect(page.locator("[data-voice=state]")).to_have_text(re.compile("Recorded, 0:0"), timeout=15_000)
    assert axe_violations(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(title)
    eventually(lambda: len([one for one in page.evaluate("window.spoken") if one != "cancelled"]) == 2)
    page.get_by_role("button", name="Write this one instead").press("Enter")
    expect(page.get_by_text("Answer out loud")).to_be_visible()
    expect(page.get_by_role("button", name="Read the question aloud")).to_have_count(0)
    eventually(lambda: page.evaluate("window.spoken").pop() == "cancelled")
    expect(page.locator(".clocks")).to_contain_text(re.compile("9:5[0-9]|10:00"))
    assert Recording.objects.get().is_answer
