"""Code questions: what a curator writes, what it is checked for, and how an answer scores by its cases."""

import pytest

from questions import strict_yaml
from questions.formats import code as code_format
from questions.formats.code import CASE, FORMAT
from questions.models import QuestionVersion
from questions.running import harness, sandbox

SOLUTION = """
class Counter:
    def __init__(self, start):
        self.value = start
    def add(self, step):
        self.value += step
        return self.value

def double(values):
    if values is None:
        raise ValueError("no values")
    return [2 * value for value in values]

def double_in_place(values):
    values[:] = double(values)

def report(values):
    for value in values:
        print(f"{value:>4}")

def pairs():
    return {(1, 2), (3, 4)}
"""
CASES = [
    {"name": "a list", "call": "double", "arguments": ["[1, 2]"], "expected": [2, 4], "shown": True},
    {"name": "plain", "call": "double", "arguments": [[1.5]], "expected": [3], "tolerance": "1e-9", "weight": 2},
    {"name": "nothing", "call": "double", "arguments": ["None"], "raises": "ValueError"},
    {"name": "in place", "call": "double_in_place", "arguments": ["[1]"], "reads_argument": 0, "expected": [2]},
    {"name": "a class", "operations": ["c = Counter(2)", "c.add(3)", "c.add(1)"], "expected": [None, 5, 6]},
    {"name": "printing", "call": "report", "arguments": [[1, 20]], "prints": "   1\n  20"},
    {"name": "any order", "expression": "sorted(pairs())[::-1]", "expected": [[1, 2], [3, 4]], "any_order": True},
]
ENTRY = {"starter": "def double(values):\n    pass\n", "solution": SOLUTION, "cases": CASES}


def version(**changes) -> QuestionVersion:
    return QuestionVersion(format="code", answer=FORMAT.content_from(ENTRY | changes)["answer"])


def faults(**changes) -> list[str]:
    return [field for field, _ in FORMAT.faults(ENTRY | changes)]


def trials(**changes) -> list[str]:
    return [f"{field}: {why}" for field, why in FORMAT.trial_faults(ENTRY | changes)]


def with_case(**case) -> list[dict]:
    return [CASES[0], {"name": "another"} | case]


# --- what a curator writes ----------------------------------------------------------------------------------------


def test_entry_has_the_shape_and_no_faults():
    shape = {"starter": str, "solution": str, "cases": [CASE]}
    assert list(strict_yaml.shape_faults(ENTRY, shape)) == []
    assert faults() == []
    assert trials() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"packages": ["pandas"]}, "packages"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": 60}, "seconds"),
        ({"rubric_share": 0.9}, "rubric_share"),
        ({"cases": CASES[:1]}, "cases"),
        ({"cases": CASES[1:]}, "cases"),
        ({"cases": [CASES[0] | {"name": name} for name in "ab"]}, "cases"),
        ({"cases": [CASES[0], CASES[1] | {"name": "a list"}]}, "cases"),
        ({"cases": with_case(call="double", arguments=["[1]"])}, "cases[2]"),
        ({"cases": with_case(call="double", expected=1, raises="E")}, "cases[2]"),
        ({"cases": with_case(call="double", expression="double([])", expected=[])}, "cases[2]"),
        ({"cases": with_case(expected=1)}, "cases[2]"),
        ({"cases": with_case(call="double", arguments=["[1"], expected=1)}, "cases[2].arguments"),
        ({"cases": with_case(expression="double([])", expected=[float("inf")])}, "cases[2].expected"),
        ({"cases": with_case(expression="double(", expected=1)}, "cases[2].expression"),
        ({"cases": with_case(expression="double([]) == []", expected=True)}, "cases[2].expression"),
        (
            {"cases": with_case(call="double", arguments=["[]"], expected=1, reads_argument=1)},
            "cases[2].reads_argument",
        ),
        ({"cases": with_case(expression="1", arguments=["[]"], expected=1)}, "cases[2].arguments"),
        ({"cases": with_case(expression="1", expected=1, tolerance="wide")}, "cases[2].tolerance"),
        ({"cases": with_case(expression="1", expected=1, tolerance=-1)}, "cases[2].tolerance"),
        ({"cases": with_case(expression="1", expected=1, weight=9)}, "cases[2].weight"),
    ],
)
def test_faults_of_an_entry_are_named(changes, field):
    assert field in faults(**changes)


def test_case_of_the_whole_program_says_what_is_printed():
    assert faults(cases=with_case(prints="hello")) == []
    assert trials(cases=with_case(prints="hello"), solution=SOLUTION + "print('hello')") == []


def test_only_running_finds_these(monkeypatch):
    assert any("“nothing”" in one for one in trials(solution=SOLUTION.replace("ValueError", "TypeError")))
    assert any(one.startswith("starter") for one in trials(starter=SOLUTION))
    assert any("SyntaxError" in one for one in trials(solution="def"))
    slow = SOLUTION.replace("if values is None", "for _ in range(10**5): pass\n    if values is None")
    monkeypatch.setattr(code_format, "SPARE", 10**9)  # then it is too slow on any machine
    assert any("takes" in one for one in trials(solution=slow))


