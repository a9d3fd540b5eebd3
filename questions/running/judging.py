"""What a case asked for against what the program did, in words: for the score, and for the page's own *Run*.

Plain Python without imports of ours: the page's worker loads this file beside the harness, so both compare alike.
A case is as the catalog writes it (docs/catalog.md); a line is what harness.py sent.
"""

import json
import math

# Of numbers that no tolerance is given for: floats rarely meet exactly.
TOLERANCE = 1e-9
ENDS = {
    "time": "It did not stop in time, so we ended it.",
    "exit": "It ended Python itself.",
    "size": "It returned too much to send.",
    "unrun": "Not run: the cases before it used up all the time.",
    "unloaded": "Not run: your code did not load.",
}


def judged(case, line):
    """{name, shown, weight, passed, said, asked} and, as there are any, expected, got, printed, line, traceback."""
    said = fault_in(case, line)
    result = {
        "name": case["name"],
        "shown": case.get("shown", False),
        "weight": case.get("weight", 1),
        "passed": said is None,
        "said": said or "Passed.",
        "asked": asked(case),
        "expected": wanted(case),
    }
    got = line.get("shown") if "value" in line and "prints" not in case else None
    found = {"got": got, **{name: line.get(name) for name in ("printed", "line", "traceback", "seconds")}}
    if said is None:
        del found["traceback"]  # of what it was right to raise
    return result | {name: value for name, value in found.items() if value not in (None, "")}


def loading_fault(line):
    """{said, printed, line, traceback} of a program that did not load; None when it did."""
    if "value" in line:
        return None
    found = {name: line.get(name) for name in ("printed", "line", "traceback")}
    return {"said": fault_in({}, line)} | {name: value for name, value in found.items() if value not in (None, "")}


def fault_in(case, line):
    """What is wrong, in words; None when the case passed."""
    at = f" (line {line['line']})" if line.get("line") else ""
    if "ended" in line:
        return ENDS.get(line["ended"], ENDS["exit"])
    if line.get("stopped"):
        return f"Stopped: it took too long{at}."
    if "raised" in line:
        return fault_in_raised(case, line, at)
    if "too_big" in line:
        return line["too_big"]
    if "raises" in case:
        return f"It raised nothing; expected {case['raises']}."
    if "prints" in case:
        return None if lines_of(line.get("printed", "")) == lines_of(case["prints"]) else "It printed something else."
    if same(case["expected"], line.get("value"), case.get("tolerance"), case.get("any_order", False)):
        return None
    return "It changed its argument to something else." if "reads_argument" in case else "It returned something else."


def fault_in_raised(case, line, at):
    if case.get("raises") in line["raised"]:
        return None
    if line["raised"][:1] == ["MemoryError"]:
        return f"It ran out of memory{at}."
    message = f": {line['message']}" if line.get("message") else ""
    return f"It raised {line['raised'][0]}{at}{message}" if line["raised"] else f"It failed{at}."


def lines_of(text):
    """What was printed, without what nobody sees: blanks at the ends of lines, and empty lines at the end."""
    lines = [line.rstrip() for line in text.rstrip().splitlines()]
    return lines


# --- equal values ---------------------------------------------------------------------------------


def same(expected, got, tolerance=None, any_order=False):
    """`expected` from YAML, `got` as harness.py encodes it. A tuple is a list here, and an array nested lists."""
    if isinstance(got, dict):
        if "set" in got and isinstance(expected, list):
            return same_in_any_order(expected, got["set"], tolerance)
        if "dict" in got and isinstance(expected, dict):
            return same_in_any_order([[key, value] for key, value in expected.items()], got["dict"], tolerance)
        return False
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return False
        if any_order:
            return same_in_any_order(expected, got, tolerance)
        return all(same(mine, theirs, tolerance) for mine, theirs in zip(expected, got, strict=True))
    if is_number(expected) and is_number(got):
        return close(expected, got, tolerance)
    return type(expected) is type(got) and expected == got


def same_in_any_order(expected, got, tolerance):
    if not isinstance(got, list) or len(got) != len(expected):
        return False
    left = list(got)
    for value in expected:
        place = next((place for place, other in enumerate(left) if same(value, other, tolerance)), None)
        if place is None:
            return False
        del left[place]
    return True


def is_number(value):
    """True and False count as 1 and 0, as they do in Python."""
    return isinstance(value, int | float)


def close(expected, got, tolerance):
    """Within the tolerance, of the value itself or of its size, whichever is more."""
    if isinstance(expected, int) and isinstance(got, int) and tolerance is None:
        return expected == got
    try:
        expected, got = float(expected), float(got)
    except OverflowError:
        return expected == got
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    if math.isinf(expected) or math.isinf(got):
        return expected == got
    return abs(expected - got) <= (TOLERANCE if tolerance is None else tolerance) * max(1.0, abs(expected))


# --- words ----------------------------------------------------------------------------------------


def asked(case):
    """What is run, as one would write it."""
    if "operations" in case:
        return "\n".join(case["operations"])
    if "expression" in case:
        return case["expression"]
    if "call" in case:
        arguments = [written if isinstance(written, str) else repr(written) for written in case.get("arguments", [])]
        return f"{case['call']}({', '.join(arguments)})"
    return "the whole program"


def wanted(case):
    if "raises" in case:
        return f"raises {case['raises']}"
    if "prints" in case:
        return case["prints"].rstrip()
    if "reads_argument" in case:
        return f"argument {case['reads_argument'] + 1} becomes {case['expected']!r}"
    return repr(case["expected"]) + (", in any order" if case.get("any_order") else "")


def share(results):
    """The weighted share of cases that passed."""
    total = sum(result["weight"] for result in results)
    return sum(result["weight"] for result in results if result["passed"]) / total if total else 0.0


def without_answers(case):
    """What the process that runs the candidate's code is told of a case."""
    return {
        name: case[name] for name in ("call", "arguments", "operations", "expression", "reads_argument") if name in case
    }


def tried(case, line):
    """A case that a candidate made up: nothing is expected of it."""
    return judged(case | {"expected": line.get("value"), "shown": True}, line) | {"expected": None, "is_own": True}


# For the page's worker, which holds everything as JSON.


def loading_json(line):
    return json.dumps(loading_fault(json.loads(line)))


def judged_json(case, line):
    return json.dumps(judged(json.loads(case), json.loads(line)))


def tried_json(case, line):
    return json.dumps(tried(json.loads(case), json.loads(line)))
