"""What a form or an address of the admin may say, where Django would take it and fail."""

import json
import math
import re
from itertools import islice

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.forms.fields import InvalidJSONInput

from questions.strict_yaml import LONGEST_NUMBER, MAX_DEPTH, Shape, shape_faults

MAX_CHARACTERS = 200_000
MOST_FAULTS = 20  # named of one field
NO_TEXT = re.compile("[\0\ud800-\udfff]")


class StrictJSON(forms.JSONField):
    """JSON that PostgreSQL can hold and people can read: no NaN, no endless number, no NUL, nothing deep."""

    shape: Shape | None = None  # left out: any

    def __init__(self, *args, shape: Shape | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.shape = shape or self.shape

    def to_python(self, value):
        if value in self.empty_values or self.disabled or not isinstance(value, str):
            return super().to_python(value)
        data = parsed(value)
        if self.shape is not None:
            faults = islice(shape_faults(data, self.shape), MOST_FAULTS)
            if errors := [f"{path}: {why}" if path else why for path, why in faults]:
                raise ValidationError(errors)
        return data

    def bound_data(self, data, initial):
        """What was typed, whatever it is."""
        return initial if self.disabled else None if data is None else InvalidJSONInput(data)


class CheckedInitial:
    """A form that an address fills in (`?question=17`) leaves out what is no value of its field."""

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self._is_value(name, value)}

    def _is_value(self, name: str, value) -> bool:
        try:
            field = self.opts.get_field(name)
            getattr(field, "target_field", field).to_python(value)
        except (FieldDoesNotExist, ValidationError):
            return False
        return True


class BoundedRows:
    """An inline with no more rows than one page bears: a form may ask for 2,000, which takes half a minute to draw."""

    max_num = 100

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)


def parsed(text: str):
    """Raises ValidationError with what is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(f"A field can have at most {MAX_CHARACTERS:,} characters.")
    try:
        data = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_real)
    except (ValueError, RecursionError):
        raise ValidationError('This isn’t valid JSON. Write […, …] or {"…": …}.') from None
    _check(data)
    return data


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValidationError(f"A number has more than {LONGEST_NUMBER} digits.")
    return int(text)


def _real(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValidationError(f"“{text[:20]}” isn't a number.")
    return value


def _check(value, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise ValidationError(f"It is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, str) and NO_TEXT.search(value):
        raise ValidationError("The text contains an invalid character (NUL or half of a pair).")
