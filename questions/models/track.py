from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.names import NameField


class TrackQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def for_trial(self) -> "Track | None":
        """The one that a visitor may sit without an account; none: nothing is offered."""
        return self.active().with_sections().filter(slug="trial").first()

    def with_sections(self):
        return self.prefetch_related("sections")


class Track(models.Model):
    """The blueprint of one kind of interview: which questions, how many, how long."""

    slug = models.SlugField(max_length=60, unique=True)
    name = NameField(max_length=100)
    company = NameField(max_length=100, blank=True)
    role = NameField(max_length=100, blank=True)
    summary = models.TextField(blank=True)
    limit_seconds = models.PositiveIntegerField()
    reported = models.TextField(blank=True, help_text="Who reported this loop, when, and where: shown with the track.")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    catalog_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = TrackQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(limit_seconds__gt=0), name="track_limit_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name


def _slugs(help_text: str) -> ArrayField:
    return ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text=f"{help_text} Empty: any.")


class TrackSection(models.Model):
    """So many questions of such a kind. An empty list allows any level, category, topic or format."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(default=0)
    name = NameField(max_length=100)
    count = models.PositiveSmallIntegerField()
    levels = _slugs("Separated by commas.")
    categories = _slugs("Separated by commas.")
    topics = _slugs("Slugs of primary topics, separated by commas.")
    subtopics = _slugs("Slugs, separated by commas.")
    formats = _slugs("Separated by commas.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="track_section_count_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name
