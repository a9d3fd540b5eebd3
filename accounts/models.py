"""Who you are, and who may see your work.

A person is a candidate; groups add coach and curator, `is_superuser` makes an admin. A coach reads what a
candidate's live grant covers, and every such look is written down for the candidate.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser, Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from accounts.addresses import canonical
from accounts.attempts import PasswordAttempt  # so that Django finds it  # noqa: F401
from accounts.cohorts import Cohort, CohortCoach, CohortMember  # likewise  # noqa: F401
from accounts.names import NameField
from accounts.rights import COACHES, CURATORS, acting  # noqa: F401
from accounts.time_zones import known_or_utc, known_time_zones, validate_time_zone  # noqa: F401

GUESTS_KEPT = timedelta(days=21)  # a session's two weeks, and some days to open the mail of a sign-up at its end
GUESTS_DOMAIN = "guest.invalid"  # a reserved name: no mail ever goes there

INVITATION_LASTS = timedelta(days=7)
MOST_OPEN_INVITATIONS = 20  # to addresses that we do not know: nobody sends them by the hundred


class UserQuerySet(models.QuerySet):
    def forgotten_guests(self, now: datetime) -> Self:
        """Nobody can come back to them: their session has ended, and with it the link that would confirm an address."""
        return self.filter(is_guest=True, date_joined__lt=now - GUESTS_KEPT)

    def due_for_erasure(self, now: datetime) -> Self:
        return self.filter(erase_at__lte=now)

    def with_rights(self) -> Self:
        """Adds `is_coach`: in the group, or holding somebody's live grant, whatever became of the group."""
        in_group = Exists(User.groups.through.objects.filter(user=OuterRef("pk"), group__name=COACHES))
        holds_grant = Exists(CoachGrant.objects.live().filter(coach=OuterRef("pk")))
        return self.annotate(is_coach=ExpressionWrapper(in_group | holds_grant, models.BooleanField()))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """People are found by e-mail address, however it is spelled."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return canonical(email or "")

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=canonical(email))

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def guest_of(self, browser: str, *, time_zone: str = "") -> "User":
        """Somebody without an account, known by a session alone; see accounts/guests.py.

        `browser` is a secret of one visit, until its next log-in: a double click, whose second request knows of no
        session yet, gives the same guest.
        """
        address = f"{salted_hmac('accounts.guest', browser).hexdigest()[:32]}@{GUESTS_DOMAIN}"
        fields = {"is_guest": True, "password": make_password(None), "time_zone": known_or_utc(time_zone)}
        return self.get_or_create(email=address, defaults=fields)[0]

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    username = None
    first_name = None
    last_name = None
    email = models.EmailField("email address")
    name = NameField(max_length=100, blank=True, help_text="Shown to the coaches you invite.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    time_multiplier = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="1.5 gives you half as much time again. You don't have to say why.",
    )
    target_level = models.CharField(
        max_length=12,
        default="intermediate",
        choices=[("beginner", "Beginner"), ("intermediate", "Intermediate"), ("advanced", "Advanced")],
        help_text="Your report says how you'd score on typical questions at this level.",
    )
    hides_timers = models.BooleanField(default=False)
    uses_shortcuts = models.BooleanField(default=True)
    speaks = models.BooleanField(default=False, db_default=False)
    hears_questions = models.BooleanField(default=True, db_default=True)
    erase_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When everything of this person is deleted; empty: it stays."
    )

    is_guest = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Tries the site without an account, until an address is confirmed.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        indexes = [models.Index(fields=["erase_at"], condition=Q(erase_at__isnull=False), name="user_to_be_erased")]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email_address"),
            models.CheckConstraint(
                condition=Q(time_multiplier__gte=1, time_multiplier__lte=10), name="user_time_multiplier_1_to_10"
            ),
            models.CheckConstraint(
                condition=Q(is_guest=False) | Q(is_staff=False, is_superuser=False), name="guest_has_no_powers"
            ),
        ]

    def __str__(self) -> str:
        """For other people's eyes: nobody who gave no name is named by their address."""
        return self.name or ("Guest" if self.is_guest else f"Person {self.pk}")

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        """For one's own eyes, in the admin; without one it shows the address."""
        return self.name

    @cached_property
    def is_coach(self) -> bool:
        return User.objects.with_rights().filter(pk=self.pk, is_coach=True).exists()

    def ask_for_erasure(self, *, at: datetime) -> None:
        """Everything of this person goes at that moment (interviews/records/erasure.py), unless they change it."""
        self.erase_at = at
        self.save(update_fields=["erase_at"])

    def keep(self) -> None:
        """Takes the wish back. Once the erasing has begun, which switches the account off, it is too late."""
        User.objects.filter(pk=self.pk, is_active=True).update(erase_at=None)
        self.refresh_from_db(fields=["erase_at"])

    @property
    def second_factors(self) -> list[str]:
        """What there is besides the password, in words; recovery codes alone are none."""
        types = list(self.authenticator_set.values_list("type", flat=True))
        app, passkeys = ["authenticator app"] * ("totp" in types), types.count("webauthn")
        return app + ([f"{passkeys} passkey{'s' if passkeys > 1 else ''}"] if passkeys else [])

    @property
    def lacks_second_factor(self) -> bool:
        """Must this person have one, and has none?"""
        return (self.is_staff or self.is_coach) and not self.second_factors


