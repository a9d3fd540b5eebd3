"""What a reader of the whole bank would stumble over, though each entry is right. `check_catalog` warns of it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from questions import catalog_files, formats
from questions.formats.free_text import length_warning
from questions.models import Status

NOT_ENGLISH = re.compile(r"belongs? into|\ban own\b|[Ww]ith which probability")
FEW = 10  # several right options in so few questions say nothing of a habit

Warning = tuple[str, str]  # the slug, and why


def warnings(questions: Sequence[dict], tracks: Sequence[dict]) -> Iterator[Warning]:
    sections = [section for track in tracks for section in track["sections"]]
    for entry in questions:
        for phrase in sorted(set(NOT_ENGLISH.findall(" ".join(_texts(entry))))):
            yield entry["slug"], f"“{phrase}” is not English"
        for place, follow_up in enumerate(entry.get("follow_ups", []), start=1):
            if why := length_warning(follow_up["model_answer"], follow_up["limit_seconds"]):
                yield entry["slug"], f"follow_ups[{place}].model_answer: {why}"
        if entry["status"] == Status.PUBLISHED and not any(catalog_files.fits(entry, section) for section in sections):
            yield entry["slug"], "is in no track"
    yield from _twins(questions)
    yield from _counts_of_right_options(questions)


def _twins(questions: Sequence[dict]) -> Iterator[Warning]:
    first = {}
    for entry in questions:
        if "check" in entry:
            other = first.setdefault(entry["check"].replace(" ", ""), entry["slug"])
            if other != entry["slug"]:
                yield entry["slug"], f"computes what {other} computes"


def _counts_of_right_options(questions: Sequence[dict]) -> Iterator[Warning]:
    """Whoever knows how many are right needs to know less."""
    choices = [entry for entry in questions if formats.get(entry["format"]).takes_several]
    counts = Counter(sum(option["right"] for option in entry["options"]) for entry in choices)
    for right, count in counts.most_common(1):
        if len(choices) > FEW and count > len(choices) / 2:
            yield choices[0]["format"], f"{count} of {len(choices)} have {right} right options"


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
