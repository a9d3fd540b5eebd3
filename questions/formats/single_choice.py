from django.core.exceptions import ValidationError

from questions.formats.base import Scored
from questions.formats.choice import ChoiceFormat


class SingleChoice(ChoiceFormat):
    name = "single_choice"
    label = "Single choice"
    limits = (45, 120)
    counts = (2, 5)

    def checked(self, version, answer, draft):
        picked = super().checked(version, answer, draft)
        if len(picked) > 1:
            raise ValidationError("Choose one option only.", code="too_many_options")
        return picked

    def score(self, version, answer):
        evidence = self.evidence(version, answer)
        return Scored(float(bool(evidence["picked"]) and not evidence["wrong"]), evidence)

    def chance(self, version):
        return 1 / max(len(version.options.all()), 1)

    def faults(self, entry):
        yield from super().faults(entry)
        right = sum(option["right"] for option in entry["options"])
        if right != 1:
            yield "options", f"{right} options are right; a single choice has one"


FORMAT = SingleChoice()
