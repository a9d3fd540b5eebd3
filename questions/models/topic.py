from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from accounts.names import NameField


class TopicQuerySet(models.QuerySet):
    def top_level(self) -> Self:
        return self.filter(parent=None)

    def subtopics(self) -> Self:
        return self.exclude(parent=None)


class Topic(models.Model):
    """A content area. Two levels: topics, which mastery is reported for, and their subtopics."""

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="subtopics")
    slug = models.SlugField(max_length=60)
    name = NameField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    catalog_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "slug"], nulls_distinct=False, name="topic_slugs_are_unique_within_the_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.parent and (self.parent.parent or (self.pk and self.subtopics.exists())):
            raise ValidationError({"parent": "Topics have two levels. A subtopic has no subtopics."})
