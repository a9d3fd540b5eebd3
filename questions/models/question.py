import hashlib
import json
import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.names import NameField
from questions import formats, markup, statistics
from questions.models.curation import Curation, Status
from questions.models.topic import Topic
from questions.models.track import Track, TrackSection


class Level(models.TextChoices):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Category(models.TextChoices):
    THEORY = "theory"
    PROGRAMMING = "programming"
    INTEREST = "interest"
    PRODUCT = "product"
    SYSTEM_DESIGN = "system-design"


# What a search looks at: what is asked, never the answer, which it would give away. The index is of exactly this.
SEARCHED = SearchVector("title", weight="A", config="english") + SearchVector("prompt", weight="B", config="english")


class QuestionQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(versions__status=Status.PUBLISHED)


class Question(models.Model):
    """What stays the same while the wording improves; what was really asked is a QuestionVersion."""

    slug = models.SlugField(max_length=100, unique=True)
    source = models.CharField(
        max_length=10, blank=True, help_text="Its place in the source list, such as A6; empty for our own."
    )
    companion_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="companions",
        help_text="The open question that this closed one checks.",
    )
    # The entry of the catalog file as last loaded: while the file stays the same, loading it again never undoes
    # what a curator did in the admin.
    catalog_hash = models.CharField(max_length=64, blank=True, editable=False)
    # Of other people's files: which it was last loaded from, and what it is known by there (exchange/identity.py).
    imported_from = models.CharField(max_length=200, blank=True, editable=False, db_default="")
    imported_as = models.CharField(max_length=120, blank=True, editable=False, db_default="")
    suggests_points = models.BooleanField(
        "shows suggestions",
        default=True,
        db_default=True,
        help_text="Beside each rubric point the sentence of an answer that may say it. Off where they mislead.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def family(self) -> int:
        """The id that a question shares with its closed companions, which could give its answer away."""
        return self.companion_of_id or self.pk

    @property
    def published_version(self) -> "QuestionVersion | None":
        return self.versions.published().first()

    def lock(self) -> None:
        """Until the transaction ends, nobody else changes the status of a version or adds one."""
        Question.objects.select_for_update().get(pk=self.pk)

    def next_number(self) -> int:
        return (self.versions.aggregate(newest=models.Max("number"))["newest"] or 0) + 1


class QuestionVersionQuerySet(models.QuerySet):
    def published(self) -> Self:
        return self.filter(status=Status.PUBLISHED)

    def newest(self) -> Self:
        """The highest number of each question, whatever its status."""
        newest = self.model.objects.filter(question=models.OuterRef("question")).order_by("-number")
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))

    def with_content(self) -> Self:
        return self.select_related("question__companion_of", "subtopic").prefetch_related(
            "options", "rubric_points", "misconceptions", "topic_links__topic"
        )

    def usual_limit(self, topic) -> int:
        """The mean of the published questions of a topic, in seconds; 0 where there are none."""
        return round(self.published().on_topics([topic.slug]).aggregate(mean=models.Avg("limit_seconds"))["mean"] or 0)

    def for_drawing(self, *pools: models.Q) -> list[list]:
        """What the draw of an interview needs, as plain rows: those that fit each of the pools, in one query."""
        topics = self.model.topics.through.objects.filter(version=models.OuterRef("pk")).order_by("position", "pk")
        fits = {f"fits_{n}": models.ExpressionWrapper(pool, models.BooleanField()) for n, pool in enumerate(pools)}
        rows = (
            self.annotate(
                # A question and its closed companions are one family.
                family=Coalesce("question__companion_of", "question"),
                primary_topic_id=models.Subquery(topics.values("topic_id")[:1]),
                **fits,
            )
            .filter(reduce(operator.or_, (models.Q(**{name: True}) for name in fits), models.Q(pk__in=[])))
            .order_by()
            .values_list("pk", "question_id", "limit_seconds", "family", "primary_topic_id", *fits, named=True)
        )
        found = list(rows)
        return [[row for row in found if getattr(row, name)] for name in fits]

    def as_drawn(self, pks: Sequence[int]) -> list[Self]:
        """Exactly these, in this order, with what a start needs of them."""
        found = {version.pk: version for version in self.filter(pk__in=pks).only("question_id", "limit_seconds")}
        return [found[pk] for pk in pks if pk in found]

    def for_asking(self) -> Self:
        unseen = ["model_answer", "model_answer_html", "references"]
        return self.select_related("question", "subtopic").prefetch_related("options").defer(*unseen)

    def for_statistics(self) -> Self:
        """What difficulty and topics need, without the texts."""
        return (
            self.select_related("question")
            .prefetch_related("options", "topic_links__topic")
            .defer("prompt", "prompt_html", "model_answer", "model_answer_html", "references")
        )

    def in_section(self, section: TrackSection) -> Self:
        return self.filter(in_section(section))

    def in_track(self, track: Track) -> Self:
        """What any section of it may draw."""
        return self.filter(reduce(operator.or_, map(in_section, track.sections.all()), models.Q(pk__in=[])))

    def matching(self, text: str) -> Self:
        """As people type into a search box: words, "a phrase", or, -not. The best `rank` is the closest."""
        query = SearchQuery(text, search_type="websearch", config="english")
        return self.alias(found=SEARCHED).annotate(rank=SearchRank(SEARCHED, query)).filter(found=query)

    def on_topics(self, slugs: list[str]) -> Self:
        return self.filter(on_topics(slugs))


