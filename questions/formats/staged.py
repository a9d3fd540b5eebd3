from django.core.exceptions import ValidationError

from questions.formats.base import Format


class Staged(Format):
    """System design in stages, each with its own suggested minutes: one text a stage.

    A stage may say how many of the rubric's points are its own (`points`): the rubric is in the order of the stages.
    """

    name = "staged"
    label = "Staged design"
    is_closed = False
    takes_voice = True
    limits = (600, 3600)
    most_points = 12
    catalog_fields = {"stages": [{"name": str, "minutes": int, "asks": str, "points?": int}]}

    def checked(self, version, answer):
        if len(answer) == len(version.stages):
            return answer
        if self.is_blank(answer):
            return []
        raise ValidationError(f"The answer has {len(version.stages)} parts, one for each stage.", code="wrong_shape")

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


FORMAT = Staged()
