"""What the templates of the formats need to set an answer beside its question."""

from collections.abc import Sequence
from itertools import zip_longest

from django import template
from django.utils.safestring import SafeString, mark_safe

from questions import numbers, sketch, units
from questions.formats import staged
from questions.models import Option, QuestionVersion

register = template.Library()


@register.filter
def beside(stages: Sequence[dict], answer: Sequence[str]) -> list[tuple[dict, str]]:
    """Each stage with its text; an answer that is still empty has no texts, and one without stages is in the first."""
    return list(zip_longest(stages, staged.texts_of(stages, answer), fillvalue=""))


@register.filter
def is_own_structure(stages: Sequence[dict], answer: Sequence[str]) -> bool:
    return staged.is_own_structure(stages, answer)


@register.filter
def can_hide(stages: Sequence[dict]) -> bool:
    return staged.can_hide(stages)


@register.filter
def in_one(stages: Sequence[dict], answer: Sequence[str]) -> str:
    """The texts of all stages as one."""
    return "\n\n".join(text for text in staged.texts_of(stages, answer) if text.strip())


@register.filter
def sketch_in(version: QuestionVersion, answer: Sequence[str]) -> str:
    return version.question_format.sketch(version, answer)


@register.filter
def as_svg(drawn: str) -> SafeString:
    """A sketch as a picture: drawn here, with every text in it escaped; nothing where it was refused."""
    try:
        return mark_safe(sketch.svg(sketch.read(drawn)))  # noqa: S308 # nosec B308 B703
    except ValueError:
        return SafeString("")


@register.filter
def in_words(drawn: str) -> list[str]:
    try:
        return sketch.described(sketch.read(drawn))
    except ValueError:
        return []


@register.filter
def names(answer: Sequence[str], option: Option) -> bool:
    return str(option.pk) in answer


@register.filter
def place_of(answer: Sequence[str], option: Option) -> int | None:
    """Where the answer puts this step, counted from 1."""
    return answer.index(str(option.pk)) + 1 if str(option.pk) in answer else None


@register.filter
def is_number(value) -> bool:
    return isinstance(value, int | float)


@register.filter
def in_unit(number: float, unit: str) -> str:
    try:
        return units.with_unit(numbers.shown(float(number)), unit)
    except (TypeError, ValueError, OverflowError):  # a curator's draft may hold anything
        return f"{number} {unit}"
