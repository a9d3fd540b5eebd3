"""What changed between two versions of a question: field by field, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from questions.models import QuestionVersion

# Words that are compared with each other at most: a text of 50 kB has ten thousand, and a page fifty texts.
MOST_PAIRS = 250_000
# A word with the space behind it; a change of white space alone is a change too.
WORD = re.compile(r"\s+|[^\s]+\s?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `kind` is the HTML element's name it is shown in: `span`, `ins` or `del`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    name: str
    pieces: list[Piece]


def changes(before: QuestionVersion, after: QuestionVersion) -> list[FieldChange]:
    """The fields that differ, in the order of `content()`. Both versions come with their content."""
    return content_changes(before.content(), after.content())


def content_changes(old: dict, new: dict) -> list[FieldChange]:
    return [
        FieldChange(name.replace("_", " "), list(word_changes(as_text(old[name]), as_text(new[name]))))
        for name in new
        if old[name] != new[name]
    ]


def word_changes(before: str, after: str) -> Iterator[Piece]:
    """What stayed, went and came. All `span` and `del` pieces make up `before`, all `span` and `ins` ones `after`."""
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) * len(new) > MOST_PAIRS:
        old, new = [before], [after]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("span", "".join(old[i1:i2]))
            continue
        if i1 < i2:
            yield Piece("del", "".join(old[i1:i2]))
        if j1 < j2:
            yield Piece("ins", "".join(new[j1:j2]))


def as_text(value) -> str:
    """Plain values of `QuestionVersion.content()` as a person reads them: list items and named values on lines."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{name}: {as_text(part)}" for name, part in value.items() if part not in (None, "", []))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n\n".join(as_text(part) for part in value)
    return str(value)
