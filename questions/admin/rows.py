"""A value of a known shape (strict_yaml.Shape) as fields and rows of a form, so that nobody has to write JSON.

Each row has a name of its own (`follow_ups-2`); the hidden fields `follow_ups-row` say which rows there are, in their
order. Buttons add, remove and move them: on the page static/js/questions/rows.js does that; without scripts the form is
sent and comes back changed, with nothing saved (`moved`).
"""

import json
import re

from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from questions.admin.checked import StrictJSON
from questions.matching.follow_up import After
from questions.strict_yaml import Shape

MOST_ROWS = 100  # of one list
BUTTON = "_rows"
BLANK = "__row__"
ABSENT = object()  # nothing was filled in: null is a value
ROW = re.compile(r"[a-z0-9]{1,12}")
CHOICES = {"after": list(After), "compare": ["ordered", "unordered"]}
NOUNS = {"stages": "stage", "references": "reference", "follow_ups": "follow-up", "rubric": "point", "cases": "case",
         "states": "state", "wrong": "wrong answer", "also_right": "other right answer", "arguments": "argument",
         "operations": "operation", "packages": "package"}  # fmt: skip


class RowsWidget(forms.Widget):
    shape: Shape = {}

    class Media:
        js = [forms.Script("js/questions/rows.js", defer=True)]

    def value_from_datadict(self, data, files, name):
        """What was typed as JSON, for StrictJSON to judge; what is no number stays text."""
        value = _read(data, name, self.shape)
        return "" if value is ABSENT else json.dumps(value, ensure_ascii=False)

    def value_omitted_from_data(self, data, files, name):
        return False

    def id_for_label(self, id_):
        return ""  # each of its fields has a label of its own

    def use_required_attribute(self, initial):
        return False

    def render(self, name, value, attrs=None, renderer=None):
        node = _node(name, name, self.shape, json.loads(value) if value else ABSENT)
        return render_to_string("admin/questions/_rows.html", {"node": node})


class RowsField(StrictJSON):
    widget = RowsWidget
    shape: Shape = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.take_shape(self.shape)

    def take_shape(self, shape: Shape) -> None:
        self.shape = self.widget.shape = shape

    def to_python(self, value):
        return super().to_python(value) or ([] if isinstance(self.shape, list) else None)


def moved(data: QueryDict) -> QueryDict:
    """The form as it is after the pressed button, such as "add:stages" or "up:stages:2"; any other changes nothing."""
    data = data.copy()
    action, _, rest = data.get(BUTTON, "").partition(":")
    name, _, row = rest.partition(":")
    rows = data.getlist(f"{name}-row")
    if action == "add" and len(rows) < MOST_ROWS:
        rows.append(next(str(number) for number in range(MOST_ROWS + 1) if str(number) not in rows))
    elif row in rows:
        place = rows.index(row)
        rows.remove(row)
        if action in ("up", "down"):
            rows.insert(max(0, place - 1) if action == "up" else place + 1, row)
    data.setlist(f"{name}-row", rows)
    return data


def _read(data, name: str, shape: Shape):
    """ABSENT where nothing was filled in."""
    if isinstance(shape, list):
        rows = [row for row in data.getlist(f"{name}-row")[:MOST_ROWS] if ROW.fullmatch(row)]
        values = (_read(data, f"{name}-{row}", shape[0]) for row in rows)
        return [value for value in values if value is not ABSENT] or ABSENT
    if isinstance(shape, dict):
        inner = {key.removesuffix("?"): part for key, part in shape.items()}
        values = {key: _read(data, f"{name}-{key}", part) for key, part in inner.items()}
        return {key: value for key, value in values.items() if value is not ABSENT} or ABSENT
    if shape is bool:
        return True if name in data else ABSENT
    text = data.get(name, "").replace("\r\n", "\n")
    if not text.strip():
        return ABSENT
    return text if shape is str else _literal(text)


def _literal(text: str):
    """A number, true, null or a list as such; everything else is the text that it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _as_literal(value) -> str:
    if value is ABSENT:
        return ""
    if isinstance(value, str) and value.strip() and _literal(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _node(name: str, key: str, shape: Shape, value) -> dict:
    """What the template draws: a list of rows, a group of fields, or one field."""
    node = {"name": name, "label": key.replace("_", " ").capitalize()}
    if isinstance(shape, list):
        rows = value if isinstance(value, list) else []
        noun = NOUNS.get(key, "row")
        return node | {
            "kind": "list",
            "noun": noun,
            "rows": [(str(place), _node(f"{name}-{place}", noun, shape[0], one)) for place, one in enumerate(rows)],
            "blank": (BLANK, _node(f"{name}-{BLANK}", noun, shape[0], ABSENT)),
        }
    if isinstance(shape, dict):
        values = value if isinstance(value, dict) else {}
        inner = {key.removesuffix("?"): part for key, part in shape.items()}
        return node | {
            "kind": "fields",
            "fields": [_node(f"{name}-{key}", key, part, values.get(key, ABSENT)) for key, part in inner.items()],
        }
    if shape is bool:
        return node | {"kind": "check", "value": value is True}
    if key in CHOICES:
        return node | {"kind": "choice", "value": value, "choices": CHOICES[key]}
    text = value if isinstance(value, str) and shape is not object else _as_literal(value)
    kind = "number" if shape in (int, float) else "text"
    return node | {"kind": kind, "value": text, "lines": min(max(text.count("\n") + 1, 1 + len(text) // 90), 20)}


class OnePerLine(forms.CharField):
    """A list of short texts."""

    widget = forms.Textarea

    def to_python(self, value):
        return [line.strip() for line in super().to_python(value).splitlines() if line.strip()]

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)

    def run_validators(self, value):
        for line in value:
            super().run_validators(line)
