"""The questions of the bank as the report needs them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from interviews.report.statistics import weakness
from questions import formats
from questions.models import Difficulties, Option, QuestionVersion, Status, VersionTopic


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question as the report needs it: its topics (primary first) and how hard it is, in logits.

    A question and its closed companions share the `family`, the id of the open one.
    """

    slug: str
    title: str
    family: int
    topics: list[str]
    level: str
    difficulty: float
    is_active: bool


def read_bank(answered: Iterable[int], difficulties: Difficulties) -> dict[int, BankQuestion]:
    """Every published question, and the answered ones that are no longer, by question id."""
    bank = bank_questions(QuestionVersion.objects.published(), difficulties)
    if retired := set(answered) - bank.keys():
        bank |= bank_questions(QuestionVersion.objects.newest().filter(question_id__in=retired), difficulties)
    return bank


def bank_questions(versions: QuerySet[QuestionVersion], difficulties: Difficulties) -> dict[int, BankQuestion]:
    """As plain rows: with hundreds of questions, model objects cost more than all the rest of a report."""
    topics = VersionTopic.objects.filter(version=OuterRef("pk")).order_by("position", "pk").values("topic__slug")
    # How many options there are decides the chance of a guess, while no night has estimated the difficulty.
    options = Option.objects.filter(version=OuterRef("pk")).order_by().values("version").annotate(count=Count("pk"))
    rows = versions.order_by("question_id").values_list(
        "question_id",
        "question__slug",
        "title",
        Coalesce("question__companion_of", "question"),
        ArraySubquery(topics),
        "level",
        "format",
        Coalesce(Subquery(options.values("count")), 0),
        "status",
    )
    return {
        pk: BankQuestion(
            slug,
            title,
            family,
            slugs,
            level,
            difficulties.of(pk, level, formats.get(format).chance(option_count)),
            status == Status.PUBLISHED,
        )
        for pk, slug, title, family, slugs, level, format, option_count, status in rows
    }


def topic_reference(
    topic: str, bank: dict[int, BankQuestion], level: str, difficulties: Difficulties
) -> tuple[float, float]:
    """Mean and variance of the difficulties that the topic is measured against."""
    active = [question for question in bank.values() if question.is_active and question.topics[0] == topic]
    return weakness.reference(
        [question.difficulty for question in active if question.level == level],
        [question.difficulty for question in active],
        difficulties.levels[level],
    )
