"""What was asked, and the state of its answer: one question's place in one interview."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from interviews.sitting.confidence import CONFIDENCES
from interviews.sitting.models.answer import DRAFTS_BUDGET, LEAST_DRAFT, AnswerRevision, Written, checksum
from interviews.sitting.models.grading import Graded
from interviews.sitting.models.question_queries import InterviewQuestionQuerySet
from questions import formats
from questions.models import Question, QuestionVersion, asked_version

OWN_WORDS_SECONDS = 120  # to answer a follow-up that nobody reviewed


class InterviewQuestion(Graded, models.Model):
    """A question's place in one interview, with its own clock. Its current answer stands on it, to be read at once.

    A follow-up has a place of its own, behind all that were drawn; it is shown with the number of the one it `follows`.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Not shown yet"
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        SKIPPED = "skipped", "Skipped"
        TIMED_OUT = "timed_out", "Time ran out"

    interview = models.ForeignKey("interviews.Interview", models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    limit_seconds = models.PositiveIntegerField(help_text="Before the multiplier.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    opened_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    opening = models.PositiveSmallIntegerField(default=1, help_text="Raised by each reopening.")
    given_seconds = models.FloatField(null=True, blank=True, help_text="What a reopening gave in place of the limit.")
    paused_seconds = models.FloatField(default=0, db_default=0, help_text="In pauses of this opening.")
    earlier_seconds = models.FloatField(default=0, db_default=0, help_text="Used in earlier openings.")
    rev = models.PositiveIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0, db_default=0, help_text="Of the page that wrote the answer.")
    kept_drafts = models.PositiveIntegerField(default=0, db_default=0, help_text="What its drafts have used up so far.")
    answer = models.JSONField(default=list, blank=True)
    has_recording = models.BooleanField(default=False, db_default=False, help_text="A recording answers it, too.")
    is_spoken = models.BooleanField(default=False, db_default=False, help_text="Its time is that of a spoken answer.")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    graded_by = models.CharField(max_length=10, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True, help_text="When its hint was shown.")
    hinted_case = models.JSONField(
        null=True, blank=True, help_text="The hidden case that its hint showed, as judged then; empty: all passed."
    )
    revealed_at = models.DateTimeField(null=True, blank=True, help_text="When the model answer was shown.")
    follow_up_places = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Follow-ups that may come after it; their time is kept."
    )
    follows = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,  # `no_follow_up_comes_twice` is one
        related_name="follow_ups",
        help_text="The question that it is a follow-up to.",
    )
    probe = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of a follow-up: its place in the version's list."
    )
    ask = models.TextField(
        blank=True, default="", db_default="", help_text="Of a follow-up in the words of who sat beside the candidate."
    )
    taken_until = models.DateTimeField(
        null=True, blank=True, help_text="Closed by the second seat: until when text that was on its way counts."
    )
    asked_because = models.TextField(
        blank=True, default="", db_default="", help_text="Why this follow-up was chosen, for the candidate."
    )

    objects = InterviewQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["interview", "position"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "position"], name="positions_are_unique"),
            models.UniqueConstraint(
                fields=["interview"], condition=Q(state="open"), name="one_open_question_per_interview"
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(opened_at__isnull=False), name="shown_question_has_opened_at"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "skipped", "timed_out"]) | Q(closed_at__isnull=False),
                name="closed_question_has_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="question_score_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__in=CONFIDENCES),
                name="question_confidence_is_a_step",
            ),
            models.UniqueConstraint(
                fields=["follows", "probe", "ask"],
                condition=Q(follows__isnull=False),
                nulls_distinct=False,
                name="no_follow_up_comes_twice",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True, probe__isnull=True)
                | (Q(follows__isnull=False, follow_up_places=0) & (Q(probe__isnull=False) | ~Q(ask=""))),
                name="follow_up_has_its_probe_or_words",
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.number}, follow-up" if self.is_follow_up else f"Question {self.number}"

    @property
    def is_follow_up(self) -> bool:
        return self.follows_id is not None

    @property
    def number(self) -> int:
        """What it is shown with; `position` is what it is addressed by."""
        return self.follows.position if self.is_follow_up else self.position

    @property
    def follow_up(self) -> dict | None:
        """What a follow-up asks, as the catalog has it (questions/follow_ups.py); own words have no rubric."""
        if self.probe is None and self.ask:
            return {"ask": self.ask, "limit_seconds": OWN_WORDS_SECONDS, "rubric": [], "model_answer": ""}
        return self.follows.version.follow_ups[self.probe] if self.is_follow_up else None

    @property
    def title(self) -> str:
        """Of a follow-up what it asks, which may hold inline Markdown."""
        return self.follow_up["ask"] if self.is_follow_up else self.version.title

    @property
    def format(self) -> formats.Format:
        """A follow-up is answered by one text, whatever the question's format."""
        return formats.get("free_text" if self.is_follow_up else self.version.format)

    def with_version(self) -> Self:
        """Itself, its version without a query where this process has asked it before."""
        if "version" not in self._state.fields_cache:
            self.version = asked_version(self.version_id)
        if self.is_follow_up:
            self.follows.with_version()
        return self

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state in (self.State.ANSWERED, self.State.SKIPPED, self.State.TIMED_OUT)

    @property
    def is_blank(self) -> bool:
        return self.is_blank_with(self.answer)

    @property
    def text(self) -> str:
        """The answer as one text, its parts in their order; what was found in it is named by places in this."""
        return "\n\n".join(self.answer)

    def is_blank_with(self, answer: list[str]) -> bool:
        """Whether this answer would leave it blank: nothing is written, nothing recorded."""
        return not self.has_recording and self.format.is_blank(answer, self.version)

    @property
    def counts_as_answered(self) -> bool:
        """Skipped is unanswered, whatever was typed before the skip; a timed-out question may hold an answer."""
        return self.state != self.State.SKIPPED and not self.is_blank

    @property
    def has_answered_follow_up(self) -> bool:
        """The question comes with its follow-ups (`for_results`), or asks the database."""
        return any(one.counts_as_answered for one in self.follow_ups.all())

    @property
    def is_for_rubric(self) -> bool:
        """Whether people mark it by the rubric: an open answer that was given. A follow-up is marked with its
        question.
        """
        return not self.is_follow_up and not self.format.is_closed and self.counts_as_answered

    @property
    def is_revealed(self) -> bool:
        """Whether the model answer may be shown: closed formats have nothing to give away after the interview, and a
        follow-up's gives away something of its question's.
        """
        if self.is_follow_up:
            return self.follows.is_revealed
        return self.format.is_closed or self.revealed_at is not None or not self.counts_as_answered

    @property
    def has_hint(self) -> bool:
        """Whether there is one to ask for: in a gentle interview alone."""
        has_any = bool(self.version.hint) or self.format.has_hidden_cases(self.version)
        return self.interview.pace == "gentle" and not self.is_follow_up and has_any

    @property
    def awaits_case(self) -> bool:
        """Whether its hint was asked for, and a worker is still looking for a hidden case that the answer fails."""
        is_asked = self.is_open and self.hinted_at is not None and self.hinted_case is None
        return is_asked and self.format.has_hidden_cases(self.version)

    @property
    def checksum(self) -> str:
        return checksum(self.answer)

    @property
    def seconds_used(self) -> float | None:
        """In this opening, without its pauses; those of earlier openings are `earlier_seconds`."""
        return (self.closed_at - self.opened_at).total_seconds() - self.paused_seconds if self.closed_at else None

    @property
    def seconds_allowed(self) -> float | None:
        """In this opening, with the multiplier and what was added; None without a clock."""
        return (self.deadline_at - self.opened_at).total_seconds() - self.paused_seconds if self.deadline_at else None

    @property
    def seed(self) -> int:
        """For the order in which options and steps are shown: the same at every look, other for others."""
        return self.interview.seed * 1000 + self.position

    def presented_options(self) -> list:
        return self.format.presented(self.version, self.seed)

    def state_when_left(self) -> str:
        return self.State.SKIPPED if self.is_blank else self.State.ANSWERED

    # --- under the interview's lock ---------------------------------------------------------------

    def close(self, state: str, *, at: datetime) -> None:
        self.state = state
        self.closed_at = max(at, self.opened_at)
        self.interview.writes.change(self, ["state", "closed_at"])

    def still_takes(self, now: datetime) -> bool:
        """Whether it was closed over the candidate's head so lately that their words may still be on their way."""
        return self.taken_until is not None and now <= self.taken_until

    @property
    def is_reopened(self) -> bool:
        return self.opening > 1

    def reopen(self, *, seconds: float, now: datetime) -> None:
        """A new opening with a new clock; what is written stays, the grade does not."""
        self.earlier_seconds += self.seconds_used or 0
        self.paused_seconds = self.kept_drafts = 0
        self.state = self.State.OPEN
        self.opening += 1
        self.given_seconds = seconds
        self.opened_at = now
        self.closed_at = self.score = self.graded_at = None
        self.graded_by = ""
        self.save()

    def revision(self, written: Written, kind: str, *, now: datetime) -> AnswerRevision:
        return AnswerRevision(
            question=self,
            opening=self.opening,
            lease=written.lease,
            rev=written.rev,
            kind=kind,
            answer=written.answer,
            confidence=written.confidence,
            saved_at=now,
        )

    def is_grown_by(self, written: Written) -> bool:
        """Whether this continues the current answer: it grew from it, or comes from the page that wrote it.

        A page counts its own texts up, so `rev` puts them in order; those of two pages only `base` can.
        """
        is_of_its_page = written.lease == self.lease
        return written.base in (None, self.rev) or is_of_its_page or written.answer == self.answer

    def keep_beside(self, written: Written, kind: str, *, now: datetime) -> None:
        """Appends a revision that does not count. The same words from the same page again change nothing.

        Where too much is kept already, it takes the place of the newest.
        """
        same = self.revisions.filter(opening=self.opening, lease=written.lease, rev=written.rev, answer=written.answer)
        if same.exists():
            return
        if AnswerRevision.objects.is_beside_full(self, now=now):
            self.revisions.erase_newest_beside()
        self.interview.writes.add(self.revision(written, kind, now=now), is_harmless_twice=True)

    def held(self, *, lease: int) -> Written:
        """The current answer, as if a page had sent it."""
        return Written(self.answer, max(self.rev, 1), lease, self.confidence)

    def hold(self, written: Written, kind: str, *, now: datetime) -> None:
        """Makes this the current answer, and appends the revision. The same draft again changes nothing.

        Of an answer that has used up what its drafts may take, only the newest is kept: on the question itself.
        """
        self.answer = written.answer
        self.rev = max(self.rev, written.rev)
        self.lease = written.lease
        self.confidence = written.confidence
        if kind == AnswerRevision.Kind.FINAL or self.kept_drafts < DRAFTS_BUDGET:
            self.kept_drafts += max(LEAST_DRAFT, written.size)
            self.interview.writes.add(self.revision(written, kind, now=now), is_harmless_twice=True)
        self.interview.writes.change(self, ["answer", "rev", "lease", "confidence", "kept_drafts"])

    def reveal(self, *, now: datetime) -> None:
        """The model answer may be shown from now on."""
        if self.revealed_at is None:
            self.revealed_at = now
            self.save(update_fields=["revealed_at"])


def in_order(questions: Iterable[InterviewQuestion]) -> list[InterviewQuestion]:
    """All of one interview, each with its follow-ups behind it; these know it without a query."""
    places = {question.pk: question for question in questions}
    for question in places.values():
        if question.is_follow_up:
            question.follows = places[question.follows_id]
    return sorted(places.values(), key=lambda question: (question.number, question.is_follow_up, question.position))
