"""Code in Python: its cases are run, its explanation is marked by the rubric."""

import ast
import json
from collections import Counter
from collections.abc import Iterator

from questions.formats.base import Fault, Scored
from questions.formats.text import TextFormat
from questions.running import judging, sandbox

PACKAGES = ("numpy",)
SECONDS = 2  # of CPU, for a case; where the question says nothing else
MOST_SECONDS = 10
RUBRIC_SHARE = 0.2  # of the score, likewise
MOST_CASES = 30
# A solution that needs more than half of the limit leaves a slower right answer no room. Authors keep well below, at a
# tenth: the machine that checks may be several times as slow as theirs.
SPARE = 2

CASE = {
    "name": str,
    "call?": str,
    "arguments?": [object],
    "reads_argument?": int,
    "operations?": [str],
    "expression?": str,
    "expected?": object,
    "raises?": str,
    "prints?": str,
    "any_order?": bool,
    "tolerance?": object,
    "shown?": bool,
    "weight?": int,
}
WAYS = ("call", "operations", "expression")
ENDS = ("expected", "raises", "prints")


class Code(TextFormat):
    """`version.answer` is {starter, solution, cases, packages, seconds, rubric_share}, normalised by `content_from`.

    A version from before code was run has none: it is marked by its rubric alone.
    """

    name = "code"
    label = "Code"
    takes_code = True
    is_closed = False
    limits = (300, 1800)
    least_points = 1
    catalog_fields = {
        "packages?": [str],
        "starter": str,
        "solution": str,
        "seconds?": float,
        "rubric_share?": float,
        "cases": [CASE],
    }

    def runs(self, version):
        return version.answer is not None

    def is_blank(self, answer, version=None):
        starter = version.answer["starter"] if version and version.answer else ""
        return super().is_blank(answer) or answer[0].strip() == starter.strip()

    def rubric_share(self, version) -> float:
        """How much of the score is the rubric's."""
        return version.answer["rubric_share"] if version.answer else 1.0

    def score(self, version, answer):
        """The share of its cases that pass. Evidence: `share`, `loading` (None when it loaded), `cases` as judged;
        of hidden cases the name and whether they passed. Raises EngineFault.
        """
        if self.is_blank(answer, version):
            return Scored(0.0)
        loading, results = judged(version.answer, answer[0])
        return Scored(
            judging.share(results),
            {
                "share": judging.share(results),
                "loading": loading,
                "cases": [result if result["shown"] else concealed(result) for result in results],
                "slowest": max((result.get("seconds", 0) for result in results), default=0),
            },
        )

    def shown_cases(self, version) -> list[dict]:
        return [case for case in version.answer["cases"] if case.get("shown")]

    def has_hidden_cases(self, version):
        return version.answer is not None

    def failing_case(self, version, answer: list[str]) -> dict:
        """The first hidden case that this answer fails, judged as a shown one, and `loading` as in the evidence; empty
        when it passes them all. Raises EngineFault.
        """
        loading, results = judged(version.answer, answer[0] if answer else "")
        failed = next((result for result in results if not (result["shown"] or result["passed"])), None)
        return failed | {"shown": True, "loading": loading} if failed else {}

    def case_not_run(self, version) -> dict:
        """The first hidden case, where the engine failed: what it runs and expects is known all the same."""
        case = next(case for case in version.answer["cases"] if not case.get("shown"))
        said = "We couldn’t run your code. That was our fault."
        return judging.judged(case, {"ended": "exit"}) | {"shown": True, "said": said, "is_not_run": True}

    def case_task(self, version, name: str) -> str:
        """What the page's worker needs to run this one besides: it is shown now."""
        case = next((case for case in version.answer["cases"] if case["name"] == name), None)
        return json.dumps(case | {"shown": True}) if case else ""

    def examples(self, version) -> list[dict]:
        """The shown cases in words, for the page's table."""
        return [
            {"name": case["name"], "asked": judging.asked(case), "expected": judging.wanted(case)}
            for case in self.shown_cases(version)
        ]

    def page_task(self, version) -> dict:
        """What the page's worker needs to run the shown cases: nothing of the hidden ones, and no solution."""
        rules = version.answer
        cases = [json.dumps(case) for case in self.shown_cases(version)]  # only Python reads them: they may hold NaN
        return {name: rules[name] for name in ("packages", "seconds")} | {"cases": cases}

    # Its part of a catalog entry

    def faults(self, entry):
        yield from _fields_faults(entry)
        cases = entry["cases"]
        if not 2 <= len(cases) <= MOST_CASES:
            yield "cases", f"{len(cases)} cases; code has 2 to {MOST_CASES}"
        shown = sum(case.get("shown", False) for case in cases)
        if not 0 < shown < len(cases):
            yield "cases", f"{shown} of {len(cases)} are shown; some are, and some are not"
        for name, count in Counter(case["name"] for case in cases).items():
            if count > 1:
                yield "cases", f"the name “{name}” appears {count} times"
        for place, case in enumerate(cases, start=1):
            for field, why in _case_faults(case):
                yield f"cases[{place}].{field}" if field else f"cases[{place}]", why

    def trial_faults(self, entry):
        rules = self.content_from(entry)["answer"]
        (loading, results), (_, of_starter) = judged_together(rules, [rules["solution"], rules["starter"]])
        if loading:
            yield "solution", loading["said"]
        for result in results:
            if not result["passed"]:
                yield "solution", f"“{result['name']}”: {result['said']} {result.get('got', '')}".strip()
            elif result["seconds"] > rules["seconds"] / SPARE:
                yield "solution", f"“{result['name']}” takes {result['seconds']:.2f} s of {rules['seconds']} s"
        if all(result["passed"] for result in of_starter):
            yield "starter", "passes every case"

    def content_from(self, entry):
        defaults = {"packages": [], "seconds": SECONDS, "rubric_share": RUBRIC_SHARE}
        fields = super().content_from(entry)
        return {"answer": defaults | fields | {"cases": [_normal(case) for case in fields["cases"]]}}

    def fields_from(self, content):
        return super().fields_from(content["answer"] or {})


