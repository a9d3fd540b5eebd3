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
        """Whether it is still to be run, which is done in a worker alone."""
        return self.score is None and self.counts_as_answered and self.format.runs(self.version)

    @property
    def is_being_scored(self) -> bool:
        return self.waits_for_worker and self.interview.is_being_scored

    @property
    def awaits_marks(self) -> bool:
        """Whether its rubric is still to be marked: by itself, or beside what running it gave."""
        if not self.is_for_rubric or self.is_being_scored:
            return False
        return self.score is None or (self.graded_by == Grade.Source.AUTO and "points" not in self.automatic_evidence)

    @property
    def automatic_evidence(self) -> dict:
        """What the machine's newest grade rests on; empty without one."""
        found = [grade.evidence for grade in self.grades.all() if grade.source == Grade.Source.AUTO]
        return found[-1] if found else {}

    def grade_automatically(self, *, now: datetime, worked_out: Scored | None = None) -> None:
        """Closed formats by their own rule; a question shown but not answered scores 0. Harmless twice.

        A follow-up gets no score: it is no evidence of its own.

        Where an answer has to be run, `worked_out` is what a worker found; without it the question keeps waiting.
        """
        if self.score is not None or self.is_follow_up:
            return
        if not self.counts_as_answered:
            self.grade(Grade.Source.AUTO, 0.0, {"unanswered": True}, now=now)
        elif worked_out:
            self.grade(Grade.Source.AUTO, worked_out.score, worked_out.evidence, now=now)
        elif self.format.is_closed and not self.waits_for_worker:
            scored = scoring.score_by_machine(self.version, self.answer)
            self.grade(Grade.Source.AUTO, scored.score, scored.evidence, now=now)

    def grade_by_rubric(
        self,
        marks: dict[int, str],
        *,
        by,
        source: str,
        misconceptions: Sequence[int] = (),
        quotes: dict[str, str] | None = None,
        after_follow_up: Sequence[int] = (),
        review=None,
        now: datetime,
    ) -> Grade:
        """`marks`: hit, partly or missed by rubric point id; every point of the version must be there.

        `quotes`: the words of the answer by point; `after_follow_up`: points of which a part came only there.

        A coach adds the misconceptions that the answer holds and quotes by point, and names the review. Of an answer
        that was run the rubric is a part: one's own marks go into a new grade of the machine's, a coach's into theirs.
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
        if after_follow_up:
            evidence["after_follow_up"] = list(after_follow_up)
        run = self._run_evidence()
        if run:
            evidence["rubric"] = score
            score = scoring.with_rubric(run["share"], score, self.format.rubric_share(self.version))
            if source == Grade.Source.SELF:
                source, evidence = Grade.Source.AUTO, run | evidence
        return self.grade(source, score, evidence, by=by, review=review, now=now)

    def _run_evidence(self) -> dict:
        """What running this opening's answer gave; empty where it was not run."""
        found = self.grades.filter(source=Grade.Source.AUTO, at__gte=self.opened_at).order_by("-pk").first()
        return found.evidence if found and "share" in found.evidence else {}

    def recount(self) -> None:
        """After a review was taken back: the score is again that of the best grade that still stands.

        A grade from before a reopening was of another answer.
        """
        standing = list(self.grades.standing().filter(at__gte=self.opened_at))
        ranked = sorted(standing, key=lambda grade: (-GRADE_PRECEDENCE.index(grade.source), grade.pk))
        best = ranked[-1] if ranked else None
        self.score, self.graded_by, self.graded_at = (best.score, best.source, best.at) if best else (None, "", None)
        self.save(update_fields=["score", "graded_by", "graded_at"])
