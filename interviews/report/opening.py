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
        standing = wording.standing_sentence(named(rows, BELOW), named(rows, AT), thin)
    known = [(track.name, track.word) for track in page.readiness if track.is_known]
    unknown = [track.name for track in page.readiness if not track.is_known]
    said = [standing, wording.tracks_sentence(known, unknown)]
    if practice is not None:
        said.append(wording.today_sentence(len(practice.measuring), len(practice.reviews)))
    return said


def named(rows: Sequence[TopicRow], words: dict[Label, str]) -> tuple[str, list[str]]:
    """How likely that is of these topics, and their names."""
    found = [row for row in rows if row.estimate.label in words]
    said = [word for label, word in words.items() if any(row.estimate.label == label for row in found)]
    return " or ".join(said), [row.topic.name for row in found]
