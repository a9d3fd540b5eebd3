"""What people call themselves, and what curators call things: one rule for every field in which somebody types a name.

A name is shown as a link, in a sentence, above a form. So it shows something, and it stays within its line.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

# Letters and symbols by their category, and blank to the eye.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
JOINERS = "\u200c\u200d"  # Persian and Indian scripts are written with them, and families of emoji
# Hebrew, Tibetan and Thai stack up to four on a letter. More of them climb out of the line.
MOST_MARKS = 4


def tidy(text: str) -> str:
    """Without what nobody sees, with single blanks and as many marks on a letter as a script needs; "" stays "".

    Raises ValidationError where something was typed and none of it shows.
    """
    shown: list[str] = []
    marks = 0
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if sign in BLANKS or category[0] == "Z" or sign in "\t\r\n\f\v":
            shown.append(" ")
        elif sign in JOINERS:
            shown += sign if shown and shown[-1] != " " else ""
            continue
        elif category[0] == "M":
            marks += 1
            if marks <= MOST_MARKS and shown and shown[-1] != " ":
                shown.append(sign)
            continue
        elif category not in ("Cc", "Cf", "Cs"):
            shown.append(sign)
        marks = 0
    name = " ".join("".join(shown).split()).strip(JOINERS)
    if not name and text.strip():
        raise ValidationError("This name shows nothing. Use letters, digits or signs that can be seen.")
    return name


class NameField(models.CharField):
    """A CharField for a name; to migrations it is nothing more."""

    def clean(self, value, model_instance) -> str:
        return super().clean(tidy(value or ""), model_instance)

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class WithName:
    """A form with a field `name`, of something that is no model of ours."""

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])
