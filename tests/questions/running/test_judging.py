"""When a result is the expected one, and what is said when it is not: plain functions, without an interpreter."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.running.judging import asked, close, judged, loading_fault, same, share, tried, wanted, without_answers


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1),
        (1, 1.0),
        (0.3, 0.1 + 0.2),
        (True, True),
        (None, None),
        ("a", "a"),
        ([1, [2]], [1, [2]]),
        ([], []),
        ([1, 2], {"set": [2, 1]}),
        ({"a": 1, 2: [3]}, {"dict": [[2, [3]], ["a", 1.0]]}),
        (float("nan"), float("nan")),
        (float("inf"), float("inf")),
        (10**40, 10**40),
    ],
)
def test_values_that_mean_the_same_are_equal(expected, got):
    assert same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 2),
        (1, "1"),
        ("1", 1),
        (None, 0),
        (0, None),
        ("", None),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ([1], 1),
        ([1, 1], {"set": [1]}),
        ({"a": 1}, {"dict": []}),
        ({"a": 1}, {"set": ["a"]}),
        (1, {"other": "Fake"}),
        (0.3, 0.31),
        (float("inf"), 1e308),
        (1.0, float("nan")),
        (10**40, 10**40 + 1),
        ("a", {"set": 3}),
        ([1], {"set": "1"}),
        ({"a": 1}, {"dict": 5}),
    ],
)
def test_values_that_differ_are_not(expected, got):
    assert not same(expected, got)


def test_any_order_counts_each_value_as_often_as_it_stands_there():
    assert same([[1, 2], [3]], [[3], [1, 2]], any_order=True)
    assert not same([1, 1, 2], [1, 2, 2], any_order=True)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-12, 0.1))
def test_tolerance_is_of_the_value_or_of_its_size(value, tolerance):
    assert close(value, value + 0.5 * tolerance * max(1.0, abs(value)), tolerance) or abs(value) > 1e300
    off = value + 4 * tolerance * max(1.0, abs(value))
    assert math.isinf(off) or off == value or not close(value, off, tolerance)


CASE = {"name": "one", "call": "f", "arguments": ["np.eye(2)", 3, [1]], "expected": 4}


def said(line, **changes):
    return judged(CASE | changes, line)


def test_right_result_passes_and_a_wrong_one_says_what_came():
    assert said({"value": 4, "shown": "4"})["passed"]
    wrong = said({"value": 5, "shown": "5", "printed": "hi\n"})
    assert (wrong["passed"], wrong["said"], wrong["got"], wrong["printed"]) == (
        False,
        "It returned something else.",
        "5",
        "hi\n",
    )


def without_expected(**more):
    return {name: value for name, value in CASE.items() if name != "expected"} | more


def test_exception_must_be_the_named_one_or_the_programs_own_kind_of_it():
    case = without_expected(raises="ValueError")
    assert judged(case, {"raised": ["ValueError"]})["passed"]
    assert judged(case, {"raised": ["Own", "ValueError"]})["passed"]
    assert not judged(case, {"raised": ["AxisError"]})["passed"]  # a subclass that the program did not mean
    assert not judged(case, {"value": None})["passed"]
    assert not judged(CASE, {"raised": ["ValueError"], "message": "no", "line": 3})["passed"]
    assert judged(CASE, {"raised": ["ValueError"], "message": "no", "line": 3})["said"] == (
        "It raised ValueError (line 3): no"
    )


def test_printing_forgives_what_nobody_sees():
    case = without_expected(prints="a\n  b")
    assert judged(case, {"value": None, "printed": "a  \n  b\n\n"})["passed"]
    assert not judged(case, {"value": None, "printed": "a\nb\n"})["passed"]


@pytest.mark.parametrize(
    "line",
    [
        {"ended": "time"},
        {"ended": "exit"},
        {"ended": "size"},
        {"ended": "unrun"},
        {"ended": "unloaded"},
        {"stopped": True, "line": 4},
        {"too_big": "The result is large."},
        {"raised": []},
        {"raised": ["MemoryError"]},
    ],
)
def test_every_end_has_words_and_never_passes(line):
    found = judged(CASE, line)
    assert not found["passed"]
    assert found["said"].endswith((".", "…"))


def test_case_is_written_as_one_would_write_it():
    assert asked(CASE) == "f(np.eye(2), 3, [1])"
    assert asked({"operations": ["a = A()", "a.b()"]}) == "a = A()\na.b()"
    assert asked({"expression": "f(1)"}) == "f(1)"
    assert wanted(CASE) == "4"
    assert wanted(CASE | {"reads_argument": 2}) == "argument 3 becomes 4"
    assert wanted(without_expected(raises="ValueError")) == "raises ValueError"


def test_process_is_told_what_to_run_and_nothing_of_what_should_come():
    told = without_answers(CASE | {"raises": "E", "prints": "p", "tolerance": 1, "shown": True, "reads_argument": 0})
    assert told == {"call": "f", "arguments": ["np.eye(2)", 3, [1]], "reads_argument": 0}


def test_share_is_weighted():
    results = [{"weight": 3, "passed": True}, {"weight": 1, "passed": False}]
    assert share(results) == 0.75
    assert share([]) == 0.0


def test_loading_fault_is_said_once_with_its_line():
    assert loading_fault({"value": None}) is None
    found = loading_fault({"raised": ["SyntaxError"], "message": "bad", "line": 2, "traceback": "…"})
    assert found == {"said": "It raised SyntaxError (line 2): bad", "line": 2, "traceback": "…"}


def test_own_case_has_no_verdict_of_ours():
    found = tried({"name": "own", "expression": "f(1)"}, {"value": [1], "shown": "[1]"})
    assert (found["is_own"], found["got"], found["expected"]) == (True, "[1]", None)
