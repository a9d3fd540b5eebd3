"""What the page of one question shows to one person at one moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from interviews.plan.library.studying import not_to_answer
from interviews.report.statistics.counting import REPEAT_AFTER
from interviews.sitting.models import InterviewQuestion
from interviews.sitting.models.studied import ONE_READING
from questions import markup
from questions.models import QuestionVersion

HISTORY_SHOWN = 20


@dataclass(frozen=True)
class QuestionPage:
    version: QuestionVersion  # queries.with_own
    candidate: User
    now: datetime

    days = REPEAT_AFTER.days

    @cached_property
    def history(self) -> list[InterviewQuestion]:
        """The newest answers of finished interviews."""
        own = (
            InterviewQuestion.objects.of_candidate(self.candidate)
            .shown()
            .drawn()
            .filter(question=self.version.question)
        )
        finished = own.filter(interview__state__in=["submitted", "scored"])
        return list(finished.select_related("interview", "version").order_by("-closed_at", "-pk")[:HISTORY_SHOWN])

    @property
    def studied_at(self) -> datetime | None:
        return self.version.studied_at

    @cached_property
    def may_study(self) -> bool:
        return bool(not_to_answer(self.candidate, [self.version]))

    @property
    def is_answer_shown(self) -> bool:
        """While it is being read; it folds again, so that reading it later is known, too."""
        return self.may_study and self.studied_at is not None and self.now - self.studied_at < ONE_READING

    @property
    def is_measured(self) -> bool:
        """Whether an answer of today would count in the report."""
        latest = [answer.closed_at for answer in self.history[:1]] + [self.studied_at] * bool(self.studied_at)
        return not latest or self.now - max(latest) >= REPEAT_AFTER

    @cached_property
    def note(self):
        return self.candidate.question_notes.filter(question=self.version.question).first()

    @property
    def has_maths(self) -> bool:
        return self.version.has_maths or bool(self.note and markup.has_maths(self.note.html))
