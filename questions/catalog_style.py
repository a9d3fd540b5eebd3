"""What a reader of the whole bank would stumble over, though each entry is right. `check_catalog` warns of it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from questions import catalog_files, formats
from questions.models import QuestionVersion, Status

WORDS_A_MINUTE = 45  # of a model answer, so that a person can say as much in the time
NOT_ENGLISH = re.compile(r"belongs? into|\ban own\b|[Ww]ith which probability")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

Warning = tuple[str, str]  # the slug, and why


def warnings(questions: Sequence[dict], tracks: Sequence[dict]) -> Iterator[Warning]:
    for entry in questions:
        for why in _own_warnings(entry):
            yield entry["slug"], why
    yield from _twins(questions)
    yield from _counts_of_right_options(questions)
    sections = [section for track in tracks for section in track["sections"]]
    for entry in questions:
        if entry["status"] == Status.PUBLISHED and not any(catalog_files.fits(entry, section) for section in sections):
            yield entry["slug"], "is in no track"


def _own_warnings(entry: dict) -> Iterator[str]:
    for phrase in sorted(set(NOT_ENGLISH.findall(" ".join(_texts(entry))))):
        yield f"“{phrase}” is not English"
    if entry["format"] == "free_text":
        yield from _length(entry, "model_answer")
    for place, follow_up in enumerate(entry.get("follow_ups", []), start=1):
        yield from _length(follow_up, f"follow_ups[{place}].model_answer")
    if entry["format"] == "numeric" and (printed := _printed_answer(entry)):
        yield f"prompt: prints the answer, {printed}"


def _length(asked: dict, name: str) -> Iterator[str]:
    words, most = len(asked["model_answer"].split()), WORDS_A_MINUTE * asked["limit_seconds"] / 60
    if words > most:
        yield f"{name}: {words} words; {most:.0f} can be said in the time"


def _printed_answer(entry: dict) -> str:
    """The first number in the prompt that would score, or would if it were taken from 100%."""
    numeric, version = formats.get("numeric"), QuestionVersion(answer=entry["answer"])
    for number in NUMBER.findall(entry["prompt"]):
        value = float(number.replace(",", ""))
        rest = [f"{1 - value:.9g}"] if entry["answer"].get("unit") == "%" and 0 < value < 1 else []
        if any(numeric.score(version, [text]).score for text in (number, *rest)):
            return number
    return ""


def _twins(questions: Sequence[dict]) -> Iterator[Warning]:
    first = {}
    for entry in questions:
        if entry["format"] == "numeric":
            other = first.setdefault(entry["check"].replace(" ", ""), entry["slug"])
            if other != entry["slug"]:
                yield entry["slug"], f"computes what {other} computes"


def _counts_of_right_options(questions: Sequence[dict]) -> Iterator[Warning]:
    """Whoever knows how many are right needs to know less."""
    choices = [entry for entry in questions if entry["format"] == "multiple_choice"]
    counts = Counter(sum(option["right"] for option in entry["options"]) for entry in choices)
    for right, count in counts.most_common(1):
        if len(choices) > 10 and count > len(choices) / 2:
            yield "multiple_choice", f"{count} of {len(choices)} have {right} right options"


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
