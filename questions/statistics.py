"""Difficulty and item statistics of questions: pure functions, no Django (docs/statistics.md).

Difficulties are on the logit scale of the weakness report: a candidate of ability `a` is expected to score
`logistic(a - b)` on a question of difficulty `b`, and 0 is the site's average candidate. All statistics here
rest on *first attempts*, as Moodle recommends for its own: a repeat tells about memory, not the question.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist, covariance, fmean, median, stdev, variance

LEVEL_DIFFICULTY: Mapping[str, float] = {"beginner": -0.9, "intermediate": 0.0, "advanced": 0.9}

# What is taken of everybody, in logits, while no night has learnt it from a site's own people: how much higher own
# scores are than a coach's, and how fast a general level changes in 30 days.
SITE_LENIENCY, SITE_SLOPE = 0.2, 0.0

# Half the width of an 80 % range in standard deviations: 10 % of the probability lies outside on each side.
Z80 = 1.2816
normal_cdf = NormalDist().cdf

MAX_STEP = 2.0  # logits; a longer Newton step can overshoot into a cycle
MAX_ROUNDS = 50
TOLERANCE = 1e-8

DIFFICULTY_VARIANCE = 0.49  # of a question around its day-one difficulty
LEVEL_DEFAULT_WEIGHT = 5  # a level's default mean counts as much as this many questions

MIN_OTHER_ATTEMPTS = 7  # of a candidate, before the rest of an answer says anything
FACILITY_SHOWN_FROM = 10
DISCRIMINATION_SHOWN_FROM = 30


def logistic(x: float) -> float:
    """1 / (1 + e^-x), without overflow at either end."""
    return 0.5 * (1 + math.tanh(x / 2))


def logit(p: float) -> float:
    """ln(p / (1 - p)), for 0 < p < 1."""
    return math.log(p / (1 - p))


def attenuation(variance: float) -> float:
    """sqrt(1 + pi * variance / 8).

    The mean of logistic(x) over x ~ N(m, variance) is about logistic(m / attenuation(variance))
    (MacKay 1992, "The evidence framework applied to classification networks").
    """
    return math.sqrt(1 + math.pi * variance / 8)


# Difficulty


def format_difficulty(chance: float) -> float:
    """-logit((1 + c) / 2): how much easier guessing makes a question, in logits (0 or less).

    `chance` in [0, 1) is the score of a blind guess: 1/k for one of k options, 0 for free text.
    """
    return -logit((1 + chance) / 2)


def day_one_difficulty(level: str, chance: float, level_difficulty: Mapping[str, float] = LEVEL_DIFFICULTY) -> float:
    """b0 = level + format: the difficulty, in logits, before anyone has answered the question."""
    return level_difficulty[level] + format_difficulty(chance)


@dataclass(frozen=True, slots=True)
class Cell:
    """First attempts of one question by candidates of about the same ability (bins 0.25 logits wide)."""

    ability: float  # centre of the bin, logits
    count: int
    score_sum: float
    ability_variance: float = 0.0  # mean posterior variance of these candidates' abilities


@dataclass(frozen=True, slots=True)
class Difficulty:
    value: float  # logits
    standard_error: float


def estimate_difficulty(cells: Sequence[Cell], day_one: float, variance: float = DIFFICULTY_VARIANCE) -> Difficulty:
    """The question's difficulty from its first attempts, shrunk to its day-one difficulty.

    The mode of sum(S ln q + (n - S) ln(1 - q)) - (b - b0)^2 / (2 * variance), with q = logistic(k (x - b)) and
    k = 1 / attenuation(v), by Newton steps. Without attempts this is the day-one difficulty with error 0.7.
    """
    b = day_one
    for _ in range(MAX_ROUNDS):
        slopes, curvatures = [(day_one - b) / variance], [1 / variance]
        for cell in cells:
            k = 1 / attenuation(cell.ability_variance)
            q = logistic(k * (cell.ability - b))
            slopes.append(-k * (cell.score_sum - cell.count * q))
            curvatures.append(k * k * cell.count * q * (1 - q))
        curvature = math.fsum(curvatures)
        step = max(-MAX_STEP, min(MAX_STEP, math.fsum(slopes) / curvature))
        b += step
        if abs(step) < TOLERANCE:
            break
    return Difficulty(b, 1 / math.sqrt(curvature))


def estimate_level(default: float, questions: Iterable[tuple[float, float]]) -> float:
    """A level's mean difficulty from its (difficulty, chance) pairs: (sum(b - format) + 5 * default) / (n + 5).

    Always give the default of LEVEL_DIFFICULTY, not last night's estimate, or the ridge creeps.
    """
    net = [difficulty - format_difficulty(chance) for difficulty, chance in questions]
    return (math.fsum(net) + LEVEL_DEFAULT_WEIGHT * default) / (len(net) + LEVEL_DEFAULT_WEIGHT)


# Item statistics


@dataclass(frozen=True, slots=True)
class FirstAttempt:
    score: float  # 0 to 1
    rest: float | None = None  # how the same candidate did elsewhere: form_rests or history_rests
    time_ratio: float | None = None  # seconds used / seconds allotted; None when untimed
    is_timed_out: bool = False
    option: str | None = None  # the option chosen, in a single choice


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """What the first attempts say of a question. A None needs more attempts, or some variation in them."""

    count: int
    facility: float | None  # mean score
    facility_sd: float | None
    facility_se: float | None
    rest_count: int  # attempts with a known rest: those behind the discrimination
    discrimination: float | None  # %, -100 to 100
    discrimination_low: float | None  # %, 80 % range
    discrimination_high: float | None
    efficiency: float | None  # discriminative efficiency, %
    timed_count: int
    timeout_count: int
    median_time_ratio: float | None
    ambiguous_options: tuple[str, ...]  # wrong options that the better half prefers to the key


def item_statistics(attempts: Sequence[FirstAttempt], key: str | None = None) -> ItemStatistics:
    """Facility, discrimination and timing of one question; `key` is the right option of a single choice."""
    scores = [attempt.score for attempt in attempts]
    with_rest = [(attempt.score, attempt.rest) for attempt in attempts if attempt.rest is not None]
    xs, rests = [score for score, _ in with_rest], [rest for _, rest in with_rest]
    ratios = [attempt.time_ratio for attempt in attempts if attempt.time_ratio is not None]
    sd = stdev(scores) if len(scores) > 1 else None
    dis = discrimination_index(xs, rests)
    low, high = (None, None) if dis is None else discrimination_range(dis, len(xs))
    return ItemStatistics(
        count=len(scores),
        facility=fmean(scores) if scores else None,
        facility_sd=sd,
        facility_se=None if sd is None else sd / math.sqrt(len(scores)),
        rest_count=len(xs),
        discrimination=dis,
        discrimination_low=low,
        discrimination_high=high,
        efficiency=discriminative_efficiency(xs, rests),
        timed_count=len(ratios),
        timeout_count=sum(attempt.is_timed_out for attempt in attempts if attempt.time_ratio is not None),
        median_time_ratio=median(ratios) if ratios else None,
        ambiguous_options=_ambiguous_options(attempts, key) if key is not None else (),
    )


def discrimination_index(scores: Sequence[float], rests: Sequence[float]) -> float | None:
    """100 * cov(x, rest) / sqrt(var x * var rest): the corrected point-biserial correlation in per cent.

    None when either does not vary. Moodle: question/classes/statistics/questions/calculator.php.
    """
    if not (_varies(scores) and _varies(rests)):
        return None
    return 100 * covariance(scores, rests) / math.sqrt(variance(scores) * variance(rests))


def discriminative_efficiency(scores: Sequence[float], rests: Sequence[float]) -> float | None:
    """100 * cov(x, rest) / the covariance after sorting each by itself; None when that is 0. As in Moodle.

    100 % means: as much discrimination as these marks allow. Part credit can bring it below -100 %.
    """
    if not (_varies(scores) and _varies(rests)):
        return None
    return 100 * covariance(scores, rests) / covariance(sorted(scores), sorted(rests))


def discrimination_range(index: float, count: int) -> tuple[float, float]:
    """80 % range in per cent by Fisher's z: tanh(atanh(r) -+ 1.2816 / sqrt(n - 3)); all of it for n <= 3."""
    if count <= 3:
        return -100.0, 100.0
    # Rounding can put a perfect correlation a hair beyond 1, where atanh ends.
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, index / 100)))
    half = Z80 / math.sqrt(count - 3)
    return 100 * math.tanh(z - half), 100 * math.tanh(z + half)


