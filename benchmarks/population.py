"""`./dev bench population`: is the report right about simulated people whose abilities are known?

People answer questions whose true difficulties stray from level and format, which is all that the model is told.
Guessing is real, questions tell people apart unequally, and topics stray in clusters. Some people score themselves too
kindly, some get better while they practise. Beside each number stands the first edition's: the same fit without
leniency and slope (`FIRST`), its rule for changes, and its practice as it was measured here (`FIRST_PRACTICE`). No
database; the same numbers at every run.
"""

import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean

from benchmarks._practice import practise
from interviews.report.statistics import change
from interviews.report.statistics.change import Comparison, Kind, Side
from interviews.report.statistics.counting import Response, count_responses, topic_weights
from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, Prior, fit_joint
from interviews.report.statistics.weakness import DEFAULT_TARGET, Estimate, Label, describe, reference
from questions.statistics import DIFFICULTY_VARIANCE, LEVEL_DIFFICULTY, Z80, day_one_difficulty, logistic

SEED = 1
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOPICS = [f"topic {number}" for number in range(12)]
CLUSTERS = 3  # of topics that stray together
QUESTIONS_A_TOPIC = 20
# (chance of a blind guess, marks that a score is made of), and how often, as in the shipped catalog: single choice,
# ordering and several right options, numeric and SQL, what is scored by rubric
FORMATS = {(0.25, 1): 22, (0.2, 4): 13, (0.02, 1): 28, (0.0, 5): 37}
DISCRIMINATION_SD = 0.3  # of its logarithm
MONTH = timedelta(days=30)

CANDIDATES = 200  # of each kind
ANSWERS, SPAN = (25, 120), timedelta(days=180)
CHANGED = 400  # people with 60 answers in one month and 40 in the next
PRACTISING = 60  # people with 16 sessions of 8

FIRST = Prior(leniency_mean=0.0, leniency_sd=1e-4, slope_sd=1e-4)  # the first edition took both for 0
FIRST_PRACTICE = (26, 0.5)  # answers that counted of 128, topics with evidence; by its code on these people

