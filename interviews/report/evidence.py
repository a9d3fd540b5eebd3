"""The answers behind a claim of the report, and what they lack: read only where somebody asks for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from interviews.report.models import WeaknessReport
from interviews.report.parts import NAMED_ANSWERS
from interviews.sitting.models import InterviewQuestion
from questions.templatetags.markup import inline_markdown


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence or a count, and which answers are behind it: by their ids, or all on a topic.

    `key` is the last part of the address at which they are read; `query` what has to follow it.
    """

    key: str
    text: str
    count: int = 0
    answer_ids: Sequence[int] = ()
    topic: str = ""
    query: str = ""

    @property
    def has_answers(self) -> bool:
        return bool(self.answer_ids or self.topic)


def answers_behind(claim: Claim, candidate: User, report: WeaknessReport) -> list[InterviewQuestion]:
    evidence = InterviewQuestion.objects.evidence_of(candidate, report.compiled_at)
    if claim.topic:
        return newest_with_lacking(evidence.filter(version__topics__slug=claim.topic))
    return newest_with_lacking(evidence.filter(pk__in=claim.answer_ids))


def answers_so_far(candidate: User, report: WeaknessReport) -> list[InterviewQuestion]:
    return newest_with_lacking(InterviewQuestion.objects.evidence_of(candidate, report.compiled_at))


def newest_with_lacking(answers) -> list[InterviewQuestion]:
    """At most so many as a claim names, newest first, each with the rubric points that it lacks."""
    newest = list(answers.for_report().order_by("-closed_at", "-pk")[:NAMED_ANSWERS])
    for answer in newest:
        answer.lacking = [(mark, inline_markdown(point.text), point.pk) for point, mark in answer.lacking_points()]
    return newest


def named_answers(ids: Iterable[int], candidate: User, report: WeaknessReport) -> list[InterviewQuestion]:
    """These answers with what it takes to name them and to link to them."""
    return list(InterviewQuestion.objects.evidence_of(candidate, report.compiled_at).filter(pk__in=ids).with_titles())


def with_answers(misses: Iterable[dict], answers: Iterable[InterviewQuestion]) -> list[dict]:
    """Stored misconceptions with their answers; what is no evidence any more is left out."""
    by_id = {answer.pk: answer for answer in answers}
    return [miss | {"answer": by_id[miss["answer"]]} for miss in misses if miss["answer"] in by_id]
