"""The images of questions. They lie in PostgreSQL, not in the storage of people's files: an image belongs to a version
as its prompt does, so it comes and goes in the same transaction and backup, and a bucket that is away takes it from
nobody whose clock is running.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from questions import pictures
from questions.models.parts import VersionPart
from questions.models.question import QuestionVersion

# Longer than an upload waits for its owner, whose images nothing refers to yet.
UNUSED_KEPT = timedelta(days=14)


class FigureQuerySet(models.QuerySet):
    def keep(self, kept: Iterable[pictures.Picture]) -> None:
        """Each once, however many questions show it."""
        rows = [
            Figure(
                digest=one.digest,
                content=one.content,
                content_type=one.content_type,
                width=one.width,
                height=one.height,
            )
            for one in kept
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    def seen_by(self, user) -> Self:
        """What has ever been published: earlier interviews show it. Curators also see what drafts show."""
        if user.has_perm("questions.view_questionversion"):
            return self
        published = VersionFigure.objects.filter(version__published_at__isnull=False)
        return self.filter(pk__in=published.values("figure"))

    def unused(self, now: datetime) -> Self:
        return self.filter(uses=None, kept_at__lt=now - UNUSED_KEPT)

    def file_names(self, digests: Iterable[str]) -> dict[str, str]:
        """What each is called where it is a file, by its digest."""
        rows = self.filter(pk__in=digests).defer("content") if digests else ()
        return {row.digest: row.file_name for row in rows}

    def measures(self, digests: Iterable[str]) -> dict[str, "Figure"]:
        """By their digests, without the images themselves."""
        wanted = set(digests)
        return self.defer("content").in_bulk(wanted) if wanted else {}


class Figure(models.Model):
    """An image, known by what is in it. The database never lets it change (0014_figures)."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    content_type = models.CharField(max_length=10)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    kept_at = models.DateTimeField(default=timezone.now)

    objects = FigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__in=list(pictures.ENDINGS)), name="figure_content_type_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]

    @property
    def file_name(self) -> str:
        return f"{self}{pictures.ENDINGS[self.content_type]}"


class VersionFigure(VersionPart):
    """The image that a version's texts call `figure:name`."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="figures")
    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="uses")
    name = models.CharField(max_length=100)

    class Meta(VersionPart.Meta):
        verbose_name = "image"
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="version_figures_have_names_of_their_own"),
        ]

    def __str__(self) -> str:
        return self.name