Judged = tuple[dict | None, list[dict]]


def judged(rules: dict, code: str) -> Judged:
    """What is wrong with loading the code, if anything, and every case as judged: none passes when it does not load."""
    run = sandbox.run_program(code, _asked(rules), packages=rules["packages"], seconds=rules["seconds"])
    return _judged_run(rules, run)


def judged_together(rules: dict, codes: list[str]) -> list[Judged]:
    """The same of several programs by one author, for the price of one start."""
    runs = sandbox.run_programs(codes, _asked(rules), packages=rules["packages"], seconds=rules["seconds"])
    return [_judged_run(rules, run) for run in runs]


def _asked(rules: dict) -> list[dict]:
    return [judging.without_answers(case) for case in rules["cases"]]


def _judged_run(rules: dict, run: sandbox.Run) -> Judged:
    cases = rules["cases"]
    loading = judging.loading_fault(run.loading)
    if loading:
        return loading, [judging.judged(case, {"ended": "unloaded"}) for case in cases]
    return None, [judging.judged(case, line) for case, line in zip(cases, run.cases, strict=True)]


def concealed(result: dict) -> dict:
    """What is said of a hidden case: enough to know what to think of, too little to be solved by hand."""
    return {name: result[name] for name in ("name", "shown", "weight", "passed")}


def _normal(case: dict) -> dict:
    """PyYAML reads `1e-9` as a text."""
    return case | ({"tolerance": float(case["tolerance"])} if "tolerance" in case else {})


def _fields_faults(entry: dict) -> Iterator[Fault]:
    for package in entry.get("packages", []):
        if package not in PACKAGES:
            yield "packages", f"“{package}” is none of {', '.join(PACKAGES)}"
    if not 0 < entry.get("seconds", SECONDS) <= MOST_SECONDS:
        yield "seconds", f"is above 0 and up to {MOST_SECONDS}"
    if not 0 < entry.get("rubric_share", RUBRIC_SHARE) <= 0.5:
        yield "rubric_share", "is above 0 and up to 0.5"


def _case_faults(case: dict) -> Iterator[Fault]:
    """A case says in one way what is run, and in one way what comes out."""
    ways, ends = [name for name in WAYS if name in case], [name for name in ENDS if name in case]
    if len(ways) > 1 or (not ways and ends != ["prints"]):
        yield "", f"says what is run by one of {', '.join(WAYS)}"
    if len(ends) != 1:
        yield "", f"says what comes out by one of {', '.join(ENDS)}"
    if not _is_json(case.get("expected")):
        yield "expected", "holds an infinite number or NaN, which cannot be stored: expect what is made of it"
    if not 1 <= case.get("weight", 1) <= 5:
        yield "weight", "is 1 to 5"
    if "tolerance" in case and not _is_tolerance(case["tolerance"]):
        yield "tolerance", "is a number above 0"
    if not 0 <= case.get("reads_argument", 0) < max(len(case.get("arguments", [])), 1):
        yield "reads_argument", "counts the arguments from 0"
    for name in ("arguments", "reads_argument"):
        if name in case and "call" not in case:
            yield name, "is part of a call"
    texts = [argument for argument in case.get("arguments", []) if isinstance(argument, str)]
    for text in [*texts, *([case["expression"]] if "expression" in case else [])]:
        if not _is_expression(text):
            yield "arguments" if texts else "expression", f"is no Python expression: {text}"
    if case.get("expected") is True and "expression" in case and _compares(case["expression"]):
        yield "expression", "compares and expects true, which can be guessed: expect the value itself"


def _is_json(value) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _is_tolerance(value) -> bool:
    try:
        return not isinstance(value, bool) and 0 < float(value) < 1e9
    except (TypeError, ValueError):
        return False


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _compares(text: str) -> bool:
    return _is_expression(text) and isinstance(ast.parse(text.strip(), mode="eval").body, ast.Compare)


FORMAT = Code()
