"""Looking an answer up on purpose: recorded before it is shown, and never during the interview that asks for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import User
from interviews.sitting.models import InterviewQuestion, Studied
from questions.models import QuestionVersion


def not_to_answer(candidate: User, versions: Iterable[QuestionVersion]) -> list[QuestionVersion]:
    """Without those that the candidate's running interview asks, and their companions, which give them away."""
    waiting = InterviewQuestion.objects.families_to_answer(candidate)
    return [version for version in versions if version.question.family not in waiting]


def study(candidate: User, versions: Sequence[QuestionVersion], *, now: datetime) -> list[QuestionVersion]:
    """Those that may be studied, from now on recorded as studied. The versions come with their question."""
    allowed = not_to_answer(candidate, versions)
    Studied.objects.record(candidate, [version.question_id for version in allowed], now=now)
    return allowed
