"""How much a stem or a run of letters tells: rare ones much, common ones little."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from questions.matching.text import stem, words

SHORTEST, LONGEST = 3, 5  # letters in a run


@dataclass(frozen=True)
class Weights:
    """Inverse document frequencies, where a document is one question of the bank."""

    documents: int
    stems: dict[str, int]  # in how many documents
    runs: dict[str, int]

    @classmethod
    def of(cls, documents: Iterable[str]) -> "Weights":
        count, stems, runs = 0, Counter(), Counter()
        for document in documents:
            count += 1
            said = {word.text for word in words(document)}
            stems.update({stem(word) for word in said})
            runs.update(set().union(*map(letter_runs, said)))
        return cls(count, dict(stems), dict(runs))

    def of_stem(self, stem: str) -> float:
        return self._idf(self.stems.get(stem, 0))

    def of_run(self, run: str) -> float:
        return self._idf(self.runs.get(run, 0))

    def vector(self, text: str) -> dict[str, float]:
        """TF-IDF of the runs of letters."""
        counts = Counter(run for word in words(text) for run in letter_runs(word.text))
        return {run: count * self.of_run(run) for run, count in counts.items()}

    def likeness(self, one: str, other: str) -> float:
        """The cosine of two texts' vectors; 0 for an empty one."""
        a, b = self.vector(one), self.vector(other)
        length = math.hypot(*a.values()) * math.hypot(*b.values())
        return sum(weight * b.get(run, 0) for run, weight in a.items()) / length if length else 0.0

    def _idf(self, frequency: int) -> float:
        """Smoothed as if one more document held everything: never zero, and defined for an empty bank."""
        return 1 + math.log((1 + self.documents) / (1 + frequency))


@lru_cache(maxsize=20_000)
def letter_runs(word: str) -> tuple[str, ...]:
    """Runs of 3 to 5 letters of the word with a space at both ends, as often as they occur."""
    padded = f" {word} "
    return tuple(
        padded[at : at + length] for length in range(SHORTEST, LONGEST + 1) for at in range(len(padded) - length + 1)
    )


def all_text(content: dict) -> str:
    """The words of a question, as `QuestionVersion.content()` gives it: what is learnt from which words are common."""
    said = [
        [content["title"], content["prompt"], content["model_answer"]],
        [text for option in content["options"] for text in (option["text"], option["why"])],
        [text for point in content["rubric"] for text in (point["point"], *point["says"])],
        [text for wrong in content["misconceptions"] for text in (wrong["statement"], wrong["correction"])],
    ]
    return "\n".join(text for texts in said for text in texts)
