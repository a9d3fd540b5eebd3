"""The score to expect on each track, as plain JSON; behind the gates of statistics/track.py."""

from collections.abc import Mapping
from enum import StrEnum

from interviews.report.bank import BankQuestion
from interviews.report.statistics import track as statistics
from interviews.report.statistics.fitting import Fit
from questions.catalog_files import fits
from questions.models import Track

SECTION_FIELDS = ("levels", "categories", "topics", "subtopics", "formats")


class State(StrEnum):
    STATED = "stated"
    FEW_ANSWERS = "few answers"
    LITTLE_KNOWN = "little known"
    TOO_WIDE = "too wide"


def tracks_data(bank: Mapping[int, BankQuestion], fit: Fit, counted: int) -> list[dict]:
    """Every track that can be sat, in their order. `score`, `low` and `high` are None unless stated."""
    tracks = list(Track.objects.active().with_sections())
    if not tracks:
        return []
    forecasts = {
        pk: statistics.forecast(question.topic_weights, question.difficulty, fit)
        for pk, question in bank.items()
        if question.is_active
    }
    entries = {pk: entry_of(bank[pk]) for pk in forecasts}
    found = []
    for track in tracks:
        sections = []
        for section in track.sections.all():
            wanted = {name: getattr(section, name) for name in SECTION_FIELDS}
            pool = [forecasts[pk] for pk, entry in entries.items() if fits(entry, wanted)]
            sections.append((section.count, pool))
        if sections and all(pool for _, pool in sections):
            found.append({"track": track.slug, "name": track.name} | track_data(sections, fit, counted))
    return found


def entry_of(question: BankQuestion) -> dict:
    """As the catalog names its parts."""
    names = ("level", "category", "topics", "subtopic", "format")
    return {name: getattr(question, name) for name in names}


def track_data(sections: list[tuple[int, list[statistics.Forecast]]], fit: Fit, counted: int) -> dict:
    questions, count = statistics.asked(sections), sum(count for count, _ in sections)
    share = statistics.known_share(questions, fit)
    expected = statistics.expected(questions, count, fit)
    state = State.STATED
    if counted < statistics.MIN_ANSWERS:
        state = State.FEW_ANSWERS
    elif share < statistics.MIN_SHARE:
        state = State.LITTLE_KNOWN
    elif expected.width > statistics.MAX_WIDTH:
        state = State.TOO_WIDE
    data = {"state": state.value, "questions": count, "answers": counted, "share": share}
    data |= dict.fromkeys(("score", "low", "high", "sitting_low", "sitting_high"))
    data["width"] = expected.width if state == State.TOO_WIDE else None
    if state == State.STATED:
        data |= {name: getattr(expected, name) for name in ("score", "low", "high", "sitting_low", "sitting_high")}
    return data
