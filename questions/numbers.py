"""Numbers as people write them: `1'000.5`, `10/45 = 0.222`, `≈ 22,2 %`, `2^10`, `199k`, `€4`. Pure functions.

The text becomes plain arithmetic, which questions/arithmetic.py alone computes. What the text leaves open is decided
by one rule: a point is the decimal point; a comma before exactly three digits groups thousands, unless a zero stands
before it; two groups, or two kinds of marks, decide by themselves. The other way to take it is offered.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from questions import arithmetic, units

LONGEST = 200  # characters
LARGEST = 1e15
SHOWN_DIGITS = 17  # more than a float holds
NOT_A_NUMBER = "We can’t read this as a number."


class Unreadable(ValueError):
    """The message is for whoever wrote it."""


@dataclass(frozen=True)
class Other:
    """Another way to take the text: what to write for it, and how that reads."""

    text: str
    said: str


@dataclass(frozen=True)
class Reading:
    values: tuple[float, ...]  # in the unit that was asked for; where there are two, either counts
    said: str  # such as "0.222 = 22.2%"
    other: Other | None = None


def read(text: str, unit: str = "") -> Reading:
    """What `text` means where a number in `unit` is asked for. Raises Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable(NOT_A_NUMBER)
    text = cleaned(text)
    reading = _read(text, unit)
    flipped = TWO_WAYS.sub(_flipped, text)
    try:
        other = _read(flipped, unit)
    except Unreadable:
        return reading
    return reading if other.values == reading.values else replace(reading, other=Other(flipped, other.said))


# --- plain characters ---------------------------------------------------------------------------------

PLAIN = str.maketrans(
    dict.fromkeys("−‐‒—", "-")
    | dict.fromkeys("×·⋅∙•∗✕✖", "*")
    | dict.fromkeys("÷⁄∕", "/")
    | dict.fromkeys("’‘ʼ", "'")
    | dict.fromkeys("≈≃≅≐∼~≡→⇒", "=")
    | dict.fromkeys("٪﹪", "%")
    | {"٫": ".", "٬": "'", "{": "(", "}": ")"}
    | {"√": "sqrt", "π": "pi", "\ufe0e": "", "\ufe0f": ""}
)
VULGAR_FRACTION = re.compile(r"([0-9]) ?([¼-¾⅐-⅞])|[¼-¾⅐-⅞]")
SUPERSCRIPT = re.compile(r"[⁰¹²³⁴-⁹⁺⁻]+")
DASH = re.compile(r"(?<![0-9])–|–(?![0-9])")  # between two digits it makes a range
REPEATING = re.compile(r"([.,][0-9]*)\(([0-9]+)\)")  # 0.1(6)
TIMES = re.compile(r"[×✕✖]\s*$")  # "5×": five times
ELLIPSIS = re.compile(r"(?<=[0-9])\.{2,}(?![0-9])")
ABOUT = re.compile(r"\b(?:about|approximately|approx|around|roughly|circa|ca)\b\.?|^ ?(?:±|\+/-|\+-)", re.IGNORECASE)
LABEL = re.compile(r"^ *[a-z][^0-9:]*:", re.IGNORECASE)  # "answer: 5"


def cleaned(text: str) -> str:
    """The same with one sign for each operation, one blank at a time, digits of one script and nothing invisible."""
    text = "".join(_digit(sign) for sign in text if unicodedata.category(sign) != "Cf")
    text = REPEATING.sub(lambda match: match[1] + (match[2] * SHOWN_DIGITS)[:SHOWN_DIGITS], TIMES.sub("x", text))
    text = VULGAR_FRACTION.sub(lambda match: f"{match[1]} {match[2]}" if match[1] else f"({match[0]})", text)
    text = SUPERSCRIPT.sub(r"^(\g<0>)", text)
    text = DASH.sub("-", unicodedata.normalize("NFKC", text).translate(PLAIN))
    text = LABEL.sub("", ABOUT.sub("", ELLIPSIS.sub("", text)))
    return " ".join(text.split()).rstrip(" .,;:?=")


def _digit(sign: str) -> str:
    """Of whatever script, as 0 to 9; any other sign stays."""
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


# --- the digits of one number -------------------------------------------------------------------------

SPLIT_IN_THREES = r"[1-9][0-9]{0,2}(?P<mark>[ '_.,])[0-9]{3}(?:(?P=mark)[0-9]{3})*(?:(?!(?P=mark))[.,][0-9]+)?"
THOUSANDS = re.compile(SPLIT_IN_THREES)
LAKHS = re.compile(r"[1-9][0-9]?(?P<mark>,)[0-9]{2}(?:,[0-9]{2})*,[0-9]{3}(?:\.[0-9]+)?")
DECIMAL = re.compile(r"[0-9]*[.,]?[0-9]*")
SINGLE_POINT = re.compile(r"[0-9]*\.[0-9]*")
TWO_WAYS = re.compile(r"(?<![0-9.,'_])(?<![0-9] )[1-9][0-9]{0,2}[.,][0-9]{3}(?![0-9.,'_]|e[+-]?[0-9])", re.IGNORECASE)


