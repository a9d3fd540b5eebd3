"""The scorecard of a whole interview: five dimensions with their anchors, and what a finished one needs. No Django."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

VERDICTS = {"strong_no": "Strong no", "no": "No", "yes": "Yes", "strong_yes": "Strong yes"}
# A 1 in ML knowledge allows no better verdict.
CAPPED_VERDICTS = ("strong_no", "no")
SCORES_THAT_NEED_A_QUOTE = (1, 4)
# What the interview gave no occasion to show is no 1.
NOT_SEEN = 0
SCORES = (NOT_SEEN, 1, 2, 3, 4)


@dataclass(frozen=True)
class Dimension:
    key: str
    name: str
    anchors: tuple[str, str, str, str]  # of the scores 1 to 4


DIMENSIONS = (
    Dimension(
        "framing",
        "Problem framing",
        (
            "Answers another question",
            "Some questions asked, answers unused",
            "Scope, constraints, success measure stated",
            "Reframes to the business goal, says what to leave out",
        ),
    ),
    Dimension(
        "knowledge",
        "ML knowledge",
        (
            "Wrong on fundamentals",
            "Right words, no mechanism",
            "Correct mechanism and assumptions",
            "Limits, failure modes, counter-examples",
        ),
    ),
    Dimension(
        "judgement",
        "Judgement and trade-offs",
        (
            "One option, no reason",
            "Lists options",
            "Commits and says what it costs",
            "Quantifies, says what would change the choice",
        ),
    ),
    Dimension(
        "production",
        "Evaluation and production",
        (
            "Accuracy only",
            "Offline metric only",
            "Offline and online, leakage, monitoring",
            "Ties the metric to cost, plans the roll-back",
        ),
    ),
    Dimension(
        "communication",
        "Communication and pace",
        (
            "No structure, ran out of time",
            "Partly structured",
            "Clear order, in budget",
            "Steers, summarises, leaves time",
        ),
    ),
)


def faults(scores: Mapping[str, int], quotes: Mapping[str, str], verdict: str) -> Iterator[str]:
    """What the scorecard still lacks, in words for the coach.

    `scores` (1–4, or NOT_SEEN) and `quotes` go by dimension key.
    """
    for dimension in DIMENSIONS:
        score = scores.get(dimension.key)
        if score is None:
            yield f"{dimension.name}: no score yet."
        elif score in SCORES_THAT_NEED_A_QUOTE and not quotes.get(dimension.key, "").strip():
            yield f"{dimension.name}: a {score} needs a quote from the answers."
    if not verdict:
        yield "No verdict yet."
    elif scores.get("knowledge") == 1 and verdict not in CAPPED_VERDICTS:
        yield "A 1 in ML knowledge allows no better verdict than “No”."
