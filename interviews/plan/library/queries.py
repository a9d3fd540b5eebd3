"""Published questions as somebody looks for them, with what they did with each."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from accounts.models import User
from interviews.plan.library.models import Bookmark
from interviews.sitting.models import InterviewQuestion, Studied
from questions.models import Level, QuestionVersion, Track, VersionTopic

MISSED_BELOW = 0.5
OWN = [
    ("bookmarked", "Bookmarked"),
    ("noted", "With my notes"),
    ("new", "Not seen yet"),
    ("missed", "Missed last time"),
    ("studied", "Studied"),
]
HARDEST_LAST = Case(*(When(level=level, then=Value(n)) for n, level in enumerate(Level)), output_field=IntegerField())


def found(
    candidate: User,
    *,
    text: str = "",
    topic: str = "",
    level: str = "",
    format: str = "",
    track: Track | None = None,
    own: str = "",
) -> QuerySet[QuestionVersion]:
    """In reading order, or the closest first where a text is searched for. `topic`: a slug, or topic/subtopic."""
    versions = QuestionVersion.objects.published()
    if text:
        versions = versions.matching(text)
    if topic:
        main, _, subtopic = topic.partition("/")
        versions = versions.filter(subtopic__slug=subtopic, subtopic__parent__slug=main) if subtopic else versions
        versions = versions.filter(topic_links__topic__slug=main) if not subtopic else versions
    if level:
        versions = versions.filter(level=level)
    if format:
        versions = versions.filter(format=format)
    if track:
        versions = versions.in_track(track)
    if own:
        versions = of_own(versions, candidate, own)
    primary = VersionTopic.objects.filter(version=OuterRef("pk")).order_by("position", "pk")
    return (
        with_own(versions, candidate)
        .annotate(
            topic_name=Subquery(primary.values("topic__name")[:1]),
            topic_place=Subquery(primary.values("topic__position")[:1]),
        )
        .select_related("question", "subtopic")
        .defer("prompt", "prompt_html", "model_answer", "model_answer_html", "references", "follow_ups", "stages")
        .order_by(*(["-rank"] if text else []), "topic_place", HARDEST_LAST, "title", "pk")
    )


def with_own(versions: QuerySet[QuestionVersion], candidate: User) -> QuerySet[QuestionVersion]:
    """Adds `is_bookmarked` and when the person last studied the question: `studied_at`, or None."""
    bookmarks = Bookmark.objects.filter(candidate=candidate, question=OuterRef("question"))
    studied = Studied.objects.of_candidate(candidate).filter(question=OuterRef("question")).order_by("-studied_at")
    return versions.annotate(is_bookmarked=Exists(bookmarks), studied_at=Subquery(studied.values("studied_at")[:1]))


def of_own(versions: QuerySet, candidate: User, own: str) -> QuerySet:
    """One of OWN."""
    shown = InterviewQuestion.objects.of_candidate(candidate).shown().order_by().values("question")
    studied = Studied.objects.of_candidate(candidate).order_by().values("question")
    if own == "bookmarked":
        return versions.filter(question__in=candidate.bookmarks.order_by().values("question"))
    if own == "noted":
        return versions.filter(question__in=candidate.question_notes.exclude(text="").order_by().values("question"))
    if own == "studied":
        return versions.filter(question__in=studied)
    if own == "new":
        return versions.exclude(question__in=shown).exclude(question__in=studied)
    missed = InterviewQuestion.objects.newest_graded(candidate).filter(score__lt=MISSED_BELOW)
    return versions.filter(question__in=missed.order_by().values("question"))


@dataclass(frozen=True, slots=True)
class Line:
    """A question of a list, and the newest answer to it, if there is one."""

    version: QuestionVersion
    answer: InterviewQuestion | None

    @property
    def studied_at(self) -> datetime | None:
        return self.version.studied_at


def lines(candidate: User, versions: list[QuestionVersion]) -> list[Line]:
    """One statement, however many."""
    answers = InterviewQuestion.objects.newest_by_question(candidate, [version.question_id for version in versions])
    return [Line(version, answers.get(version.question_id)) for version in versions]
