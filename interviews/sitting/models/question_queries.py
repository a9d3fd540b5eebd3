"""Finding questions that were asked."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.functions import Coalesce

from accounts.composed import AnyOf, composed
from interviews.sitting.models.grade import Grade
from interviews.sitting.models.studied import Studied
from questions import formats

# The sweep makes up for a lost message about a hint, as long as somebody may be waiting for it.
LEFT_TO_THE_TASK, CASE_AWAITED_FOR = timedelta(minutes=1), timedelta(hours=1)
# Format.is_blank in SQL, turned round: something is written but blanks, and not only what stood there from the start.
WRITTEN = """(jsonb_path_exists({answer}, '$[*] ? (@ like_regex "\\\\S")')
    AND regexp_replace({answer} ->> 0, '^\\s+|\\s+$', '', 'g')
        IS DISTINCT FROM regexp_replace({rules} ->> 'starter', '^\\s+|\\s+$', '', 'g'))"""


class IsWritten(Func):
    """Whether an answer, a list of texts, is more than what its question began with: `IsWritten(answer, rules)`, the
    second being `answer` of the version.
    """

    output_field = BooleanField()

    def as_sql(self, compiler, connection, **context):
        columns = [compiler.compile(expression)[0] for expression in self.get_source_expressions()]
        return WRITTEN.format(**dict(zip(("answer", "rules"), columns, strict=True))), ()


OPEN_FORMATS = [format.name for format in formats.all() if not format.is_closed]
# InterviewQuestion.is_for_rubric in SQL: what people mark. A follow-up is marked with its question.
FOR_RUBRIC = Q(follows=None, state__in=["answered", "timed_out"], version__format__in=OPEN_FORMATS) & (
    Q(has_recording=True) | Q(IsWritten(F("answer"), F("version__answer")))
)


class InterviewQuestionQuerySet(models.QuerySet):
    def shown(self) -> Self:
        return self.exclude(state=self.model.State.PENDING)

    def drawn(self) -> Self:
        """Without the follow-ups, which are shown with the question that they follow."""
        return self.filter(follows=None)

    def for_rubric(self) -> Self:
        return self.filter(FOR_RUBRIC)

    def probes_met(self, candidate, version_id: int) -> Self:
        """The follow-ups of a version that the candidate was asked before, by their places in its list."""
        met = self.of_candidate(candidate).filter(version=version_id, probe__isnull=False)
        return met.order_by().values_list("probe", flat=True)

    def questions_answered(self, candidate) -> set[int]:
        """By primary key, what the candidate has answered in interviews that are over."""
        answered = self.of_candidate(candidate).filter(
            state=self.model.State.ANSWERED, interview__state__in=["submitted", "scored"]
        )
        return set(answered.order_by().values_list("question", flat=True))

    def graded(self) -> Self:
        return self.filter(score__isnull=False).exclude(interview__state="void")

    def last_seen(self, candidate) -> dict[int, datetime]:
        """When the candidate was last shown each question, or studied it, by question id."""
        seen: dict[int, datetime] = {}
        for question, moment in openings_and_studies(candidate.pk):
            seen[question] = max(moment, seen.get(question, moment))
        return seen

    def families_to_answer(self, candidate) -> set[int]:
        """The families of what the running interview asks or will ask: nobody looks the answers up meanwhile."""
        waiting = self.of_candidate(candidate).filter(
            interview__state="in_progress", state__in=[self.model.State.PENDING, self.model.State.OPEN]
        )
        return set(waiting.values_list(Coalesce("question__companion_of", "question"), flat=True))

    def awaiting_case(self, now: datetime) -> Self:
        """Hints whose message got lost: no worker has said yet which hidden case fails."""
        asked = self.filter(hinted_at__gt=now - CASE_AWAITED_FOR, hinted_at__lt=now - LEFT_TO_THE_TASK)
        return asked.filter(state=self.model.State.OPEN, hinted_case__isnull=True, version__answer__has_key="cases")

    def newest_by_question(self, candidate, question_ids: Iterable[int]) -> dict[int, "models.Model"]:
        """The newest answer of a finished interview to each of these questions, by question id."""
        return {answer.question_id: answer for answer in newest_answers(candidate.pk, list(question_ids))}

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


@composed
def openings_and_studies(candidate):
    """(question, when the candidate was last shown it) and (question, when they last studied it)."""
    shown = asked().of_candidate(candidate).filter(opened_at__isnull=False).order_by()
    opened = shown.values_list("question_id").annotate(last=models.Max("opened_at"))
    return opened.union(Studied.objects.of_candidate(candidate).last_studied(), all=True)


@composed
def newest_answers(candidate, questions):
    finished = asked().of_candidate(candidate).filter(interview__state__in=["submitted", "scored"])
    newest = finished.shown().drawn().filter(question__in=AnyOf(questions))
    return newest.order_by("question_id", "-closed_at", "-pk").distinct("question_id").defer("answer")


def asked() -> InterviewQuestionQuerySet:
    """The model's module imports this one."""
    return apps.get_model("interviews", "InterviewQuestion").objects.all()
