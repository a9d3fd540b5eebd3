"""YAML from people we do not know: no aliases, no duplicate keys, nothing large, nothing deep, no surprises.

What it gives is what JSON has: mappings, lists, texts, numbers, true, false and null.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError

MAX_BYTES = 5_000_000
MAX_DEPTH = 20
MAX_NODES = 100_000  # a thousand questions of ours have 75,000
LARGEST_NUMBER = 10**15
LONGEST_NUMBER = 30
MAX_TEXT_BYTES = 50_000

# What a value must look like: a type (`object` is anything), [shape of each item], or {field: shape}, where "field?"
# may be absent.
Shape = type | list | dict


# Lines of a file, shaped as its data is: a scalar's line, [the list's own, *its items'], {"": own, key: value's}.
Lines = int | list | dict


class StrictLoader(yaml.CSafeLoader):
    """CSafeLoader that refuses a key that stands twice in one mapping, and takes a date for text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be text (quote what looks like a number or yes)", key.start_mark
                )
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{name[:100]}” appears twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)

    def construct_number(self, node):
        if len(node.value) > LONGEST_NUMBER:
            raise yaml.constructor.ConstructorError(
                None, None, f"a number has more than {LONGEST_NUMBER} characters", node.start_mark
            )
        return self.construct_yaml_int(node)


StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_number)


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
        text = source.decode("utf-8-sig")
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
    for count, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
        line = event.start_mark.line + 1
        if count > MAX_NODES:
            raise ValidationError(f"Line {line}: more than {MAX_NODES:,} values: split the file.")
        if getattr(event, "anchor", None):
            raise ValidationError(f"Line {line}: anchors and aliases are not allowed.")
        if getattr(event, "tag", None):
            raise ValidationError(f"Line {line}: tags such as {event.tag[:100]} are not allowed.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ValidationError(f"Line {line}: nested more than {MAX_DEPTH} deep.")


def lines(source: bytes) -> Lines:
    """Where everything stands in a source that `parse` has taken."""
    root = yaml.compose(source.decode("utf-8-sig"), yaml.CSafeLoader)
    return _lines(root, root.start_mark.line + 1) if root else 1


def _lines(node: yaml.Node, line: int) -> Lines:
    if isinstance(node, yaml.SequenceNode):
        return [line, *(_lines(item, item.start_mark.line + 1) for item in node.value)]
    if isinstance(node, yaml.MappingNode):
        return {"": line} | {key.value: _lines(value, key.start_mark.line + 1) for key, value in node.value}
    return line


def line_of(lines: Lines, path: str) -> int:
    """The line, from 1, of a path as `shape_faults` writes it; of a field that is missing, of what it is missing in."""
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(lines, list) and step.isdecimal() and int(step) < len(lines):
            lines = lines[int(step)]
        elif isinstance(lines, dict) and step in lines:
            lines = lines[step]
        else:
            break
    if isinstance(lines, list):
        return lines[0]
    return lines[""] if isinstance(lines, dict) else lines


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
            yield path, _not_text(value)
        elif not value.strip():
            yield path, "is empty"
        elif len(value.encode()) > MAX_TEXT_BYTES:
            yield path, "is longer than 50 kB"
    elif shape is bool:
        if not isinstance(value, bool):
            yield path, "must be true or false"
    elif isinstance(value, bool) or not isinstance(value, (int, float) if shape is float else int):
        yield path, "must be a number" if shape is float else "must be a whole number"
    elif not abs(value) <= LARGEST_NUMBER:  # nor what is no number
        yield path, "is no number of fifteen digits at most"


def _not_text(value) -> str:
    if value is None:
        return "is empty"
    is_short = isinstance(value, bool | float) or (isinstance(value, int) and abs(value) <= LARGEST_NUMBER)
    return f"must be text: put {value!r} in quotes" if is_short else "must be text"


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