def form_rests(scores: Sequence[float]) -> list[float]:
    """Moodle's rest for a fixed form: a candidate's total without each question in turn."""
    total = math.fsum(scores)
    return [total - score for score in scores]


def history_rests(
    histories: Mapping[Hashable, Mapping[Hashable, float]],
) -> dict[Hashable, list[tuple[float, float]]]:
    """Question to (score, rest) pairs, where candidates answered different questions.

    `histories` maps a candidate to their first attempts, question to score. The rest of an answer is the mean
    of score - facility over the candidate's other first attempts; those with fewer than 7 others are left out.
    """
    scores = defaultdict(list)
    for history in histories.values():
        for question, score in history.items():
            scores[question].append(score)
    facility = {question: fmean(values) for question, values in scores.items()}
    pairs = defaultdict(list)
    for history in histories.values():
        others = len(history) - 1
        if others < MIN_OTHER_ATTEMPTS:
            continue
        surplus = {question: score - facility[question] for question, score in history.items()}
        total = math.fsum(surplus.values())
        for question, score in history.items():
            pairs[question].append((score, (total - surplus[question]) / others))
    return dict(pairs)


def _varies(values: Sequence[float]) -> bool:
    return len(values) > 1 and variance(values) > 1e-12  # rests of equal candidates differ by rounding


