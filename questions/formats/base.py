"""What every format does. An answer is always a list of strings, as posted in the repeated field `answer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from questions.strict_yaml import Shape

if TYPE_CHECKING:
    from questions.exchange.items import Answer, Item
    from questions.models import Option, QuestionVersion

MAX_CHARACTERS = 50_000

Fault = tuple[str, str]  # the field of the catalog entry, and what is wrong with it


@dataclass(frozen=True)
class Scored:
    score: float  # in [0, 1]
    evidence: dict = field(default_factory=dict)  # JSON; names the options by primary key


class Format:
    name: str
    label: str
    is_closed: bool  # scored by the machine
    is_scored_in_worker = False  # its scoring runs what the candidate wrote: never in a web process
    takes_voice = False  # a recording may stand beside the text, or in place of it
    limits: tuple[int, int]  # seconds that the catalog may give a question of this format
    # The fields of a catalog entry that this format adds, all required, and their shapes (strict_yaml.Shape).
    catalog_fields: Mapping[str, Shape] = {}

    @property
    def template(self) -> str:
        return f"questions/formats/{self.name}.html"

    @property
    def result_template(self) -> str:
        return f"questions/formats/{self.name}_result.html"

    # An answer

    def clean(self, version: QuestionVersion, answer: Sequence[str], draft: bool = False) -> list[str]:
        """The answer as it is kept. A blank one is allowed: leaving a question out is no error.

        A draft may be unfinished ("2/"): only its size and shape are checked.
        Line ends become \\n, as a textarea's `value` has them. Raises ValidationError with a text for the candidate.
        """
        answer = [text.replace("\r\n", "\n").replace("\0", "") for text in answer]
        if sum(map(len, answer)) > MAX_CHARACTERS:
            raise ValidationError(f"An answer may have {MAX_CHARACTERS:,} characters at most.", code="too_long")
        return self.checked(version, answer, draft)

    def checked(self, version: QuestionVersion, answer: list[str], draft: bool) -> list[str]:
        raise NotImplementedError

    def is_blank(self, answer: Sequence[str]) -> bool:
        return not any(text.strip() for text in answer)

    def presented(self, version: QuestionVersion, seed: int, answer: Sequence[str] = ()) -> list[Option]:
        """The options in the order that this candidate sees: the same for the same seed."""
        return []

    # Its score

    def score(self, version: QuestionVersion, answer: Sequence[str]) -> Scored:
        """Closed formats only. A blank answer scores 0."""
        raise NotImplementedError

    def chance(self, option_count: int, right_count: int = 0) -> float:
        """The score that somebody may expect who knows nothing of so many options, of which so many are right."""
        return 0.0

    # Its part of a catalog entry

    def faults(self, entry: dict) -> Iterator[Fault]:
        """What is wrong with the fields that this format adds; their types are right already."""
        return iter(())

    def warnings(self, entry: dict) -> Iterator[Fault]:
        """What a curator should look at again, and may leave as it is."""
        return iter(())

    def content_from(self, entry: dict) -> dict:
        """What the entry's own fields are in `QuestionVersion.content()`: `answer`, `options` or `stages`."""
        return {name: entry[name] for name in self.catalog_fields}

    def fields_from(self, content: dict) -> dict:
        """The way back."""
        return {name: content[name] for name in self.catalog_fields}

    # Its part of a Moodle file (questions/exchange)

    moodle_type = "essay"

    def reads_moodle(self, item: Item) -> bool:
        """Whether a question of a Moodle file is one of this format."""
        return False

    def fields_from_moodle(self, item: Item) -> dict:
        """Its own fields of a catalog entry; what does not carry over is added to `item.notes`."""
        return {}

    def moodle_answers(self, fields: dict) -> list[Answer]:
        """`fields` are its own of a catalog entry."""
        return []

    def moodle_extras(self, fields: dict) -> dict:
        """Those of its own fields that Moodle has no place for."""
        return fields
