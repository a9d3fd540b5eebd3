"""Item statistics in words: each number with its n and 80 % range, and only from the n that it needs."""

from collections.abc import Iterator

from questions.models import QuestionDifficulty, QuestionStatistics
from questions.statistics import DISCRIMINATION_SHOWN_FROM, FACILITY_SHOWN_FROM, Z80


def facility(item: QuestionStatistics) -> str:
    """The mean score; from 10 first attempts."""
    if item.count < FACILITY_SHOWN_FROM:
        return f"{item.count} of {FACILITY_SHOWN_FROM} answers"
    half = Z80 * item.facility_se
    low, high = max(0.0, item.facility - half), min(1.0, item.facility + half)
    return f"{100 * item.facility:.0f}% ({100 * low:.0f} to {100 * high:.0f}), n {item.count}"


def discrimination(item: QuestionStatistics) -> str:
    """In per cent; from 30 first attempts by people with seven others."""
    if item.rest_count < DISCRIMINATION_SHOWN_FROM:
        return f"{item.rest_count} of {DISCRIMINATION_SHOWN_FROM} answers"
    if item.discrimination is None:
        return f"none: all scored alike, n {item.rest_count}"
    low, high = item.discrimination_low, item.discrimination_high
    return f"{item.discrimination:.0f}% ({low:.0f} to {high:.0f}), n {item.rest_count}"


def facts(item: QuestionStatistics, difficulty: QuestionDifficulty | None) -> Iterator[tuple[str, str]]:
    """(name, value) of all that is known of a question."""
    yield "Facility (mean score)", facility(item)
    if item.count >= FACILITY_SHOWN_FROM:
        yield "Standard error, standard deviation", f"{item.facility_se:.3f}, {item.facility_sd:.3f}"
    yield "Discrimination", discrimination(item)
    if item.rest_count >= DISCRIMINATION_SHOWN_FROM and item.efficiency is not None:
        yield "Discriminative efficiency", f"{item.efficiency:.0f}%"
    if item.timed_count >= FACILITY_SHOWN_FROM:
        yield "Median share of its time used", f"{100 * item.median_time_ratio:.0f}%, n {item.timed_count}"
        yield "Ran out of time", f"{item.timeout_count} of {item.timed_count}"
    if difficulty:
        low, high = (
            difficulty.value - Z80 * difficulty.standard_error,
            difficulty.value + Z80 * difficulty.standard_error,
        )
        value = f"{difficulty.value:+.2f} ({low:+.2f} to {high:+.2f}), n {difficulty.count}"
        yield "Difficulty in logits", f"{value}; expected of its level {difficulty.day_one:+.2f}"
        yield "Snapshot", difficulty.snapshot.name
    yield "Worth a look", ", ".join(item.flags) or "nothing stands out"
    yield "Computed", f"{item.computed_at:%Y-%m-%d %H:%M} UTC"
