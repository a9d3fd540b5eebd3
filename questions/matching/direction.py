"""Signs that a sentence may say the opposite of a statement with the same words, or nothing at all.

They are signs and no understanding: they turn "found" into "check the direction", never the other way round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from questions.matching.text import Word, stem

# Words, and those that turn a statement made with them round.
OPPOSITES = [
    (
        "more increase raise rise grow higher high larger large greater bigger big",
        "less fewer decrease lower reduce fall shrink low smaller small",
    ),
    ("overfit overfitting", "underfit underfitting"),
    ("before first", "after afterwards"),
    ("better improve help", "worse hurt harm"),
    ("same equal alike", "different differ unequal"),
    ("always every all whole", "never none"),
    ("strong", "weak"),
    ("fast quick cheap", "slow expensive"),
    ("train training", "test"),
    ("stable", "unstable"),
    ("dependent correlated", "independent uncorrelated"),
    ("supervised labelled", "unsupervised unlabelled"),
    ("possible can", "impossible"),
    ("converge", "diverge"),
    ("true", "false"),
    ("positive", "negative"),
]
DEGREE = 0  # the first pair: more and less
SIDES = {
    stem(word): (pair, side)
    for pair, sides in enumerate(OPPOSITES)
    for side, listed in enumerate(sides)
    for word in listed.split()
}
FEWEST_ITEMS = 4
LONGEST_ITEM = 3  # words, on average


@dataclass(frozen=True)
class Claim:
    """What of a text says in which direction it goes."""

    is_negated: bool
    sides: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, words: Sequence[Word]) -> "Claim":
        sides = frozenset(SIDES[known] for word in words if (known := stem(word.text)) in SIDES)
        return cls(any(word.is_negation for word in words), sides)

    def doubt_about(self, said: "Claim") -> str:
        """Why something said with the same words may be the opposite; empty where nothing speaks for it."""
        if said.is_negated or self.is_negated:
            return "negation"
        for pair, side in self.sides:
            if (pair, 1 - side) in said.sides and (pair, side) not in said.sides and (pair, 1 - side) not in self.sides:
                return "direction"
        return ""


def is_list(words: Sequence[Word], commas: int) -> bool:
    """Whether they are names in a row, such as “dropout, L2, early stopping, bagging”: nothing is said of them."""
    return commas + 1 >= FEWEST_ITEMS and len(words) <= LONGEST_ITEM * (commas + 1)
