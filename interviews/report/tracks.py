"""The score to expect on each track, as plain JSON; behind the gates of statistics/track.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class TrackPools:
    """A track, and of each section how many questions it asks and which it asks them from, by id."""

    track: Track
    sections: Sequence[tuple[int, Sequence[int]]]

    @property
    def question_count(self) -> int:
        return sum(count for count, _ in self.sections)

    def asked(self, forecasts: Mapping[int, statistics.Forecast]) -> list[statistics.Asked]:
        return statistics.asked([(count, [forecasts[pk] for pk in pool]) for count, pool in self.sections])


def track_pools(bank: Mapping[int, BankQuestion]) -> list[TrackPools]:
    """Of every track that can be sat, in their order."""
    entries = {pk: entry_of(question) for pk, question in bank.items() if question.is_active}
    found = []
    for track in Track.objects.active().with_sections():
        sections = []
        for section in track.sections.all():
            wanted = {name: getattr(section, name) for name in SECTION_FIELDS}
            sections.append((section.count, [pk for pk, entry in entries.items() if fits(entry, wanted)]))
        if sections and all(pool for _, pool in sections):
            found.append(TrackPools(track, sections))
    return found


def forecasts(bank: Mapping[int, BankQuestion], fit: Fit) -> dict[int, statistics.Forecast]:
    active = {pk: (one.topic_weights, one.difficulty) for pk, one in bank.items() if one.is_active}
    return statistics.forecasts(active, fit)


def tracks_data(pools: Sequence[TrackPools], bank: Mapping[int, BankQuestion], fit: Fit, counted: int) -> list[dict]:
    """`score`, `low` and `high` are None unless stated; `shares`: how much of the track each topic is."""
    of_questions = forecasts(bank, fit) if pools else {}
    return [track_data(one, one.asked(of_questions), fit, counted) for one in pools]


def entry_of(question: BankQuestion) -> dict:
    """As the catalog names its parts."""
    names = ("level", "category", "topics", "subtopic", "format")
    return {name: getattr(question, name) for name in names}


def track_data(pools: TrackPools, questions: Sequence[statistics.Asked], fit: Fit, counted: int) -> dict:
    count, share = pools.question_count, statistics.known_share(questions, fit)
    expected = statistics.expected(questions, count, fit)
    state = State.STATED
    if counted < statistics.MIN_ANSWERS:
        state = State.FEW_ANSWERS
    elif share < statistics.MIN_SHARE:
        state = State.LITTLE_KNOWN
    elif expected.width > statistics.MAX_WIDTH:
        state = State.TOO_WIDE
    data = {"track": pools.track.slug, "name": pools.track.name, "shares": statistics.topic_shares(questions)}
    data |= {"state": state.value, "questions": count, "answers": counted, "share": share}
    data |= dict.fromkeys(("score", "low", "high", "sitting_low", "sitting_high"))
    data["width"] = expected.width if state == State.TOO_WIDE else None
    if state == State.STATED:
        data |= {name: getattr(expected, name) for name in ("score", "low", "high", "sitting_low", "sitting_high")}
    return data
