"""What the formats have in common that offer options to choose from."""

import random
from collections import Counter
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from questions.exchange.items import Answer
from questions.formats.base import Format


def shuffled(version, seed: int) -> list:
    options = list(version.options.all())
    random.Random(f"{seed}:{version.pk}").shuffle(options)  # noqa: S311 (not a secret: repeatable is the point)
    return options


class ChoiceFormat(Format):
    is_closed = True
    catalog_fields = {"options": [{"text": str, "right": bool, "why": str}]}
    counts: tuple[int, int]  # options a question may have
    moodle_type = "multichoice"

    def checked(self, version, answer):
        picked = list(dict.fromkeys(text for text in answer if text))
        if set(picked) - {str(option.pk) for option in version.options.all()}:
            raise ValidationError("Choose from this question’s options.", code="unknown_option")
        return picked

    def presented(self, version, seed: int, answer: Sequence[str] = ()) -> list:
        return shuffled(version, seed)

    def evidence(self, version, answer: Sequence[str]) -> dict[str, list[int]]:
        """Primary keys: `picked` (all of them), `wrong` (picked), `missed` (right and not picked)."""
        options = version.options.all()
        return {
            "picked": [option.pk for option in options if str(option.pk) in answer],
            "wrong": [option.pk for option in options if str(option.pk) in answer and not option.is_right],
            "missed": [option.pk for option in options if option.is_right and str(option.pk) not in answer],
        }

    def faults(self, entry):
        options = entry["options"]
        least, most = self.counts
        if not least <= len(options) <= most:
            yield "options", f"{len(options)} options; {self.label.lower()} has {least} to {most}"
        for text, count in Counter(option["text"].strip() for option in options).items():
            if count > 1:
                yield "options", f"the option “{text}” appears {count} times"

    def fields_from_moodle(self, item):
        return {
            "options": [
                {"text": answer.text, "right": self.is_right(answer), "why": answer.feedback} for answer in item.answers
            ]
        }

    def is_right(self, answer: Answer) -> bool:
        return answer.fraction > 0

    def moodle_extras(self, fields):
        return {}


def several_right(item) -> bool:
    """Whether a Moodle question wants more than one answer picked."""
    return not item.is_single and sum(answer.fraction > 0 for answer in item.answers) > 1
