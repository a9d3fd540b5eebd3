"""The rows of a version: its topics, options, rubric points and misconceptions. With it they are fixed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from questions import markup
from questions.models.question import QuestionVersion
from questions.models.topic import Topic


class VersionPart(models.Model):
    """A row that belongs to one version, and is as fixed as that version is."""

    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def save(self, *args, **kwargs) -> None:
        self.refuse_change_of_published()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self.refuse_change_of_published()
        return super().delete(*args, **kwargs)

    def refuse_change_of_published(self) -> None:
        if QuestionVersion.objects.filter(pk=self.version_id, published_at__isnull=False).exists():
            raise ValidationError("A published version never changes. Make a new version.")


class VersionTopic(VersionPart):
    """Position 0 is the primary topic."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="topic_links")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="version_links")

    class Meta(VersionPart.Meta):
        constraints = [
            models.UniqueConstraint(fields=["version", "topic"], name="version_topics_are_unique"),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class Option(VersionPart):
    """A choice; or a step of an ordering question, where the positions are the right order."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="options")
    text = models.TextField()
    text_html = models.TextField(editable=False)
    is_right = models.BooleanField(default=False)
    why = models.TextField(blank=True)
    why_html = models.TextField(editable=False, blank=True)

    def __str__(self) -> str:
        return self.text

    def save(self, *args, **kwargs) -> None:
        self.render()
        super().save(*args, **kwargs)

    def render(self) -> None:
        self.text_html = markup.render_inline(self.text)
        self.why_html = markup.render_inline(self.why)


class RubricPoint(VersionPart):
    """One checkable statement of a good answer."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="rubric_points")
    text = models.TextField()
    weight = models.PositiveSmallIntegerField(default=1)
    says = models.JSONField(default=list, blank=True, help_text='Other ways to put it: ["…", "…"]')

    class Meta(VersionPart.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="rubric_point_weight_is_positive"),
        ]

    def __str__(self) -> str:
        return self.text


class Misconception(VersionPart):
    """What people often get wrong here, and what is right."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="misconceptions")
    statement = models.TextField()
    correction = models.TextField()

    def __str__(self) -> str:
        return self.statement
