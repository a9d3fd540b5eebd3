"""A cohort: people who rehearse together, and coaches who read what each of them allows.

Each right is a CoachGrant of one member to one coach that names the cohort: there is no second way to read anything.
Joining gives the grants, leaving and the cohort's last day end them, a new coach gets one from each member.
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value

from accounts.addresses import canonical
from accounts.codes import new_code, tidy_code
from accounts.names import NameField
from accounts.rights import COACHES, acting

MOST_MEMBERS = 1000
MOST_COACHES = 30
MOST_COHORTS = 50
COACH_INVITATION_LASTS = timedelta(days=7)
# An invitation that failed so often has an address that takes no mail.
MAIL_ATTEMPTS = 4
MAIL_REST = timedelta(minutes=5)
INVITED_AGAIN_AFTER = timedelta(days=1)


class CohortRefused(Exception):
    """Something about a cohort that cannot be. The message is for the person who tried."""


class CohortQuerySet(models.QuerySet):
    def of_coach(self, person) -> Self:
        return self.filter(Exists(CohortCoach.objects.live().filter(cohort=OuterRef("pk"), coach=person)))

    def with_counts(self) -> Self:
        """Adds `member_count` and `invited_count`."""
        joined = Q(members__joined_at__isnull=False, members__left_at=None)
        return self.annotate(
            member_count=Count("members", filter=joined),
            invited_count=Count("members", filter=Q(members__joined_at=None)),
        )

    def with_groups(self) -> Self:
        """Adds `groups`, the names of all its members' groups."""
        named = ~Q(members__group="")
        return self.annotate(groups=ArrayAgg("members__group", filter=named, distinct=True, default=Value([])))

    def with_code(self, typed: str) -> "Cohort":
        """Raises Cohort.DoesNotExist."""
        return self.select_related("owner").get(join_code=tidy_code(typed))

    @transaction.atomic
    def found(self, owner, *, name: str, starts_on: date | None, ends_on: date | None, now: datetime) -> "Cohort":
        """A new one, with its owner as its first coach. Raises CohortRefused."""
        is_running = Q(ends_on__isnull=True) | Q(ends_on__gte=now.date())
        if self.filter(is_running, owner=owner).count() >= MOST_COHORTS:
            raise CohortRefused(f"{MOST_COHORTS} of your cohorts are running. Give one of them an end date first.")
        cohort = self.create(
            owner=owner, name=name, starts_on=starts_on, ends_on=ends_on, join_code=new_code(), created_at=now
        )
        cohort.seats.create(coach=owner, email="", invited_at=now, joined_at=now)
        return cohort


