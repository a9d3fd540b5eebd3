"""What the report says first: what is strong or weak, how the chosen tracks look, what to do today."""

from collections.abc import Sequence

from interviews.report import wording
from interviews.report.page import ReportPage, TopicRow
from interviews.report.practice_page import PracticePage
from interviews.report.statistics.weakness import Label

BELOW = {Label.WEAK: "very likely", Label.PROBABLY_WEAK: "probably"}
AT = {Label.ON_TARGET: "very likely", Label.PROBABLY_ON_TARGET: "probably"}


def opening(page: ReportPage, practice: PracticePage | None = None) -> list[str]:
    """One sentence each; the third only where there is practice to offer. They carry no number that stands below."""
    if not page.has_estimates:
        standing = page.not_enough
    else:
        rows = [row for _, group in page.groups for row in group]
        thin = [thin.topic.name for thin in page.thin]
        standing = standing_sentence(named(rows, BELOW), named(rows, AT), thin)
    known = [(track.name, track.word) for track in page.readiness if track.is_known]
    unknown = [track.name for track in page.readiness if not track.is_known]
    said = [standing, tracks_sentence(known, unknown)]
    if practice is not None:
        said.append(today_sentence(len(practice.measuring), len(practice.reviews)))
    return said


def named(rows: Sequence[TopicRow], words: dict[Label, str]) -> tuple[str, list[str]]:
    """How likely that is of these topics, and their names."""
    found = [row for row in rows if row.estimate.label in words]
    said = [word for label, word in words.items() if any(row.estimate.label == label for row in found)]
    return " or ".join(said), [row.topic.name for row in found]


def standing_sentence(below: tuple[str, list[str]], at: tuple[str, list[str]], thin: Sequence[str]) -> str:
    """What is strong or weak. `below` and `at`: how likely, and which topics; `thin`: those without enough answers."""
    parts = []
    if below[1]:
        parts.append(f"{below[0]} below your target in {some_of(quoted(below[1]))}")
    if at[1]:
        parts.append(f"{at[0]} at or above {'it' if parts else 'your target'} in {some_of(quoted(at[1]))}")
    if parts:
        return f"You are {', and '.join(parts)}."
    if thin:
        return f"We can’t tell yet what is strong or weak. Answers on {some_of(quoted(thin))} would help most."
    return "No topic is clearly below or above your target. More answers make the ranges narrower."


def tracks_sentence(known: Sequence[tuple[str, str]], unknown: Sequence[str]) -> str:
    """How the tracks look that were chosen. `known`: with the word of their readiness."""
    by_word: dict[str, list[str]] = {}
    for name, word in known:
        by_word.setdefault(word, []).append(name)
    said = [
        f"{some_of(names)} look{'s' if len(names) == 1 else ''} {word} {'your target' if n == 0 else 'it'}"
        for n, (word, names) in enumerate(by_word.items())
    ]
    if said:
        return f"{'; '.join(said)}."
    if unknown:
        return f"We can’t tell yet how you’d do in {some_of(unknown)}."
    return "You haven’t done a mock interview on a track yet, so we can’t say how you’d do in one."


def today_sentence(measuring: int, reviews: int) -> str:
    if not measuring + reviews:
        return "Nothing needs practice today."
    if not measuring:
        return f"You have {wording.how_many(reviews, 'question')} to refresh today."
    if not reviews:
        return f"You have {wording.how_many(measuring, 'question')} to practise today, the most useful for your report."
    return (
        f"You have {wording.how_many(measuring + reviews, 'question')} to practise today: "
        f"{measuring} that add most to your report, {reviews} to refresh."
    )


def quoted(names: Sequence[str]) -> list[str]:
    """Names of topics hold commas and “and”."""
    return [f"“{name}”" for name in names]


def some_of(names: Sequence[str], most: int = 3) -> str:
    """The first few: "A, B and 2 more"."""
    more = len(names) - most
    return wording.listed([*names[:most], *([f"{more} more"] if more > 0 else [])])
