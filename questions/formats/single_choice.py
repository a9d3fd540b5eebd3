from django.core.exceptions import ValidationError

from questions.exchange.items import Answer
from questions.formats.base import Scored
from questions.formats.choice import ChoiceFormat, several_right


class SingleChoice(ChoiceFormat):
    name = "single_choice"
    label = "Single choice"
    limits = (45, 120)
    counts = (2, 5)

    def checked(self, version, answer):
        picked = super().checked(version, answer)
        if len(picked) > 1:
            raise ValidationError("Choose one option only.", code="too_many_options")
        return picked

    def score(self, version, answer):
        evidence = self.evidence(version, answer)
        return Scored(float(bool(evidence["picked"]) and not evidence["wrong"]), evidence)

    def chance(self, option_count, right_count=0):
        return 1 / max(option_count, 1)

    def faults(self, entry):
        yield from super().faults(entry)
        right = sum(option["right"] for option in entry["options"])
        if right != 1:
            yield "options", f"{right} options are right; a single choice has one"

    def reads_moodle(self, item):
        return item.type in ("multichoice", "truefalse") and not several_right(item)

    def fields_from_moodle(self, item):
        if any(0 < answer.fraction < 100 for answer in item.answers):
            item.notes.append("part marks are not kept: only the full mark counts as right")
        return super().fields_from_moodle(item)

    def is_right(self, answer):
        return answer.fraction >= 100

    def moodle_answers(self, fields):
        return [Answer(option["text"], 100.0 * option["right"], option["why"]) for option in fields["options"]]


FORMAT = SingleChoice()
