"""`./dev bench population`: is the report right about simulated people whose abilities are known?

300 candidates answer questions whose true difficulties stray from level and format, which is all that the model
is told. Printed: how often the 80 % ranges hold the truth (wanted 0.77–0.87), and how often "weak" is right
(wanted at least 0.90). No database; the same numbers at every run.
"""

import random
import sys
from datetime import UTC, datetime, timedelta

from interviews.report.statistics.weakness import (
    DEFAULT_PRIOR,
    DEFAULT_TARGET,
    Evidence,
    Label,
    Response,
    count_responses,
    describe,
    fit,
    reference,
    topic_weights,
)
from questions.statistics import DIFFICULTY_VARIANCE, LEVEL_DIFFICULTY, day_one_difficulty, logistic

SEED = 1
CANDIDATES = 300
TOPICS = [f"topic {number}" for number in range(10)]
QUESTIONS_A_TOPIC = 40
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# (chance of a blind guess, marks that a score is made of), as in single choice, numeric and free text
FORMATS = [(0.25, 1), (0.02, 1), (0.0, 5)]
RANGES_WANTED = (0.77, 0.87)
PRECISION_WANTED = 0.9


class Item:
    """A question. `difficulty` is what the model knows, `true_difficulty` what decides."""

    def __init__(self, topics: list[str], luck: random.Random):
        self.topic_weights = topic_weights(topics)
        self.level = luck.choice(list(LEVEL_DIFFICULTY))
        self.chance, self.marks = luck.choice(FORMATS)
        self.difficulty = day_one_difficulty(self.level, self.chance)
        self.true_difficulty = luck.gauss(self.difficulty, DIFFICULTY_VARIANCE**0.5)

    def expected(self, abilities: dict[str, float]) -> float:
        ability = sum(share * abilities[topic] for topic, share in self.topic_weights.items())
        return logistic(ability - self.true_difficulty)

    def answered(self, abilities: dict[str, float], luck: random.Random) -> float:
        p = self.expected(abilities)
        return sum(luck.random() < p for _ in range(self.marks)) / self.marks


def bank(luck: random.Random) -> list[Item]:
    items = []
    for topic in TOPICS:
        for _ in range(QUESTIONS_A_TOPIC):
            others = luck.sample([other for other in TOPICS if other != topic], luck.choice([0, 0, 1, 2]))
            items.append(Item([topic, *others], luck))
    return items


def report(items: list[Item], abilities: dict[str, float], luck: random.Random):
    """(estimate, the true expected score) of every topic that has one."""
    asked = luck.sample(range(len(items)), luck.randint(25, 120))
    responses = [
        Response(
            question=number,
            answered_at=NOW - timedelta(days=luck.uniform(0, 180)),
            graded_by="self" if items[number].marks > 1 else "auto",
            score=items[number].answered(abilities, luck),
        )
        for number in asked
    ]
    evidence = [
        Evidence(items[number].topic_weights, items[number].difficulty, counted.score, counted.capped_weight)
        for number, counted in count_responses(responses, NOW).items()
    ]
    posteriors = fit(evidence, TOPICS)
    for topic in TOPICS:
        typical = [item for item in items if item.level == "intermediate" and next(iter(item.topic_weights)) == topic]
        mean, variance = reference([item.difficulty for item in typical], [], LEVEL_DIFFICULTY["intermediate"])
        estimate = describe(posteriors[topic], mean, variance)
        if estimate.label != Label.NOT_ENOUGH_EVIDENCE:
            yield estimate, truth(abilities[topic], typical)


def truth(ability: float, typical: list[Item]) -> float:
    """The mean score of somebody with this ability in the topic on its typical questions."""
    return sum(logistic(ability - item.true_difficulty) for item in typical) / len(typical)


def main() -> int:
    luck = random.Random(SEED)  # noqa: S311 – a simulation to be repeated
    items = bank(luck)
    found = []
    for _ in range(CANDIDATES):
        general = luck.gauss(DEFAULT_PRIOR.mean, DEFAULT_PRIOR.general_sd)
        abilities = {topic: general + luck.gauss(0, DEFAULT_PRIOR.topic_sd) for topic in TOPICS}
        found += report(items, abilities, luck)
    held = sum(estimate.low <= true <= estimate.high for estimate, true in found)
    weak = [true for estimate, true in found if estimate.label == Label.WEAK]
    right = sum(true < DEFAULT_TARGET for true in weak)
    coverage, precision = held / len(found), right / len(weak)
    is_good = RANGES_WANTED[0] <= coverage <= RANGES_WANTED[1] and precision >= PRECISION_WANTED
    sys.stdout.write(
        f"{CANDIDATES} candidates, {len(found)} topics with enough evidence\n"
        f"80 % ranges that hold the truth: {coverage:.3f} (wanted {RANGES_WANTED[0]}–{RANGES_WANTED[1]})\n"
        f"“weak” that is right: {precision:.3f} of {len(weak)} (wanted at least {PRECISION_WANTED})\n"
        f"{'ok' if is_good else 'NOT as wanted'}\n"
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
