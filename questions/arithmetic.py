"""Plain arithmetic such as `100*10/45`: what the catalog proves its numeric answers with, and what the numbers that
people write are turned into (questions/numbers.py). Never `eval`: what is not listed here has no value.
"""

import ast
import math
import operator

LONGEST = 500  # characters: deeper nesting than these can hold would exhaust the parser
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
LARGEST = 1000  # of an argument to factorial or comb: beyond, their values are no floats any more


def evaluate(expression: str) -> float:
    """A finite number. Raises ValueError for anything that is not plain arithmetic, or has no value.

    All of it is done in floats, so that no step takes longer than another.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"More than {LONGEST} characters are no plain arithmetic")
    try:
        value = _value(ast.parse(expression, mode="eval").body)
        if not math.isfinite(value):
            raise ValueError("it is not finite")
    except (SyntaxError, ArithmeticError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"“{expression}” has no value: {error}") from error
    return value


def _whole(function):
    """For functions of whole numbers alone, which take long and much memory for large ones."""

    def of_floats(*arguments: float) -> float:
        if not all(value.is_integer() and abs(value) <= LARGEST for value in arguments):
            raise ValueError(f"{function.__name__} is of whole numbers up to {LARGEST:,}")
        return float(function(*map(int, arguments)))

    return of_floats


def _round(value: float, digits: float = 0.0) -> float:
    return round(value, int(digits))


FUNCTIONS = {name: getattr(math, name) for name in ("sqrt", "log", "log2", "log10", "exp", "erf")}
FUNCTIONS |= {"ln": math.log, "abs": abs, "min": min, "max": max, "round": _round}
FUNCTIONS |= {"comb": _whole(math.comb), "factorial": _whole(math.factorial)}


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(_value, args))
    raise ValueError(f"“{ast.unparse(node)}” is not plain arithmetic")