# What the second edition has to reach.
STILL_RANGES, WEAK_RIGHT, ERROR_ALLOWED = (0.77, 0.87), 0.9, 0.01
MIXED_RANGES, FAST_RANGES = 0.75, 0.66
SEEN, FALSE_ALLOWED = 0.5, 0.14
COUNTED, COVERED = 95, 11


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of people, by means and sds: points of 1 that own scores lie too high, and logits gained a month."""

    name: str
    kindness: tuple[float, float] = (0.0, 0.0)
    gain: tuple[float, float] = (0.0, 0.0)


HONEST = Sort("honest, standing still")
FAST = Sort("honest, +0.3 a month", gain=(0.3, 0.0))
MIXED = Sort("mixed: +10 ± 10 points, +0.1 ± 0.1", kindness=(0.1, 0.1), gain=(0.1, 0.1))
SORTS = [
    HONEST,
    Sort("+15 points", kindness=(0.15, 0.0)),
    Sort("+25 points", kindness=(0.25, 0.0)),
    Sort("−15 points", kindness=(-0.15, 0.0)),
    Sort("honest, +0.1 a month", gain=(0.1, 0.0)),
    FAST,
    MIXED,
]


class Item:
    """A question. `difficulty` is what the model knows; true difficulty, discrimination and guessing decide."""

    def __init__(self, number: int, topics: Sequence[str], luck: random.Random):
        self.number = number
        self.topic = topics[0]
        self.topic_weights = topic_weights(topics)
        self.level = luck.choice(list(LEVEL_DIFFICULTY))
        ((self.chance, self.marks),) = luck.choices(list(FORMATS), FORMATS.values())
        self.difficulty = day_one_difficulty(self.level, self.chance)
        self.true_difficulty = luck.gauss(LEVEL_DIFFICULTY[self.level], DIFFICULTY_VARIANCE**0.5)
        self.discrimination = math.exp(luck.gauss(0, DISCRIMINATION_SD))

    @property
    def is_closed(self) -> bool:
        return self.chance > 0

    def expected(self, ability: float) -> float:
        return self.chance + (1 - self.chance) * logistic(self.discrimination * (ability - self.true_difficulty))


class Person:
    """`abilities` are those of NOW; before it they were lower by `gain` a month."""

    def __init__(self, sort: Sort, luck: random.Random):
        general = luck.gauss(DEFAULT_PRIOR.mean, DEFAULT_PRIOR.general_sd)
        sd = DEFAULT_PRIOR.topic_sd / 2**0.5
        clusters = [luck.gauss(0, sd) for _ in range(CLUSTERS)]
        self.abilities = {
            topic: general + clusters[number % CLUSTERS] + luck.gauss(0, sd) for number, topic in enumerate(TOPICS)
        }
        self.kindness = luck.gauss(*sort.kindness)
        self.gain = luck.gauss(*sort.gain)
        self.luck = luck

    def answer(self, item: Item, at: datetime, *, lower: float = 0.0, scores_own: bool = True) -> Response:
        """`lower`: by how much all abilities were below those of NOW, besides the gain. Else a coach scores."""
        ability = sum(share * self.abilities[topic] for topic, share in item.topic_weights.items())
        p = item.expected(ability - self.gain * ((NOW - at) / MONTH) - lower)
        score = sum(self.luck.random() < p for _ in range(item.marks)) / item.marks
        if item.is_closed or not scores_own:
            return Response(item.number, at, "auto" if item.is_closed else "coach", score)
        return Response(item.number, at, "self", min(1.0, max(0.0, score + self.kindness)))


class Bank:
    def __init__(self, luck: random.Random):
        self.items: list[Item] = []
        for topic in TOPICS:
            for _ in range(QUESTIONS_A_TOPIC):
                others = luck.sample([other for other in TOPICS if other != topic], luck.choice([0, 0, 1, 2]))
                self.items.append(Item(len(self.items), [topic, *others], luck))
        intermediate = [item for item in self.items if item.level == "intermediate"]
        self.typical = {topic: [item for item in intermediate if item.topic == topic] for topic in TOPICS}
        self.references = {
            topic: reference([item.difficulty for item in items], [], LEVEL_DIFFICULTY["intermediate"])
            for topic, items in self.typical.items()
        }

    def truth(self, topic: str, ability: float) -> float:
        """The mean score of somebody with this ability in the topic on its typical questions."""
        return fmean(item.expected(ability) for item in self.typical[topic])

    def evidence(self, responses: Sequence[Response], now: datetime = NOW) -> dict[int, Evidence]:
        return {
            number: Evidence(
                self.items[number].topic_weights,
                self.items[number].difficulty,
                counted.score,
                counted.capped_weight,
                counted.self_share,
                counted.age,
            )
            for number, counted in count_responses(responses, now).items()
        }

    def estimates(self, evidence: Mapping[int, Evidence], prior: Prior) -> dict[str, Estimate]:
        """Of every topic that has enough evidence."""
        topics = fit_joint(evidence.values(), TOPICS, prior).topics
        stated = {topic: describe(topics[topic], *self.references[topic]) for topic in TOPICS}
        return {topic: one for topic, one in stated.items() if one.label != Label.NOT_ENOUGH_EVIDENCE}


# --- ranges and labels --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Right:
    """How often the report of one sort of people was right."""

    ranges: float
    error: float
    weak: float  # of those called weak
    probably_weak: float  # of those called weak or probably weak
    weak_count: int

    def __str__(self) -> str:
        return f"{self.ranges:7.3f} {self.error:7.3f} {self.weak:7.3f} {self.probably_weak:7.3f} {self.weak_count:6}"


def right(found: Sequence[tuple[Estimate, float]]) -> Right:
    """From (estimate, true expected score) of every topic with an estimate."""
    weak = [true for one, true in found if one.label == Label.WEAK]
    below = [true for one, true in found if one.label in (Label.WEAK, Label.PROBABLY_WEAK)]
    return Right(
        ranges=fmean(one.low <= true <= one.high for one, true in found),
        error=fmean(abs(one.mastery - true) for one, true in found),
        weak=fmean(true < DEFAULT_TARGET for true in weak),
        probably_weak=fmean(true < DEFAULT_TARGET for true in below),
        weak_count=len(weak),
    )


def reports(sort: Sort, bank: Bank) -> tuple[Right, Right]:
    """The second edition's and the first's."""
    found, found_first = [], []
    luck = random.Random(f"{SEED} {sort.name}")  # noqa: S311 – a simulation to be repeated
    for _ in range(CANDIDATES):
        person = Person(sort, luck)
        asked = luck.sample(bank.items, luck.randint(*ANSWERS))
        evidence = bank.evidence([person.answer(item, NOW - luck.random() * SPAN) for item in asked])
        for prior, kept in ((DEFAULT_PRIOR, found), (FIRST, found_first)):
            kept += [
                (one, bank.truth(topic, person.abilities[topic]))
                for topic, one in bank.estimates(evidence, prior).items()
            ]
    return right(found), right(found_first)


# --- changes --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Said:
    """What was said of people who rose by so much between two months: shares of topics, and of reports."""

    up: float
    down: float
    better: float
    worse: float
    first_up: float
    first_down: float


def changes(rise: float, bank: Bank, *, scores_own: bool) -> Said:
    kinds, overall, first = [], [], []
    luck = random.Random(f"{SEED} rise {rise}")  # noqa: S311 – a simulation to be repeated
    for _ in range(CHANGED):
        person = Person(HONEST, luck)
        asked = luck.sample(bank.items, 100)
        old = [
            person.answer(item, NOW - MONTH * (1 + luck.random()), lower=rise, scores_own=scores_own)
            for item in asked[:60]
        ]
        new = [person.answer(item, NOW - MONTH * luck.random(), scores_own=scores_own) for item in asked[60:]]
        sides = [bank.evidence(responses) for responses in (old, [*old, *new])]
        before, after = (Side(side, fit_joint(side.values(), TOPICS), len(side)) for side in sides)
        comparison = Comparison(before, after)
        moved = [comparison.of_topic(topic) for topic in TOPICS]
        kinds += [one.kind for one in moved if one and one.kind != Kind.FIRST_ESTIMATE]
        overall.append(comparison.overall_z or 0)
        first += first_changes(*(bank.estimates(side, FIRST) for side in sides))
    shares = [fmean(kind == wanted for kind in kinds) for wanted in (Kind.UP, Kind.DOWN)]
    better, worse = (fmean(way * z >= change.OVERALL_Z for z in overall) for way in (1, -1))
    return Said(*shares, better, worse, fmean(way > 0 for way in first), fmean(way < 0 for way in first))


def first_changes(before: Mapping[str, Estimate], after: Mapping[str, Estimate]) -> Iterator[int]:
    """The first edition's rule: the midpoint of the range moved by more than the sd of the difference."""
    for topic in before.keys() & after:
        old, new = before[topic], after[topic]
        moved = (new.low + new.high - old.low - old.high) / 2
        sd = math.hypot(new.high - new.low, old.high - old.low) / 2 / Z80
        yield 0 if abs(moved) <= sd else 1 if moved > 0 else -1


