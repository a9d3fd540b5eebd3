"""What the room of a live mock is drawn from: what the second seat sees of a running interview."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from interviews.coaching.models import AnswerReview, Review
from interviews.sitting.models import Interview, InterviewEvent, InterviewQuestion
from interviews.sitting.question_page import clock_texts
from interviews.sitting.scoring import MARK_LABELS
from questions.models import QuestionVersion

MINUTES_OFFERED = [1, 2, 5, 10]
POLL_SECONDS = "1.5"  # what is saved is seen within 2 s; how many rooms a core holds: docs/live.md


def with_news(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Adds `newest_event` and `revs`: together they change with whatever the room shows."""
    events = InterviewEvent.objects.filter(interview=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    questions = InterviewQuestion.objects.filter(interview=OuterRef("pk")).order_by().values("interview")
    revs = questions.annotate(sum=Sum("rev")).values("sum")
    return interviews.annotate(newest_event=Subquery(events), revs=Subquery(revs))


def news_of(interview: Interview) -> str:
    """The revision of what the room shows. The interview comes `with_news`."""
    return f"{interview.newest_event}-{interview.revs}"


def look_context(interview: Interview, *, now: datetime, error: str = "") -> dict:
    """Of `_room_answer.html`: where the candidate is, the clocks, the answer as it is saved."""
    question = interview.current_question()
    drawn = question.follows or question
    return {
        "interview": interview,
        "question": question,
        "position": question.position,
        "drawn": drawn,
        "number": question.number,
        "total": sum(not one.is_follow_up for one in interview.sheet),
        "version": question.version,
        "options": question.format.presented(question.version, question.seed, question.answer),
        "waiting": [one for one in interview.sheet if one.is_pending and one.is_follow_up],
        "is_last": not interview.has_more,
        "seen": news_of(interview),
        "at": f"{question.position}-{len(interview.sheet)}",
        "interventions": interview.events.interventions().count(),
        "minutes_offered": MINUTES_OFFERED,
        "poll_seconds": POLL_SECONDS,
        "error": error,
        **clock_texts(interview, question, now),
    }


def question_context(interview: Interview, question: InterviewQuestion, *, by, takes_turns: bool) -> dict:
    """Of `_room_question.html`: what is asked, its rubric with the marks so far, the answer, the follow-ups."""
    drawn = question.follows or question
    version = QuestionVersion.objects.with_content().get(pk=drawn.version_id)
    asked = {other.probe for other in interview.sheet if other.is_follow_up and other.follows_id == drawn.pk}
    said = AnswerReview.objects.filter(
        review__in=Review.objects.by_coach(by).awaiting_review(), question=drawn.pk
    ).first()
    marks = said.marks if said else {}
    return {
        "interview": interview,
        "drawn": drawn,
        "asked_version": version,
        "points": [(point, marks.get(str(point.pk))) for point in version.rubric_points.all()],
        "follow_ups": [(place, one, place in asked) for place, one in enumerate(version.follow_ups)],
        "mark_words": MARK_LABELS.items(),
        "takes_turns": takes_turns,
    }
