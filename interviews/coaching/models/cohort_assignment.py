"""One mock interview for a whole cohort, a group of it or chosen members: each of them gets an Assignment of it."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import Cohort, CohortMember
from interviews.sitting.models import Interview, Refused
from interviews.sitting.models.starting import draw_versions
from questions.models import Track

# At once and of one cohort: more nobody has an eye on.
MOST_OPEN = 40
MOST_TRIES = 5
DOUBLE_CLICK = timedelta(minutes=1)


class CohortAssignmentQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(withdrawn_at=None)

    def for_newcomer(self, member: CohortMember) -> Self:
        """What somebody who joins now is to sit as well: not what was meant for chosen people."""
        return self.open().filter(Q(group="") | Q(group=member.group), cohort=member.cohort_id, is_for_chosen=False)

    @transaction.atomic
    def assign(
        self,
        *,
        cohort: Cohort,
        coach,
        track: Track,
        pace: str,
        group: str = "",
        chosen: Iterable[CohortMember] | None = None,
        has_same_questions: bool = False,
        wants_review: bool = True,
        tries: int = 1,
        opens_at: datetime | None = None,
        due_on: date | None = None,
        closes_at: datetime | None = None,
        note: str = "",
        now: datetime,
    ) -> "CohortAssignment":
        """To all members, to a group, or to `chosen` ones. The same once more within a minute is a double click.

        Raises Refused, or `drawing.NotEnoughQuestions` where the questions are drawn for all at once.
        """
        Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        given = self.open().filter(cohort=cohort)
        terms = {"coach": coach, "track": track, "pace": pace, "group": group, "note": note, "due_on": due_on}
        double = given.filter(**terms, opens_at=opens_at, closes_at=closes_at, assigned_at__gt=now - DOUBLE_CLICK)
        if chosen is None and (same := double.filter(is_for_chosen=False).first()):
            return same
        if given.count() >= MOST_OPEN:
            raise Refused(f"This cohort has {MOST_OPEN} assignments. Withdraw one first.")
        drawn = draw_versions(None, track, seed=secrets.randbits(31)) if has_same_questions else []
        made = self.create(
            **terms,
            cohort=cohort,
            opens_at=opens_at,
            closes_at=closes_at,
            tries=tries,
            wants_review=wants_review,
            is_for_chosen=chosen is not None,
            drawn=[version.pk for version in drawn],
            assigned_at=now,
        )
        members = cohort.members.joined() if chosen is None else chosen
        made.give([one for one in members if not group or one.group == group], now=now)
        return made


class CohortAssignment(models.Model):
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="assignments")
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="cohort_assignments"
    )
    track = models.ForeignKey(Track, models.PROTECT, related_name="+")
    pace = models.CharField(max_length=8, choices=Interview.Pace)
    group = models.CharField(max_length=60, blank=True, help_text="Empty: all.")
    is_for_chosen = models.BooleanField(default=False, help_text="Whoever joins later does not get it.")
    opens_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_TRIES)]
    )
    drawn = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="Versions that all of them get.")
    wants_review = models.BooleanField(default=True, help_text="A review is requested when it's finished.")
    note = models.TextField(blank=True)
    assigned_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CohortAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="cohort_assignment_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(tries__gte=1, tries__lte=MOST_TRIES), name="cohort_assignment_tries_1_to_5"
            ),
            models.CheckConstraint(condition=Q(pace__in=Interview.Pace.values), name="cohort_assignment_pace_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.track}, {self.cohort}"

    @property
    def has_same_questions(self) -> bool:
        return bool(self.drawn)

    def terms(self) -> dict:
        """What each member's assignment repeats."""
        names = ("coach", "track", "pace", "due_on", "opens_at", "closes_at", "note")
        return {name: getattr(self, name) for name in names}

    def give(self, members: Iterable[CohortMember], *, now: datetime) -> None:
        """To each of these members who has none of it yet."""
        self.assignments.bulk_create(
            [
                self.assignments.model(given_to_cohort=self, candidate_id=one.user_id, assigned_at=now, **self.terms())
                for one in members
                if one.is_member
            ],
            ignore_conflicts=True,
        )

    @transaction.atomic
    def change_window(
        self, *, opens_at: datetime | None, due_on: date | None, closes_at: datetime | None, note: str
    ) -> None:
        """For everybody who has not started yet, too, and was given no date of their own."""
        changes = {"opens_at": opens_at, "due_on": due_on, "closes_at": closes_at, "note": note}
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=list(changes))
        self.assignments.filter(interview=None, is_extended=False).update(**changes)

    @transaction.atomic
    def withdraw(self, *, now: datetime) -> None:
        """What was started goes on. A repeat changes nothing."""
        CohortAssignment.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=now)
        self.assignments.filter(interview=None, withdrawn_at=None, declined_at=None).update(withdrawn_at=now)
