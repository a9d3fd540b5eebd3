"""Numbers-only expressions such as `100*10/45`, with which the catalog proves its numeric answers."""

import ast
import math
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS = {name: getattr(math, name) for name in ("sqrt", "log", "log2", "log10", "exp", "erf", "comb", "factorial")}
FUNCTIONS |= {"abs": abs, "min": min, "max": max, "round": round}
LARGEST = 10**6  # of an argument to factorial or comb, and of an exponent


def evaluate(expression: str) -> float:
    """Raises ValueError for anything that is not plain arithmetic, or has no value."""
    try:
        return float(_value(ast.parse(expression, mode="eval").body))
    except (SyntaxError, ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"“{expression}” has no value: {error}") from None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id="pi"):
            return math.pi
        case ast.Name(id="e"):
            return math.e
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return math.pow(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            values = [_value(arg) for arg in args]
            if name in ("factorial", "comb") and max(values, default=0) > LARGEST:
                raise ValueError(f"{name} of a number beyond {LARGEST:,}")
            return FUNCTIONS[name](*values)
    raise ValueError(f"“{ast.unparse(node)}” is not plain arithmetic")
