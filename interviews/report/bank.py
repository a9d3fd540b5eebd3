"""The questions of the bank as the report needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Coalesce

from accounts.composed import composed
from interviews.report.statistics import weakness
from interviews.report.statistics.counting import topic_weights
from questions import formats
from questions.models import Difficulties, Option, QuestionVersion, Status, VersionTopic


@dataclass(frozen=True)
class BankQuestion:
    """A question as the report needs it: its topics (primary first) and how hard it is, in logits.

    A question and its closed companions share the `family`, the id of the open one.
    """

    slug: str
    title: str
    family: int
    topics: list[str]
    subtopic: str | None
    level: str
    category: str
    format: str
    difficulty: float
    is_active: bool

    @property
    def topic(self) -> str:
        """The primary one."""
        return self.topics[0]

    @cached_property
    def topic_weights(self) -> dict[str, float]:
        return topic_weights(self.topics)

    @property
    def is_closed(self) -> bool:
        return formats.get(self.format).is_closed


def read_bank(answered: Iterable[int], difficulties: Difficulties) -> dict[int, BankQuestion]:
    """Every published question, and the answered ones that are no longer, by question id."""
    bank = bank_questions(published_rows(), difficulties)
    if retired := set(answered) - bank.keys():
        newest = QuestionVersion.objects.newest().filter(question_id__in=retired)
        bank |= bank_questions(plain_rows(newest), difficulties)
    return bank


@composed
def published_rows():
    return plain_rows(QuestionVersion.objects.published())


def plain_rows(versions: QuerySet[QuestionVersion]) -> QuerySet[tuple]:
    """With hundreds of questions, model objects cost more than all the rest of a report."""
    topics = VersionTopic.objects.filter(version=OuterRef("pk")).order_by("position", "pk").values("topic__slug")
    # How many options are right decides the chance of a guess, while no night has estimated the difficulty.
    options = Option.objects.filter(version=OuterRef("pk")).order_by().values("is_right")
    return versions.order_by("question_id").values_list(
        "question_id",
        "question__slug",
        "title",
        Coalesce("question__companion_of", "question"),
        ArraySubquery(topics),
        "subtopic__slug",
        "level",
        "category",
        "format",
        ArraySubquery(options),
        "status",
    )


def bank_questions(rows: Iterable[tuple], difficulties: Difficulties) -> dict[int, BankQuestion]:
    return {
        pk: BankQuestion(
            slug,
            title,
            family,
            slugs,
            subtopic,
            level,
            category,
            format,
            difficulties.of(pk, level, formats.get(format).chance(len(are_right), sum(are_right))),
            status == Status.PUBLISHED,
        )
        for pk, slug, title, family, slugs, subtopic, level, category, format, are_right, status in rows
    }


def topic_references(
    bank: Mapping[int, BankQuestion], level: str, difficulties: Difficulties
) -> dict[str, tuple[float, float]]:
    """Mean and variance of the difficulties that each topic of the bank is measured against."""
    at_level: dict[str, list[float]] = {topic: [] for question in bank.values() for topic in question.topics}
    at_any = {topic: [] for topic in at_level}
    for question in bank.values():
        if question.is_active:
            at_any[question.topic].append(question.difficulty)
            if question.level == level:
                at_level[question.topic].append(question.difficulty)
    return {topic: weakness.reference(at_level[topic], at_any[topic], difficulties.levels[level]) for topic in at_level}
