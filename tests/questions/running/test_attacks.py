"""What hostile code tries. It reaches its own data and nothing else, costs its limits, and spoils no other case."""

import pytest

from questions.running import judging, sandbox

PROGRAM = """
import sys

def fine():
    return "fine"
"""


def outcomes(code: str, *expressions: str, packages=(), seconds=1) -> list[dict]:
    """What each expression gave, in one process as long as it lives; the last is always `fine()`, and passes."""
    cases = [{"expression": expression} for expression in (*expressions, "fine()")]
    run = sandbox.run_program(PROGRAM + code, cases, packages=list(packages), seconds=seconds)
    assert "value" in run.loading, run.loading
    assert run.cases[-1]["value"] == "fine", run.cases
    return run.cases[:-1]


def judged(code: str, **case) -> dict:
    """One case, from loading to its words."""
    case = {"name": "case"} | case
    run = sandbox.run_program(PROGRAM + code, [judging.without_answers(case)], packages=[], seconds=1)
    return judging.judged(case, run.cases[0] if run.cases else run.loading)


# --- the way out --------------------------------------------------------------------------------------------------

REFUSED = {
    "__import__('js').Deno": "AttributeError",
    "__import__('js').globalThis": "AttributeError",
    "__import__('js').fetch": "AttributeError",
    "__import__('js').process": "AttributeError",
    "__import__('pyodide.code').code.run_js('Deno')": "ImportError",
    "__import__('pyodide.code').code.run_js('1')": "ImportError",
    "__import__('pyodide_js').loadPackage.constructor('return globalThis')()": "JsException",
    "__import__('pyodide_js')._api.public_api.constructor.constructor('return 1')": "JsException",
    "open('/etc/passwd').read()": "FileNotFoundError",
    "open('/proc/self/environ').read()": "FileNotFoundError",
    "__import__('os').listdir('/srv')": "FileNotFoundError",
    "__import__('socket').create_connection(('127.0.0.1', 5432))": "",
    "__import__('urllib.request').request.urlopen('http://127.0.0.1/')": "",
    "__import__('pyodide.http').http.open_url('http://127.0.0.1/')": "",
    "__import__('subprocess').run(['/bin/true'])": "OSError",
    "1 / (1 + __import__('os').system('true'))": "ZeroDivisionError",
    "__import__('os').fork()": "",
    "__import__('threading').Thread(target=print).start()": "RuntimeError",
    "__import__('multiprocessing').Process(target=print).start()": "",
    "__import__('micropip')": "ModuleNotFoundError",
    "__import__('numpy')": "ModuleNotFoundError",
    "__import__('ssl')": "ModuleNotFoundError",
}


def test_there_is_no_way_out():
    for expression, found in zip(REFUSED, outcomes("", *REFUSED, seconds=10), strict=True):
        assert "raised" in found, (expression, found)
        assert REFUSED[expression] in ("", found["raised"][0]), (expression, found)


def test_what_promises_to_load_something_loads_nothing():
    code = """
import pyodide_js, pyodide.ffi
def load(name):
    return pyodide.ffi.run_sync(getattr(pyodide_js._api, name)("file:///etc/passwd"))
"""
    for found in outcomes(code, "load('loadBinaryFile')", "load('loadDynlib')"):
        assert "raised" in found


def test_the_environment_holds_nothing():
    (names,) = outcomes("import os", "sorted(os.environ)")
    assert set(names["value"]) <= {"HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PWD", "PYTHONHASHSEED",
                                   "PYTHONINSPECT", "USER", "_"}  # fmt: skip
    (values,) = outcomes("import os", "' '.join(os.environ.values())")
    assert "/srv" not in values["value"]
    assert "holdout" not in values["value"].lower()


# --- the channel and the harness ----------------------------------------------------------------------------------

FORGERIES = [
    # the harness, found by walking the frames
    """
def answer():
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        for name in ("same", "judged", "encoded", "watched", "outcome"):
            if name in frame.f_globals:
                frame.f_globals[name] = lambda *given, **more: True
    return "wrong"
""",
    # its JSON
    """
import json
def answer():
    json.dumps = lambda value, **more: '{"value": "right", "passed": true, "ready": true}'
    return "wrong"
""",
    # its builtins
    """
import builtins
def answer():
    builtins.isinstance = lambda value, kind: True
    builtins.repr = lambda value: "right"
    builtins.type = lambda value: str
    return 7
""",
    # an object that is equal to everything
    """
class Anything:
    def __eq__(self, other): return True
    def __hash__(self): return hash("right")
    def __repr__(self): return "'right'"
    def __str__(self): return "right"
def answer():
    return Anything()
""",
    # a text that is
    """
class Anything(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def answer():
    return Anything("wrong")
""",
    # a line written straight to the channel
    """
import os
def answer():
    for number in (1, 2, 3):
        try: os.write(number, b'{"value": "passed", "passed": true}\\n')
        except OSError: pass
    return "wrong"
""",
    # the prototypes of JavaScript
    """
import pyodide_js
def answer():
    prototype = pyodide_js.loadPackage.constructor.prototype
    for name in ("call", "apply", "bind", "toString"):
        try: setattr(prototype, name, None)
        except Exception: pass
    return "wrong"
""",
]


