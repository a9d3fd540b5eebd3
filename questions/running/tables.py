"""Tables that a query gave: which state they are of, whether they are the expected ones, and what of them is kept.

A cell is null, a number or a text, or one that JSON has no word for: {blob: hex}, {integer: digits}, {real: name}.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

Cell = int | float | str | dict | None

# What is kept of a result, and shown.
SHOWN_ROWS = 50
SHOWN_CHARACTERS = 200

ENDS = {
    "time": "Stopped after 2 seconds. Does every join have its condition, and a recursion its end?",
    "exit": "Stopped: it needed more than a query gets here.",
    "size": "Stopped: its rows are too large.",
}
# What holds no keyword: texts and names in any of SQLite's quotes; comments; characters that the engine takes out, too
# (`readable` in static/js/running/sql.js).
QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]"
COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
SKIPPED = re.compile(rf"(?P<quoted>{QUOTED})|(?P<comment>{COMMENT})|[\u200b-\u200d\u2060\ufeff]", re.DOTALL)


def states_of(answer: dict) -> list[dict]:
    """The states of a version, as the engine takes them. Where order counts, the last one turns every order round that
    the query does not itself ask for. A version from before there were states has one, in its schema.
    """
    if "states" not in answer:
        return [{"script": answer["schema"], "is_reversed": False}]
    scripts = [f"{answer['schema']}\n{state}" for state in answer["states"]]
    is_ordered = answer["compare"] == "ordered"
    last = len(scripts) - 1
    return [{"script": script, "is_reversed": is_ordered and place == last} for place, script in enumerate(scripts)]


def error_in(table: dict) -> str | None:
    return ENDS.get(table["ended"], ENDS["exit"]) if "ended" in table else table.get("error")


def asks_for_order(query: str) -> bool:
    """Whether ORDER BY stands in it outside all parentheses."""
    words = re.findall(r"[()]|\w+", SKIPPED.sub(_in_place_of, query).lower())
    depth, before = 0, ""
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and (before, word) == ("order", "by"):
            return True
        before = word
    return False


def _in_place_of(skipped: re.Match) -> str:
    """A quoted name or text is a word between others; a comment is a blank; the rest is nothing at all."""
    return " x " if skipped["quoted"] else " " if skipped["comment"] else ""


def first_difference(own: dict, expected: dict, *, is_ordered: bool) -> str | None:
    """What the candidate should look at first; None when the rows are the expected ones."""
    if len(own["columns"]) != len(expected["columns"]):
        names = ", ".join(expected["columns"])
        return f"{_count(len(own['columns']), 'column')}; expected {len(expected['columns'])}: {names}."
    own_rows, expected_rows = _comparable(own["rows"]), _comparable(expected["rows"])
    if own_rows == expected_rows:
        return None
    missing, extra = Counter(expected_rows) - Counter(own_rows), Counter(own_rows) - Counter(expected_rows)
    if not missing and not extra:
        return "The rows are correct, but their order isn’t." if is_ordered else None
    if len(own_rows) != len(expected_rows):
        return f"{_count(len(own_rows), 'row')}; expected {len(expected_rows)}."
    if is_ordered:
        pairs = zip_longest(own_rows, expected_rows)
        place = next(place for place, (mine, right) in enumerate(pairs, start=1) if mine != right)
        return f"Row {place} is the first that differs. {_about_types(own_rows, expected_rows)}".rstrip()
    wrong = _count(extra.total(), "row")
    return f"{wrong} of {len(own_rows)} not among those expected. {_about_types(own_rows, expected_rows)}".rstrip()


def shown(table: dict) -> dict:
    """The table as evidence keeps it: its first rows; a cell is null, a number, or a text that PostgreSQL takes."""
    return {
        "columns": [_shown(column) for column in table["columns"]],
        "rows": [[_shown(cell) for cell in row] for row in table["rows"][:SHOWN_ROWS]],
        "row_count": len(table["rows"]),
    }


def _shown(cell: Cell) -> int | float | str | None:
    if cell is None or isinstance(cell, int | float):
        return cell
    if isinstance(cell, dict):
        text = f"x'{cell['blob']}'" if "blob" in cell else next(iter(cell.values()))
    else:
        text = cell.replace("\0", "␀").encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _comparable(rows: Sequence[Sequence[Cell]]) -> list[tuple]:
    return [tuple(map(_value, row)) for row in rows]


def _value(cell: Cell) -> tuple[str, object]:
    """Numbers are equal by value, to 12 digits; a number is never equal to a text, and NULL only to NULL."""
    if cell is None:
        return "NULL", None
    if isinstance(cell, dict):
        kind, text = next(iter(cell.items()))
        return ("blob", text) if kind == "blob" else ("number", int(text) if kind == "integer" else float(text))
    if isinstance(cell, float):
        return "number", float(f"{cell:.12g}")
    return ("number" if isinstance(cell, int) else "text"), cell


def _about_types(own: list[tuple], expected: list[tuple]) -> str:
    """Rows that differ in types only look alike on the page: say so."""
    as_text = [{tuple(str(value) for _, value in row) for row in rows} for rows in (own, expected)]
    return "The values look alike, but their types (number, text, NULL) differ." if as_text[0] == as_text[1] else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
