"""What every format does. An answer is always a list of strings, as posted in the repeated field `answer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.core.exceptions import ValidationError

from questions.exchange.items import Answer, Item
from questions.strict_yaml import Shape

MAX_CHARACTERS = 50_000

Fault = tuple[str, str]  # the field of the catalog entry, and what is wrong with it


@dataclass(frozen=True)
class Scored:
    score: float  # in [0, 1]
    evidence: dict = field(default_factory=dict)  # JSON; names the options by primary key


class Choice(Protocol):
    """An option of a closed question, as a format needs it."""

    pk: int
    text: str
    is_right: bool


class Asked(Protocol):
    """A version of a question, as a format needs it: what is asked stands above the formats (questions/models)."""

    answer: Any  # the format's own fields
    options: Any  # the related Choices


class Format:
    name: str
    label: str
    is_closed: bool  # scored by the machine
    is_order = False  # its options are steps, in the right order
    takes_several = False  # several options may be ticked
    takes_voice = False  # a recording may stand beside the text, or in place of it
    takes_code = False  # written in the code editor, and run
    limits: tuple[int, int]  # seconds that the catalog may give a question of this format
    is_tried_at_load = False  # what running an entry shows is soon known, and looked at with each load of a changed one
    least_points, most_points = 3, 7  # of the rubric, where people mark it
    # The fields of a catalog entry that this format adds, and their shapes (strict_yaml.Shape); "name?" may be absent.
    catalog_fields: Mapping[str, Shape] = {}

    @property
    def field_names(self) -> list[str]:
        return [name.removesuffix("?") for name in self.catalog_fields]

    @property
    def required_fields(self) -> list[str]:
        return [name for name in self.catalog_fields if not name.endswith("?")]

    @property
    def template(self) -> str:
        return f"questions/formats/{self.name}.html"

    @property
    def result_template(self) -> str:
        return f"questions/formats/{self.name}_result.html"

    # What an unfinished answer is taken for: the inside of the region #draft-<position> of the format's template, which
    # comes anew with each save. Empty where a format says nothing of the kind.
    draft_template = ""

    def draft_context(self, version: Asked, answer: Sequence[str]) -> dict:
        return {}

    # An answer

    def clean(self, version: Asked, answer: Sequence[str]) -> list[str]:
        """The answer as it is kept, of the right size and shape. It may be blank, or unfinished ("2/").

        Line ends become \\n, as a textarea's `value` has them. Raises ValidationError with a text for the candidate.
        """
        answer = [text.replace("\r\n", "\n").replace("\0", "") for text in answer]
        if sum(map(len, answer)) > MAX_CHARACTERS:
            raise ValidationError(f"An answer can have at most {MAX_CHARACTERS:,} characters.", code="too_long")
        return self.checked(version, answer)

    def checked(self, version: Asked, answer: list[str]) -> list[str]:
        raise NotImplementedError

    def doubt(self, version: Asked, answer: Sequence[str]) -> str:
        """What the candidate is asked, once, before this answer is handed in; empty where nothing speaks against it."""
        return ""

    def is_blank(self, answer: Sequence[str], version: Asked | None = None) -> bool:
        """With the version, what was there before the candidate wrote anything counts as nothing, too."""
        return not any(text.strip() for text in answer)

    def presented(self, version: Asked, seed: int, answer: Sequence[str] = ()) -> list[Choice]:
        """The options in the order that this candidate sees: the same for the same seed."""
        return []

    # Its score

    def runs(self, version: Asked) -> bool:
        """Whether scoring it runs what the candidate wrote: in a worker of its own, never in a web process."""
        return False

    def score(self, version: Asked, answer: Sequence[str]) -> Scored:
        """The machine's part of the score: all of it in a closed format. A blank answer scores 0."""
        raise NotImplementedError

    def chance(self, option_count: int, right_count: int = 0) -> float:
        """The score that somebody may expect who knows nothing of so many options, of which so many are right."""
        return 0.0

    def has_hidden_cases(self, version: Asked) -> bool:
        """Whether there are any that a hint can turn into a shown one."""
        return False

    # Its part of a catalog entry

    def faults(self, entry: dict) -> Iterator[Fault]:
        """What is wrong with the fields that this format adds; their types are right already."""
        return iter(())

    def warnings(self, entry: dict) -> Iterator[Fault]:
        """What a curator should look at again, and may leave as it is."""
        return iter(())

    def trial_faults(self, entry: dict) -> Iterator[Fault]:
        """What running it shows, of an entry without other faults: for `check_catalog` and whoever publishes.

        Raises EngineFault where this machine runs nothing.
        """
        return iter(())

    def content_from(self, entry: dict) -> dict:
        """What the entry's own fields are in `QuestionVersion.content()`: `answer`, `options` or `stages`."""
        return {name: entry[name] for name in self.field_names if name in entry}

    def fields_from(self, content: dict) -> dict:
        """The way back; of a draft as far as it has come."""
        return {name: content[name] for name in self.field_names if name in content}

    def missing_from(self, content: dict) -> list[str]:
        """Fields without which a question cannot be asked; only a draft lacks any."""
        fields = self.fields_from(content)
        return [name for name in self.required_fields if name not in fields]

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
