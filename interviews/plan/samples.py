"""The questions that everybody may read with their answers: some of each topic, the same for all visitors."""

from itertools import chain, zip_longest

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import RowNumber

from questions.models import Level, QuestionVersion, VersionTopic

SAMPLES = 20
# Short enough to read on the way; what has to be run needs an editor.
LONGEST_SECONDS = 360
RUN = ["cases", "schema"]
# What is usual first.
LEVELS = [Level.INTERMEDIATE, Level.BEGINNER, Level.ADVANCED]
USUAL_FIRST = Case(*(When(level=level, then=Value(n)) for n, level in enumerate(LEVELS)), output_field=IntegerField())


def sample_questions() -> QuerySet[QuestionVersion]:
    """Of each topic in turn, so that all are there: by level and name, which change rarely. Two statements.

    None with an image: those are for whoever is logged in.
    """
    primary = VersionTopic.objects.filter(version=OuterRef("pk"), position=0)
    whole = QuestionVersion.objects.published().filter(question__companion_of=None)
    short = whole.filter(limit_seconds__lte=LONGEST_SECONDS, figures=None).exclude(answer__has_any_keys=RUN)
    # Of a level one after the other by name: so the topic's first is intermediate, its second for beginners.
    place = Window(RowNumber(), partition_by=[F("topic"), F("level")], order_by="question__slug")
    rows = (
        short.annotate(topic=Subquery(primary.values("topic__position")[:1]), place=place)
        .order_by("topic", "place", USUAL_FIRST)
        .values_list("topic", "pk")
    )
    by_topic: dict[int, list[int]] = {}
    for topic, pk in rows:
        by_topic.setdefault(topic, []).append(pk)
    in_turn = chain.from_iterable(zip_longest(*by_topic.values()))
    return QuestionVersion.objects.filter(pk__in=[pk for pk in in_turn if pk is not None][:SAMPLES]).order_by("pk")
