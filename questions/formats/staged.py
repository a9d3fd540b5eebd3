from collections.abc import Sequence

from django.core.exceptions import ValidationError

from questions import sketch
from questions.formats.base import Format

# Of fewer stages there is little to hide, and an answer would not show by its parts what it is.
LEAST_TO_HIDE = 3


class Staged(Format):
    """System design in stages, each with its own suggested minutes: one text a stage, and perhaps a sketch behind them.

    Who structures it without the stages gives one text in the place of theirs. A stage may say how many of the
    rubric's points are its own (`points`): the rubric is in the order of the stages.
    """

    name = "staged"
    label = "Staged design"
    is_closed = False
    takes_voice = True
    takes_sketch = True
    limits = (600, 3600)
    most_points = 12
    catalog_fields = {"stages": [{"name": str, "minutes": int, "asks": str, "points?": int}]}

    def checked(self, version, answer):
        count = len(version.stages)
        if len(answer) not in (count, count + 1) and not is_own_structure(version.stages, answer):
            if self.is_blank(answer):
                return []
            raise ValidationError(f"The answer has {count} parts, one for each stage.", code="wrong_shape")
        if drawn := self.sketch(version, answer):
            try:
                sketch.read(drawn)
            except ValueError as error:
                raise ValidationError(str(error), code="no_sketch") from error
        return answer

    def parts(self, version, answer):
        texts = texts_of(version.stages, answer)
        if is_own_structure(version.stages, answer):
            return [("", texts[0])]
        return [(stage["name"], text) for stage, text in zip(version.stages, texts, strict=False)]

    def sketch(self, version, answer):
        return "".join(answer[len(texts_of(version.stages, answer)) :])

    def faults(self, entry):
        stages = entry["stages"]
        if not 2 <= len(stages) <= 12:
            yield "stages", f"{len(stages)} stages; a staged design has 2 to 12"
        seconds = 60 * sum(stage["minutes"] for stage in stages)
        if seconds != entry["limit_seconds"]:
            yield "limit_seconds", f"{entry['limit_seconds']} s, but the stages' minutes make {seconds} s"
        told, points = [stage["points"] for stage in stages if "points" in stage], len(entry.get("rubric", []))
        if told and (len(told) < len(stages) or min(told) < 0 or sum(told) != points):
            yield "stages", f"`points` of each stage: together {points}, as many as the rubric has"


def can_hide(stages: Sequence[dict]) -> bool:
    return len(stages) >= LEAST_TO_HIDE


def is_own_structure(stages: Sequence[dict], answer: Sequence[str]) -> bool:
    """Whether it is one text for all stages, with a sketch or without."""
    return can_hide(stages) and len(answer) in (1, 2)


def texts_of(stages: Sequence[dict], answer: Sequence[str]) -> Sequence[str]:
    """What is written: one text a stage, or the only one; none where nothing was ever sent."""
    return answer[: 1 if is_own_structure(stages, answer) else len(stages)]


FORMAT = Staged()
