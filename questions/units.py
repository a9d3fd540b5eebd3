"""The units that numbers are asked for and written in: which are the same, and which can be turned into another."""

import math
import re
from collections.abc import Mapping

TIME = {"ns": 1e-9, "us": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400}
TIME |= {"nanosecond": 1e-9, "microsecond": 1e-6, "millisecond": 1e-3, "sec": 1, "second": 1, "m": 60, "minute": 60}
TIME |= {"hr": 3600, "hour": 3600, "day": 86400, "week": 7 * 86400}
BYTES = {"b": 1, "byte": 1}
for _power, _decimal, _binary in [(1, "kilo", "kibi"), (2, "mega", "mebi"), (3, "giga", "gibi"), (4, "tera", "tebi")]:
    BYTES |= dict.fromkeys([_decimal[0], f"{_decimal[0]}b", f"{_decimal}byte"], 1000**_power)
    BYTES |= dict.fromkeys([f"{_binary[0]}i", f"{_binary[0]}ib", f"{_binary}byte"], 1024**_power)
BITS = {"bit": 1, "b": 1, "nat": 1 / math.log(2)}
EURO = {"€": 1, "eur": 1, "euro": 1}
DOLLAR = {"$": 1, "usd": 1, "us$": 1, "dollar": 1}
POUND = {"£": 1, "gbp": 1, "pound": 1}
KINDS = (TIME, BYTES, BITS, EURO, DOLLAR, POUND)


def is_one_like(word: str, unit: str) -> bool:
    """Whether `word` is a unit that a number asked for in `unit` may be written in."""
    return _name(word) == _name(unit) or _size(word, _kind(unit)) is not None


def factor(words: str, unit: str, number: float) -> float | None:
    """What turns `number`, followed by these words, into `unit`; None where they name another unit.

    Without a unit that is asked for, words only say what was counted: `9 rows`.
    """
    if not words or not unit or _name(words) == _name(unit):
        return 1.0
    kind = _kind(unit)
    size = _size(re.split(r"[\s/]", words)[0], kind)  # "4 euros per user", "1.6 bits/symbol"
    if size is None:
        return None
    if kind is BYTES and _name(words) == "b" and not number.is_integer():
        size = 1e9  # there is no part of a byte: a billion of them
    return size / _size(unit, kind)


def with_unit(number: str, unit: str) -> str:
    if unit in ("€", "$", "£"):
        return f"−{unit}{number[1:]}" if number.startswith("−") else unit + number
    return f"{number}{'' if unit == '%' else ' '}{unit}".rstrip()


def _kind(unit: str) -> Mapping[str, float]:
    return next((kind for kind in KINDS if _size(unit, kind) is not None), {})


def _size(word: str, kind: Mapping[str, float]) -> float | None:
    return kind.get(word.strip(".").casefold(), kind.get(_name(word)))


def _name(word: str) -> str:
    """In the singular, in small letters."""
    name = word.strip(".").casefold()
    return name.removesuffix("s") if len(name) > 2 else name
