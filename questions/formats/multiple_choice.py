from math import comb

from questions.exchange.items import Answer
from questions.formats.base import Scored
from questions.formats.choice import ChoiceFormat, several_right


class MultipleChoice(ChoiceFormat):
    name = "multiple_choice"
    label = "Multiple choice"
    limits = (60, 180)
    takes_several = True
    counts = (3, 7)

    def score(self, version, answer):
        """(Right picks − wrong picks) over the number of right options, not below 0."""
        evidence = self.evidence(version, answer)
        wrong = len(evidence["wrong"])
        right = len(evidence["picked"]) - wrong
        return Scored(max(0.0, (right - wrong) / max(right + len(evidence["missed"]), 1)), evidence)

    def chance(self, option_count, right_count=0):
        """Each option is ticked by a coin: the mean of max(0, right picks − wrong picks) over the right ones.

        Right picks less wrong ones are i where k − R + i coins of k fall one way, since an option that is wrong and
        not ticked counts like one that is right and is.
        """
        k, right = option_count, right_count
        return sum(i * comb(k, k - right + i) for i in range(1, right + 1)) / 2**k / max(right, 1)

    def faults(self, entry):
        yield from super().faults(entry)
        right = sum(option["right"] for option in entry["options"])
        if right in (0, len(entry["options"])):
            yield "options", "a multiple choice has at least one right option and one wrong one"

    def warnings(self, entry):
        count, right = len(entry["options"]), sum(option["right"] for option in entry["options"])
        share = round(100 * (2 * right - count) / right)
        if share > 25:
            yield "options", f"{right} of {count} are right: ticking all scores {share}%. Write another wrong one"

    def reads_moodle(self, item):
        """One right answer of a file from elsewhere makes a single choice; ours may have but one to be ticked."""
        return item.type == "multichoice" and (several_right(item) or item.extras.get("format") == self.name)

    def fields_from_moodle(self, item):
        if len({answer.fraction for answer in item.answers if answer.fraction > 0}) > 1:
            item.notes.append("the weights are not kept: every right option counts the same")
        return super().fields_from_moodle(item)

    def moodle_answers(self, fields):
        """A wrong pick costs what a right one earns, as in our own score."""
        options = fields["options"]
        share = 100 / max(1, sum(option["right"] for option in options))
        return [Answer(option["text"], share if option["right"] else -share, option["why"]) for option in options]


FORMAT = MultipleChoice()
