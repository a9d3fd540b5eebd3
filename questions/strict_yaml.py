"""YAML from people we do not know: no aliases, no duplicate keys, nothing large, nothing deep, no surprises."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError

MAX_BYTES = 5_000_000
MAX_DEPTH = 20
MAX_TEXT_BYTES = 50_000

# What a value must look like: a type (`object` is anything), [shape of each item], or {field: shape}, where "field?"
# may be absent.
Shape = type | list | dict


class StrictLoader(yaml.CSafeLoader):
    """CSafeLoader that refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key.value}” stands there twice", key.start_mark
                )
        return super().construct_mapping(node, deep)


def read(path: Path):
    """The data of a file. Raises ValidationError with what is wrong and, where known, the line."""
    if path.stat().st_size > MAX_BYTES:
        raise ValidationError("The file is larger than 5 MB.")
    return parse(path.read_bytes())


def parse(source: bytes):
    """Raises ValidationError with what is wrong and, where known, the line."""
    if len(source) > MAX_BYTES:
        raise ValidationError("The file is larger than 5 MB.")
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        raise ValidationError(f"Not UTF-8 (byte {error.start}).") from None
    try:
        _refuse_tricks(text)
        return yaml.load(text, StrictLoader)  # nosec B506 # noqa: S506 (a safe loader)
    except (yaml.MarkedYAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"Line {mark.line + 1}: " if mark else ""
        raise ValidationError(f"{place}{getattr(error, 'problem', None) or error}.") from None
    except yaml.YAMLError as error:
        raise ValidationError(f"Not YAML: {error}.") from None


def _refuse_tricks(text: str) -> None:
    """Reads the events only, before anything is built: an alias can make a gigabyte out of 300 bytes."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if getattr(event, "anchor", None):
            raise ValidationError(f"Line {event.start_mark.line + 1}: anchors and aliases are not allowed.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ValidationError(f"Line {event.start_mark.line + 1}: nested more than {MAX_DEPTH} deep.")


def line_finder(source: bytes) -> Callable[[str], int]:
    """For a source that `parse` has taken: the line, from 1, of a path as `shape_faults` writes it.

    Of a field that is missing, the line of what it is missing in.
    """
    root = yaml.compose(source.decode(), yaml.CSafeLoader)

    def line_of(path: str) -> int:
        node = mark = root
        for step in re.findall(r"[^.\[\]]+", path):
            if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) <= len(node.value):
                node = mark = node.value[int(step) - 1]
            elif isinstance(node, yaml.MappingNode):
                mark, node = next(((key, value) for key, value in node.value if key.value == step), (mark, None))
        return mark.start_mark.line + 1

    return line_of


def shape_faults(value, shape: Shape, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, what is wrong) for all that does not have this shape. List places count from 1."""
    if shape is object:
        return
    if isinstance(shape, dict):
        yield from _mapping_faults(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "must be a list"
            return
        for place, item in enumerate(value, start=1):
            yield from shape_faults(item, shape[0], f"{path}[{place}]")
    elif shape is str:
        if not isinstance(value, str):
            yield path, f"must be text: put {value!r} in quotes" if value is not None else "is empty"
        elif not value.strip():
            yield path, "is empty"
        elif len(value.encode()) > MAX_TEXT_BYTES:
            yield path, "is longer than 50 kB"
    elif shape is bool:
        if not isinstance(value, bool):
            yield path, "must be true or false"
    elif isinstance(value, bool) or not isinstance(value, (int, float) if shape is float else int):
        yield path, "must be a number" if shape is float else "must be a whole number"


def _mapping_faults(value, shape: dict, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, "must be a mapping (field: value)"
        return
    dot = f"{path}." if path else ""
    optional = {name.removesuffix("?") for name in shape if name.endswith("?")}
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    for name in value:
        if name not in known:
            yield f"{dot}{name}", "is not a field"
    for name, inner in known.items():
        if name in value:
            yield from shape_faults(value[name], inner, f"{dot}{name}")
        elif name not in optional:
            yield f"{dot}{name}", "is missing"
