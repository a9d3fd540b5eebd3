"""What was asked and what was answered: all of it append-only but the current state."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from interviews import scoring
from interviews.models.grade import GRADE_PRECEDENCE, Grade
from questions import formats
from questions.formats import Scored
from questions.models import Question, QuestionVersion, asked_version

CONFIDENCES = [20, 40, 60, 80, 90, 99]
# A page counts its revisions up; one that jumps further than this would shut out every later save.
LARGEST_REV_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """What a page sent: the answer as posted (a list of strings), its revision, its lease, the confidence."""

    answer: list[str]
    rev: int
    lease: int
    confidence: int | None = None


def checksum(answer: Sequence[str]) -> str:
    """CRC-32 in hex of the parts joined by U+001F: the page computes the same (static/js/answer.js)."""
    return f"{zlib.crc32(chr(31).join(answer).encode()):08x}"


class InterviewQuestionQuerySet(models.QuerySet):
    def shown(self) -> Self:
        return self.exclude(state=InterviewQuestion.State.PENDING)

    def graded(self) -> Self:
        return self.filter(score__isnull=False).exclude(interview__state="void")

    def last_seen(self, candidate) -> dict[int, datetime]:
        """When the candidate was last shown each question, by question id."""
        shown = self.of_candidate(candidate).filter(opened_at__isnull=False)
        return dict(shown.values_list("question_id").annotate(last_seen=models.Max("opened_at")))

    def newest_closing(self) -> datetime | None:
        return self.aggregate(newest=models.Max("closed_at"))["newest"]

    def newest_graded(self, candidate) -> Self:
        """The newest graded answer to each question of the finished interviews, newest first."""
        graded = self.of_candidate(candidate).graded().exclude(interview__state="in_progress")
        newest = graded.order_by("question_id", "-closed_at", "-pk").distinct("question_id")
        return self.filter(pk__in=newest.values("pk")).order_by("-closed_at", "-pk")

    def evidence_of(self, candidate, now: datetime) -> Self:
        """Graded answers of finished interviews up to `now`: what the report and the practice cards rest on."""
        return self.of_candidate(candidate).filter(
            score__isnull=False, closed_at__lte=now, interview__state__in=["submitted", "scored"]
        )

    def of_candidate(self, candidate) -> Self:
        return self.filter(interview__candidate=candidate)

    def with_titles(self) -> Self:
        """What it takes to name an answer, and to link to it."""
        return self.select_related("interview", "version").only(
            "position", "closed_at", "interview__public_id", "version__title"
        )

    def for_report(self) -> Self:
        """With rubric points and grades, in a constant number of queries; without the long texts."""
        grades = models.Prefetch("grades", queryset=Grade.objects.standing())
        return (
            self.select_related("interview", "version")
            .defer("version__prompt", "version__prompt_html", "version__model_answer", "version__model_answer_html")
            .prefetch_related("version__rubric_points", grades)
        )

    def for_results(self) -> Self:
        """With everything that a result shows, in a constant number of queries."""
        versions = QuestionVersion.objects.with_content()
        grades = models.Prefetch("grades", queryset=Grade.objects.standing())
        return self.prefetch_related(models.Prefetch("version", queryset=versions), grades, late_texts(), "recordings")


class InterviewQuestion(models.Model):
    """A question's place in one interview, with its own clock. Its current answer stands on it, to be read at once."""

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
    rev = models.PositiveIntegerField(default=0)
    answer = models.JSONField(default=list, blank=True)
    has_recording = models.BooleanField(default=False, db_default=False, help_text="A recording answers it, too.")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    graded_by = models.CharField(max_length=10, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True, help_text="When the model answer was shown.")

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
        ]

    def __str__(self) -> str:
        return f"Question {self.position}"

    @property
    def format(self) -> formats.Format:
        return formats.get(self.version.format)

    def with_version(self) -> Self:
        """Itself, its version without a query where this process has asked it before."""
        if "version" not in self._state.fields_cache:
            self.version = asked_version(self.version_id)
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
        return not self.has_recording and self.format.is_blank(self.answer)

    @property
    def counts_as_answered(self) -> bool:
        """Skipped is unanswered, whatever was typed before the skip; a timed-out question may hold an answer."""
        return self.state != self.State.SKIPPED and not self.is_blank

    @property
    def is_for_rubric(self) -> bool:
        """Whether people mark it by the rubric: an open answer that was given."""
        return not self.format.is_closed and self.counts_as_answered

    @property
    def is_revealed(self) -> bool:
        """Whether the model answer may be shown: closed formats have nothing to give away after the interview."""
        return self.format.is_closed or self.revealed_at is not None or not self.counts_as_answered

    @property
    def finished_recordings(self) -> list:
        """The one that answers it, and those kept beside it."""
        return [recording for recording in self.recordings.all() if recording.is_finished]

    @property
    def checksum(self) -> str:
        return checksum(self.answer)

    @property
    def seconds_used(self) -> float | None:
        return (self.closed_at - self.opened_at).total_seconds() if self.closed_at else None

    @property
    def seed(self) -> int:
        """For the order in which options and steps are shown: the same at every look, other for others."""
        return self.interview.seed * 1000 + self.position

    def presented_options(self) -> list:
        return self.format.presented(self.version, self.seed)

    def lacking_points(self) -> list[tuple]:
        """(rubric point, "partly" or "missed") by the grade that counts; empty where none went by the rubric."""
        marks = {}
        for grade in self.grades.all():
            if grade.source == self.graded_by:
                marks = grade.evidence.get("points", {})
        points = [(point, marks.get(str(point.pk))) for point in self.version.rubric_points.all()]
        return [(point, mark) for point, mark in points if mark in ("partly", "missed")]

    def state_when_left(self) -> str:
        return self.State.SKIPPED if self.is_blank else self.State.ANSWERED

    # --- under the interview's lock ---------------------------------------------------------------

    def close(self, state: str, *, at: datetime) -> None:
        self.state = state
        self.closed_at = max(at, self.opened_at)
        self.interview.writes.change(self, ["state", "closed_at"])

    @property
    def is_reopened(self) -> bool:
        return self.opening > 1

    def reopen(self, *, seconds: float, now: datetime) -> None:
        """A new opening with a new clock; what is written stays, the grade does not."""
        self.state = self.State.OPEN
        self.opening += 1
        self.given_seconds = seconds
        self.opened_at = now
        self.closed_at = self.score = self.graded_at = None
        self.graded_by = ""
        self.save()

    def revision(self, written: Written, kind: str, *, now: datetime) -> "AnswerRevision":
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

    def keep_beside(self, written: Written, kind: str, *, now: datetime) -> None:
        """Appends a revision that does not count. The same words from the same page again change nothing."""
        same = self.revisions.filter(opening=self.opening, lease=written.lease, rev=written.rev, answer=written.answer)
        if not same.exists():
            self.interview.writes.add(self.revision(written, kind, now=now), is_harmless_twice=True)

    def held(self, *, lease: int) -> Written:
        """The current answer, as if a page had sent it."""
        return Written(self.answer, self.rev, lease, self.confidence)

    def hold(self, written: Written, kind: str, *, now: datetime) -> None:
        """Makes this the current answer, and appends the revision. The same draft again changes nothing."""
        self.answer = written.answer
        self.rev = max(self.rev, written.rev)
        self.confidence = written.confidence
        self.interview.writes.change(self, ["answer", "rev", "confidence"])
        self.interview.writes.add(self.revision(written, kind, now=now), is_harmless_twice=True)

    def reveal(self, *, now: datetime) -> None:
        """The model answer may be shown from now on."""
        if self.revealed_at is None:
            self.revealed_at = now
            self.save(update_fields=["revealed_at"])

    def grade(self, source: str, score: float, evidence: dict, *, by=None, review=None, now: datetime) -> Grade:
        """Appends a grade; the score that counts is the newest coach's, else the machine's, else one's own."""
        grade = Grade.objects.create(
            question=self, source=source, score=score, evidence=evidence, by=by, review=review, at=now
        )
        if source != Grade.Source.SUGGESTED and (
            not self.graded_by or GRADE_PRECEDENCE.index(source) <= GRADE_PRECEDENCE.index(self.graded_by)
        ):
            self.score, self.graded_by, self.graded_at = score, source, now
            self.save(update_fields=["score", "graded_by", "graded_at"])
        return grade

    @property
    def waits_for_worker(self) -> bool:
        """Whether its score is still to come, from a worker alone."""
        return self.score is None and self.counts_as_answered and self.format.is_scored_in_worker

    @property
    def is_being_scored(self) -> bool:
        return self.waits_for_worker and self.interview.is_being_scored

    @property
    def automatic_evidence(self) -> dict:
        """What the machine's grade rests on; empty without one."""
        return next((grade.evidence for grade in self.grades.all() if grade.source == Grade.Source.AUTO), {})

    def grade_automatically(self, *, now: datetime, worked_out: Scored | None = None) -> None:
        """Closed formats by their own rule; a question shown but not answered scores 0. Harmless twice.

        Where only a worker may score, `worked_out` is what it found; without it the question keeps waiting.
        """
        if self.score is not None:
            return
        if not self.counts_as_answered:
            self.grade(Grade.Source.AUTO, 0.0, {"unanswered": True}, now=now)
        elif self.format.is_closed:
            if worked_out is None and self.waits_for_worker:
                return
            scored = worked_out or scoring.score_closed(self.version, self.answer)
            self.grade(Grade.Source.AUTO, scored.score, scored.evidence, now=now)

    def grade_by_rubric(
        self,
        marks: dict[int, str],
        *,
        by,
        source: str,
        misconceptions: Sequence[int] = (),
        quotes: dict[str, str] | None = None,
        review=None,
        now: datetime,
    ) -> Grade:
        """`marks`: hit, partly or missed by rubric point id; every point of the version must be there.

        A coach adds the misconceptions that the answer holds and quotes by point, and names the review.
        """
        points = list(self.version.rubric_points.all())
        score = scoring.rubric_score([(point.weight, marks[point.pk]) for point in points], len(misconceptions))
        evidence = {
            "points": {str(pk): mark for pk, mark in marks.items()},
            "after_reveal": self.revealed_at is not None,
        }
        if misconceptions:
            evidence["misconceptions"] = list(misconceptions)
        if quotes:
            evidence["quotes"] = quotes
        return self.grade(source, score, evidence, by=by, review=review, now=now)

    def recount(self) -> None:
        """After a review was taken back: the score is again that of the best grade that still stands.

        A grade from before a reopening was of another answer.
        """
        standing = list(self.grades.standing().filter(at__gte=self.opened_at))
        ranked = sorted(standing, key=lambda grade: (-GRADE_PRECEDENCE.index(grade.source), grade.pk))
        best = ranked[-1] if ranked else None
        self.score, self.graded_by, self.graded_at = (best.score, best.source, best.at) if best else (None, "", None)
        self.save(update_fields=["score", "graded_by", "graded_at"])


class AnswerRevision(models.Model):
    """One saved state of one answer. Append-only: a trigger refuses UPDATE and DELETE (0002_append_only)."""

    class Kind(models.TextChoices):
        DRAFT = "draft", "Saved while writing"
        FINAL = "final", "Handed in"
        LATE = "late", "After the bell: kept, not scored"
        SIDE = "side", "Overtaken, or from a page open elsewhere: kept, not scored"

    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="revisions")
    opening = models.PositiveSmallIntegerField()
    lease = models.PositiveIntegerField()
    rev = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    answer = models.JSONField()
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "opening", "lease", "rev"],
                condition=Q(kind="draft"),
                name="one_draft_per_rev_and_lease",
            ),
            models.UniqueConstraint(
                fields=["question", "opening"], condition=Q(kind="final"), name="one_final_answer_per_opening"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rev}"


def late_texts() -> models.Prefetch:
    """`late_revisions` of each question: what came after the bell, without its hundreds of drafts."""
    late = AnswerRevision.objects.filter(kind=AnswerRevision.Kind.LATE)
    return models.Prefetch("revisions", queryset=late, to_attr="late_revisions")
