"""Looks for each rubric point in the open answers of a finished interview, and stores what was found."""

from datetime import datetime, timedelta

from celery import signature
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.publishing import publish
from interviews.interviewer import graders
from interviews.interviewer.models import ModelConsent, PointExample, PointSuggestion
from interviews.sitting.models import Interview, InterviewQuestion
from interviews.sitting.models.question_queries import IsWritten
from interviews.speech.models import Recording, Transcript, answer_text
from questions import formats, listening
from questions.matching.lexical import Findings

# By name: it stores what it finds by `keep`.
ASKED_BY = signature("interviews.tasks.ask_model")
# Code is no sentence.
PROSE = [format.name for format in formats.all() if format.takes_voice]  # what could be said aloud, too
# Characters of an answer that are read; what comes after them has no suggestion.
LONGEST_READ = 20_000
# The sweep makes up for a lost message; the results page does, too, whenever it is opened.
LEFT_TO_THE_TASK, SWEPT_FOR = timedelta(minutes=1), timedelta(days=1)


def find_in(interview_id: int, *, now: datetime) -> None:
    """Safe to repeat, also at once: what was looked at is left out."""
    for question in to_look_at(InterviewQuestion.objects.filter(interview=interview_id)):
        store(question, now=now)


def to_look_at(questions: QuerySet[InterviewQuestion]) -> QuerySet[InterviewQuestion]:
    """Answers of finished interviews, written or heard, that have no suggestions yet; not while one is being heard."""
    if not settings.SUGGEST_POINTS:
        return questions.none()
    looked_at = PointSuggestion.objects.filter(question=OuterRef("pk"), opening=OuterRef("opening"))
    spoken = Transcript.objects.filter(recording__question=OuterRef("pk"), recording__kind=Recording.Kind.ANSWER)
    has_words = Q(IsWritten(F("answer"), F("version__answer"))) | Q(Exists(spoken.exclude(text="")))
    given = questions.for_rubric().filter(has_words, version__format__in=PROSE, question__suggests_points=True)
    finished = given.filter(interview__in=Interview.objects.finished())
    coming = Recording.objects.filter(Q(file="") | Q(pk__in=Recording.objects.unheard()), question=OuterRef("pk"))
    finished = finished.exclude(Exists(coming.filter(kind=Recording.Kind.ANSWER)))
    return finished.exclude(Exists(looked_at)).select_related("interview", "version")


def overlooked(now: datetime) -> QuerySet:
    """Interviews whose message got lost, by primary key."""
    lately = InterviewQuestion.objects.filter(
        interview__closed_at__gt=now - SWEPT_FOR, interview__closed_at__lt=now - LEFT_TO_THE_TASK
    )
    return to_look_at(lately).order_by("interview").values_list("interview", flat=True).distinct()


def is_looked_at(question: InterviewQuestion) -> bool:
    """Whether there is nothing left to look for. The question comes with its suggestions, its version's content."""
    version = question.version
    is_wanted = settings.SUGGEST_POINTS and version.question.suggests_points and version.format in PROSE
    is_given = question.is_for_rubric and answer_text(question).strip() and version.rubric_points.all()
    return not (is_wanted and is_given) or bool(suggestions_of(question))


def suggestions_of(question: InterviewQuestion) -> dict[int, PointSuggestion]:
    """By rubric point, of the answer as it is now; empty where they are switched off."""
    if not settings.SUGGEST_POINTS:
        return {}
    return {one.point_id: one for one in sorted(all_of(question), key=lambda one: graders.RANKS.get(one.grader, -1))}


def all_of(question: InterviewQuestion) -> list[PointSuggestion]:
    """By whichever grader, of the answer as it is now."""
    found = [one for one in question.suggestions.all() if one.opening == question.opening]
    for one in found:
        one.question = question
    return found


def store(question: InterviewQuestion, *, now: datetime) -> None:
    points = list(question.version.rubric_points.values_list("pk", flat=True))
    examples = PointExample.objects.for_matching(question.version_id, candidate_id=question.interview.candidate_id)
    by_place = {place: examples[point] for place, point in enumerate(points) if point in examples}
    found = listening.suggest(question.version_id, answer_text(question)[:LONGEST_READ], examples=by_place)
    keep(question, found, listening.lexical_grader(), now=now)
    candidate = question.interview.candidate_id
    if graders.is_on() and ModelConsent.objects.live().filter(candidate=candidate).exists():
        publish(ASKED_BY, question.pk)


def keep(question: InterviewQuestion, found: Findings, grader: graders.Grader, *, now: datetime) -> None:
    """One row a point; what this grader found before stays."""
    points = list(question.version.rubric_points.values_list("pk", flat=True))
    PointSuggestion.objects.bulk_create(
        (
            PointSuggestion(
                question=question,
                opening=question.opening,
                point_id=points[one.index],
                verdict=one.verdict,
                confidence=one.confidence,
                start=one.start,
                end=one.end,
                reason=one.reason,
                grader=grader.name,
                grader_version=grader.version,
                at=now,
            )
            for one in found.points
        ),
        ignore_conflicts=True,
    )