def in_section(section: TrackSection) -> models.Q:
    """Versions that the section may draw."""
    fitting = models.Q(pk__isnull=False)
    if section.levels:
        fitting &= models.Q(level__in=section.levels)
    if section.categories:
        fitting &= models.Q(category__in=section.categories)
    if section.formats:
        fitting &= models.Q(format__in=section.formats)
    if section.topics:
        fitting &= on_topics(section.topics)
    if section.subtopics:
        fitting &= models.Q(subtopic__slug__in=section.subtopics)
    return fitting


def on_topics(slugs: list[str]) -> models.Q:
    """Versions whose primary topic is one of these."""
    primary = QuestionVersion.topics.through.objects.filter(position=0, topic__slug__in=slugs, topic__parent=None)
    return models.Q(pk__in=primary.values("version"))


class QuestionVersion(Curation, models.Model):
    """One wording of a question. Its content never changes once it has been published."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    title = NameField(max_length=200)
    level = models.CharField(max_length=20, choices=Level)
    category = models.CharField(max_length=20, choices=Category)
    format = models.CharField(max_length=30)
    limit_seconds = models.PositiveIntegerField()
    topics = models.ManyToManyField(Topic, through="VersionTopic", related_name="versions")
    subtopic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="subtopic_versions"
    )
    prompt = models.TextField(help_text="Markdown with `code` and $maths$.")
    prompt_html = models.TextField(editable=False)
    model_answer = models.TextField(blank=True, help_text="Markdown: what a strong candidate would say.")
    model_answer_html = models.TextField(editable=False, blank=True)
    answer = models.JSONField(null=True, blank=True, help_text='{"value": 20, "tolerance": 0.5, "unit": "%"}')
    stages = models.JSONField(default=list, blank=True, help_text='[{"name": …, "minutes": 5, "asks": …}, …]')
    references = models.JSONField(default=list, blank=True, help_text='[{"title": …, "where": …}, …]')
    follow_ups = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text="See docs/catalog.md.",
    )
    hint = models.TextField(
        blank=True, default="", db_default="", help_text="What helps without giving it away: shown on request."
    )
    content_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = QuestionVersionQuerySet.as_manager()

    # Its own columns among `content()`; the others are rows of their own, or `subtopic`.
    PLAIN_CONTENT = [
        "title", "level", "category", "format", "limit_seconds", "prompt", "model_answer", "answer", "stages",
        "references", "follow_ups", "hint",
    ]  # fmt: skip

    class Meta:
        ordering = ["question__slug", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"], condition=Q(status="published"), name="one_published_version_per_question"
            ),
            models.UniqueConstraint(fields=["question", "number"], name="question_version_numbers_are_unique"),
            models.CheckConstraint(condition=Q(limit_seconds__gt=0), name="question_version_limit_is_positive"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="question_version_level_is_known"),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="question_version_category_is_known"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="question_version_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="published_question_version_has_its_moment",
            ),
        ]
        indexes = [GinIndex(SEARCHED, name="question_version_text")]

    def __str__(self) -> str:
        return f"{self.title} (v{self.number})"

    def save(self, *args, **kwargs) -> None:
        """Renders the texts. Raises ValidationError when the content of a published version would change."""
        self.refuse_change_of_published()
        self.render()
        super().save(*args, **kwargs)

    def render(self, figures: Mapping[str, markup.Drawn] | None = None) -> None:
        """`figures`: what its texts call `figure:name`; left out, those that are stored with it."""
        if figures is None:
            figures = {row.name: row.figure for row in self.figures_used(with_measures=True)}
        self.prompt_html = markup.render(self.prompt, figures)
        self.model_answer_html = markup.render(self.model_answer, figures)

    def figures_used(self, *, with_measures: bool = False) -> list:
        """Its rows of images, but those that its texts do not show. Costs nothing where they show none."""
        names = {named.name for named in markup.figures_named(self.prompt, self.model_answer)}
        if not names or not self.pk:
            return []
        rows = self.figures.filter(name__in=names)
        return list(rows.select_related("figure").defer("figure__content") if with_measures else rows)

    def delete(self, *args, **kwargs):
        if self.is_fixed:
            raise ValidationError("A version that has been published stays. Retire it instead.")
        return super().delete(*args, **kwargs)

    @property
    def is_fixed(self) -> bool:
        return self.published_at is not None

    def refuse_change_of_published(self) -> None:
        fixed = ["question_id", "number", "subtopic_id", *self.PLAIN_CONTENT]
        stored = QuestionVersion.objects.filter(pk=self.pk, published_at__isnull=False).first()
        if stored and any(getattr(stored, name) != getattr(self, name) for name in fixed):
            raise ValidationError("A published version never changes. Make a new version.")

    @property
    def question_format(self) -> formats.Format:
        return formats.get(self.format)

    @property
    def ordered_topics(self) -> list[Topic]:
        """The primary topic first."""
        return [link.topic for link in self.topic_links.all()]

    @property
    def primary_topic(self) -> Topic:
        return self.ordered_topics[0]

    @property
    def asks_with_maths(self) -> bool:
        """Whether a formula is in what a candidate sees while answering."""
        asked = [self.prompt_html, *(option.text_html for option in self.options.all())]
        return any(map(markup.has_maths, asked)) or any("$" in one["ask"] for one in self.follow_ups)

    @property
    def has_maths(self) -> bool:
        """Whether a page that shows all of it needs the maths renderer."""
        rendered = [self.prompt_html, self.model_answer_html]
        rendered += [html for option in self.options.all() for html in (option.text_html, option.why_html)]
        plain = [point.text for point in self.rubric_points.all()]
        plain += [text for wrong in self.misconceptions.all() for text in (wrong.statement, wrong.correction)]
        plain += [text for one in self.follow_ups for text in (one["ask"], one["model_answer"])]
        return any(map(markup.has_maths, rendered)) or any("$" in text for text in plain)

    @property
    def stages_of_points(self) -> list[str]:
        """The name of the stage that each rubric point belongs to; empty where none is told."""
        told = [stage["name"] for stage in self.stages for _ in range(stage.get("points", 0))]
        count = len(self.rubric_points.all())
        return told if len(told) == count else [""] * count

    @property
    def chance(self) -> float:
        """The score that somebody who knows nothing may expect."""
        options = self.options.all()
        return self.question_format.chance(len(options), sum(option.is_right for option in options))

    def day_one_difficulty(self, level_difficulty: Mapping[str, float] = statistics.LEVEL_DIFFICULTY) -> float:
        """On the logit scale, before anybody has answered."""
        return statistics.day_one_difficulty(self.level, self.chance, level_difficulty)

    def content(self) -> dict:
        """All that a candidate or coach may read of it, as plain values: what `content_hash` is made of."""
        return {name: getattr(self, name) for name in self.PLAIN_CONTENT} | {
            "topics": [topic.slug for topic in self.ordered_topics],
            "subtopic": self.subtopic.slug if self.subtopic else None,
            "options": [
                {"text": option.text, "right": option.is_right, "why": option.why} for option in self.options.all()
            ],
            "rubric": [
                {"point": point.text, "weight": point.weight, "says": point.says} for point in self.rubric_points.all()
            ],
            "misconceptions": [
                {"statement": wrong.statement, "correction": wrong.correction} for wrong in self.misconceptions.all()
            ],
            "figures": {row.name: row.figure_id for row in self.figures_used()},
        }

    def store_content_hash(self) -> None:
        """After its parts have been saved: its texts show the images among them."""
        self.content_hash = content_hash(self.content())
        self.save(update_fields=["content_hash", "prompt_html", "model_answer_html"])


CAME_LATER = {"follow_ups", "hint", "figures"}


def content_hash(content: dict) -> str:
    """A field that came later does not count while it is empty, so that what was stored before keeps its hash."""
    content = {name: value for name, value in content.items() if name not in CAME_LATER or value}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
