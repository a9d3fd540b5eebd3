"""What the nightly calibration found out about questions. Pages and reports read these rows and compute nothing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from questions.models.question import Question, QuestionVersion
from questions.statistics import LEVEL_DIFFICULTY, SITE_LENIENCY, SITE_SLOPE, day_one_difficulty

# The name of the difficulties that stand before any answer has been counted.
DAY_ONE = "day-one"


class QuestionStatistics(models.Model):
    """Item statistics of a question's first attempts (questions/statistics.py). For curators alone."""

    question = models.OneToOneField(Question, models.CASCADE, primary_key=True, related_name="statistics")
    computed_at = models.DateTimeField()
    count = models.PositiveIntegerField(help_text="First attempts.")
    facility = models.FloatField()
    facility_sd = models.FloatField(null=True)
    facility_se = models.FloatField(null=True)
    rest_count = models.PositiveIntegerField(help_text="Those with a known rest.")
    discrimination = models.FloatField(null=True, help_text="%")
    discrimination_low = models.FloatField(null=True)
    discrimination_high = models.FloatField(null=True)
    efficiency = models.FloatField(null=True, help_text="%")
    timed_count = models.PositiveIntegerField()
    timeout_count = models.PositiveIntegerField()
    median_time_ratio = models.FloatField(null=True, help_text="Seconds used / seconds allotted.")
    ambiguous_options = models.JSONField(default=list, help_text="Primary keys of options.")
    flags = ArrayField(models.CharField(max_length=40), default=list, help_text="Of questions.statistics.Flag.")

    class Meta:
        verbose_name_plural = "question statistics"

    def __str__(self) -> str:
        return f"{self.question_id}: {self.count} first attempts"


class ForgottenAttempt(models.Model):
    """A first attempt of somebody whose account is deleted: what statistics need of it, and nothing that links it.

    No moment but the month, no answer, and a random key: not even which of them were one person's can be told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    version = models.ForeignKey(QuestionVersion, models.CASCADE, related_name="+")
    month = models.DateField(help_text="Its first day.")
    score = models.FloatField()
    is_own = models.BooleanField(default=False, db_default=False, help_text="Whether the person scored it.")
    time_ratio = models.FloatField(null=True, help_text="Seconds used / seconds allotted.")
    is_timed_out = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.score:.2f}, {self.month:%B %Y}"


class DifficultySnapshotQuerySet(models.QuerySet):
    def newest(self) -> Self:
        return self.order_by("-computed_at", "-pk")


class DifficultySnapshot(models.Model):
    """The difficulties of one night: immutable, and named in every report that rests on them."""

    name = models.CharField(max_length=40, unique=True)
    computed_at = models.DateTimeField()
    answers = models.PositiveIntegerField(help_text="First attempts it rests on.")
    level_difficulty = models.JSONField(help_text="Each level's mean, for the next night's day-one difficulties.")
    leniency = models.FloatField(
        default=SITE_LENIENCY, db_default=SITE_LENIENCY, help_text="Logits by which own scores are above a coach's."
    )
    slope = models.FloatField(default=SITE_SLOPE, db_default=SITE_SLOPE, help_text="Logits a month, of everybody.")

    objects = DifficultySnapshotQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class QuestionDifficulty(models.Model):
    """A question's difficulty in one snapshot, in logits."""

    snapshot = models.ForeignKey(DifficultySnapshot, models.CASCADE, related_name="difficulties")
    question = models.ForeignKey(Question, models.CASCADE, related_name="difficulties")
    value = models.FloatField()
    standard_error = models.FloatField()
    day_one = models.FloatField(help_text="What it was shrunk to.")
    count = models.PositiveIntegerField(help_text="First attempts.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "question"], name="one_difficulty_per_snapshot_and_question"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+.2f} ± {self.standard_error:.2f}"


@dataclass(frozen=True, slots=True)
class Difficulties:
    """How hard every question is, on one scale: a snapshot's values, and day one for what came later.

    And what the same night found of the site's people: their leniency and their slope (docs/statistics.md).
    """

    snapshot: str
    levels: Mapping[str, float]
    values: Mapping[int, float]  # by question id
    leniency: float = SITE_LENIENCY
    slope: float = SITE_SLOPE

    def of(self, question_id: int, level: str, chance: float) -> float:
        if question_id in self.values:
            return self.values[question_id]
        return day_one_difficulty(level, chance, self.levels)


def current_difficulties() -> Difficulties:
    """The newest snapshot's, else those of day one. Two queries."""
    return _of_snapshot(DifficultySnapshot.objects.newest().first())


def difficulties_of(name: str) -> Difficulties:
    """The snapshot's that a report names. Two queries."""
    return _of_snapshot(DifficultySnapshot.objects.filter(name=name).first())


def _of_snapshot(snapshot: DifficultySnapshot | None) -> Difficulties:
    if snapshot is None:
        return Difficulties(DAY_ONE, LEVEL_DIFFICULTY, {})
    values = dict(snapshot.difficulties.values_list("question_id", "value"))
    return Difficulties(snapshot.name, snapshot.level_difficulty, values, snapshot.leniency, snapshot.slope)
