"""For `population`: people who practise what the site proposes, eight questions every third day."""

from datetime import datetime, timedelta
from statistics import fmean

from interviews.report.statistics import choosing
from interviews.report.statistics.choosing import Choice, TopicNeed
from interviews.report.statistics.counting import REPEAT_AFTER, Response
from interviews.report.statistics.fitting import fit_joint
from interviews.report.statistics.recall import GradedAttempt, remember
from interviews.report.statistics.weakness import (
    DEFAULT_TARGET,
    MIN_TOPIC_EVIDENCE,
    describe,
    expected_score,
)

SESSIONS, EVERY = 16, timedelta(days=3)


def practise(bank, people, now: datetime) -> tuple[float, float]:
    """Answers that count in the report, and topics with enough evidence for a label, in the mean of the people."""
    counted, covered = [], []
    for person in people:
        history: list[Response] = []
        for number in range(SESSIONS):
            at = now - EVERY * (SESSIONS - number)
            history += [person.answer(bank.items[pk], at) for pk in proposed(bank, history, at)]
        topics = fit_joint(bank.evidence(history, now).values(), bank.references).topics
        counted.append(count(history))
        covered.append(sum(one.evidence >= MIN_TOPIC_EVIDENCE for one in topics.values()))
    return fmean(counted), fmean(covered)


def proposed(bank, history: list[Response], at: datetime) -> list[int]:
    """As interviews/report/practice.py does it from the database."""
    evidence = bank.evidence(history, at)
    fit = fit_joint(evidence.values(), bank.references)
    needs = {}
    for topic, beside in bank.references.items():
        posterior = fit.topics[topic]
        stated = describe(posterior, *beside, DEFAULT_TARGET, count(history))
        needs[topic] = TopicNeed(stated.p_weak, posterior.variance, posterior.evidence, stated.label)
    attempts: dict[int, list[Response]] = {}
    for response in history:
        attempts.setdefault(response.question, []).append(response)
    choices = []
    for item in bank.items:
        tried = attempts.get(item.number, [])
        days = (at - max(one.answered_at for one in tried)).days if tried else None
        memory = remember([GradedAttempt(one.answered_at, one.score) for one in tried])
        weight = evidence[item.number].weight if item.number in evidence else 0.0
        choices.append(
            Choice(
                question_id=item.number,
                family=item.number,
                topic=item.topic,
                topic_weight=item.topic_weights[item.topic],
                is_closed=item.is_closed,
                expected=expected_score(fit.topics[item.topic], item.difficulty),
                worth=choosing.worth(days, weight),
                days=days,
                recalled=memory.retrievability(at) if memory else None,
                is_due=memory is not None and memory.due_at <= at,
            )
        )
    chosen = choosing.session(choices, needs)
    return [one.question_id for one in (*chosen.measuring, *chosen.reviews)]


def count(history: list[Response]) -> int:
    """Of answers that are graded at once: the first to a question, and those 21 days after the one before."""
    last: dict[int, datetime] = {}
    counted = 0
    for response in sorted(history, key=lambda one: one.answered_at):
        previous = last.get(response.question)
        counted += previous is None or response.answered_at - previous >= REPEAT_AFTER
        last[response.question] = response.answered_at
    return counted