class Cohort(models.Model):
    name = NameField(max_length=100)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="cohorts_owned"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    join_code = models.CharField(max_length=20, unique=True, default=new_code)
    created_at = models.DateTimeField()

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="cohort_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ends_at(self) -> datetime | None:
        """The end of its last day where its owner lives."""
        zone = ZoneInfo(self.owner.time_zone if self.owner else "UTC")
        return self.ends_on and datetime.combine(self.ends_on + timedelta(days=1), time(), zone)

    def has_ended(self, now: datetime) -> bool:
        return self.ends_on is not None and now >= self.ends_at

    def is_managed_by(self, person) -> bool:
        """By its owner; after the owner's account is gone by every coach of it."""
        return self.owner_id in (None, person.pk)

    def coaches(self) -> list:
        """The people who coach it now."""
        seats = self.seats.live().exclude(coach=None).select_related("coach")
        return sorted((seat.coach for seat in seats), key=lambda coach: (coach.name, coach.pk))

    @transaction.atomic
    def change(self, *, name: str, starts_on: date | None, ends_on: date | None) -> None:
        """Its grants end with its last day, whenever that is set."""
        self.name, self.starts_on, self.ends_on = name, starts_on, ends_on
        self.save(update_fields=["name", "starts_on", "ends_on"])
        self.grants.filter(revoked_at=None).update(ends_at=self.ends_at)

    def renew_code(self) -> None:
        """The old link leads nowhere from now on."""
        self.join_code = new_code()
        self.save(update_fields=["join_code"])

    # --- members --------------------------------------------------------------------------------------

    @transaction.atomic
    def join(self, person, *, shares: str, place: int | None = None, now: datetime) -> "CohortMember":
        """A member from now on, who lets its coaches read what `shares` says. A repeat changes what is shared.

        `place`: the place on the roster that an invitation was for. Raises CohortRefused.
        """
        Cohort.objects.select_for_update(no_key=True).get(pk=self.pk)
        if self.has_ended(now):
            raise CohortRefused("This cohort has ended.")
        if self.seats.live().filter(coach=person).exists():
            raise CohortRefused("You coach this cohort, so you can't join it as a member.")
        member = self.members.filter(user=person).first() or self._free_place(person, place)
        if member is None:
            if self.members.count() >= MOST_MEMBERS:
                raise CohortRefused("This cohort is full. Ask its coach.")
            member = self.members.model(cohort=self, added_at=now)
        member.user, member.shares, member.shares_since = person, shares, now
        member.joined_at, member.left_at, member.mail_at = now, None, None
        member.save()
        self._revoke(self.grants.filter(candidate=person), by=person, now=now)
        self._give([member], self.coaches(), by=person, now=now)
        return member

    def _free_place(self, person, place: int | None) -> "CohortMember | None":
        free = self.members.filter(user=None)
        return free.filter(pk=place).first() or free.filter(email=canonical(person.email)).first()

    @transaction.atomic
    def leave(self, person, *, now: datetime) -> None:
        """Nobody reads anything by this cohort from now on. A repeat changes nothing."""
        self.members.joined().filter(user=person).update(left_at=now)
        self._revoke(self.grants.filter(candidate=person), by=person, now=now)

    # --- coaches --------------------------------------------------------------------------------------

    @transaction.atomic
    def invite_coach(self, email: str, *, now: datetime) -> "CohortCoach":
        """A seat for whoever has this address. Asking again gives the same seat more time. Raises CohortRefused."""
        email = canonical(email)
        Cohort.objects.select_for_update(no_key=True).get(pk=self.pk)
        if self.seats.live().filter(coach__email=email).exists():
            raise CohortRefused("They already coach this cohort.")
        open_seat = self.seats.invited(now).filter(email=email).first()
        if open_seat:
            open_seat.invited_at = now
            open_seat.save(update_fields=["invited_at"])
            return open_seat
        if self.seats.live().count() + self.seats.invited(now).count() >= MOST_COACHES:
            raise CohortRefused(f"A cohort can have at most {MOST_COACHES} coaches.")
        return self.seats.create(email=email, invited_at=now)

    def _give(self, members: Iterable["CohortMember"], coaches: list, *, by, now: datetime) -> None:
        grant = self.grants.model
        with acting(by):
            grant.objects.bulk_create(
                [
                    grant(
                        candidate_id=member.user_id,
                        coach=coach,
                        scope=scope,
                        cohort=self,
                        token_hash=secrets.token_hex(32),  # of a link that nobody has
                        created_at=member.shares_since,
                        expires_at=now,
                        accepted_at=now,
                        ends_at=self.ends_at,
                    )
                    for member in members
                    for scope in member.scopes
                    for coach in coaches
                    if coach.pk != member.user_id
                ]
            )

    def _revoke(self, grants, *, by, now: datetime) -> None:
        with acting(by):
            grants.filter(revoked_at=None).update(revoked_at=now)


class CohortCoachQuerySet(models.QuerySet):
    def live(self) -> Self:
        return self.filter(joined_at__isnull=False, removed_at=None)

    def invited(self, now: datetime) -> Self:
        return self.filter(joined_at=None, removed_at=None, invited_at__gt=now - COACH_INVITATION_LASTS)

    def useless(self, since: datetime) -> Self:
        """Invitations that nobody took up, and that are over."""
        return self.filter(joined_at=None, invited_at__lt=since)


