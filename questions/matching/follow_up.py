"""Which follow-up is asked after an open answer: by rule, so that the same answer gets the same one; and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from questions.matching.lexical import Findings, Point, Verdict


class After(StrEnum):
    """What a follow-up comes after, in the order in which they are looked for."""

    MISSED = "missed"
    MISCONCEPTION = "misconception"
    HIT = "hit"
    ALWAYS = "always"


@dataclass(frozen=True)
class FollowUp:
    """What the choice needs of one. `about` is the place, from 0, of its rubric point or misconception."""

    after: After
    about: int | None = None


@dataclass(frozen=True)
class Choice:
    """`index` is the follow-up's place in the list; `reason` is a sentence for the candidate, shown afterwards."""

    index: int
    reason: str


def choose_follow_up(
    follow_ups: Sequence[FollowUp],
    findings: Findings | None,
    points: Sequence[Point],
    misconceptions: Sequence[str],
    *,
    spent: Collection[int] = (),
    met: Collection[int] = (),
) -> Choice | None:
    """The first that fits, in the order of `After` and then of the list; None where none fits.

    `findings` is None while there is no text to read, such as a recording without its transcript: then only one that
    may always be asked fits. `spent` were asked in this interview already and never come again; `met` the person has
    met before: one of them comes only where no other fits.
    """
    fitting = [
        Choice(index, reason)
        for after in After
        for index, follow_up in enumerate(follow_ups)
        if follow_up.after == after and index not in spent
        if (reason := _reason(follow_up, findings, points, misconceptions))
    ]
    return next((choice for choice in fitting if choice.index not in met), fitting[0] if fitting else None)


def _reason(
    follow_up: FollowUp, findings: Findings | None, points: Sequence[Point], misconceptions: Sequence[str]
) -> str:
    """Why it may be asked; empty where it may not."""
    if follow_up.after == After.ALWAYS:
        return "Asked of everybody who gets this question."
    if findings is None:
        return ""
    if follow_up.after == After.MISCONCEPTION:
        near = any(found.index == follow_up.about for found in findings.misconceptions)
        return f"Asked because part of your answer was close to: “{misconceptions[follow_up.about]}”." if near else ""
    found, point = findings.points[follow_up.about], points[follow_up.about].text
    if follow_up.after == After.MISSED:
        return f"Asked because we found no sentence about this point: “{point}”." if found.is_gap else ""
    is_hit = found.verdict == Verdict.FOUND
    return f"Asked to go deeper, because we found a sentence about this point: “{point}”." if is_hit else ""
