"""A sketch beside a text: boxes, texts, arrows between them and freehand strokes. No Django.

A page sends it as JSON, a list of shapes, and it is kept as it was sent; markup is never kept, but drawn from the
shapes (static/js/sitting/sketch.js draws the same):

    {"id": 1, "kind": "box", "x": 20, "y": 20, "w": 120, "h": 50, "text": "API"}    or "text", which has no border
    {"id": 3, "kind": "arrow", "from": 1, "to": 2, "text": "nightly"}
    {"id": 4, "kind": "stroke", "points": [10, 10, 20, 15]}                          x and y in turn
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape

WIDTH, HEIGHT = 560, 420
MOST_SHAPES, MOST_CHARACTERS = 200, 20_000
MOST_LETTERS, MOST_POINTS = 80, 200
LARGEST_ID = 1_000_000
SMALLEST_SIDE = 20
LINE_HEIGHT, LETTER_WIDTH, PADDING = 18, 8, 8
# How far an arrow's head reaches back, and to each side.
HEAD_LENGTH, HEAD_WIDTH = 10, 5
PEN = 'stroke="#14181f" stroke-width="2"'
SIDES = (("x", "x"), ("y", "y"), ("width", "w"), ("height", "h"))

FIELDS = {
    "box": {"id", "kind", "x", "y", "w", "h", "text"},
    "text": {"id", "kind", "x", "y", "w", "h", "text"},
    "arrow": {"id", "kind", "from", "to", "text"},
    "stroke": {"id", "kind", "points"},
}
# Line ends and controls, halves of characters, and what no XML may hold.
UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
TOO_MUCH = f"A sketch may have {MOST_SHAPES} shapes and {MOST_CHARACTERS:,} characters of data at most."

Shape = dict


def read(text: str) -> list[Shape]:
    """The shapes of a sketch. Raises ValueError with a text for the person who drew, for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(TOO_MUCH)
    try:
        shapes = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("This sketch is damaged.") from None
    if not isinstance(shapes, list) or not shapes or not all(map(_is_shape, shapes)):
        raise ValueError("This sketch is damaged.")
    if len(shapes) > MOST_SHAPES:
        raise ValueError(TOO_MUCH)
    nodes = {shape["id"] for shape in shapes if "x" in shape}
    loose = [shape for shape in shapes if shape["kind"] == "arrow" and not {shape["from"], shape["to"]} <= nodes]
    if loose or len({shape["id"] for shape in shapes}) < len(shapes):
        raise ValueError("This sketch is damaged.")
    return shapes


def _is_shape(shape) -> bool:
    kind = shape.get("kind") if isinstance(shape, dict) else None
    if not isinstance(kind, str) or set(shape) != FIELDS.get(kind):
        return False
    if not _is_between(shape["id"], 1, LARGEST_ID):
        return False
    if kind == "stroke":
        return _are_points(shape["points"])
    if not isinstance(shape["text"], str) or len(shape["text"]) > MOST_LETTERS or UNFIT.search(shape["text"]):
        return False
    if kind == "arrow":
        ends = shape["from"], shape["to"]
        return all(_is_between(end, 1, LARGEST_ID) for end in ends) and ends[0] != ends[1]
    return (
        _is_between(shape["w"], SMALLEST_SIDE, WIDTH)
        and _is_between(shape["h"], SMALLEST_SIDE, HEIGHT)
        and _is_between(shape["x"], 0, WIDTH - shape["w"])
        and _is_between(shape["y"], 0, HEIGHT - shape["h"])
    )


def _is_between(number, least: int, most: int) -> bool:
    return type(number) is int and least <= number <= most


def _are_points(points) -> bool:
    return (
        isinstance(points, list)
        and 4 <= len(points) <= 2 * MOST_POINTS
        and len(points) % 2 == 0
        and all(_is_between(x, 0, WIDTH) for x in points[::2])
        and all(_is_between(y, 0, HEIGHT) for y in points[1::2])
    )


# --- as words -------------------------------------------------------------------------------------------


def described(shapes: Sequence[Shape]) -> list[str]:
    """What it shows, a sentence a shape, for whoever does not see it; strokes are only counted."""
    names = {shape["id"]: name_of(shape) for shape in shapes}
    said = [names[shape["id"]] for shape in shapes if "x" in shape]
    for shape in shapes:
        if shape["kind"] == "arrow":
            label = f": {shape['text']}" if shape["text"] else ""
            said.append(f"Arrow from {_within(names[shape['from']])} to {_within(names[shape['to']])}{label}")
    if strokes := sum(shape["kind"] == "stroke" for shape in shapes):
        said.append("1 freehand line" if strokes == 1 else f"{strokes} freehand lines")
    return said


