"""Questions with everything that a result shows."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from interviews.interviewer.models import PointSuggestion
from interviews.sitting.models import Grade, Interview, InterviewQuestion
from interviews.sitting.models.answer import late_texts
from interviews.sitting.models.question import in_order
from interviews.speech.models import finished_recordings
from questions.models import QuestionVersion, whole_versions


def parts() -> list[Prefetch]:
    """What each place has of its own, besides its version and its follow-ups."""
    return [
        Prefetch("grades", queryset=Grade.objects.standing()),
        late_texts(),
        finished_recordings(),
        Prefetch("suggestions", queryset=PointSuggestion.objects.all()),
    ]


def for_results(questions: QuerySet[InterviewQuestion]) -> QuerySet[InterviewQuestion]:
    """In a constant number of queries, each with its follow-ups."""
    follow_ups = (
        InterviewQuestion.objects.shown().order_by("position").prefetch_related(late_texts(), finished_recordings())
    )
    return questions.prefetch_related(
        Prefetch("version", queryset=QuestionVersion.objects.with_content()),
        Prefetch("follow_ups", queryset=follow_ups),
        *parts(),
    )


def with_questions(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Interviews with everything that a results page shows, in a constant number of queries."""
    questions = for_results(InterviewQuestion.objects.drawn().order_by("position"))
    return interviews.prefetch_related(Prefetch("questions", queryset=questions))


def questions_of(interview: Interview) -> list[InterviewQuestion]:
    """The same for a page of one interview, in five statements: versions are read once in a process."""
    places = in_order(interview.questions.all())
    give_results(places)
    return [place for place in places if not place.is_follow_up]


def give_results(places: Sequence[InterviewQuestion]) -> None:
    """`places`: questions of one interview, each with all of its follow-ups (`in_order`)."""
    prefetch_related_objects(places, *parts())
    versions = whole_versions({place.version_id for place in places})
    follow_ups = defaultdict(list)
    for place in places:
        place.version = versions[place.version_id]
        follow_ups[place.follows_id].append(place)
    for place in places:
        place._prefetched_objects_cache["follow_ups"] = follow_ups[place.pk]  # as a Prefetch would leave them
