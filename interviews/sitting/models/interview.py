"""A timed interview: its questions, its two clocks and every change of its state.

A change of state is one method, called inside `under_lock`: one transaction that holds the interview's
row, has already expired what is over, and reads state only after it got the lock.
"""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import CoachGrant, Cohort, User
from interviews.sitting import scoring
from interviews.sitting.adapting import Drill, Pooled
from interviews.sitting.models.answering import Answering, Outcome
from interviews.sitting.models.clocks import INTERVIEW_GRACE, SHORTEST_OPENING, Clocks
from interviews.sitting.models.evidence import EvidenceChange
from interviews.sitting.models.following import Following
from interviews.sitting.models.going_back import GoingBack
from interviews.sitting.models.held import Held
from interviews.sitting.models.interventions import Interventions
from interviews.sitting.models.interview_queries import InterviewQuerySet
from interviews.sitting.models.needs import Needs
from interviews.sitting.models.question import InterviewQuestion
from interviews.sitting.models.seat import SecondSeat
from interviews.sitting.models.speaking import Speaking
from questions.formats import Scored
from questions.models import Topic, Track
from questions.running.parts import EngineFault

log = logging.getLogger(__name__)


class Interview(
    Answering, GoingBack, Speaking, Following, SecondSeat, Interventions, Clocks, Needs, Held, models.Model
):
    class State(models.TextChoices):
        IN_PROGRESS = "in_progress"
        SUBMITTED = "submitted"
        SCORED = "scored"
        VOID = "void"

    class Pace(models.TextChoices):
        STRICT = "strict", "Strict: at zero the question closes"
        GENTLE = "gentle", "Gentle: you can run over, and you can pause"
        UNTIMED = "untimed", "Untimed: no clocks"

    MAX_SCORING_ATTEMPTS = 3

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="interviews")
    track = models.ForeignKey(Track, models.PROTECT, null=True, blank=True, related_name="interviews")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="drills")
    cohort = models.ForeignKey(
        Cohort, models.SET_NULL, null=True, blank=True, related_name="interviews", help_text="That assigned it."
    )
    second_seat = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="seats",
        help_text="Who sits beside the candidate, sees the answers as they are saved and asks back, while it runs.",
    )
    title = models.CharField(max_length=120)
    pace = models.CharField(max_length=8, choices=Pace)
    time_multiplier = models.DecimalField(max_digits=4, decimal_places=2)
    limit_seconds = models.PositiveIntegerField(help_text="Before the multiplier.")
    seed = models.PositiveIntegerField()
    speaks = models.BooleanField(default=False, db_default=False, help_text="Answers aloud, where a question takes it.")
    hides_stages = models.BooleanField(default=False, db_default=False, help_text="Designs without stages' prompts.")
    asks_back = models.BooleanField(
        default=True, db_default=True, help_text="Follow-ups are asked; a drill offers them."
    )
    state = models.CharField(max_length=12, choices=State, default=State.IN_PROGRESS)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the sweep has to act next: the earlier deadline with its grace.",
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    left_position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of the question that was left to go back to an earlier one."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    scoring_attempts = models.PositiveSmallIntegerField(default=0)
    mix = models.JSONField(null=True, blank=True, help_text="What its candidate mixed it of: mixing.Mix.")
    drill = models.JSONField(null=True, blank=True, help_text="What its questions are chosen by: adapting.Drill.")
    thinned_at = models.DateTimeField(null=True, blank=True, help_text="When most of its old drafts were deleted.")
    lease = models.PositiveIntegerField(default=1, help_text="Counts take-overs; only the newest page may save.")

    objects = InterviewQuerySet.as_manager()

    # Whether this request ended it, be it by finding its time over.
    was_just_submitted = False

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["candidate", "-started_at"], name="interview_by_candidate"),
            models.Index(fields=["expires_at"], condition=Q(state="in_progress"), name="interview_expiring"),
            models.Index(fields=["closed_at"], condition=Q(state="submitted"), name="interview_unscored"),
            models.Index(fields=["closed_at"], condition=Q(thinned_at=None), name="interview_unthinned"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(state="in_progress"),
                name="one_interview_in_progress_per_candidate",
            ),
            models.CheckConstraint(
                condition=Q(track__isnull=True) | Q(topic__isnull=True), name="interview_has_no_track_and_topic_at_once"
            ),
            models.CheckConstraint(
                condition=Q(deadline_at__gt=F("started_at")) | Q(deadline_at__isnull=True),
                name="interview_deadline_after_start",
            ),
            models.CheckConstraint(
                condition=Q(pace="untimed") | Q(deadline_at__isnull=False),
                name="interview_timed_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__gte=F("started_at")) | Q(closed_at__isnull=True),
                name="interview_closed_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "scored"]) | Q(closed_at__isnull=False),
                name="interview_submitted_has_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(second_seat__isnull=True) | Q(state="in_progress"), name="second_seat_ends_with_interview"
            ),
            models.CheckConstraint(
                condition=Q(second_seat__isnull=True) | ~Q(second_seat=F("candidate")),
                name="nobody_sits_beside_themselves",
            ),
            models.CheckConstraint(
                condition=Q(time_multiplier__gte=1, time_multiplier__lte=10),
                name="interview_time_multiplier_1_to_10",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.started_at:%Y-%m-%d}"

    # --- reading ----------------------------------------------------------------------------------

    @property
    def is_in_progress(self) -> bool:
        return self.state == self.State.IN_PROGRESS

    @property
    def is_finished(self) -> bool:
        return self.state in (self.State.SUBMITTED, self.State.SCORED)

    @property
    def is_being_scored(self) -> bool:
        """Whether scores are still to come; not after the last attempt failed."""
        return self.state == self.State.SUBMITTED and self.scoring_attempts < self.MAX_SCORING_ATTEMPTS

    @property
    def is_untimed(self) -> bool:
        return self.pace == self.Pace.UNTIMED

    @property
    def is_drill(self) -> bool:
        """Practice of one topic or of chosen questions, not the blueprint of an interview."""
        return self.track_id is None

    @property
    def gives_feedback(self) -> bool:
        """Whether each answer is shown with what is right before the next question. A strict clock leaves no time."""
        return self.is_drill and not self.is_strict

    @property
    def is_strict(self) -> bool:
        return self.pace == self.Pace.STRICT

    def is_due(self, now: datetime) -> bool:
        """Whether something of it is over that nobody has closed yet."""
        return self.is_in_progress and self.expires_at is not None and now > self.expires_at

    def coaches(self) -> list[User]:
        """Who may read it as a coach at this moment."""
        grants = CoachGrant.objects.covering(
            candidate=self.candidate_id,
            interview=self.public_id,
            started_at=self.started_at,
            cohort=self.cohort_id,
        )
        return list(User.objects.filter(grants_held__in=grants).distinct().order_by("name", "email"))

    def current_question(self) -> InterviewQuestion | None:
        """The open question; between a time-out and "Next question" the one that timed out.

        That is the one opened last, and not the last of the sheet: one may be asked back about earlier questions, and
        they may be reopened, which comes after everything else.
        """
        shown = [question for question in self.sheet if not question.is_pending]
        opened = [question for question in shown if question.is_open]
        current = max(
            reversed(opened or shown), key=lambda one: (one.is_reopened, one.opened_at, one.closed_at), default=None
        )
        return current and current.with_version()

    @property
    def has_more(self) -> bool:
        return any(question.is_pending for question in self.sheet)

    # --- changes of state, under the lock ---------------------------------------------------------

    def _next_pending(self) -> InterviewQuestion | None:
        return next((question for question in self.sheet if question.is_pending), None)

    def _open_question(self) -> InterviewQuestion | None:
        question = next((question for question in self.sheet if question.is_open), None)
        return question and question.with_version()

    def expire(self, *, now: datetime) -> None:
        """Closes what is over. The system closes at the deadline, not at the moment it looked."""
        self._require_lock()
        if not self.is_due(now):
            return
        if question := self._open_question():
            question.close(InterviewQuestion.State.TIMED_OUT, at=question.deadline_at)
            self.record("timed_out", now=now, question=question)
        if now > self.deadline_at + INTERVIEW_GRACE:
            self._submit(at=self.deadline_at)
            self.record("expired", now=now)
        else:
            self.expires_at = self.next_expiry(None)
            self.writes.change(self, ["expires_at"])

    def open_next(self, *, after: InterviewQuestion | None = None, now: datetime) -> InterviewQuestion | None:
        """Opens the next question and starts its clock; finishes when none is left or no time for one.

        A follow-up to the one before, or to what was said earlier, comes first. A reopening is of one question: after
        it none is opened.
        """
        self._require_lock()
        follow_up = after and not self.is_drill and self.follow_up_to(after)
        question = None if after and after.is_reopened else follow_up or self._next_pending()
        left = self.interview_left(now)
        is_too_late = self.is_strict and left is not None and left < SHORTEST_OPENING
        if question is None or is_too_late:
            self._submit(at=min(now, self.deadline_at) if self.is_strict else now)
            self.record("finished", actor=self.candidate, now=now)
            return None
        if self.drill:
            self._choose(question)
        self._open(question, now=now)
        return question

    def _open(self, question: InterviewQuestion, *, now: datetime) -> None:
        question.state = InterviewQuestion.State.OPEN
        question.opened_at = now
        question.deadline_at = self.question_deadline_from_terms(question, is_new=True)
        if question.pk is None:
            self.take_place(question)
        else:
            self.writes.change(question, ["state", "opened_at", "deadline_at"])
        self.expires_at = self.next_expiry(question)
        self.writes.change(self, ["expires_at"])
        self.record("opened", actor=self.candidate, now=now, question=question)

    def _give_feedback(self, question: InterviewQuestion, *, now: datetime) -> None:
        """The clocks stand still while it is read; `go_on` ends that. What has to be run waits for the drill's end."""
        question.grade_automatically(now=now)
        if question.waits_for_worker:
            question.reveal(now=now)
        if not self.is_untimed:
            self.pause(now=now)

    def _choose(self, question: InterviewQuestion) -> None:
        """Of a drill that follows the candidate: what is asked now, in the place of what stood in for it."""
        shown = [one for one in self.sheet if not one.is_pending and not one.is_follow_up]
        asked = {one.question_id: None if one.hinted_at else one.score for one in shown}
        chosen = Drill.from_json(self.drill).next(asked, self.seed)
        if chosen is None or chosen.question_id == question.question_id:
            return
        stands_in = next((one for one in self.sheet if one.is_pending and one.question_id == chosen.question_id), None)
        if stands_in:
            self._pin(stands_in, question)
        self._pin(question, chosen)
        self.limit_seconds = sum(one.limit_seconds for one in self.sheet)
        self.deadline_at = self.deadline_from_terms()
        self.writes.change(self, ["limit_seconds", "deadline_at"])

    def _pin(self, question: InterviewQuestion, asked: Pooled | InterviewQuestion) -> None:
        question.question_id, question.version_id = asked.question_id, asked.version_id
        question.is_spoken, question.limit_seconds = self.way_to_answer(asked.version_id, asked.limit_seconds)
        self.writes.change(question, ["question", "version", "limit_seconds", "is_spoken"])

    def _submit(self, *, at: datetime) -> None:
        self.state = self.State.SUBMITTED
        self.closed_at = max(at, self.started_at)  # a server's clock may have been set back
        self.expires_at = None
        self.paused_at = self.second_seat = self.left_position = None
        self.writes.change(self, ["state", "closed_at", "expires_at", "paused_at", "second_seat", "left_position"])
        self.was_just_submitted = True

    def take_lease(self) -> None:
        """The page that is being loaded becomes the one that may save; others are told so when they try."""
        self._require_lock()
        self.lease += 1
        self.writes.change(self, ["lease"])

    def close_question(self, question: InterviewQuestion, state: str, *, now: datetime) -> InterviewQuestion | None:
        """Closes the open question as answered or skipped and opens the next, which is returned.

        After one that was taken up again that is the one that was left for it.
        """
        self._require_lock()
        self.resume(now=now)
        closed_at = min(now, question.deadline_at) if self.is_strict else now
        question.close(state, at=closed_at)
        self.record(state, actor=self.candidate, now=now, question=question)
        has_more = self._next_pending() or self.may_offer_after(question)
        if self.gives_feedback and has_more and not question.is_reopened:
            self._give_feedback(question, now=now)
            return None
        if left := self.question_left_behind():
            return self.take_up(left, now=now)
        return self.open_next(after=question, now=now)

    def finish(self, *, lease: int, now: datetime) -> Outcome:
        """Ends the interview. Questions that were never shown stay so: they are no answers."""
        self._require_lock()
        if not self.is_in_progress:
            return Outcome.HELD
        if lease != self.lease:
            return Outcome.ELSEWHERE
        self.resume(now=now)
        if question := self._open_question():
            state = question.state_when_left()
            question.close(state, at=min(now, question.deadline_at) if self.is_strict else now)
            self.record(state, actor=self.candidate, now=now, question=question)
        self._submit(at=min(now, self.deadline_at) if self.is_strict else now)
        self.record("finished", actor=self.candidate, now=now)
        return Outcome.MOVED

    def has_answers_to_run(self) -> bool:
        return self.is_being_scored and any(
            question.waits_for_worker for question in self.questions.shown().select_related("version")
        )

    def work_out(self) -> dict[tuple[int, int], Scored]:
        """Runs the answers that have to be run; scores by primary key and opening. Takes seconds: never under the lock.

        A closed question keeps its answer until it is reopened, so what is worked out here still holds under the lock.
        Where the engine fails, which is no fault of the answer, there is no score.
        """
        worked_out = {}
        for question in self.questions.shown().select_related("version"):
            if question.waits_for_worker:
                try:
                    scored = scoring.score_by_machine(question.version, question.answer)
                except EngineFault as fault:
                    log.error("An answer to %s could not be run: %s", question.version, fault)
                else:
                    worked_out[question.pk, question.opening] = scored
        return worked_out

    def score(
        self,
        *,
        now: datetime,
        worked_out: Mapping[tuple[int, int], Scored] = MappingProxyType({}),
        gives_up: bool = False,
    ) -> None:
        """Grades what a machine can grade and asks for a new report. Harmless twice.

        What has to be run comes in `worked_out`; while some of it is missing, the interview stays submitted. Whoever
        `gives_up` leaves that without a score, never with 0 points: people may still mark it by its rubric.
        """
        self._require_lock()
        if self.state != self.State.SUBMITTED:
            return
        self.writes.send()  # the questions are read again
        questions = list(self.questions.shown().select_related("version").prefetch_related("version__options"))
        for question in questions:
            question.grade_automatically(now=now, worked_out=worked_out.get((question.pk, question.opening)))
        waiting = [question for question in questions if question.waits_for_worker]
        if waiting and not gives_up:
            return
        for question in waiting:
            self.record("not_run", now=now, question=question)
        self.state = self.State.SCORED
        self.scored_at = now
        self.writes.change(self, ["state", "scored_at"])
        self.record("scored", now=now)
        EvidenceChange.note(self.candidate_id, now=now)
