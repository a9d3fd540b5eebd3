"""One page to print before an interview: of each weak topic of a track three things, and the traps one fell for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from accounts.models import User
from interviews.report import wording
from interviews.report.evidence import named_answers, with_answers
from interviews.report.models import WeaknessReport
from interviews.report.statistics.weakness import Label
from interviews.report.stored import let_out
from interviews.sitting.models import InterviewQuestion
from questions.models import QuestionVersion, Topic, Track, VersionTopic

# What fits on a page.
TOPICS = 6
THINGS = 3
TRAPS = 6
FULL_MARKS = 0.999
# Answers looked through, newest first.
ANSWERS = 200
# Weakest first; what is on target needs no sheet.
FIRST = (Label.WEAK, Label.PROBABLY_WEAK, Label.UNCLEAR, Label.NOT_ENOUGH_EVIDENCE)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something an answer lacked: a rubric point, or of a closed question where to look."""

    text: str
    answer: InterviewQuestion


@dataclass(frozen=True, slots=True)
class SheetTopic:
    topic: Topic
    label: str
    things: list[Thing]


@dataclass(frozen=True, slots=True)
class Sheet:
    track: Track
    topics: list[SheetTopic]
    traps: list[dict]  # stored misconceptions with their answers


def make_sheet(candidate: User, track: Track, report: WeaknessReport | None) -> Sheet:
    """Of the candidate's newest report, and of answers whose model answer they may see. Without answers it is empty."""
    if report is None:
        return Sheet(track, [], [])
    topics = topics_of(track)
    answers = lacking_answers(candidate, topics)
    labels = {row["topic"]: row["label"] for row in let_out(report.data)["topics"]}
    listed = []
    for label in FIRST:
        for topic in topics:
            if labels.get(topic.slug, Label.NOT_ENOUGH_EVIDENCE) == label:
                things = things_of([answer for answer in answers if answer.primary_topic_id == topic.pk])
                listed += [SheetTopic(topic, wording.LABEL_NAMES[label].lower(), things)] if things else []
    return Sheet(track, listed[:TOPICS], open_traps(candidate, report, topics))


def topics_of(track: Track) -> list[Topic]:
    """The primary topics of what the track may ask."""
    asked = QuestionVersion.objects.published().in_track(track).order_by().values("pk")
    links = VersionTopic.objects.filter(version__in=asked, position=0)
    return list(Topic.objects.filter(pk__in=links.order_by().values("topic")))


def lacking_answers(candidate: User, topics: Sequence[Topic]) -> list[InterviewQuestion]:
    """The newest graded answer to each question of these topics, if it lacked something; the newest first."""
    primary = VersionTopic.objects.filter(version=OuterRef("version"), position=0).values("topic")
    newest = InterviewQuestion.objects.newest_graded(candidate).filter(score__lt=FULL_MARKS)
    lacking = newest.annotate(primary_topic_id=Subquery(primary[:1])).filter(primary_topic_id__in=topics)
    shown = lacking.for_report().prefetch_related("version__options")[:ANSWERS]
    return [answer for answer in shown if answer.is_revealed]


def things_of(answers: Sequence[InterviewQuestion]) -> list[Thing]:
    """From as many answers as possible: the first thing of each, then the second of each."""
    lacked = [[Thing(text, answer) for text in lacking_texts(answer)] for answer in answers]
    longest = max(map(len, lacked), default=0)
    return [things[n] for n in range(longest) for things in lacked if n < len(things)][:THINGS]


def lacking_texts(answer: InterviewQuestion) -> list[str]:
    if points := [point.text for point, _ in answer.lacking_points()]:
        return points
    right = [option.why for option in answer.version.options.all() if option.is_right and option.why]
    return right[:1]


def open_traps(candidate: User, report: WeaknessReport, topics: Sequence[Topic]) -> list[dict]:
    """What was believed on these topics and not put right since."""
    stored = [miss for miss in report.data.get("misconceptions", []) if miss["state"] == "open" and miss["believed"]]
    answers = named_answers([miss["answer"] for miss in stored], candidate, report)
    links = VersionTopic.objects.filter(version__in=[answer.version_id for answer in answers], position=0)
    here = set(links.filter(topic__in=topics).values_list("version", flat=True))
    return with_answers(stored, [answer for answer in answers if answer.version_id in here])[:TRAPS]
