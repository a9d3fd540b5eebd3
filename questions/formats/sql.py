from functools import lru_cache

from questions.formats.base import Scored
from questions.formats.text import TextFormat
from questions.running import sandbox, tables
from questions.running.drawing import Drawn, drawn
from questions.running.parts import EngineFault


class Sql(TextFormat):
    """Right when the query gives the same rows as the solution in every state of the data.

    `version.answer` is {schema, states, solution, compare, wrong, also_right}; only the first state is shown.
    The columns count by their place, not by their names.
    """

    name = "sql"
    label = "SQL query"
    takes_code = True
    is_closed = True
    limits = (240, 900)
    is_tried_at_load = True
    catalog_fields = {
        "schema": str,
        "states": [str],
        "solution": str,
        "compare": str,
        "wrong?": [str],
        "also_right?": [str],
    }

    def runs(self, version):
        return True

    def score(self, version, answer):
        """Evidence: `verdict` in words, `error` or None; `own` (None after an error) and `expected` as `shown`; `state`
        counts from 0, the shown one. Raises EngineFault.
        """
        if self.is_blank(answer):
            return Scored(0.0)
        rules, query = version.answer, answer[0]
        states = tables.states_of(rules)
        expected = solved(rules["schema"], tuple(rules.get("states", ())), rules["solution"], rules["compare"])
        own = sandbox.run_queries(states, [query])[0]
        is_ordered = rules["compare"] == "ordered"
        for place, (mine, right) in enumerate(zip(own, expected, strict=True)):
            evidence = {"error": None, "own": None, "expected": tables.shown(right), "state": place}
            if error := tables.error_in(mine):
                return Scored(0.0, evidence | {"verdict": "Your query did not run.", "error": error})
            evidence["own"] = tables.shown(mine)
            if difference := tables.first_difference(mine, right, is_ordered=is_ordered):
                return Scored(0.0, evidence | {"verdict": difference})
        evidence = {"error": None, "own": tables.shown(own[0]), "expected": tables.shown(expected[0]), "state": 0}
        if "states" in rules and is_ordered and not tables.asks_for_order(query):
            verdict = "The order of rows counts, and your query has no ORDER BY. It was correct by chance."
            return Scored(0.0, evidence | {"verdict": verdict})
        return Scored(1.0, evidence | {"verdict": "Your query returns the expected rows."})

    def page_task(self, version) -> dict:
        """What the page's worker needs to run a query on the shown state."""
        return {"script": tables.states_of(version.answer)[0]["script"]}

    def shown_tables(self, version) -> tuple[Drawn, ...]:
        return drawn(self.page_task(version)["script"])

    def faults(self, entry):
        if entry["compare"] not in ("ordered", "unordered"):
            yield "compare", "is ordered or unordered"
        if not 2 <= len(entry["states"]) <= 4:
            yield "states", f"{len(entry['states'])} states; a query is tried on 2 to 4"

    def trial_faults(self, entry):
        """Runs the solution, and what must fail or pass beside it."""
        right, wrong = entry.get("also_right", []), entry.get("wrong", [])
        expected, *found = sandbox.run_queries(tables.states_of(entry), [entry["solution"], *right, *wrong])
        for place, table in enumerate(expected):
            if error := tables.error_in(table):
                yield "states" if table.get("is_script") else "solution", f"state {place + 1}: {error}"
                return
        is_ordered = entry["compare"] == "ordered"
        if not expected[0]["rows"]:
            yield "solution", "gives no rows in the first state, which is the one that is shown"
        if is_ordered and not tables.asks_for_order(entry["solution"]):
            yield "solution", "has no ORDER BY, and `compare` is ordered"
        for place, (query, given) in enumerate(zip([*right, *wrong], found, strict=True)):
            name, number = ("also_right", place) if place < len(right) else ("wrong", place - len(right))
            verdict = first_verdict(query, given, expected, is_ordered=is_ordered)
            if name == "wrong" and verdict is None:
                yield f"wrong[{number + 1}]", "gives the expected rows in every state"
            elif name == "also_right" and verdict:
                yield f"also_right[{number + 1}]", verdict

    def content_from(self, entry):
        return {"answer": super().content_from(entry)}

    def fields_from(self, content):
        return super().fields_from(content["answer"] or {})


@lru_cache(maxsize=256)
def solved(schema: str, states: tuple[str, ...], solution: str, compare: str) -> list[dict]:
    """The solution's table in each state. Raises EngineFault when it has none: no answer is wrong by that."""
    rules = {"schema": schema, "compare": compare} | ({"states": list(states)} if states else {})
    found = sandbox.run_queries(tables.states_of(rules), [solution])[0]
    for table in found:
        if error := tables.error_in(table):
            raise EngineFault(f"The solution does not run: {error}")
    return found


def first_verdict(query: str, given: list[dict], expected: list[dict], *, is_ordered: bool) -> str | None:
    for place, (mine, right) in enumerate(zip(given, expected, strict=True)):
        said = tables.error_in(mine) or tables.first_difference(mine, right, is_ordered=is_ordered)
        if said:
            return f"state {place + 1}: {said}"
    return "has no ORDER BY" if is_ordered and not tables.asks_for_order(query) else None


FORMAT = Sql()