def _flipped(match: re.Match) -> str:
    """14.400 as 14400, and 1,250 as 1.25."""
    number = match[0]
    return number.replace(".", "") if "." in number else f"{float(number.replace(',', '.')):g}"


def _plain(number: str) -> str:
    """With a decimal point, and without marks between thousands."""
    digits, exponent = re.fullmatch(r"([^eE]*)(.*)", number).groups()
    if grouped := not SINGLE_POINT.fullmatch(digits) and (THOUSANDS.fullmatch(digits) or LAKHS.fullmatch(digits)):
        digits = digits.replace(grouped["mark"], "")
    elif not DECIMAL.fullmatch(digits):
        raise Unreadable(NOT_A_NUMBER)
    return repr(float(digits.replace(",", ".") + exponent))


# --- what was written, as plain arithmetic ------------------------------------------------------------

NUMBER = re.compile(
    r"[.,]?[0-9]+(?:[.,][0-9]+|[ '_][0-9]{3}(?![0-9]))*(?:[.,](?![.,0-9]))?(?:e[+-]?[0-9]{1,3}(?![0-9]))?",
    re.IGNORECASE,
)
MIXED_NUMBER = re.compile(r"([0-9]+) ([0-9]{1,2}|[0-9]{4,}) ?/ ?([0-9]+)(?![0-9.,])")  # 1 1/2
HEXADECIMAL = re.compile(r"0x[0-9a-f]", re.IGNORECASE)
FUNCTION = re.compile(r"(sqrt|ln|log10|log2|log|exp|abs|erf|factorial)(?![a-z]) ?", re.IGNORECASE)
CONSTANT = re.compile(r"(?:pi|e)(?![a-z])", re.IGNORECASE)
# What begins a value and no word: 2π, 3 ln 2.
BEGINS = rf"pi(?![a-z])|(?:{FUNCTION.pattern})[(0-9]"
PRODUCT = re.compile(rf"{BEGINS}|(?<! )(?:\(|e(?![a-z]))", re.IGNORECASE)  # but not "4 e"
OPERATION = re.compile(rf"\*\*|[-+*/^]|x(?= ?(?:[-+(.0-9]|e(?![a-z])|{BEGINS}))", re.IGNORECASE)
PERCENT = re.compile(r"(?:%|per ?cent(?:age)?\b|pct\b\.?)(?:[- ]?p(?:oin)?ts?\b)?|p\.?p\.?(?![a-z])", re.IGNORECASE)
SCALES = {"hundred": 1e2, "k": 1e3, "thousand": 1e3, "lakh": 1e5, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6}
SCALES |= {"crore": 1e7, "b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}
SCALE = re.compile(rf"({'|'.join(SCALES)})(?:(?<=[a-z]{{4}})s)?(?![a-z0-9])\.?", re.IGNORECASE)
MONEY = re.compile(r"([-+]?) ?((?:us)?[$€£¥₹]|eur|usd|gbp) ?(?=[-+]? ?[.,(]?[0-9])", re.IGNORECASE)
# What may stand behind a number: words, but none that make another number of it.
WORDS = re.compile(r"(?:[^\W\d_]|[/($€£¥₹])[^\d<>±|]*")
FRACTION_WORD = re.compile(
    r"\b(?:hal(?:f|ves)|(?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth)s?|dozen)\b",
    re.IGNORECASE,
)


class Scanner:
    """Walks over one side of what was written, from value to operation to value, as far as it is arithmetic."""

    def __init__(self, text: str, unit: str):
        money = MONEY.match(text)
        self.money = money[2] if money else ""
        self.text = money[1] + text[money.end() :] if money else text
        self.unit = unit
        self.place = 0
        self.source: list[str] = []
        self.is_share = False  # a percent sign is in it

    def arithmetic(self) -> tuple[str, str]:
        """The arithmetic, and the words behind it."""
        step = self.value
        while step and self.place < len(self.text):
            if self.text[self.place] == " ":
                self.place += 1
            else:
                step = step()
        words = self.text[self.place :].strip()
        if words and self.source[-1:] == ["/"]:  # "10 / s"
            self.source.pop()
        if words and (not WORDS.fullmatch(words) or FRACTION_WORD.search(words)):
            raise Unreadable(NOT_A_NUMBER)
        return "".join(self.source), f"{self.money} {words}".strip()

    def value(self):
        """Where a value has to follow, with or without a sign."""
        if self.takes(re.compile(r"[-+]")):
            self.source.append(self.taken[0])
            return self.unsigned
        return self.unsigned()

    def unsigned(self):
        if self.takes(re.compile(r"\(")):
            self.source.append("(")
            return self.value
        if HEXADECIMAL.match(self.text, self.place):
            raise Unreadable(NOT_A_NUMBER)
        if self.takes(FUNCTION):
            return self.argument(self.taken[1].lower())
        if self.takes(CONSTANT):
            self.source.append(self.taken[0].lower())
        elif self.takes(MIXED_NUMBER):
            self.source.append("({}.0+{}.0/{}.0)".format(*(int(part) for part in self.taken.groups())))
        elif self.takes(NUMBER):
            self.source.append(_plain(self.taken[0]))
        else:
            return None
        return self.operation

    def argument(self, function: str):
        """In brackets, or one number: `ln 2`."""
        if self.takes(NUMBER):
            self.source.append(f"{function}({_plain(self.taken[0])})")
            return self.operation
        self.source.append(function)
        return self.unsigned

    def operation(self):
        """What may follow a value."""
        if self.takes(re.compile(r"\)")):
            self.source.append(")")
        elif self.takes(PERCENT):
            self.source.append("*0.01")
            self.is_share = True
        elif (scale := SCALE.match(self.text, self.place)) and not units.is_one_like(scale[1], self.unit):
            self.takes(SCALE)
            self.source.append(f"*{SCALES[scale[1].lower()]}")
        elif PRODUCT.match(self.text, self.place):
            self.source.append("*")
            return self.value
        elif self.takes(OPERATION):
            self.source.append({"^": "**", "x": "*", "X": "*"}.get(self.taken[0], self.taken[0]))
            return self.value
        else:
            return None
        return self.operation

    def takes(self, pattern: re.Pattern) -> bool:
        """Goes over what matches here, and keeps it as `taken`."""
        self.taken = pattern.match(self.text, self.place)
        self.place = self.taken.end() if self.taken else self.place
        return self.taken is not None


# --- what it means ------------------------------------------------------------------------------------


def _read(text: str, unit: str) -> Reading:
    """Of `x = 10/45 = 0.222` the last side that is a number; the others are names, or say the same."""
    problem = None
    for side in reversed(re.split(r"=>|->|=", text)):
        try:
            return _side(side.strip(), unit)
        except Unreadable as error:
            problem = problem or (side.strip() and error)
            if side.strip() and not re.search(r"[^\W\d_]", side):
                break
    raise problem or Unreadable(NOT_A_NUMBER)


def _side(text: str, unit: str) -> Reading:
    scanner = Scanner(text, unit)
    source, words = scanner.arithmetic()
    try:
        value = arithmetic.evaluate(source)
    except ValueError as error:
        is_zero = isinstance(error.__cause__, ZeroDivisionError)
        raise Unreadable("You can’t divide by zero." if is_zero else NOT_A_NUMBER) from None
    if scanner.is_share:
        return _share(value, unit)
    factor = units.factor(words, unit, value)
    if factor is None:
        raise Unreadable(f"The answer is in {unit}, not in “{words}”.")
    value = _bounded(value * factor)
    if unit == "%" and 0 < abs(value) <= 1 and not words:
        return _perhaps_a_share(value)
    return Reading((value,), units.with_unit(shown(value), unit))


def _share(value: float, unit: str) -> Reading:
    """Written with a percent sign."""
    percent = f"{shown(_bounded(100 * value))}%"
    if unit == "%":
        return Reading((100 * value,), percent)
    if unit:
        raise Unreadable(f"The answer is in {unit}, not in “%”.")
    return Reading((value,), f"{percent} = {shown(value)}")


def _perhaps_a_share(value: float) -> Reading:
    """Asked for percent, a bare number up to 1 may be meant as a share or in percent: either counts."""
    values = (100 * value, value)
    if abs(value) == 1:
        return Reading(values[::-1], f"{shown(value)}%", Other(f"{100 * value:g}%", f"{shown(100 * value)}%"))
    return Reading(values, f"{shown(value)} = {shown(100 * value)}%", Other(f"{value:.10g}%", f"{shown(value)}%"))


def _bounded(value: float) -> float:
    if abs(value) > LARGEST:
        raise Unreadable("That number is too large.")
    return value


def shown(value: float) -> str:
    """For people, and to be read back as the same: 14,400 · −3 · 0.2222."""
    if value.is_integer():
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.10g}"
        if float(text.replace(",", "")) != value:  # computed: nobody has written so many digits
            text = f"{value:,.{max(4, len(f'{abs(value):.0f}') + 2)}g}"
    return text.replace("-", "−")
