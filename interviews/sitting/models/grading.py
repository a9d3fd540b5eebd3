"""How an answer gets its score: by a format's own rule, by the rubric, and which grade counts."""

from collections.abc import Sequence
from datetime import datetime

from interviews.sitting import scoring
from interviews.sitting.models.grade import GRADE_PRECEDENCE, Grade
from questions.formats import Scored


class Graded:
    """The part of InterviewQuestion that is scored."""

    def lacking_points(self) -> list[tuple]:
        """(rubric point, "partly" or "missed") by the grade that counts; empty where none went by the rubric."""
        marks = {}
        for grade in self.grades.all():
            if grade.source == self.graded_by:
                marks = grade.evidence.get("points", {})
        points = [(point, marks.get(str(point.pk))) for point in self.version.rubric_points.all()]
        return [(point, mark) for point, mark in points if mark in ("partly", "missed")]

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