def name_of(shape: Shape) -> str:
    kind = shape["kind"].capitalize()
    return f"{kind} “{shape['text']}”" if shape.get("text") else f"{kind} {shape['id']}"


def _within(name: str) -> str:
    return name[0].lower() + name[1:]


# --- as a picture ---------------------------------------------------------------------------------------


def svg(shapes: Sequence[Shape], *, height: int = HEIGHT, name: str = "Sketch") -> str:
    """Markup that is whole in itself: with colours of its own, which a page's stylesheet may overrule."""
    nodes = {shape["id"]: shape for shape in shapes if "x" in shape}
    arrows_first = sorted(shapes, key=lambda shape: shape["kind"] != "arrow")  # which so go behind the boxes
    drawn = [part for shape in arrows_first for part in _drawn(shape, nodes)]
    return (
        f'<svg class="sketch" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{name}: {escape("; ".join(described(shapes)))}" '
        f'font-family="system-ui, sans-serif" font-size="15">{"".join(drawn)}</svg>'
    )


def _drawn(shape: Shape, nodes: dict[int, Shape]) -> Iterator[str]:
    if shape["kind"] == "stroke":
        yield _line(shape["points"])
    elif shape["kind"] == "arrow":
        yield from _arrow(shape, nodes)
    else:
        if shape["kind"] == "box":
            place = " ".join(f'{name}="{shape[key]}"' for name, key in SIDES)
            yield f'<rect class="sketch-box" {place} rx="6" fill="#ffffff" {PEN}/>'
        yield from _text(shape)


def _text(node: Shape) -> Iterator[str]:
    lines = wrapped(node["text"], node["w"], node["h"])
    x = node["x"] + node["w"] / 2
    first = node["y"] + node["h"] / 2 - (len(lines) - 1) * LINE_HEIGHT / 2
    for place, line in enumerate(lines):
        yield _words(line, x, first + place * LINE_HEIGHT)


def _words(text: str, x: float, y: float) -> str:
    return (
        f'<text class="sketch-text" x="{x:g}" y="{y:g}" text-anchor="middle" dominant-baseline="central" '
        f'fill="#14181f">{escape(text)}</text>'
    )


def wrapped(text: str, width: int, height: int) -> list[str]:
    """Its lines in a box of that size; a word that is too long for a line is cut, and so is what has no room."""
    letters = max(1, (width - PADDING) // LETTER_WIDTH)
    lines: list[str] = []
    for word in text.split():
        for start in range(0, len(word), letters):
            piece = word[start : start + letters]
            if lines and start == 0 and len(lines[-1]) + 1 + len(piece) <= letters:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines[: max(1, height // LINE_HEIGHT)]


def _arrow(arrow: Shape, nodes: dict[int, Shape]) -> Iterator[str]:
    start, end = nodes[arrow["from"]], nodes[arrow["to"]]
    (x1, y1), (x2, y2) = _border(start, end), _border(end, start)
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if not length:
        return
    along_x, along_y = (x2 - x1) / length, (y2 - y1) / length
    back_x, back_y = x2 - HEAD_LENGTH * along_x, y2 - HEAD_LENGTH * along_y
    side_x, side_y = HEAD_WIDTH * along_y, -HEAD_WIDTH * along_x
    head = [x2, y2, back_x + side_x, back_y + side_y, back_x - side_x, back_y - side_y]
    yield _line([x1, y1, x2, y2])
    yield f'<polygon class="sketch-head" points="{_listed(head)}" fill="#14181f"/>'
    if arrow["text"]:
        yield _words(arrow["text"], (x1 + x2) / 2, (y1 + y2) / 2 - 10)


def _line(points: Sequence[float]) -> str:
    return f'<polyline class="sketch-line" points="{_listed(points)}" fill="none" {PEN}/>'


def _border(node: Shape, towards: Shape) -> tuple[float, float]:
    """Where the way from its middle to the other's leaves it; its middle where the two have the same."""
    x, y = node["x"] + node["w"] / 2, node["y"] + node["h"] / 2
    dx, dy = towards["x"] + towards["w"] / 2 - x, towards["y"] + towards["h"] / 2 - y
    parts = [half / abs(way) for half, way in ((node["w"] / 2, dx), (node["h"] / 2, dy)) if way]
    part = min(parts, default=0)
    return x + part * dx, y + part * dy


def _listed(numbers: Sequence[float]) -> str:
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
