"""Rubric points where coaches and what was found by words differ: worded badly, or in want of paraphrases."""

from collections.abc import Sequence

from django.db.models import Count, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Cast

from interviews.interviewer.models import PointSuggestion
from interviews.sitting.models import Grade
from questions.matching.lexical import LexicalGrader

# Below it a point says nothing of its words.
FEWEST_MARKS = 5
MOST_POINTS = 100
Verdict = PointSuggestion.Verdict


def points_by_difference() -> Sequence[dict]:
    """Of each point that coaches marked often enough: `marked`, how often; `unfound`, hit or partly where no sentence
    was found; `overfound`, missed where one was. Those that differ most come first. Of "check" nothing is claimed.
    """
    newest = Grade.objects.standing().filter(source=Grade.Source.COACH, question=OuterRef("question")).order_by("-pk")
    mark = Func(
        Subquery(newest.values("evidence")[:1]),
        Value("points"),
        Cast("point_id", TextField()),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    by_words = PointSuggestion.objects.filter(grader=LexicalGrader.name)
    rated = by_words.filter(question__graded_by=Grade.Source.COACH, opening=F("question__opening"))
    counted = rated.annotate(mark=mark).exclude(mark=None).order_by().values("point__text", "point__version__title")
    return (
        counted.annotate(
            point=F("point"),
            marked=Count("pk"),
            unfound=Count("pk", filter=Q(mark__in=["hit", "partly"], verdict=Verdict.NOT_FOUND)),
            overfound=Count("pk", filter=Q(mark="missed", verdict=Verdict.FOUND)),
        )
        .filter(marked__gte=FEWEST_MARKS)
        .order_by(-(F("unfound") + F("overfound")) * 1000 / F("marked"), "-marked", "point")[:MOST_POINTS]
    )
