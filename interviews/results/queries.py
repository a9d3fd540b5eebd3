"""Questions with everything that a result shows."""

from django.db.models import Prefetch, QuerySet

from interviews.interviewer.models import PointSuggestion
from interviews.sitting.models import Grade, Interview, InterviewQuestion
from interviews.sitting.models.answer import late_texts
from interviews.speech.models import finished_recordings
from questions.models import QuestionVersion


def for_results(questions: QuerySet[InterviewQuestion]) -> QuerySet[InterviewQuestion]:
    """In a constant number of queries, each with its follow-ups."""
    follow_ups = (
        InterviewQuestion.objects.shown().order_by("position").prefetch_related(late_texts(), finished_recordings())
    )
    return questions.prefetch_related(
        Prefetch("version", queryset=QuestionVersion.objects.with_content()),
        Prefetch("grades", queryset=Grade.objects.standing()),
        late_texts(),
        finished_recordings(),
        Prefetch("follow_ups", queryset=follow_ups),
        Prefetch("suggestions", queryset=PointSuggestion.objects.all()),
    )


def with_questions(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Interviews with everything that a results page shows, in a constant number of queries."""
    questions = for_results(InterviewQuestion.objects.drawn().order_by("position"))
    return interviews.prefetch_related(Prefetch("questions", queryset=questions))
