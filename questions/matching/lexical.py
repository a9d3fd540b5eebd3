"""The LexicalGrader: for each rubric point the sentence of the answer that is nearest to it by its words.

It finds sentences about a point. Whether they say it, a person decides: it cannot tell a statement from its opposite,
and where a negation or a listed misconception is near it says so instead of being sure.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from questions.matching.direction import Claim, is_list
from questions.matching.text import Window, content_stems, is_content, stem, windows, words
from questions.matching.weights import Weights, letter_runs

FOUND, CHECK, GAP = 0.8, 0.5, 0.2  # probabilities
FUZZY = 0.8  # what a stem counts that is one slip of a key away
SHORTEST_FUZZY = 5  # letters; below, one slip makes another word
FEWEST_STEMS = 3  # a paraphrase of fewer is never enough for `found`


class Coefficients(NamedTuple):
    """Of the logistic model that turns a cosine and a recall into a probability."""

    intercept: float
    of_cosine: float
    of_recall: float

    def confidence(self, cosine: float, recall: float) -> float:
        return 1 / (1 + math.exp(-(self.intercept + self.of_cosine * cosine + self.of_recall * recall)))


# Fitted by `./dev bench grading --fit` on benchmarks/grading/fit, never on what the benchmark reports.
FITTED = Coefficients(-4.47, 3.43, 10.86)


class Verdict(StrEnum):
    FOUND = "found"
    CHECK = "check"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Point:
    """A rubric point: its statement, and other ways to put it."""

    text: str
    says: Sequence[str] = ()


@dataclass(frozen=True)
class Suggestion:
    """What was found about one point, or one misconception: its place in the list, from 0.

    `answer[start:end]` is the nearest sentence or two, empty where nothing was found. `confidence` is how likely such a
    sentence is about it; nobody is shown it.
    """

    index: int
    verdict: Verdict
    confidence: float | None  # None: its grader gives none
    start: int = 0
    end: int = 0
    reason: str = ""  # why `check` and not `found`: see the grader; empty for a middling match

    @property
    def is_gap(self) -> bool:
        return self.confidence is not None and self.confidence < GAP


@dataclass(frozen=True)
class Findings:
    """One suggestion a point, in their order; and the misconceptions that the answer is near to."""

    points: list[Suggestion]
    misconceptions: list[Suggestion] = field(default_factory=list)


@dataclass(frozen=True)
class Match:
    """The window of an answer that is nearest to a statement."""

    confidence: float
    window: Window
    cosine: float
    recall: float
    doubt: str  # why it cannot be more than `check`; empty where nothing speaks against it

    @property
    def rank(self) -> tuple[bool, float]:
        """What is good for `found` before what is not, then the nearer one."""
        return self.confidence >= FOUND and not self.doubt, self.confidence


class LexicalGrader:
    """`name` and `version` are to be stored with each of its suggestions."""

    name = "lexical"
    version = "1"

    def __init__(self, weights: Weights, coefficients: Coefficients = FITTED) -> None:
        self.weights = weights
        self.coefficients = coefficients

    def suggest(self, question: str, points: Sequence[Point], misconceptions: Sequence[str], answer: str) -> Findings:
        """`question` is all that was asked, title and prompt: its own words are no evidence."""
        read = ReadAnswer(answer, self.weights)
        asked = frozenset(stem(word.text) for word in words(question))
        near_points = [self.matches(read, asked, ways_to_put(point)) for point in points]
        near_wrongs = [self.matches(read, asked, [wrong]) for wrong in misconceptions]
        return Findings(
            [_about_point(index, near, near_wrongs) for index, near in enumerate(near_points)],
            list(_about_misconceptions(near_wrongs, near_points)),
        )

    def matches(self, read: "ReadAnswer", asked: frozenset[str], texts: Iterable[str]) -> list[Match]:
        """Of each window the best match with any of the texts, the best one first."""
        best: dict[int, Match] = {}
        for text in texts:
            for place, match in self._held_against(read, text, asked):
                if place not in best or match.rank > best[place].rank:
                    best[place] = match
        return sorted(best.values(), key=lambda match: match.rank, reverse=True)

    def _held_against(self, read: "ReadAnswer", text: str, asked: frozenset[str]) -> Iterator[tuple[int, Match]]:
        """Each window that has any of the text's words."""
        stems = content_stems(text)
        cosines = read.cosines(text)
        claim, has_few_words = Claim.of(words(text)), len(stems) < FEWEST_STEMS
        for place, recall in read.recalls([known for known in stems if known not in asked]).items():
            window, cosine = read.windows[place], cosines.get(place, 0.0)
            yield (
                place,
                Match(
                    confidence=self.coefficients.confidence(cosine, recall),
                    window=window,
                    cosine=cosine,
                    recall=recall,
                    doubt="few words" if has_few_words else read.doubt(place, claim),
                ),
            )


class ReadAnswer:
    """An answer's windows, indexed by their stems and runs of letters, so that each statement is looked up fast."""

    def __init__(self, answer: str, weights: Weights) -> None:
        self.answer = answer
        self.weights = weights
        self.windows = windows(answer)
        self._by_stem: dict[str, set[int]] = defaultdict(set)
        self._by_run: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for place, window in enumerate(self.windows):
            for word in window.words:
                if is_content(word.text):
                    self._by_stem[stem(word.text)].add(place)
                for run in letter_runs(word.text):
                    self._by_run[run][place] += 1

    def doubt(self, place: int, claim: Claim) -> str:
        """Why this window, though near, may not say what is claimed."""
        said, is_list = self._claims[place]
        return "list" if is_list else claim.doubt_about(said)

    @cached_property
    def _claims(self) -> list[tuple[Claim, bool]]:
        return [
            (Claim.of(window.words), is_list(window.words, self.answer.count(",", window.start, window.end)))
            for window in self.windows
        ]

    def recalls(self, stems: Sequence[str]) -> dict[int, float]:
        """The share of the stems, by their weight, that each window has."""
        whole = sum(map(self.weights.of_stem, stems))
        found: dict[int, float] = defaultdict(float)
        for wanted in stems:
            weight = self.weights.of_stem(wanted) / whole
            exact = self._by_stem.get(wanted, set())
            fuzzy = set().union(*(self._by_stem[other] for other in self._slips_of(wanted))) - exact
            for place in exact:
                found[place] += weight
            for place in fuzzy:
                found[place] += FUZZY * weight
        return found

    def _slips_of(self, wanted: str) -> list[str]:
        return [other for other in self._long_stems.get(wanted[:1], ()) if is_one_slip(wanted, other)]

    @cached_property
    def _long_stems(self) -> dict[str, list[str]]:
        by_letter = defaultdict(list)
        for known in self._by_stem:
            if len(known) >= SHORTEST_FUZZY:
                by_letter[known[0]].append(known)
        return by_letter

    def cosines(self, text: str) -> dict[int, float]:
        """Of the TF-IDF vectors of runs of letters."""
        vector = self.weights.vector(text)
        length = math.hypot(*vector.values())
        dots: dict[int, float] = defaultdict(float)
        for run, weight in vector.items():
            for place, times in self._by_run.get(run, {}).items():
                dots[place] += weight * times * self.weights.of_run(run)
        return {place: dot / length / self._lengths[place] for place, dot in dots.items()}

    @cached_property
    def _lengths(self) -> list[float]:
        squares = [0.0] * len(self.windows)
        for run, places in self._by_run.items():
            weight = self.weights.of_run(run) ** 2
            for place, times in places.items():
                squares[place] += times * times * weight
        return list(map(math.sqrt, squares))


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter more, less, changed or swapped makes one of the other; not for short ones or the same."""
    if one == other or min(len(one), len(other)) < SHORTEST_FUZZY or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped


def ways_to_put(point: Point) -> list[str]:
    """Its statement without the verb that it begins with ("States that …"), which nobody says; and its paraphrases."""
    verb, _, rest = point.text.partition(" ")
    return [rest.removeprefix("that ") if verb.endswith("s") else point.text, *point.says]


def _about_point(index: int, near: list[Match], near_wrongs: list[list[Match]]) -> Suggestion:
    if not near:
        return Suggestion(index, Verdict.NOT_FOUND, 0.0)
    best = near[0]
    verdict, reason = Verdict.NOT_FOUND, ""
    if best.confidence >= CHECK:
        wrong = max((_nearest(matches, best.window) for matches in near_wrongs), default=0.0)
        reason = best.doubt or ("misconception" if wrong >= best.confidence else "")
        verdict = Verdict.FOUND if best.confidence >= FOUND and not reason else Verdict.CHECK
    return Suggestion(index, verdict, best.confidence, best.window.start, best.window.end, reason)


def _about_misconceptions(near_wrongs: list[list[Match]], near_points: list[list[Match]]) -> Iterator[Suggestion]:
    """Those with a sentence that is nearer to them than to any point of the rubric."""
    for index, near in enumerate(near_wrongs):
        if near and near[0].confidence >= CHECK:
            best = near[0]
            if best.confidence >= max((_nearest(matches, best.window) for matches in near_points), default=0.0):
                yield Suggestion(index, Verdict.CHECK, best.confidence, best.window.start, best.window.end)


def _nearest(matches: list[Match], window: Window) -> float:
    return max((match.confidence for match in matches if match.window.overlaps(window)), default=0.0)