def _ambiguous_options(attempts: Sequence[FirstAttempt], key: str) -> tuple[str, ...]:
    """Wrong options chosen more often than the key by the candidates at or above the median rest."""
    chosen = [(attempt.rest, attempt.option) for attempt in attempts if attempt.rest is not None]
    if not chosen:
        return ()
    middle = median(rest for rest, _ in chosen)
    votes = Counter(option for rest, option in chosen if rest >= middle and option is not None)
    return tuple(sorted(option for option in votes if votes[option] > votes[key]))


# Flags for curators


class Flag(StrEnum):
    """A reason to read the question again, not a verdict. Never shown to candidates."""

    CHECK_THE_KEY = "check the key"
    TELLS_LITTLE_APART = "tells little apart"
    TOO_EASY = "too easy for its level"
    TOO_HARD = "too hard for its level"
    LEVEL_LOOKS_WRONG = "level looks wrong"
    TIME_TOO_SHORT = "time too short"
    AMBIGUOUS_OPTION = "ambiguous option"


def flags(item: ItemStatistics, *, chance: float, difficulty: Difficulty, day_one: float) -> list[Flag]:
    """The flags of a question; each waits for as many first attempts as it needs to be rarely wrong."""
    raised = []
    if item.discrimination_high is not None:
        if item.rest_count >= 20 and item.discrimination_high < 0:
            raised.append(Flag.CHECK_THE_KEY)
        if item.rest_count >= 50 and item.discrimination_high < 15:
            raised.append(Flag.TELLS_LITTLE_APART)
    if item.count >= 30:
        if item.facility - 2 * item.facility_se > 0.95:
            raised.append(Flag.TOO_EASY)
        if item.facility + 2 * item.facility_se < chance + 0.05:
            raised.append(Flag.TOO_HARD)
        if abs(difficulty.value - day_one) > max(1.0, 2 * difficulty.standard_error):
            raised.append(Flag.LEVEL_LOOKS_WRONG)
    if (
        item.timed_count >= 20
        and item.timeout_count / item.timed_count > 0.25
        and timeout_share(item.timeout_count, item.timed_count).low > 0.15
    ):
        raised.append(Flag.TIME_TOO_SHORT)
    if item.rest_count >= 50 and item.ambiguous_options:
        raised.append(Flag.AMBIGUOUS_OPTION)
    return raised


# Time-outs


@dataclass(frozen=True, slots=True)
class TimeoutShare:
    share: float  # expected share of answers that time ends
    low: float  # 80 % range
    high: float


def timeout_share(timeouts: int, answers: int) -> TimeoutShare:
    """Under a Beta(1, 9) prior: share (k + 1) / (n + 10), range from the quantiles of Beta(k + 1, n - k + 9)."""
    a, b = timeouts + 1, answers - timeouts + 9
    return TimeoutShare(a / (a + b), beta_quantile(0.1, a, b), beta_quantile(0.9, a, b))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with P(X <= x) = probability for X ~ Beta(a, b), by bisection to 1e-12."""
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction of the mirrored function converges fast
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # Lentz's method: c and d are the ratios of successive numerators and denominators.
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            c, d = 1 + term / c, 1 / (1 + term * d)
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction / a
