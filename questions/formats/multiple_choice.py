from questions.formats.base import Scored
from questions.formats.choice import ChoiceFormat


class MultipleChoice(ChoiceFormat):
    name = "multiple_choice"
    label = "Multiple choice"
    limits = (60, 180)
    counts = (3, 7)

    def score(self, version, answer):
        """(Right picks − wrong picks) over the number of right options, not below 0."""
        evidence = self.evidence(version, answer)
        wrong = len(evidence["wrong"])
        right = len(evidence["picked"]) - wrong
        return Scored(max(0.0, (right - wrong) / max(right + len(evidence["missed"]), 1)), evidence)

    def chance(self, version):
        return 0.10

    def faults(self, entry):
        yield from super().faults(entry)
        right = sum(option["right"] for option in entry["options"])
        if right < 2 or right == len(entry["options"]):
            yield "options", "a multiple choice has at least two right options and one wrong one"


FORMAT = MultipleChoice()
