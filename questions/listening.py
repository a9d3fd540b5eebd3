"""What the matcher (questions/matching) needs of the bank, read once in a process; what it finds about a version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from questions import follow_ups
from questions.matching.follow_up import Choice, FollowUp, choose_follow_up
from questions.matching.lexical import Findings, LexicalGrader, Point
from questions.matching.weights import Weights, all_text
from questions.models import QuestionVersion


@dataclass(frozen=True)
class Asked:
    """A version as the matcher sees it."""

    question: str
    points: list[Point]
    misconceptions: list[str]
    follow_ups: list[FollowUp]


def suggest(version_pk: int, answer: str, *, examples: Mapping[int, Sequence[str]] = MappingProxyType({})) -> Findings:
    """What was found in the answer, point by point in the order of the rubric. Never a score.

    `examples`: more ways to put a point, by its place in the rubric from 0.
    """
    asked = asked_of(version_pk)
    points = [replace(point, says=(*point.says, *examples.get(place, ()))) for place, point in enumerate(asked.points)]
    return lexical_grader().suggest(asked.question, points, asked.misconceptions, answer)


def choose(
    version_pk: int, findings: Findings | None, *, spent: Collection[int] = (), met: Collection[int] = ()
) -> Choice | None:
    """Which of the version's follow-ups comes now: `version.follow_ups[choice.index]`. See `choose_follow_up`."""
    asked = asked_of(version_pk)
    return choose_follow_up(asked.follow_ups, findings, asked.points, asked.misconceptions, spent=spent, met=met)


@lru_cache(maxsize=1)
def lexical_grader() -> LexicalGrader:
    """With the word weights of the published bank as it was when the process first asked.

    That costs about a second: a process that must answer fast calls it when it starts. Questions that are published
    later hardly move the weights; a restart takes them in.
    """
    versions = QuestionVersion.objects.published().with_content()
    return LexicalGrader(Weights.of(all_text(version.content()) for version in versions))


@lru_cache(maxsize=1000)
def asked_of(version_pk: int) -> Asked:
    """What was published never changes, so that a process reads it once."""
    version = QuestionVersion.objects.prefetch_related("rubric_points", "misconceptions").get(pk=version_pk)
    return Asked(
        question=f"{version.title}\n{version.prompt}",
        points=[Point(point.text, tuple(point.says)) for point in version.rubric_points.all()],
        misconceptions=[wrong.statement for wrong in version.misconceptions.all()],
        follow_ups=follow_ups.for_choice(version.follow_ups),
    )
