"""Runs a candidate's program, one case at a time, and says what happened as one line of JSON.

It lives inside the WebAssembly interpreter next to code that nobody vouches for, in the page and in the score alike.
Nothing here knows what is expected, so there is nothing to steal: whoever patches it can only change what is said of
their own results. `stop` ends the watch over the time, so that what follows is not interrupted, and gives the seconds.
"""

import ast
import io
import json
import linecache
import sys
import traceback
import types

OWN_FILE = "your code"
MODULE = "solution"
MOST_PRINTED = 20_000
MOST_SHOWN = 1_000
MOST_TRACEBACK = 4_000
MOST_VALUES = 20_000
MOST_TEXT = 100_000
DEEPEST = 30
MOST_BITS = 13_000  # about 4,000 digits: longer numbers Python will not write out

given = {}  # names that a case's expressions may use besides the program's own
program = None  # the module that was loaded last
loading_printed = ""


class TooBig(Exception):
    """A result that is not worth sending; the text says why."""


class Printed(io.TextIOBase):
    """Standard output that keeps its first characters and forgets the rest."""

    def __init__(self):
        self.parts = []
        self.left = MOST_PRINTED

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
        return len(text)

    def text(self):
        return "".join(self.parts) + ("\n… cut here" if self.left < 0 else "")


def prepare(packages):
    """Imports what the question allows beyond the standard library, which would else be paid for by the first case."""
    if "numpy" in packages:
        import numpy

        given["np"] = given["numpy"] = numpy
        numpy.seterr(all="ignore")  # a warning would be printed among the candidate's own lines


def load(code, stop):
    """The program is executed once; its cases then call what it defines."""
    global program, loading_printed
    program = sys.modules[MODULE] = types.ModuleType(MODULE)
    # Tracebacks quote lines from here.
    linecache.cache[OWN_FILE] = (len(code), None, code.splitlines(keepends=True), OWN_FILE)

    def execute():
        exec(compile(code, OWN_FILE, "exec", dont_inherit=True), program.__dict__)  # nosec # noqa: S102

    line = watched(execute, stop)
    loading_printed = line["printed"]
    return json.dumps(line)


def run(case, stop):
    """`case`: JSON of what the question's author wrote, without what is expected."""
    case = json.loads(case)
    return json.dumps(watched(lambda: outcome(case), stop))


def watched(do, stop):
    """{printed, seconds} and {value, shown}, {raised, message, line, traceback}, {stopped, line} or {too_big}."""
    printed = Printed()
    outside = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    try:
        value = do()
        seconds = stop()
        line = {"value": encoded(value), "shown": shown(value)}
    except TooBig as error:
        line = {"too_big": str(error)}
    except KeyboardInterrupt as error:
        seconds = stop()
        line = {"stopped": True, "line": own_line(error)}
    except BaseException as error:
        seconds = stop()
        line = fault(error)
    finally:
        sys.stdout, sys.stderr = outside
    return line | {"printed": printed.text(), "seconds": round(seconds, 4)}


def outcome(case):
    names = program.__dict__ | given
    if "operations" in case:
        return [performed(operation, names) for operation in case["operations"]]
    if "expression" in case:
        return eval(case["expression"], names)  # nosec # noqa: S307
    if "call" in case:
        called = getattr(program, case["call"], None)
        if called is None:
            raise NameError(f"Your code defines no {case['call']}.")
        arguments = [argument(written, names) for written in case.get("arguments", [])]
        value = called(*arguments)
        return arguments[case["reads_argument"]] if "reads_argument" in case else value
    sys.stdout.write(loading_printed)  # a case about the program as a whole
    return None


def argument(written, names):
    """A text is a Python expression; any other value stands for itself."""
    return eval(written, names) if isinstance(written, str) else written  # nosec # noqa: S307


def performed(operation, names):
    """One statement; its value where it is an expression."""
    is_expression = isinstance(ast.parse(operation).body[0], ast.Expr)
    if is_expression:
        return eval(operation, names)  # nosec # noqa: S307
    exec(operation, names)  # nosec # noqa: S102


# --- what is sent ---------------------------------------------------------------------------------


class Encoder:
    """A value as JSON that says what it was: sets, dicts and foreign objects are marked."""

    def __init__(self):
        self.values = MOST_VALUES
        self.text = MOST_TEXT

    def encode(self, value, depth=0):
        self.values -= 1
        if self.values < 0:
            raise TooBig(f"The result holds more than {MOST_VALUES:,} values.")
        if depth > DEEPEST:
            raise TooBig(f"The result is nested more than {DEEPEST} levels deep, or contains itself.")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            self.text -= len(value)
            if self.text < 0:
                raise TooBig(f"The result holds more than {MOST_TEXT:,} characters.")
            # A lone surrogate is no text that could be kept.
            return str.encode(value, "utf-8", "replace").decode()
        if isinstance(value, int):
            if int.bit_length(value) > MOST_BITS:
                raise TooBig("A number in the result has thousands of digits.")
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, (list, tuple)):
            return [self.encode(inner, depth + 1) for inner in value]
        if isinstance(value, (set, frozenset)):
            return {"set": [self.encode(inner, depth + 1) for inner in value]}
        if isinstance(value, dict):
            return {"dict": [[self.encode(part, depth + 1) for part in pair] for pair in value.items()]}
        numpy = given.get("numpy")
        if numpy and isinstance(value, (numpy.ndarray, numpy.generic)):
            if value.size > self.values:
                raise TooBig(f"The result holds more than {MOST_VALUES:,} values.")
            return self.encode(value.tolist(), depth + 1)
        return {"other": type(value).__name__}


def encoded(value):
    return Encoder().encode(value)


def shown(value):
    text = repr(value)
    text = str.encode(text, "utf-8", "replace").decode()
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + " …"


def fault(error):
    return {
        "raised": names_of(error),
        "message": cut(text_of(error), MOST_SHOWN),
        "line": own_line(error),
        "traceback": cut(traceback_of(error), MOST_TRACEBACK),
    }


def names_of(error):
    """Its class and, where the program itself defines that, the classes above up to the first that Python has."""
    names = []
    for kind in type(error).__mro__:
        names.append(kind.__name__)
        if kind.__module__ != MODULE:
            break
    return names


def text_of(error):
    try:
        return str(error)
    except Exception:
        return ""


def own_line(error):
    """The last line of the program that was on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename == OWN_FILE:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == OWN_FILE]
    return lines[-1] if lines else None


def traceback_of(error):
    """As Python prints it, from the program's own first line on."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next((place for place, frame in enumerate(frames) if frame.filename == OWN_FILE), len(frames))
    try:
        last = traceback.format_exception_only(error)
    except Exception:
        last = [type(error).__name__]
    return "".join([*traceback.format_list(frames[first:]), *last])


def cut(text, most):
    text = str.encode(text, "utf-8", "replace").decode()
    return text if len(text) <= most else f"{text[: most // 2]}\n…\n{text[-most // 2 :]}"