def test_rules_come_back_as_they_were_written():
    content = FORMAT.content_from(ENTRY | {"packages": ["numpy"]})
    assert content["answer"]["cases"][1]["tolerance"] == 1e-9
    assert FORMAT.content_from(FORMAT.fields_from(content)) == content


# --- an answer ----------------------------------------------------------------------------------------------------


def test_solution_passes_every_case():
    scored = FORMAT.score(version(), [SOLUTION])
    assert scored.score == 1.0
    assert all(case["passed"] for case in scored.evidence["cases"])
    assert scored.evidence["loading"] is None


def test_score_is_the_weighted_share_and_a_hidden_case_has_a_name_only():
    scored = FORMAT.score(version(), ["def double(values):\n    return [2 * value for value in values]\n"])
    assert scored.score == pytest.approx(3 / 8)  # the list and, twice, the plain one
    shown, *hidden = scored.evidence["cases"]
    assert shown["asked"] == "double([1, 2])"
    assert all(set(case) == {"name", "shown", "weight", "passed"} for case in hidden)


def test_code_that_does_not_load_says_so_once_with_its_line():
    scored = FORMAT.score(version(), ["x = 1\ndef double(:\n"])
    assert scored.score == 0.0
    assert scored.evidence["loading"]["line"] == 2
    assert "SyntaxError" in scored.evidence["loading"]["traceback"]
    assert "harness" not in str(scored.evidence)


def test_character_that_nobody_sees_is_named_with_its_line():
    loading = FORMAT.score(version(), ["x = 1\ny =\u00a02\nz = \u201ca\u201d\n"]).evidence["loading"]
    assert "U+00A0" in loading["said"]
    assert loading["line"] == 2


def test_traceback_shows_the_candidates_lines_and_none_of_ours():
    code = "def inner(values):\n    return values[99]\n\ndef double(values):\n    return inner(values)\n"
    (case, *_) = FORMAT.score(version(), [code]).evidence["cases"]
    assert "line 5, in double" in case["traceback"]
    assert "return values[99]" in case["traceback"]
    assert harness.__name__.rpartition(".")[2] not in case["traceback"]
    assert case["line"] == 2


def test_untouched_starter_is_no_answer():
    assert FORMAT.is_blank([ENTRY["starter"] + "\n"], version())
    assert FORMAT.is_blank([], version())
    assert not FORMAT.is_blank([SOLUTION], version())
    assert not FORMAT.is_blank([ENTRY["starter"]], QuestionVersion(format="code", answer=None))


def test_page_is_told_nothing_that_is_hidden():
    told = str(FORMAT.page_task(version())) + str(FORMAT.examples(version()))
    assert "a list" in told
    assert "in place" not in told
    assert "2 * value" not in told


def test_version_from_before_code_was_run_is_marked_by_its_rubric_alone():
    old = QuestionVersion(format="code", answer=None)
    assert not FORMAT.runs(old)
    assert FORMAT.rubric_share(old) == 1.0
    assert FORMAT.clean(old, ["anything"]) == ["anything"]
    assert FORMAT.fields_from({"answer": None}) == {}


def test_numpy_is_there_where_it_is_allowed():
    halves = {"call": "half", "arguments": ["np.array([[1.0, 2.0]])"], "expected": [[0.5, 1.0]]}
    cases = [
        {"name": "array", "shown": True} | halves,
        {"name": "scalar", "call": "top", "arguments": ["np.arange(3)"], "expected": 2},
        {"name": "a nan given", "call": "half", "arguments": [float("nan")], "expected": float("nan"), "shown": True},
        {"name": "axis", "call": "top", "arguments": ["np.array([])"], "raises": "ValueError"},
        {"name": "nan", "expression": "half(np.array([np.nan, np.inf]))", "expected": [float("nan"), float("inf")]},
    ]  # fmt: skip
    code = "import numpy as np\ndef half(x): return x / 2\ndef top(x): return x.max()\n"
    scored = FORMAT.score(version(packages=["numpy"], cases=cases), [code])
    assert scored.score == 1.0, scored.evidence


def test_state_that_a_case_leaves_is_seen_by_the_next_and_a_hang_starts_anew():
    code = "calls = []\ndef note():\n    calls.append(1)\n    return len(calls)\ndef hang():\n    while True: pass\n"
    cases = [{"call": "note"}, {"call": "note"}, {"call": "hang"}, {"call": "note"}]
    run = sandbox.run_program(code, cases, packages=[], seconds=1)
    assert [line.get("value") for line in run.cases] == [1, 2, None, 1]


def test_deep_but_honest_recursion_works():
    code = "def depth(n): return 0 if n == 0 else 1 + depth(n - 1)\n"
    (line,) = sandbox.run_program(code, [{"expression": "depth(900)"}], packages=[], seconds=2).cases
    assert line["value"] == 900


def test_programs_of_one_author_share_a_process_and_one_that_ends_it_goes_on_by_itself():
    codes = ["def f(): return 1", "import os\ndef f(): os._exit(3)", "def f(): return 3"]
    runs = sandbox.run_programs(codes, [{"call": "f"}, {"expression": "2"}], packages=[], seconds=1)
    values = [[line.get("value", line.get("ended")) for line in run.cases] for run in runs]
    assert values == [[1, 2], ["exit", 2], [3, 2]]