class InvitationRefused(Exception):
    """An invitation that cannot be made or accepted. The message is for the person who tried."""


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class CoachGrantQuerySet(models.QuerySet):
    def live(self) -> Self:
        is_in_time = Q(ends_at__isnull=True) | Q(ends_at__gt=Now())
        return self.filter(is_in_time, accepted_at__isnull=False, revoked_at__isnull=True)

    def ended(self, now: datetime) -> Self:
        """Over by their date; that they are not live already is no work of anybody's."""
        return self.filter(ends_at__lte=now, accepted_at__isnull=False, revoked_at__isnull=True)

    def invitations(self, now: datetime) -> Self:
        """Neither accepted nor taken back, and still in time."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)

    def useless(self, since: datetime) -> Self:
        """Invitations that nobody has accepted and, since then or longer, nobody can."""
        ended = Q(expires_at__lt=since) | Q(revoked_at__lt=since)
        return self.filter(ended, accepted_at__isnull=True)

    def covering(self, *, candidate, interview, started_at, cohort) -> Self:
        """Live grants for one interview, given by its public id and the cohort (or None) that assigned it.

        The arguments may be `OuterRef`s.
        """
        return self.live().filter(
            Q(scope=CoachGrant.Scope.ALL)
            | Q(scope=CoachGrant.Scope.ONE, interview_public_id=interview)
            | Q(scope=CoachGrant.Scope.FROM_NOW_ON, created_at__lte=started_at)
            | Q(scope=CoachGrant.Scope.COHORT, cohort=cohort),
            candidate=candidate,
        )

    def invite(
        self, candidate: User, *, scope: str, interview_public_id=None, email: str = "", now: datetime
    ) -> tuple["CoachGrant", str]:
        """The invitation and its token, which is kept nowhere: only its hash is."""
        email = canonical(email)
        if email == canonical(candidate.email):
            raise InvitationRefused("You can't be your own coach.")
        if self.filter(candidate=candidate).invitations(now).count() >= MOST_OPEN_INVITATIONS:
            raise InvitationRefused("You have too many open invitations. Take one back first.")
        token = secrets.token_urlsafe(32)
        grant = self.create(
            candidate=candidate,
            scope=scope,
            interview_public_id=interview_public_id,
            email=email,
            token_hash=_token_hash(token),
            created_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        return grant, token

    def share_interview(self, candidate: User, coach: User, *, interview_public_id, now: datetime) -> "CoachGrant":
        """One more interview for somebody who coaches this candidate already: no invitation, live at once.

        A repeat changes nothing. Raises InvitationRefused for anybody else.
        """
        if not self.live().filter(candidate=candidate, coach=coach).exists():
            raise InvitationRefused("You can only add an interview for someone who already coaches you.")
        return self.give_interview(candidate, coach, interview_public_id=interview_public_id, now=now)

    def give_interview(self, candidate: User, coach: User, *, interview_public_id, now: datetime) -> "CoachGrant":
        """By the candidate's own choice of this person, who has met them already. A repeat changes nothing."""
        with acting(candidate):
            return self.get_or_create(
                candidate=candidate,
                coach=coach,
                scope=CoachGrant.Scope.ONE,
                interview_public_id=interview_public_id,
                cohort=None,
                revoked_at=None,
                defaults={
                    "token_hash": _token_hash(secrets.token_urlsafe(32)),  # a link that nobody has
                    "created_at": now,
                    "expires_at": now,
                    "accepted_at": now,
                },
            )[0]

    def invited_with(self, token: str) -> "CoachGrant":
        return self.select_related("candidate", "coach").get(token_hash=_token_hash(token))

    @transaction.atomic
    def accept(self, token: str, *, by: User, now: datetime) -> "CoachGrant":
        """Raises CoachGrant.DoesNotExist, or InvitationRefused with the reason."""
        grant = self.select_for_update(of=("self",)).invited_with(token)
        grant.accept(by=by, now=now)
        return grant