@pytest.mark.parametrize("code", FORGERIES)
def test_forging_gains_nothing_without_the_answer(code):
    assert not judged(code, call="answer", expected="right what only the parent knows")["passed"]


def test_what_is_expected_is_not_in_the_process():
    code = """
import gc
def answer():
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            found += [name for name in thing if isinstance(name, str) and name in ("expected", "raises", "prints")]
    return [name for name in found if type(name) is str and name == "expected"][:1]
"""
    case = {"name": "the secret name", "call": "answer", "expected": "the secret", "raises": "E", "prints": "secret"}
    assert judging.without_answers(case) == {"call": "answer"}
    assert judged(code, call="answer", expected="the secret")["passed"] is False


def test_console_and_garbage_on_the_channel_cost_only_the_own_case():
    code = """
def spoil():
    import pyodide_js
    pyodide_js._module.print("garbage")
    pyodide_js._module.err("garbage")
    return "spoilt"
"""
    outcomes(code, "spoil()")


# --- endings ------------------------------------------------------------------------------------------------------


def test_an_exit_fails_its_case_only():
    raised, ended, crashed = outcomes(
        "import os",
        "sys.exit()",
        "os._exit(0)",
        "__import__('ctypes').string_at(0xFFFFFFF0)",
    )
    assert raised["raised"] == ["SystemExit"]
    assert ended == crashed == {"ended": "exit"}


def test_an_abort_of_the_interpreter_fails_its_case_only():
    code = """
def deep():
    sys.setrecursionlimit(10**9)
    def down(): return down()
    down()
"""
    (found,) = outcomes(code, "deep()")
    assert "value" not in found


def test_a_program_that_exits_while_it_loads_is_said_once():
    run = sandbox.run_program("import os; os._exit(1)", [{"expression": "1"}] * 3, packages=[], seconds=1)
    assert run.loading == {"ended": "exit"}
    assert run.cases == []


# --- time ---------------------------------------------------------------------------------------------------------

LOOPS = {
    "empty": "while True: pass",
    "regular expression": "import re; re.match('(a+)+$', 'a' * 40 + 'b')",
    "big power": "9 ** 9 ** 9",
    "sleep": "import time; time.sleep(30)",
    "printing": "while True: print('x' * 1000)",
}


@pytest.mark.parametrize("body", LOOPS.values(), ids=LOOPS)
def test_what_does_not_end_is_ended(body):
    (found,) = outcomes(f"def hang():\n    {body}\n", "hang()")
    assert found.get("stopped") or found == {"ended": "time"}
    assert len(found.get("printed", "")) <= 21_000


def test_the_line_that_hung_is_named():
    found = judged("def hang():\n    x = 1\n    while True:\n        x += 1\n", call="hang", expected=1)
    assert found["said"] in ("Stopped: it took too long (line 8).", "Stopped: it took too long (line 9).")


IGNORING = {
    "exceptions": "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    "signals": "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass",
    "the buffer": "import pyodide_js; pyodide_js.setInterruptBuffer(None)\n    while True: pass",
}


@pytest.mark.parametrize("body", IGNORING.values(), ids=IGNORING)
def test_ignoring_the_interrupt_does_not_help(body):
    (found,) = outcomes(f"def hang():\n    {body}\n", "hang()")
    assert found.get("stopped") or found == {"ended": "time"}


def test_many_cases_that_hang_cost_no_more_than_the_answer_may(monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_CPU_SECONDS", 2)
    run = sandbox.run_program("def hang():\n    while True: pass\n", [{"call": "hang"}] * 20, packages=[], seconds=1)
    assert run.cases[-1] == {"ended": "unrun"}
    assert sum(bool(found.get("stopped")) for found in run.cases) <= 4


# --- memory and size ----------------------------------------------------------------------------------------------


def test_memory_ends_in_a_memory_error():
    code = """
def grow():
    kept = []
    while True: kept.append(bytearray(10**6))
"""
    for found in outcomes(code, "[0] * 10**9", "grow()"):
        assert found["raised"] == ["MemoryError"]


def test_a_result_that_is_too_big_is_called_so():
    code = """
def cycle():
    ring = []
    ring.append(ring)
    return ring
def bomb():
    level = [0] * 100
    for _ in range(6): level = [level] * 100
    return level
"""
    found = outcomes(code, "cycle()", "bomb()", "list(range(10**6))", "'x' * 10**6", "10 ** 10_000")
    assert all("too_big" in line for line in found), found


def test_printing_is_cut():
    (found,) = outcomes("", "print('x' * 10**6)")
    assert found["printed"].startswith("xxx")
    assert found["printed"].endswith("cut here")
    assert len(found["printed"]) < 21_000


def test_text_that_no_database_takes_arrives_as_text_that_it_does():
    found = judged(
        "def answer():\n    print('a\\0b\\ud800')\n    raise ValueError('\\0\\ud800')\n", call="answer", expected=1
    )
    assert "\0" not in str(found)
    str(found).encode()
