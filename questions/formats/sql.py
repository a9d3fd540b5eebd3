from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest

from questions import sql_sandbox
from questions.formats.base import Scored
from questions.formats.text import TextFormat
from questions.sql_sandbox import Cell, SchemaError, SqlError, Table

# What is kept of a result, and shown.
SHOWN_ROWS = 50
SHOWN_CHARACTERS = 200


class Sql(TextFormat):
    """Right when the query gives the same rows as the solution. `version.answer` is {schema, solution, compare}.

    Numbers are equal by value (2 = 2.0, to 12 digits); a number is never equal to a text, and NULL only to NULL.
    The columns count by their place, not by their names.
    """

    name = "sql"
    label = "SQL query"
    is_closed = True
    is_scored_in_worker = True
    limits = (240, 900)
    catalog_fields = {"schema": str, "solution": str, "compare": str}

    def score(self, version, answer):
        """Evidence: `verdict` in words, `error` or None; `own` (None after an error) and `expected` from `shown`."""
        if self.is_blank(answer):
            return Scored(0.0)
        schema = version.answer["schema"]
        try:
            expected = solved(schema, version.answer["solution"])
        except SqlError as error:
            raise RuntimeError(f"The solution of {version} does not run: {error}") from error
        evidence = {"error": None, "own": None, "expected": shown(expected)}
        try:
            own = sql_sandbox.run(schema, answer[0])
        except SqlError as error:
            return Scored(0.0, evidence | {"verdict": "Your query did not run.", "error": str(error)})
        difference = first_difference(own, expected, is_ordered=version.answer["compare"] == "ordered")
        return Scored(
            float(difference is None),
            evidence | {"verdict": difference or "Your query gives the expected rows.", "own": shown(own)},
        )

    def faults(self, entry):
        if entry["compare"] not in ("ordered", "unordered"):
            yield "compare", "is ordered or unordered"
        try:
            expected = solved(entry["schema"], entry["solution"])
        except SqlError as error:
            yield "schema" if isinstance(error, SchemaError) else "solution", str(error)
        else:
            if not expected.rows:
                yield "solution", "gives no rows"

    def content_from(self, entry):
        return {"answer": super().content_from(entry)}

    def fields_from(self, content):
        return super().fields_from(content["answer"] or {})


@lru_cache(maxsize=256)
def solved(schema: str, solution: str) -> Table:
    return sql_sandbox.run(schema, solution)


def first_difference(own: Table, expected: Table, *, is_ordered: bool) -> str | None:
    """What the candidate should look at first; None when the rows are the expected ones."""
    if len(own.columns) != len(expected.columns):
        return f"{_count(len(own.columns), 'column')}; expected {len(expected.columns)}: {', '.join(expected.columns)}."
    own_rows, expected_rows = _comparable(own.rows), _comparable(expected.rows)
    if own_rows == expected_rows:
        return None
    missing, extra = Counter(expected_rows) - Counter(own_rows), Counter(own_rows) - Counter(expected_rows)
    if not missing and not extra:
        return "The rows are right, their order is not." if is_ordered else None
    if len(own_rows) != len(expected_rows):
        return f"{_count(len(own_rows), 'row')}; expected {len(expected_rows)}."
    if is_ordered:
        pairs = zip_longest(own_rows, expected_rows)
        place = next(place for place, (mine, right) in enumerate(pairs, start=1) if mine != right)
        return f"Row {place} is the first that differs. {_about_types(own_rows, expected_rows)}".rstrip()
    wrong = _count(extra.total(), "row")
    return f"{wrong} of {len(own_rows)} not among those expected. {_about_types(own_rows, expected_rows)}".rstrip()


def shown(table: Table) -> dict:
    """The table as evidence keeps it: its first rows; a cell is null, a number, or a text that PostgreSQL takes."""
    return {
        "columns": [_shown(column) for column in table.columns],
        "rows": [[_shown(cell) for cell in row] for row in table.rows[:SHOWN_ROWS]],
        "row_count": len(table.rows),
    }


def _shown(cell: Cell) -> int | float | str | None:
    if cell is None or isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return cell if abs(cell) != float("inf") else str(cell)
    text = f"x'{cell['blob']}'" if isinstance(cell, dict) else cell.replace("\0", "␀")
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _comparable(rows: Sequence[Sequence[Cell]]) -> list[tuple]:
    return [tuple(map(_value, row)) for row in rows]


def _value(cell: Cell) -> tuple[str, object]:
    if cell is None:
        return "NULL", None
    if isinstance(cell, dict):
        return "blob", cell["blob"]
    if isinstance(cell, float):
        return "number", float(f"{cell:.12g}")
    return ("number" if isinstance(cell, int) else "text"), cell


def _about_types(own: list[tuple], expected: list[tuple]) -> str:
    """Rows that differ in types only look alike on the page: say so."""
    as_text = [{tuple(str(value) for _, value in row) for row in rows} for rows in (own, expected)]
    return "The values look alike, but their types (number, text, NULL) differ." if as_text[0] == as_text[1] else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


FORMAT = Sql()
