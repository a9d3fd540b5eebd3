"""What the readers give: questions as Moodle files hold them, and entries that can be planned for the item bank."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from django.core.exceptions import ValidationError

from questions.exchange.html_text import converted
from questions.strict_yaml import Lines

MAX_QUESTIONS = 1000
LONGEST_NAME = 1000
LONGEST_REMARK = 300


@dataclass
class Answer:
    """One answer of a Moodle question; its texts are Markdown of one paragraph."""

    text: str
    fraction: float = 0.0  # percent of the mark, −100 to 100; the place, from 1, in a question about order
    feedback: str = ""
    tolerance: float = 0.0


@dataclass
class Item:
    """A question as Moodle knows it; its texts are Markdown."""

    line: int
    type: str = ""  # Moodle's name of its type
    name: str = ""
    text: str = ""
    answers: list[Answer] = field(default_factory=list)
    is_single: bool = True  # one answer may be picked
    feedback: str = ""  # what everybody sees afterwards
    grader_info: str = ""
    unit: str = ""
    id_number: str = ""
    folder: str = ""  # Moodle's category, such as `$course$/top/evaluation`
    tags: list[str] = field(default_factory=list)
    extras: dict = field(default_factory=dict)  # our own fields that Moodle has no place for
    # Its images by our names for them: the SHA-256 of the file as it came, and what we made of it in base 64.
    figures: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what did not carry over
    lacks: list[str] = field(default_factory=list)  # what was to be looked at and cannot be shown

    def markdown(
        self,
        source: str,
        format: str,
        *,
        inline: bool = True,
        is_asked: bool = True,
        figures: Mapping[str, str] | None = None,
    ) -> str:
        """The text as ours; what is lost on the way is noted. `figures`: our names of the images that came with it, by
        the file's own. Raises ValueError for one that is too long.
        """
        text, notes, lacks = converted(source, format, inline, figures)
        if is_asked:
            self.lacks += lacks
        else:
            notes = [*notes, *(f"the {lack} is dropped" for lack in lacks)]
        self.notes += [note for note in notes if note not in self.notes]
        return text


@dataclass
class Remark:
    """About one place of a file. `line` is 0 where it is about the whole file."""

    line: int
    about: str
    why: str

    def __post_init__(self):
        self.about, self.why = _clipped(self.about), _clipped(self.why)

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (place, self.about, self.why) if part)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_REMARK else f"{text[:LONGEST_REMARK]}…"


@dataclass
class Parsed:
    """A file as its own format has it, before anything is known of the item bank. JSON holds all of it."""

    items: list[Item] = field(default_factory=list)  # of Moodle's formats
    entries: list | None = None  # of a catalog file
    lines: Lines = 1  # of the entries
    faults: list[Remark] = field(default_factory=list)
    categories: int = 0
    hint: str = ""  # what the file may be, where it holds no question

    @classmethod
    def from_json(cls, values: dict) -> Self:
        items = [Item(**item) for item in values["items"]]
        for item in items:
            item.answers = [Answer(**answer) for answer in item.answers]
        return cls(**values | {"items": items, "faults": [Remark(**fault) for fault in values["faults"]]})

    def add(self, item: Item, fault: ValueError | None = None) -> None:
        """Raises ValidationError when it is one too many."""
        if len(self.items) + len(self.faults) >= MAX_QUESTIONS:
            raise ValidationError(f"More than {MAX_QUESTIONS:,} questions: split the file.")
        item.name = item.name[:LONGEST_NAME]
        if fault is None:
            self.items.append(item)
        else:
            self.faults.append(Remark(item.line, item.name, str(fault)))


@dataclass
class Incoming:
    """A question of a file as a catalog entry."""

    line: int
    entry: dict
    key: str  # what it is known by in the file: an id or a name
    is_own: bool = False  # its slug is its identity: our own file, or our own export
    needs: list[str] = field(default_factory=list)  # what it still wants before it can be published
    lacks: list[str] = field(default_factory=list)  # what was to be looked at and cannot be shown


@dataclass
class Reading:
    """What a file holds."""

    incoming: list[Incoming] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)  # of questions that cannot be loaded, or of the whole file
    skipped: list[Remark] = field(default_factory=list)  # questions that are left out, and why
    notes: list[Remark] = field(default_factory=list)  # what is lost of those that are not


def number(text: str) -> int | float:
    """A whole number stays one. Raises ValueError for what is not a finite number."""
    text = text.strip()
    try:
        value = int(text) if re.fullmatch(r"[+-]?[0-9]{1,15}", text) else float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"“{text[:60]}” is no number")
    return value
