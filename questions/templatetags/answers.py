"""What the templates of the formats need to set an answer beside its question."""

from collections.abc import Sequence
from itertools import zip_longest

from django import template

from questions import numbers, units
from questions.models import Option

register = template.Library()


@register.filter
def beside(stages: Sequence[dict], answer: Sequence[str]) -> list[tuple[dict, str]]:
    """Each stage with its text; an answer that is still empty has no texts."""
    return list(zip_longest(stages, answer[: len(stages)], fillvalue=""))


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
