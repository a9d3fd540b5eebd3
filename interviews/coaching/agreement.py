"""How far two coaches mark alike: weighted kappa with its 80% range. Pure functions, no Django (docs/statistics.md).

With n pairs of marks, o_ij the share in which the first coach marked i and the second j, and e_ij = o_i. o_.j the
share to be expected if the two had marked independently,

    kappa = 1 - sum w_ij o_ij / sum w_ij e_ij,     w_ij = |worth_i - worth_j|

(Cohen 1968, "Weighted kappa", Psychological Bulletin 70, 213-220). The weights are linear: a disagreement counts for
what it moves in a score, where partly is worth half a hit. Quadratic weights would count hit against missed four
times as much as one step, which no score here does.

The marks on one answer hang together, so the range comes from the jackknife that leaves out one answer at a time:

    se^2 = (g - 1)/g  sum_a (kappa_-a - mean kappa_-)^2     for g answers (Efron and Stein 1981, Annals of Statistics 9)

and is kappa -+ Student's t (g - 1 degrees of freedom) times se.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from questions.statistics import Z80

# Below either, no estimate is stated.
FEWEST_MARKS = 30
FEWEST_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """`table` counts (first coach's mark, second's). `kappa` is None below the minimum and where both used one and
    the same mark only; the range also where they never differed."""

    marks: int
    answers: int
    alike: int
    table: Mapping[tuple[str, str], int]
    kappa: float | None
    low: float | None
    high: float | None

    @property
    def is_enough(self) -> bool:
        return self.marks >= FEWEST_MARKS and self.answers >= FEWEST_ANSWERS


def agreement(pairs: Iterable[tuple[Hashable, str, str]], worth: Mapping[str, float]) -> Agreement:
    """`pairs`: (answer, the first coach's mark, the second's) of every point that both marked, in any order."""
    by_answer: dict[Hashable, Counter] = defaultdict(Counter)
    for answer, first, second in pairs:
        by_answer[answer][first, second] += 1
    table = sum(by_answer.values(), Counter())
    marks, alike = table.total(), sum(count for (first, second), count in table.items() if first == second)
    found = Agreement(marks, len(by_answer), alike, table, None, None, None)
    if not found.is_enough:
        return found
    kappa = weighted_kappa(table, worth)
    low, high = _range(kappa, table, by_answer.values(), worth) if kappa is not None and alike < marks else (None, None)
    return Agreement(marks, len(by_answer), alike, table, kappa, low, high)


def weighted_kappa(table: Mapping[tuple[str, str], int], worth: Mapping[str, float]) -> float | None:
    """None where chance alone would give no disagreement: both coaches used one and the same mark throughout."""
    firsts, seconds = Counter(), Counter()
    for (first, second), count in table.items():
        firsts[first] += count
        seconds[second] += count
    total = firsts.total()
    observed = math.fsum(count * abs(worth[first] - worth[second]) for (first, second), count in table.items())
    expected = math.fsum(
        firsts[first] * seconds[second] * abs(worth[first] - worth[second]) for first in firsts for second in seconds
    )
    return 1 - total * observed / expected if expected else None


def _range(kappa: float, table: Counter, answers: Iterable[Counter], worth) -> tuple[float | None, float | None]:
    without_one = [weighted_kappa(table - answer, worth) for answer in answers]
    if None in without_one:
        return None, None
    groups = len(without_one)
    mean = math.fsum(without_one) / groups
    variance = (groups - 1) / groups * math.fsum((one - mean) ** 2 for one in without_one)
    reach = t80(groups - 1) * math.sqrt(variance)
    return max(-1.0, kappa - reach), min(1.0, kappa + reach)


def t80(degrees: int) -> float:
    """The 0.9 quantile of Student's t: the Cornish-Fisher expansion, within 0.001 from 4 degrees of freedom on."""
    z, n = Z80, degrees
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )
