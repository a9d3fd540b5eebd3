"""What an author of a rubric is warned of: points that the matcher, or a person in a hurry, will read wrongly."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from questions.matching.direction import DEGREE, SIDES
from questions.matching.lexical import FEWEST_STEMS, Point
from questions.matching.text import content_stems, stem, words
from questions.matching.weights import Weights

LONGEST_POINT = 20  # words
FEWEST_SAYS = 2
ALIKE = 0.4  # below, two points may share words without being mistaken for each other
TWO_CLAIMS = re.compile(r";|\band (?:also )?(?:states|explains|names|says|that)\b|\. [A-Z]")

Warning = tuple[int, str]  # the place of the point, from 1, and why


def warnings(weights: Weights, points: Sequence[Point], misconceptions: Sequence[str]) -> Iterator[Warning]:
    wrong_degrees = {side for wrong in misconceptions for side in _degrees(wrong)}
    for place, point in enumerate(points, start=1):
        if (length := len(words(point.text))) > LONGEST_POINT:
            yield place, f"is too long to match well: {length} of at most {LONGEST_POINT} words"
        if TWO_CLAIMS.search(point.text):
            yield place, "looks like two claims: make two points of it"
        if len(point.says) < FEWEST_SAYS:
            yield place, f"{len(point.says)} of at least {FEWEST_SAYS} paraphrases (`says`)"
        elif all(len(content_stems(says)) < FEWEST_STEMS for says in point.says):
            yield place, f"has no paraphrase of {FEWEST_STEMS} telling words, so that none is ever enough for “found”"
        if len(degrees := _degrees(point.text)) == 1 and not {1 - side for side in degrees} <= wrong_degrees:
            yield place, "has a direction (more, less, higher …), and no misconception says the opposite"
    for (one, first), (other, second) in combinations(enumerate(points, start=1), 2):
        alike = weights.likeness(first.text, second.text)
        if alike > ALIKE and all(alike > _own_likeness(weights, point) for point in (first, second)):
            yield one, f"is more like point {other} than either is like its own paraphrases"


def _own_likeness(weights: Weights, point: Point) -> float:
    """Of the paraphrase that is most like it; without any, nothing can be less like it."""
    return max((weights.likeness(says, point.text) for says in point.says), default=math.inf)


def _degrees(text: str) -> set[int]:
    """0 for "more" and its like, 1 for "less"."""
    sides = (SIDES.get(stem(word.text)) for word in words(text))
    return {side[1] for side in sides if side and side[0] == DEGREE}