class CohortCoach(models.Model):
    """A seat beside the owner's: an invitation first, for one address alone, and a coach once it is taken."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="seats")
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cohort_seats"
    )
    email = models.EmailField(blank=True)
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = CohortCoachQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "coach"], condition=Q(removed_at=None), name="nobody_coaches_a_cohort_twice"
            ),
            models.CheckConstraint(
                condition=Q(coach__isnull=True, joined_at__isnull=True)
                | Q(coach__isnull=False, joined_at__isnull=False),
                name="seat_is_taken_by_a_coach",
            ),
        ]

    def __str__(self) -> str:
        return str(self.coach or self.email)

    def refusal(self, person, now: datetime) -> str:
        """Why this person cannot take the seat; empty: they can."""
        if self.removed_at or self.joined_at or self.invited_at + COACH_INVITATION_LASTS < now:
            return "This invitation has been used, taken back or has expired. Ask for a new one."
        if canonical(person.email) != self.email:
            return "This invitation was sent to a different address from the one you're logged in with."
        if self.cohort.members.joined().filter(user=person).exists():
            return "You are a member of this cohort, so you can't coach it."
        return ""

    @transaction.atomic
    def take(self, person, *, now: datetime) -> None:
        """A coach of the cohort from now on, with a grant of each member. Raises CohortRefused with the reason."""
        Cohort.objects.select_for_update(no_key=True).get(pk=self.cohort_id)
        self.refresh_from_db()
        if self.coach_id == person.pk and self.removed_at is None:
            return
        if reason := self.refusal(person, now):
            raise CohortRefused(reason)
        self.coach, self.joined_at = person, now
        self.save(update_fields=["coach", "joined_at"])
        with acting(self.cohort.owner):
            person.groups.add(Group.objects.get_or_create(name=COACHES)[0])
        self.cohort._give(self.cohort.members.joined(), [person], by=self.cohort.owner, now=now)

    @transaction.atomic
    def remove(self, *, by, now: datetime) -> None:
        """Reads nothing by this cohort from now on. Its owner stays. A repeat changes nothing."""
        if self.coach_id is not None and self.coach_id == self.cohort.owner_id:
            raise CohortRefused("The owner of a cohort stays its coach.")
        CohortCoach.objects.filter(pk=self.pk, removed_at=None).update(removed_at=now)
        if self.coach_id:
            self.cohort._revoke(self.cohort.grants.filter(coach=self.coach_id), by=by, now=now)


class CohortMemberQuerySet(models.QuerySet):
    def joined(self) -> Self:
        return self.filter(joined_at__isnull=False, left_at=None)

    def invited(self) -> Self:
        return self.filter(joined_at=None)

    def to_mail(self, now: datetime) -> Self:
        return self.invited().filter(mail_at__lte=now).select_related("cohort__owner").order_by("pk")

    def forgotten(self, since: datetime) -> Self:
        """Places that nobody took: of an ended cohort, or invited so long ago. They hold a stranger's address."""
        return self.invited().filter(Q(cohort__ends_on__lt=since.date()) | Q(added_at__lt=since - timedelta(days=150)))

    def claim_mail(self, member: "CohortMember", *, now: datetime) -> bool:
        """Whether this caller, and no other, is to send the invitation. Should that fail, it is due again later."""
        mine = self.filter(pk=member.pk, mail_at__lte=now, mail_attempts=member.mail_attempts)
        attempts = member.mail_attempts + 1
        again_at = now + MAIL_REST * 2**attempts if attempts < MAIL_ATTEMPTS else None
        return bool(mine.update(mail_at=again_at, mail_attempts=attempts))


class CohortMember(models.Model):
    """A place on the roster: of somebody invited by address, or of a member."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cohort_places"
    )
    email = models.EmailField(blank=True, help_text="Where the invitation went; empty: joined by the link.")
    name = NameField(max_length=100, blank=True, help_text="What the roster calls them; empty: their own name.")
    group = NameField(max_length=60, blank=True)
    time_multiplier = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="Extra time given by the cohort; empty: their own setting alone.",
    )
    time_note = models.CharField(max_length=200, blank=True)
    shares = models.CharField(
        max_length=12,
        blank=True,
        choices=[("cohort", "Mock interviews that the cohort assigns"), ("from_now_on", "Everything from joining on")],
    )
    shares_since = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True, help_text="When the invitation is sent next.")
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = CohortMemberQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="nobody_joins_a_cohort_twice"),
            models.UniqueConstraint(
                fields=["cohort", "email"], condition=~Q(email=""), name="one_place_per_address_in_a_cohort"
            ),
            models.CheckConstraint(
                condition=Q(joined_at__isnull=True, user__isnull=True)
                | (Q(joined_at__isnull=False, user__isnull=False, shares_since__isnull=False) & ~Q(shares="")),
                name="member_joined_and_said_what_is_shared",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(joined_at__isnull=False), name="only_members_leave"
            ),
            models.CheckConstraint(
                condition=Q(time_multiplier__isnull=True) | Q(time_multiplier__gte=1, time_multiplier__lte=10),
                name="member_time_multiplier_1_to_10",
            ),
        ]
        indexes = [
            models.Index(fields=["mail_at"], condition=Q(mail_at__isnull=False), name="cohort_invitation_to_mail"),
        ]

    def __str__(self) -> str:
        return self.name or (str(self.user) if self.user_id else self.email)

    @property
    def is_member(self) -> bool:
        return self.joined_at is not None and self.left_at is None

    @property
    def scopes(self) -> list[str]:
        """Whatever else is shared, what the cohort assigns is, from the first day on."""
        return ["cohort"] if self.shares == "cohort" else ["cohort", self.shares]

    @property
    def state(self) -> str:
        """In one word, for the roster."""
        if self.joined_at:
            return "left" if self.left_at else "joined"
        if self.mailed_at:
            return "invited"
        if self.mail_at:
            return "being invited"
        return "email failed" if self.mail_attempts else "not invited"

    def invite(self, *, now: datetime) -> None:
        """Queues the invitation, once a day at most. The caller sends the message to the worker."""
        if self.joined_at or (self.mailed_at and self.mailed_at > now - INVITED_AGAIN_AFTER):
            raise CohortRefused("They have been invited within the last day.")
        self.mail_at, self.mail_attempts = now, 0
        self.save(update_fields=["mail_at", "mail_attempts"])

    def note_mailed(self, *, now: datetime) -> None:
        CohortMember.objects.filter(pk=self.pk).update(mail_at=None, mailed_at=now)
