import math
import re

from django.core.exceptions import ValidationError

from questions.arithmetic import evaluate
from questions.exchange.items import Answer, number
from questions.formats.base import Format, Scored

LARGEST = 1e15
LONGEST = 60  # characters
NUMBER = r"[+-]?(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
WRITTEN = re.compile(rf"(?P<number>{NUMBER})(?: ?/ ?(?P<divisor>{NUMBER}))? ?(?P<unit>[^0-9]*)")
DECIMAL = re.compile(r"[+-]?[0-9]*[.,]?[0-9]*")
COMMA_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
# A single point is a decimal point: "1.250" is not 1250.
POINT_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})")
PERCENT = {"%", "percent", "per cent", "pct"}
HELP = "Write one number, such as 22.2, 0,222, 2/9 or 22.2 %."


class Numeric(Format):
    """`version.answer` is {value, tolerance, unit?, check}.

    The tolerance is absolute, in the unit; `check` is arithmetic that makes the value.
    """

    name = "numeric"
    label = "Number"
    is_closed = True
    limits = (60, 300)
    catalog_fields = {"answer": {"value": float, "tolerance": float, "unit?": str}, "check": str}

    def checked(self, version, answer, draft):
        if len(answer) > 1 or len("".join(answer)) > LONGEST:
            raise ValidationError(HELP, code="wrong_shape")
        answer = [text.strip() for text in answer]
        if not draft and not self.is_blank(answer):
            readings(answer[0], version.answer.get("unit", ""))
        return answer

    def score(self, version, answer):
        """Right when one reading of what was written is within the tolerance.

        A draft that the clock closed ("2/") may be unreadable: it scores 0.
        """
        wanted, unit = version.answer["value"], version.answer.get("unit", "")
        evidence = {"expected": wanted, "tolerance": version.answer["tolerance"], "unit": unit}
        try:
            read = min(readings("".join(answer), unit), key=lambda value: abs(value - wanted))
        except ValidationError:
            return Scored(0.0, evidence | {"read": None})
        # What is exactly at the edge counts, whatever binary fractions make of it.
        slack = 1e-9 * max(1.0, abs(wanted))
        is_right = abs(read - wanted) <= version.answer["tolerance"] + slack
        return Scored(float(is_right), evidence | {"read": read})

    def chance(self, option_count, right_count=0):
        return 0.02

    def faults(self, entry):
        value, tolerance = entry["answer"]["value"], entry["answer"]["tolerance"]
        if not (math.isfinite(value) and math.isfinite(tolerance) and tolerance >= 0):
            yield "answer", "value and tolerance are finite, and the tolerance is not negative"
            return
        try:
            computed = evaluate(entry["check"])
        except ValueError as error:
            yield "check", str(error)
        else:
            if abs(computed - value) > tolerance:
                yield "check", f"makes {computed:.6g}, but the answer is {value}"

    def content_from(self, entry):
        return {"answer": entry["answer"] | {"check": entry["check"]}}

    def fields_from(self, content):
        answer = dict(content["answer"] or {})
        return {"check": answer.pop("check", None), "answer": answer}

    moodle_type = "numerical"

    def reads_moodle(self, item):
        return item.type == "numerical"

    def fields_from_moodle(self, item):
        """The first answer with the highest mark. A check that proves it is for a curator to write."""
        right = max(item.answers, key=lambda answer: answer.fraction)
        if len(item.answers) > 1:
            item.notes.append("one number is kept, the first with the highest mark")
        if right.feedback:
            item.notes.append("the feedback to the number is not kept")
        unit = {"unit": item.unit} if item.unit else {}
        answer = {"value": number(right.text), "tolerance": right.tolerance} | unit
        return {"answer": answer, "check": item.extras.get("check")}

    def moodle_answers(self, fields):
        answer = fields["answer"]
        return [Answer(repr(answer["value"]), 100.0, tolerance=answer["tolerance"])]

    def moodle_extras(self, fields):
        return {"check": fields["check"]}


def readings(text: str, unit: str = "") -> list[float]:
    """All that a written number can sanely mean, in `unit`. Raises ValidationError when it is none.

    Read alike: `22.2`, `22,2`, `22.2 %`, `2/9`; spaces and thin spaces between thousands, the typographic minus,
    and the question's own unit behind the number. Two things are ambiguous, and then any reading that is right counts:
    - asked for percent, a bare number up to 1 may be a share: `0.222` is 0.222 % or 22.2 %;
    - one comma before three digits may be decimal or between thousands: `1,250` is 1.25 or 1250.
    """
    text = " ".join(text.replace("−", "-").replace("–", "-").replace("⁄", "/").split())
    text = re.sub(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))", "", text)
    match = WRITTEN.fullmatch(re.sub(r"^([+-]) ", r"\1", text))
    if not match:
        raise ValidationError(HELP, code="not_a_number")
    written = match["unit"].strip().lower()
    if written not in PERCENT | {"", unit.lower()}:
        raise ValidationError(HELP, code="unknown_unit")
    values = sorted(_values(match["number"]))
    if match["divisor"]:
        divisors = _values(match["divisor"])
        if 0 in divisors:
            raise ValidationError("A fraction cannot have zero below the line.", code="not_a_number")
        values = [value / divisor for value in values for divisor in sorted(divisors)]
    if written in PERCENT and unit != "%":
        values = [value / 100 for value in values]
    if unit == "%" and written not in PERCENT:
        values += [100 * value for value in values if abs(value) <= 1]
    if not all(abs(value) <= LARGEST for value in values):
        raise ValidationError("That number is too large.", code="too_large")
    return values


def _values(number: str) -> set[float]:
    mantissa, _, power = number.lower().partition("e")
    written = set()
    if DECIMAL.fullmatch(mantissa):
        written.add(mantissa.replace(",", "."))
    if COMMA_THOUSANDS.fullmatch(mantissa):
        written.add(mantissa.replace(",", ""))
    if POINT_THOUSANDS.fullmatch(mantissa):
        written.add(mantissa.replace(".", "").replace(",", "."))
    if not written:
        raise ValidationError(HELP, code="not_a_number")
    return {float(f"{decimal}e{power or 0}") for decimal in written}


FORMAT = Numeric()
