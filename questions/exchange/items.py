"""What the readers give: questions as Moodle files hold them, and entries that can be planned for the item bank."""

import math
import re
from dataclasses import dataclass, field


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
    notes: list[str] = field(default_factory=list)  # what did not carry over


@dataclass(frozen=True)
class Remark:
    """About one place of a file. `line` is 0 where it is about the whole file."""

    line: int
    about: str
    why: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (place, self.about, self.why) if part)


@dataclass
class Incoming:
    """A question of a file as a catalog entry."""

    line: int
    entry: dict
    needs: list[str] = field(default_factory=list)  # what it still wants before it can be published


@dataclass
class Reading:
    """What a file holds. Nothing of it may be loaded while there are faults."""

    incoming: list[Incoming] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)
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
        raise ValueError(f"“{text}” is no number")
    return value
