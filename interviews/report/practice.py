"""What to practise next: the questions that tell or repair most today (statistics/choosing.py), from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.composed import composed
from accounts.models import User
from interviews.report.bank import BankQuestion, read_bank, topic_references
from interviews.report.models import PracticeCard, WeaknessReport
from interviews.report.statistics import choosing, weakness
from interviews.report.statistics.choosing import Choice, Session, TopicNeed
from interviews.report.statistics.fitting import Posterior
from interviews.report.statistics.recall import Memory
from interviews.report.stored import fit_of
from interviews.sitting.adapting import Drill, Pooled
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import DRILL_QUESTIONS, InterviewQuestion, Practice
from questions.models import Level, QuestionVersion, Topic, current_difficulties

# What is known of somebody without a report.
NO_ANSWERS = {
    "basis": {"counted": 0},
    "evidence": [],
    "constants": weakness.CONSTANTS,
    "target": weakness.DEFAULT_TARGET,
}


@dataclass(frozen=True, slots=True)
class Practising:
    """Every published question and every topic, as they are for one candidate at one moment."""

    choices: list[Choice]
    needs: dict[str, TopicNeed]
    bank: dict[int, BankQuestion]
    counted: int  # answers in the report
    target: float
    level: str  # the target's
    posteriors: Mapping[str, Posterior]  # by topic

    @property
    def session(self) -> Session:
        return choosing.session(self.choices, self.needs)

    def drill(self, topic: str) -> list[Choice]:
        """At most five of one topic."""
        return choosing.drill([one for one in self.choices if one.topic == topic], self.needs, DRILL_QUESTIONS)


def practising(candidate: User, report: WeaknessReport | None, *, now: datetime) -> Practising:
    """From the candidate's newest report, cards and what they were shown since. Four statements, or one more."""
    data = report.data if report else NO_ANSWERS
    difficulties = current_difficulties()
    bank = read_bank((), difficulties)
    level = data["level"] if report else candidate.target_level
    references = topic_references(bank, level, difficulties)
    fit, counted = fit_of(data, references), data["basis"]["counted"]
    needs = {}
    for topic, reference in references.items():
        posterior = fit.topics[topic]
        stated = weakness.describe(posterior, *reference, data["target"], counted)
        needs[topic] = TopicNeed(stated.p_weak, posterior.variance, posterior.evidence, stated.label)
    weights = {row["question"]: row["weight"] for row in data["evidence"]}
    memories = {question: Memory(*card) for question, *card in cards_of(candidate.pk)}
    seen = InterviewQuestion.objects.last_seen(candidate)
    choices = []
    for pk, question in bank.items():
        days = (now - seen[pk]).days if pk in seen else None
        memory = memories.get(pk)
        choices.append(
            Choice(
                question_id=pk,
                family=question.family,
                topic=question.topic,
                topic_weight=question.topic_weights[question.topic],
                is_closed=question.is_closed,
                expected=weakness.expected_score(fit.topics[question.topic], question.difficulty),
                worth=choosing.worth(days, weights.get(question.slug, 0.0)),
                days=days,
                recalled=memory.retrievability(now) if memory else None,
                is_due=memory is not None and memory.due_at <= now,
            )
        )
    return Practising(choices, needs, bank, counted, data["target"], level, fit.topics)


@composed
def cards_of(candidate):
    """As plain rows: what a Memory is made of."""
    cards = PracticeCard.objects.filter(candidate=candidate)
    return cards.values_list("question_id", "stability", "difficulty", "reviewed_at", "due_at")


def fading(candidate: User, count: int, *, now: datetime) -> list[int]:
    """The questions that are due and recalled least today, at most so many; never two of a family."""
    cards = candidate.practice_cards.due(now).select_related("question").distinct()
    ranked = sorted(cards, key=lambda card: (card.memory.retrievability(now), card.question_id))
    first_of_family: dict[int, int] = {}
    for card in ranked:
        first_of_family.setdefault(card.question.companion_of_id or card.question_id, card.question_id)
    return list(first_of_family.values())[:count]


def practice_of(question_ids: Sequence[int], *, name: str = "Practice") -> Practice:
    """Exactly these questions, as far as they are published; in this order."""
    wanted = list(dict.fromkeys(question_ids))[: choosing.SESSION_QUESTIONS]
    versions = published_versions(wanted)
    return Practice(name, [versions[pk] for pk in wanted if pk in versions])


def practice_of_topic(candidate: User, topic: Topic, *, now: datetime) -> Practice:
    """Five questions of a topic, each chosen when it is asked (sitting/adapting.py). Raises NotEnoughQuestions."""
    found = practising(candidate, candidate.reports.first(), now=now)
    chosen = [one.question_id for one in found.drill(topic.slug)]
    if len(chosen) < DRILL_QUESTIONS:
        raise NotEnoughQuestions(
            f"There are not enough published questions for “{topic.name}” ({DRILL_QUESTIONS} needed)."
        )
    of_topic = [one for one in found.choices if one.topic == topic.slug]
    versions = published_versions([one.question_id for one in of_topic])
    posterior = found.posteriors[topic.slug]
    drill = Drill(
        posterior.mean,
        posterior.variance,
        [pooled(one, versions[one.question_id], found) for one in of_topic if one.question_id in versions],
    )
    return Practice(topic.name, [versions[pk] for pk in chosen], topic=topic, drill=drill)


def pooled(choice: Choice, version: QuestionVersion, found: Practising) -> Pooled:
    levels = list(Level)
    return Pooled(
        version_id=version.pk,
        question_id=choice.question_id,
        family=choice.family,
        difficulty=found.bank[choice.question_id].difficulty,
        limit_seconds=version.limit_seconds,
        wait=0 if choice.days is None else 1 if choice.counts else 2,
        is_too_easy=levels.index(version.level) < levels.index(found.level) - 1,
    )


def drill_of_topic(candidate: User, topic: Topic, *, now: datetime) -> list[Choice]:
    return practising(candidate, candidate.reports.first(), now=now).drill(topic.slug)


def published_versions(question_ids: Sequence[int]) -> dict[int, QuestionVersion]:
    versions = QuestionVersion.objects.published().filter(question_id__in=question_ids)
    return {
        version.question_id: version
        for version in versions.select_related("question").prefetch_related("topic_links__topic")
    }
