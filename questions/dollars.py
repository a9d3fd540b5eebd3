"""Which dollar signs of a text stand around a formula: one rule, for Markdown and for what is made into it."""

import re

# A dollar sign is none of maths in money (US$5), at the end of a regular expression (^a$|^b$), before a name ($A/$B).
GLUED_BEFORE = re.compile(r"[\w)\]}\\]$")
GLUED_BEHIND = re.compile(r"[\d{]|(?!(?:st|nd|rd|th|s)\b)\w")  # but `the $n$th of the $x$s`
NO_FORMULA = re.compile(r"\s|[)/]|\|\^|.*[\s/:\\]$", re.DOTALL)


def hug_a_formula(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]`, a dollar sign to the next one, is a formula."""
    return not (
        GLUED_BEFORE.search(text, max(0, start - 1), start)
        or GLUED_BEHIND.match(text, end)
        or NO_FORMULA.match(text[start + 1 : end - 1])
    )