class CoachGrant(models.Model):
    """A candidate lets one coach read interviews: an invitation first, live once accepted, until it is revoked.

    Those that a member of a cohort gives to its coaches name the cohort, and end with it.
    """

    class Scope(models.TextChoices):
        ONE = "interview", "One interview"
        ALL = "all", "All interviews, past and future"
        FROM_NOW_ON = "from_now_on", "Interviews started from now on"
        COHORT = "cohort", "Interviews that a cohort assigns"

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants_given")
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="grants_held"
    )
    scope = models.CharField(max_length=12, choices=Scope)
    interview_public_id = models.UUIDField(null=True, blank=True)
    email = models.EmailField(blank=True, help_text="Only this address may accept; empty: whoever has the link.")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the one-time link's token.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Of the invitation; an accepted grant lives until it is revoked.")
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="grants")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="With its cohort; empty: when it is revoked.")

    objects = CoachGrantQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "coach", "scope", "interview_public_id", "cohort"],
                condition=Q(revoked_at__isnull=True, coach__isnull=False),
                nulls_distinct=False,
                name="one_live_grant_per_candidate_coach_and_scope",
            ),
            models.CheckConstraint(
                condition=Q(scope="interview", interview_public_id__isnull=False)
                | (~Q(scope="interview") & Q(interview_public_id__isnull=True)),
                name="grant_for_one_interview_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(scope="cohort") | Q(cohort__isnull=False), name="grant_for_a_cohorts_interviews_names_it"
            ),
            models.CheckConstraint(
                condition=Q(coach__isnull=True, accepted_at__isnull=True)
                | Q(coach__isnull=False, accepted_at__isnull=False),
                name="grant_is_accepted_by_a_coach",
            ),
            models.CheckConstraint(
                condition=Q(coach__isnull=True) | ~Q(coach=models.F("candidate")), name="nobody_coaches_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} of {self.candidate} to {self.coach or self.email or 'a link'}"

    @property
    def is_live(self) -> bool:
        is_in_time = self.ends_at is None or self.ends_at > timezone.now()
        return self.accepted_at is not None and self.revoked_at is None and is_in_time

    def refusal(self, by: User, now: datetime) -> str:
        """Why this person cannot accept it now; empty: they can."""
        if by.pk == self.candidate_id:
            return "This is your own invitation. Send the link to your coach."
        if self.accepted_at or self.revoked_at:
            return "This invitation has been used or taken back."
        if now > self.expires_at:
            return "This invitation has expired. Ask for a new one."
        if self.email and canonical(self.email) != canonical(by.email):
            return "This invitation was sent to a different address from the one you're logged in with."
        return ""

    def accept(self, *, by: User, now: datetime) -> None:
        """Makes the grant live and the person a coach. A repeat changes nothing."""
        if self.is_live and self.coach_id == by.pk:
            return
        if reason := self.refusal(by, now):
            raise InvitationRefused(reason)
        same = CoachGrant.objects.live().filter(
            candidate=self.candidate,
            coach=by,
            scope=self.scope,
            interview_public_id=self.interview_public_id,
            cohort=None,
        )
        if same.exists():
            raise InvitationRefused("You already have this access.")
        self.coach, self.accepted_at = by, now
        with acting(self.candidate):  # who asked for it; the coach took it up
            self.save(update_fields=["coach", "accepted_at"])
            by.groups.add(Group.objects.get_or_create(name=COACHES)[0])

    def revoke(self, *, now: datetime) -> None:
        """Its candidate ends the grant, or takes the invitation back, at once. A repeat changes nothing."""
        with acting(self.candidate):
            CoachGrant.objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=now)
        self.refresh_from_db(fields=["revoked_at"])


class AccessLogQuerySet(models.QuerySet):
    def note_look(self, actor, interview, subject: str, *, now: datetime, within: timedelta | None = None) -> None:
        """Writes a look at somebody else's interview down; further ones at the same `within` that time are the same."""
        look = {"actor": actor, "interview_public_id": interview.public_id, "subject": subject}
        if interview.candidate_id != actor.pk and not (within and self.filter(**look, at__gt=now - within).exists()):
            self.create(**look, candidate_id=interview.candidate_id, at=now)


class AccessLog(models.Model):
    """Who looked at a candidate's answers, for the candidate to read. Append-only: a trigger refuses changes."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_log")
    interview_public_id = models.UUIDField(
        null=True, blank=True, help_text="Empty: about all of them, as the report is."
    )
    subject = models.CharField(max_length=200, help_text="What was looked at, in words.")
    at = models.DateTimeField()

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["candidate", "-id"], name="access_log_by_candidate")]

    def __str__(self) -> str:
        return f"{self.subject}, {self.at:%Y-%m-%d %H:%M}"
