"""What a candidate prepares for, and what they were really asked."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import JSONField, Max, Q, Value

from accounts.composed import composed
from accounts.models import User

USUAL_MINUTES = 30
ASKED_LATELY = timedelta(days=60)
MOST_DEBRIEFS = 200  # of one person


def feed_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class PreparationQuerySet(models.QuerySet):
    def of(self, candidate) -> "Preparation":
        """The candidate's, or one with the usual values that is not stored yet."""
        return self.filter(candidate=candidate).first() or self.model(candidate=candidate)

    def with_debriefs(self, candidate, today: date) -> tuple["Preparation", set[str], date | None]:
        """The candidate's as by `of`, the topics that they were asked about lately, by slug, and the day of the newest
        debrief: one statement.
        """
        (found,) = person_with_debriefs(candidate.pk, today - ASKED_LATELY)
        try:
            preparation = found.preparation
        except self.model.DoesNotExist:
            preparation = self.model()
        preparation.candidate = candidate
        return preparation, {slug for topics in found.asked for slug in topics}, found.debriefed_on

    def with_feed(self, token: str) -> "Preparation":
        """Raises Preparation.DoesNotExist for an unknown and a revoked token alike."""
        return self.select_related("candidate").get(feed_hash=feed_hash(token), candidate__is_active=True)


class Preparation(models.Model):
    """What the plan is computed from, besides the report. Everything is optional."""

    candidate = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preparation"
    )
    interview_on = models.DateField(null=True, blank=True)
    interview_time = models.TimeField(null=True, blank=True)
    tracks = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Slugs, the main one first."
    )
    minutes_a_day = models.PositiveSmallIntegerField(default=USUAL_MINUTES)
    days_off = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, help_text="0 is Monday.")
    feed_hash = models.CharField(
        max_length=64, null=True, blank=True, unique=True, help_text="SHA-256 of the calendar address's token."
    )
    feed_made_at = models.DateTimeField(null=True, blank=True)

    objects = PreparationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_a_day__gte=5, minutes_a_day__lte=480), name="minutes_a_day_5_to_480"
            ),
            models.CheckConstraint(
                condition=Q(feed_hash__isnull=True) | Q(feed_made_at__isnull=False), name="feed_says_when_it_was_made"
            ),
        ]

    def __str__(self) -> str:
        return f"Preparation of {self.candidate}"

    @property
    def minutes_a_week(self) -> int:
        return self.minutes_a_day * (7 - len(set(self.days_off)))

    def days_left(self, today: date) -> int | None:
        """Until the interview; below 0 it is past."""
        return (self.interview_on - today).days if self.interview_on else None

    def store(self) -> None:
        """Also where another request stores the candidate's first at the same moment: the later one holds."""
        Preparation.objects.bulk_create([Preparation(candidate=self.candidate)], ignore_conflicts=True)
        self.save(force_update=True)

    def make_feed(self, *, now: datetime) -> str:
        """The token of a new calendar address, which is kept nowhere; an older address leads nowhere from now on."""
        token = secrets.token_urlsafe(32)
        self.feed_hash, self.feed_made_at = feed_hash(token), now
        self.store()
        return token

    def revoke_feed(self) -> None:
        """A repeat changes nothing."""
        Preparation.objects.filter(pk=self.pk).update(feed_hash=None, feed_made_at=None)


@composed
def person_with_debriefs(pk, lately):
    asked = JSONBAgg("debriefs__topics", filter=Q(debriefs__held_on__gt=lately), default=Value([], JSONField()))
    people = User.objects.filter(pk=pk).select_related("preparation").only("pk", "preparation")
    return people.annotate(asked=asked, debriefed_on=Max("debriefs__held_on"))


class DebriefQuerySet(models.QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-held_on", "-pk")


class Debrief(models.Model):
    """What a candidate remembers of a real interview. Private: nobody else reads it."""

    class Went(models.IntegerChoices):
        BADLY = 1, "Badly"
        SO_SO = 2, "So-so"
        WELL = 3, "Well"
        VERY_WELL = 4, "Very well"

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="debriefs")
    held_on = models.DateField()
    asked = models.TextField(blank=True)
    surprised = models.TextField(blank=True)
    went = models.PositiveSmallIntegerField(choices=Went, null=True, blank=True)
    round = models.CharField(max_length=100, blank=True)
    company = models.CharField(max_length=100, blank=True)
    topics = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Slugs of what to practise."
    )
    written_at = models.DateTimeField()

    objects = DebriefQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(went__isnull=True) | Q(went__gte=1, went__lte=4), name="debrief_went_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"Debrief of {self.held_on:%Y-%m-%d}"
