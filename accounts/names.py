"""What people call themselves, and what curators call things: one rule for every field in which somebody types a name.

A name is shown as a link, in a sentence, above a form. So it shows something, and it stays within its line.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

# Letters and symbols by their category, and blank to the eye.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
# Not assigned, and to be ignored wherever they come (Unicode: Default_Ignorable_Code_Point). Others that are not
# assigned yet may be the newest emoji.
IGNORED = re.compile(r"[\u2065\ufff0-\ufff8\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]")
JOINERS = "\u200c\u200d"  # Persian and Indian scripts are written with them, and families of emoji
# Hebrew, Tibetan and Thai stack up to four on a letter. More of them climb out of the line.
MOST_MARKS = 4


def tidy(text: str) -> str:
    """Without what nobody sees, with single blanks and as many marks on a letter as a script needs; "" stays "".

    Raises ValidationError where something was typed and none of it shows.
    """
    seen = unicodedata.normalize("NFC", "".join(map(_as_seen, text)))
    name = " ".join(filter(None, (word.strip(JOINERS) for word in _with_few_marks(seen).split())))
    if not name and text.strip():
        raise ValidationError("This name is invisible. Use letters, digits or other visible characters.")
    return name


def _as_seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign in BLANKS or sign.isspace():
        return " "
    is_unseen = category in ("Cc", "Cf", "Cs") and sign not in JOINERS
    return "" if is_unseen or IGNORED.match(sign) else sign


def _with_few_marks(text: str) -> str:
    """At most MOST_MARKS on a letter, whatever stands between them, and none on a blank."""
    kept: list[str] = []
    marks = MOST_MARKS
    for sign in text:
        if unicodedata.category(sign)[0] == "M":
            marks += 1
            kept += sign if marks <= MOST_MARKS else ""
        else:
            kept += sign
            if sign not in JOINERS:
                marks = MOST_MARKS if sign == " " else 0
    return "".join(kept)


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