# --- all of it --------------------------------------------------------------------------------------------


def main() -> int:
    bank = Bank(random.Random(SEED))  # noqa: S311 – a simulation to be repeated
    failed: list[str] = []

    def want(what: str, is_reached: bool) -> None:
        if not is_reached:
            failed.append(what)

    sys.stdout.write(
        f"{CANDIDATES} people each, {ANSWERS[0]} to {ANSWERS[1]} answers in {SPAN.days} days; "
        "below each: first edition\n"
        f"{'':36} {'ranges':>7} {'error':>7} {'weak ok':>7} {'prob ok':>7} {'n weak':>6}\n"
    )
    found = {sort: reports(sort, bank) for sort in SORTS}
    for sort, (second, first) in found.items():
        sys.stdout.write(f"{sort.name:36} {second}\n{'':36} {first}\n")
    second, first = found[HONEST]
    want(f"honest ranges {STILL_RANGES}", STILL_RANGES[0] <= second.ranges <= STILL_RANGES[1])
    want(f"“weak” right {WEAK_RIGHT}", second.weak >= WEAK_RIGHT)
    want(f"honest people lose at most {ERROR_ALLOWED} in error", second.error <= first.error + ERROR_ALLOWED)
    want(f"mixed ranges {MIXED_RANGES}", found[MIXED][0].ranges >= MIXED_RANGES)
    want(f"+0.3 ranges {FAST_RANGES}", found[FAST][0].ranges >= FAST_RANGES)

    sys.stdout.write(f"\n{CHANGED} people, 60 + 40 answers in two months; shares of topics, of reports\n")
    columns = f"{'up':>7} {'down':>7} {'better':>7} {'worse':>7} {'first: up':>10} {'down':>7}"
    sys.stdout.write(f"{'open answers scored by':>22} {'true rise':>10} {columns}\n")
    for scores_own, who in ((False, "a coach"), (True, "themselves")):
        said = {rise: changes(rise, bank, scores_own=scores_own) for rise in (0.0, 0.5, 1.0)}
        for rise, one in said.items():
            numbers = f"{one.up:7.3f} {one.down:7.3f} {one.better:7.3f} {one.worse:7.3f}"
            numbers += f" {one.first_up:10.3f} {one.first_down:7.3f}"
            sys.stdout.write(f"{who:>22} {rise:10.1f} {numbers}\n")
        want(f"false changes {FALSE_ALLOWED}, scored by {who}", said[0.0].up + said[0.0].down <= FALSE_ALLOWED)
        want(f"+1 logit seen overall {SEEN}, scored by {who}", said[1.0].better >= SEEN)

    people = [Person(HONEST, random.Random(f"{SEED} {n}")) for n in range(PRACTISING)]  # noqa: S311 – as above
    counted, covered = practise(bank, people, NOW)
    sys.stdout.write(
        f"\n{PRACTISING} people practise 16 times 8 questions, every third day\n"
        f"answers that count: {counted:.0f} of 128 (first {FIRST_PRACTICE[0]:.0f}, wanted {COUNTED})\n"
        f"topics with evidence: {covered:.1f} of {len(TOPICS)} (first {FIRST_PRACTICE[1]:.1f}, wanted {COVERED})\n"
    )
    want(f"practice that counts {COUNTED}", counted >= COUNTED)
    want(f"topics with evidence {COVERED}", covered >= COVERED)
    sys.stdout.write("".join(f"NOT reached: {what}\n" for what in failed) or "ok\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
