import math
import re

from django.core.exceptions import ValidationError

from questions import numbers
from questions.arithmetic import evaluate
from questions.exchange.items import Answer, number
from questions.formats.base import Format, Scored

COMPUTED = re.compile(r"[\d})]\s*(?:=|≈|\\approx)\s*(\d+(?:[.,]\d+)*)")  # an expression's value: 0.99^{20} = 0.818


class Numeric(Format):
    """`version.answer` is {value, tolerance, unit?, check}.

    The tolerance is absolute, in the unit; `check` is arithmetic that makes the value. An answer stays as it was typed.
    """

    name = "numeric"
    label = "Number"
    is_closed = True
    limits = (60, 300)
    catalog_fields = {"answer": {"value": float, "tolerance": float, "unit?": str}, "check": str}
    draft_template = "questions/formats/_reading.html"

    def checked(self, version, answer):
        if len(answer) > 1 or len("".join(answer)) > numbers.LONGEST:
            raise ValidationError(f"Type one number, with at most {numbers.LONGEST} characters.", code="wrong_shape")
        return answer

    def doubt(self, version, answer):
        try:
            self.is_blank(answer) or self.read(version, answer)
        except numbers.Unreadable as reason:
            return f"{reason} It would score 0. Change it, or press the button again to submit it as it is."
        return ""

    def draft_context(self, version, answer):
        """`reading` (None where there is none) and, of what can't be read, `unreadable`: why."""
        try:
            return {"reading": None if self.is_blank(answer) else self.read(version, answer)}
        except numbers.Unreadable as reason:
            return {"reading": None, "unreadable": str(reason)}

    def read(self, version, answer) -> numbers.Reading:
        """Raises Unreadable."""
        return numbers.read("".join(answer), version.answer.get("unit", ""))

    def score(self, version, answer):
        """Right when what was read is within the tolerance; what can't be read scores 0."""
        wanted, tolerance = version.answer["value"], version.answer["tolerance"]
        evidence = {"expected": wanted, "tolerance": tolerance, "unit": version.answer.get("unit", "")}
        try:
            reading = self.read(version, answer)
        except numbers.Unreadable:
            return Scored(0.0, evidence | {"read": None})
        value = min(reading.values, key=lambda value: abs(value - wanted))
        # What is exactly at the edge counts, whatever binary fractions make of it.
        slack = 1e-9 * max(1.0, abs(wanted))
        is_right = abs(value - wanted) <= tolerance + slack
        return Scored(float(is_right), evidence | {"read": value})

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

    def warnings(self, entry):
        if printed := self._printed_answer(entry):
            yield "prompt", f"prints the answer, {printed}"

    def _printed_answer(self, entry) -> str:
        """The first value worked out in the prompt that would be right, or would if it were taken from 1."""
        wanted, tolerance, unit = entry["answer"]["value"], entry["answer"]["tolerance"], entry["answer"].get("unit")
        for printed in COMPUTED.findall(entry["prompt"]):
            value = float(printed.replace(",", ""))
            shares = [100 * value, 100 - 100 * value] if unit == "%" and 0 < value < 1 else []
            if any(abs(read - wanted) <= tolerance for read in (value, *shares)):
                return printed
        return ""

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
        if not {"value", "tolerance"} <= answer.keys():  # a draft
            return []
        return [Answer(repr(answer["value"]), 100.0, tolerance=answer["tolerance"])]

    def moodle_extras(self, fields):
        return {"check": fields["check"]}


FORMAT = Numeric()
