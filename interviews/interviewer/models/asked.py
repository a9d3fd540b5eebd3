"""A language model that is asked about answers: who allowed it, what was sent and came back, how good it was."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q

from accounts.models import User
from interviews.interviewer import prompting
from interviews.interviewer.graders import TRIES, service
from interviews.sitting.models import InterviewQuestion

CALLS_LOCK = 7_270  # of PostgreSQL's advisory locks: any number that nobody else takes
A_DAY = timedelta(days=1)
# What was sent and replied is kept so long: enough to find out why it said something.
KEPT = timedelta(days=90)
# After two tries in a row that got no reply, nobody waits for the service for so long.
REST = timedelta(minutes=5)


class ModelConsentQuerySet(models.QuerySet):
    def live(self) -> Self:
        """To what the site does now: another service or model has to be allowed anew."""
        return self.filter(withdrawn_at=None, service=service(), model=settings.LLM_MODEL)

    def give(self, candidate, *, now: datetime) -> None:
        """A repeat changes nothing."""
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=candidate.pk)
            if not self.live().filter(candidate=candidate).exists():
                self.withdraw(candidate, now=now)
                self.create(candidate=candidate, service=service(), model=settings.LLM_MODEL, given_at=now)

    def withdraw(self, candidate, *, now: datetime) -> None:
        self.filter(candidate=candidate, withdrawn_at=None).update(withdrawn_at=now)


class ModelConsent(models.Model):
    """Somebody lets their answers be sent to this model of this service, from then on until they take it back."""

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="model_consents")
    service = models.CharField(max_length=255, help_text="The host that answers are sent to.")
    model = models.CharField(max_length=100)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ModelConsentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(withdrawn_at__isnull=True), name="one_live_model_consent_a_candidate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} at {self.service}"


class ModelCallQuerySet(models.QuerySet):
    def today(self, now: datetime) -> Self:
        return self.filter(at__gt=now - A_DAY)

    def made_before(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)

    def is_stopped(self, now: datetime) -> bool:
        """Whether no call may be made: there were enough in the last 24 hours, or the service does not reply."""
        if self.today(now).count() >= settings.LLM_CALLS_A_DAY:
            return True
        lately = self.filter(at__gt=now - REST).order_by("-pk").values_list("outcome", flat=True)
        return list(lately[:2]) == [ModelCall.Outcome.AWAY] * 2

    def begin(self, question: InterviewQuestion, prompt: prompting.Prompt, *, now: datetime) -> "ModelCall | None":
        """A call, kept before it is made, so that it counts whatever becomes of it; None: there may be none."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CALLS_LOCK])
            made = self.filter(question=question, opening=question.opening).count()
            if made >= TRIES or self.is_stopped(now):
                return None
            return self.create(
                question=question,
                opening=question.opening,
                service=service(),
                model=settings.LLM_MODEL,
                prompt=prompt.messages,
                at=now,
            )


class ModelCall(models.Model):
    """One try at asking a model about one answer: what was sent, what came back, and what it cost."""

    class Outcome(models.TextChoices):
        ASKED = "asked", "No reply yet"
        READ = "read", "Read"
        UNREADABLE = "unreadable", "Not what was asked for"
        AWAY = "away", "No reply"

    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="model_calls")
    opening = models.PositiveSmallIntegerField()
    service = models.CharField(max_length=255)
    model = models.CharField(max_length=100)
    prompt = models.JSONField(help_text="The messages, as they were sent.")
    reply = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.ASKED)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    reply_tokens = models.PositiveIntegerField(null=True, blank=True)
    cost = models.DecimalField(
        max_digits=14, decimal_places=8, null=True, blank=True, help_text="By the prices in the settings."
    )
    at = models.DateTimeField()

    objects = ModelCallQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "call of the language model"
        verbose_name_plural = "calls of the language model"
        indexes = [models.Index(fields=["at"], name="model_call_by_time")]

    def __str__(self) -> str:
        return f"{self.model}, {self.at:%Y-%m-%d %H:%M}: {self.get_outcome_display()}"

    def end(self, outcome: str, reply) -> None:
        """Changes nothing where its person was erased meanwhile. `reply` is a chat.Reply, or None."""
        changes = {"outcome": outcome}
        if reply:
            changes |= {
                "reply": reply.text.replace("\0", "␀").encode("utf-8", "replace").decode(),
                "prompt_tokens": reply.prompt_tokens,
                "reply_tokens": reply.reply_tokens,
                "cost": cost_of(reply),
            }
        ModelCall.objects.filter(pk=self.pk).update(**changes)


def cost_of(reply) -> Decimal | None:
    """In the currency of the prices; None where the tokens or the prices are not known."""
    prices = settings.LLM_PRICE_PROMPT, settings.LLM_PRICE_REPLY
    if not all(prices) or None in (reply.prompt_tokens, reply.reply_tokens):
        return None
    tokens = reply.prompt_tokens, reply.reply_tokens
    return sum(Decimal(str(price)) * count for price, count in zip(prices, tokens, strict=True)) / 1_000_000


class ModelTrialQuerySet(models.QuerySet):
    def newest(self) -> "ModelTrial | None":
        """Of the model that the site names, told what it is told now."""
        tried = self.filter(service=service(), model=settings.LLM_MODEL, prompt_version=prompting.VERSION)
        return tried.order_by("-pk").first()


class ModelTrial(models.Model):
    """What `./dev bench grading --model` measured of a model, beside the LexicalGrader on the same answers."""

    service = models.CharField(max_length=255)
    model = models.CharField(max_length=100)
    prompt_version = models.CharField(max_length=20)
    numbers = models.JSONField()
    is_fit = models.BooleanField(help_text="It did better than matching by words.")
    at = models.DateTimeField()

    objects = ModelTrialQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.model}: {'fit' if self.is_fit else 'not fit'}"
