"""What to practise next: the questions that tell or repair most today, each with its reason (docs/statistics.md)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.models import User
from interviews.report.bank import read_bank, topic_reference
from interviews.report.models import WeaknessReport
from interviews.report.statistics import weakness
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import DRILL_QUESTIONS, InterviewQuestion, Practice
from questions.models import QuestionVersion, Topic, current_difficulties

SESSION_QUESTIONS = 8
MOST_OF_A_TOPIC = 2
NEED_WEIGHT, FADE_WEIGHT = 0.6, 0.4
# Seen less than this ago and still known this well: not worth a question now.
FRESH_FOR = timedelta(days=21)
FRESH_FROM = 0.9


class Reason(StrEnum):
    WEAK = "weak"
    UNTESTED = "untested"
    FADING = "fading"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that may be practised. `expected`: the score that its next answer is expected to get."""

    question_id: int
    family: int  # a question and its closed companions share it
    title: str
    level: str
    topic: str
    target: float
    p_weak: float  # that the topic is below the target
    evidence: float  # of the topic, in recent answers
    need: float
    fade: float
    importance: float
    expected: float
    retrievability: float | None  # None: nothing graded yet
    seen_at: datetime | None
    is_due: bool
    is_fresh: bool

    @property
    def priority(self) -> float:
        return self.importance * (self.need + self.fade)

    @property
    def reason(self) -> Reason:
        if self.fade > self.need:
            return Reason.FADING
        return Reason.UNTESTED if self.evidence < weakness.MIN_TOPIC_EVIDENCE else Reason.WEAK


def need(p_weak: float, topic_variance: float, expected: float) -> float:
    """0.6 · (P(weak) + ½ sd) · 4p(1 − p): the topic is weak or unknown, and the answer to this question tells."""
    return NEED_WEIGHT * (p_weak + 0.5 * math.sqrt(topic_variance)) * 4 * expected * (1 - expected)


def fade(retrievability: float | None) -> float:
    """0.4 · (1 − R); 0 for a question without a graded answer, which cannot be forgotten."""
    return 0.0 if retrievability is None else FADE_WEIGHT * (1 - retrievability)


def choose(suggestions: Sequence[Suggestion], count: int = SESSION_QUESTIONS) -> list[Suggestion]:
    """A session: by priority, at most 2 a topic, one of a family, and a due review wherever one exists."""
    ranked = sorted((one for one in suggestions if not one.is_fresh), key=_order)
    chosen = _spread(ranked, count)
    due = [one for one in ranked if one.is_due]
    if due and not any(one.is_due for one in chosen):
        review = due[0]
        others = [one for one in ranked if one.family != review.family]
        chosen = [*_spread(others, count - 1, taken=Counter([review.topic])), review]
    return chosen


def choose_of_topic(suggestions: Sequence[Suggestion], count: int = DRILL_QUESTIONS) -> list[Suggestion]:
    """By priority; what is still fresh only when nothing else is left."""
    ranked = sorted(suggestions, key=lambda one: (one.is_fresh, *_order(one)))
    return _spread(ranked, count, most_of_a_topic=count)


def _order(suggestion: Suggestion) -> tuple[float, int]:
    return -suggestion.priority, suggestion.question_id


def _spread(
    ranked: Sequence[Suggestion],
    count: int,
    *,
    most_of_a_topic: int = MOST_OF_A_TOPIC,
    taken: Mapping[str, int] | None = None,
) -> list[Suggestion]:
    chosen, topics, families = [], Counter(taken or {}), set()
    for one in ranked:
        if len(chosen) < count and topics[one.topic] < most_of_a_topic and one.family not in families:
            chosen.append(one)
            topics[one.topic] += 1
            families.add(one.family)
    return chosen


# From the database


def suggestions(candidate: User, report: WeaknessReport | None, *, now: datetime) -> list[Suggestion]:
    """Every published question with what the candidate's newest report and cards say of it today."""
    difficulties = current_difficulties()
    bank = read_bank((), difficulties)
    level = report.data["level"] if report else candidate.target_level
    target = report.data["target"] if report else weakness.DEFAULT_TARGET
    evidence = [
        weakness.Evidence(row["topic_weights"], row["difficulty"], row["score"], row["weight"])
        for row in (report.data["evidence"] if report else [])
    ]
    topics = {question.topics[0] for question in bank.values()}
    topics |= {topic for item in evidence for topic in item.topic_weights}
    posteriors = weakness.fit(evidence, sorted(topics))
    p_weak = {
        topic: weakness.describe(posteriors[topic], *topic_reference(topic, bank, level, difficulties), target).p_weak
        for topic in topics
    }
    cards = {card.question_id: card for card in candidate.practice_cards.all()}
    seen = InterviewQuestion.objects.last_seen(candidate)
    found = []
    for pk, question in bank.items():
        topic = question.topics[0]
        posterior = posteriors[topic]
        expected = weakness.expected_score(posterior, question.difficulty)
        memory = cards[pk].memory if pk in cards else None
        recalled = memory.retrievability(now) if memory else None
        is_recent = pk in seen and now - seen[pk] < FRESH_FOR
        found.append(
            Suggestion(
                question_id=pk,
                family=question.family,
                title=question.title,
                level=question.level,
                topic=topic,
                target=target,
                p_weak=p_weak[topic],
                evidence=posterior.evidence,
                need=need(p_weak[topic], posterior.variance, expected),
                fade=fade(recalled),
                importance=1.0,
                expected=expected,
                retrievability=recalled,
                seen_at=seen.get(pk),
                is_due=memory is not None and memory.due_at <= now,
                # Without a grade nobody can say that it has faded.
                is_fresh=is_recent and (recalled is None or recalled >= FRESH_FROM),
            )
        )
    return found


def next_session(candidate: User, report: WeaknessReport | None, *, now: datetime) -> list[Suggestion]:
    """What to practise next, best first; without any history it is spread over the topics."""
    return choose(suggestions(candidate, report, now=now))


def practice_of(question_ids: Sequence[int]) -> Practice:
    """Exactly these questions, as far as they are published; in this order."""
    wanted = list(dict.fromkeys(question_ids))[:SESSION_QUESTIONS]
    versions = published_versions(wanted)
    return Practice("Practice", [versions[pk] for pk in wanted if pk in versions])


def practice_of_topic(candidate: User, topic: Topic, *, now: datetime) -> Practice:
    """Five questions of a topic by priority. Raises NotEnoughQuestions."""
    report = candidate.reports.first()
    of_topic = [one for one in suggestions(candidate, report, now=now) if one.topic == topic.slug]
    chosen = [one.question_id for one in choose_of_topic(of_topic)]
    if len(chosen) < DRILL_QUESTIONS:
        raise NotEnoughQuestions(
            f"There are not enough published questions for “{topic.name}” ({DRILL_QUESTIONS} needed)."
        )
    versions = published_versions(chosen)
    return Practice(topic.name, [versions[pk] for pk in chosen], topic=topic)


def published_versions(question_ids: Sequence[int]) -> dict[int, QuestionVersion]:
    versions = QuestionVersion.objects.published().filter(question_id__in=question_ids)
    return {
        version.question_id: version
        for version in versions.select_related("question").prefetch_related("topic_links__topic")
    }
