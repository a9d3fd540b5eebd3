"""Words, stems, sentences and windows of a text, each with its place in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A sentence ends at its mark, at the end of a line, or at a semicolon; a decimal point or "e.g." inside ends nothing.
END_OF_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[^a-z\s])|\s*\n\s*|;\s+")
CLAUSE = re.compile(r"(?<=[,:–—])\s+")
LONGEST_SENTENCE = 15  # words; people who speak do not stop, and neither does their transcript
SHORTEST_WINDOW = 5  # words; below, a chance word or two decides
NEGATIONS = {"not", "no", "never", "cannot", "without", "neither", "nor", "none", "nothing", "hardly", "rarely"}
FUNCTION_WORDS = """
a about above after all also am an and any are as at be because been before being between both but by can could did
do does doing down each either else etc even few for from further get gets got had has have having he her here him
his how i if in into is it its itself just let like lot made make makes many may me might more most much must my of
off okay on once one only or other our out over own per quite rather really right same say says see shall she should
so some still such take takes than that the their them then there these they thing things this those though through
thus to too under until up upon us use used uses very was way we well were what when where which while who whom
whose why will with would yes you your
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())
_stemmer = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class Word:
    text: str  # lower case, quotation marks straight
    start: int
    end: int

    @property
    def is_negation(self) -> bool:
        return self.text in NEGATIONS or self.text.endswith("n't")


@dataclass(frozen=True, slots=True)
class Window:
    """One sentence of an answer, or two that follow each other."""

    words: tuple[Word, ...]

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    def overlaps(self, other: "Window") -> bool:
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    return _stemmer.stemWord(word.partition("'")[0])


def words(text: str) -> list[Word]:
    return [Word(found[0].lower().replace("’", "'"), *found.span()) for found in WORD.finditer(text)]


def content_stems(text: str) -> list[str]:
    """The stems of the words that say something, each once, in the order of the text."""
    said = (word.text for word in words(text))
    return list(dict.fromkeys(stem(word) for word in said if is_content(word)))


def is_content(word: str) -> bool:
    return word.partition("'")[0] not in STOP_WORDS and not word.endswith("n't") and word not in NEGATIONS


def sentences(text: str) -> list[tuple[Word, ...]]:
    """Every word of the text is in one of them; none is longer than LONGEST_SENTENCE."""
    return [piece for run in _runs(text, END_OF_SENTENCE, 0, len(text)) for piece in _pieces(text, run)]


def windows(text: str) -> list[Window]:
    """One and two sentences, of at least SHORTEST_WINDOW words."""
    singles = sentences(text)
    pairs = [first + second for first, second in pairwise(singles)]
    return [Window(words) for words in (*singles, *pairs) if len(words) >= SHORTEST_WINDOW]


def _runs(text: str, boundary: re.Pattern, start: int, end: int) -> Iterator[tuple[Word, ...]]:
    """The words between boundaries."""
    at = start
    for found in (*boundary.finditer(text, start, end), None):
        stop = found.start() if found else end
        said = tuple(Word(word.text, word.start + at, word.end + at) for word in words(text[at:stop]))
        if said:
            yield said
        at = found.end() if found else end


def _pieces(text: str, sentence: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """A long sentence in pieces, at its commas where it has any."""
    if len(sentence) <= LONGEST_SENTENCE:
        yield sentence
        return
    piece: tuple[Word, ...] = ()
    for clause in _runs(text, CLAUSE, sentence[0].start, sentence[-1].end):
        if piece and len(piece) + len(clause) > LONGEST_SENTENCE:
            yield piece
            piece = ()
        piece += clause
        while len(piece) > LONGEST_SENTENCE:
            yield piece[:LONGEST_SENTENCE]
            piece = piece[LONGEST_SENTENCE:]
    if piece:
        yield piece
