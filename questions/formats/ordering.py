from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from django.core.exceptions import ValidationError

from questions.exchange.items import Answer
from questions.formats.base import Format, Scored
from questions.formats.choice import shuffled


class Ordering(Format):
    """The steps are the version's options, and their positions the right order.

    The order that is shown at first is nobody's answer: it becomes one when a step is moved, or when it is said to be
    right by ticking a box that carries all of it as one text.
    """

    name = "ordering"
    label = "Ordering"
    is_order = True
    is_closed = True
    limits = (60, 240)
    catalog_fields = {"steps": [str]}

    def checked(self, version, answer):
        order = " ".join(answer).split()
        if order and sorted(order) != sorted(str(step.pk) for step in version.options.all()):
            raise ValidationError("Each step has to be in the list once.", code="not_an_order")
        return order

    def presented(self, version, seed: int, answer: Sequence[str] = ()) -> list:
        """The candidate's own order once there is one; before that a shuffled one, never the right one."""
        steps = list(version.options.all())
        by_key = {str(step.pk): step for step in steps}
        if sorted(answer) == sorted(by_key):
            return [by_key[key] for key in answer]
        order = shuffled(version, seed)
        return order if order != steps else [*order[1:], order[0]]

    def score(self, version, answer):
        """The share of neighbours in the right order that are also neighbours, in that order, in the answer."""
        right = [step.pk for step in version.options.all()]
        given = [int(key) for key in answer]
        neighbours = set(pairwise(given))
        kept = [list(pair) for pair in pairwise(right) if pair in neighbours]
        pairs = len(right) - 1
        return Scored(len(kept) / pairs if pairs > 0 else 0.0, {"order": given, "kept": kept, "pairs": pairs})

    def chance(self, option_count, right_count=0):
        """Each of the n - 1 pairs stands together in (n - 1)! of the n! orders."""
        return 1 / max(option_count, 1)

    def faults(self, entry):
        steps = entry["steps"]
        if not 3 <= len(steps) <= 8:
            yield "steps", f"{len(steps)} steps; an ordering has 3 to 8"
        for text, count in Counter(steps).items():
            if count > 1:
                yield "steps", f"the step “{text}” appears {count} times"

    def content_from(self, entry):
        return {"options": [{"text": step, "right": True, "why": ""} for step in entry["steps"]]}

    def fields_from(self, content):
        return {"steps": [option["text"] for option in content["options"]]}

    moodle_type = "ordering"

    def reads_moodle(self, item):
        return item.type == "ordering"

    def fields_from_moodle(self, item):
        return {"steps": [answer.text for answer in sorted(item.answers, key=lambda answer: answer.fraction)]}

    def moodle_answers(self, fields):
        return [Answer(step, float(place)) for place, step in enumerate(fields["steps"], start=1)]

    def moodle_extras(self, fields):
        return {}


def moved(order: Sequence[str], move: str) -> list[str]:
    """The order after `move`, such as "12:up" or "12:down"; past the end nothing changes.

    Raises ValidationError for a step that is not there, or another word.
    """
    key, _, direction = move.partition(":")
    if key not in order or direction not in ("up", "down"):
        raise ValidationError("There is no such step to move.", code="unknown_move")
    order = list(order)
    place = order.index(key)
    target = place - 1 if direction == "up" else place + 1
    if 0 <= target < len(order):
        order[place], order[target] = order[target], order[place]
    return order


FORMAT = Ordering()
