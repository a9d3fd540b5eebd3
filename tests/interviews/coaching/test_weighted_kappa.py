"""Weighted kappa and its range, against an example worked out by hand."""

import random
from collections import Counter

import pytest

from interviews.coaching.agreement import FEWEST_ANSWERS, FEWEST_MARKS, agreement, t80, weighted_kappa

WORTH = {"hit": 1.0, "partly": 0.5, "missed": 0.0}


def pairs_of(table: dict[tuple[str, str], int], answers: int = FEWEST_ANSWERS) -> list[tuple]:
    """The pairs of a table, dealt out to so many answers in turn."""
    pairs = [pair for pair, count in table.items() for _ in range(count)]
    return [(place % answers, *pair) for place, pair in enumerate(pairs)]


# The first coach gave 10 hit, 10 partly, 10 missed; the second 12, 9, 9.
#
#            hit  partly  missed
#   hit        8       2       0    disagreement seen: (2 + 3 + 1 + 1) x 1/2 + 1 x 1 = 4.5
#   partly     3       6       1    by chance, times 30:
#   missed     1       1       8        hit and partly       (10 x 9 + 10 x 12) x 1/2 = 105
#                                       partly and missed    (10 x 9 + 10 x 9) x 1/2  =  90
#                                       hit and missed        10 x 9 + 10 x 12         = 210
# so kappa = 1 - 30 x 4.5 / 405 = 2/3.
BY_HAND = {
    ("hit", "hit"): 8,
    ("hit", "partly"): 2,
    ("partly", "hit"): 3,
    ("partly", "partly"): 6,
    ("partly", "missed"): 1,
    ("missed", "hit"): 1,
    ("missed", "partly"): 1,
    ("missed", "missed"): 8,
}


def test_kappa_is_what_the_formula_gives_by_hand():
    assert weighted_kappa(BY_HAND, WORTH) == pytest.approx(2 / 3)
    found = agreement(pairs_of(BY_HAND), WORTH)
    assert (found.marks, found.answers, found.alike) == (30, FEWEST_ANSWERS, 22)
    assert found.kappa == pytest.approx(2 / 3)
    assert found.low < found.kappa < found.high


def test_full_agreement_is_1_chance_is_0_and_opposition_below_it():
    assert weighted_kappa({("hit", "hit"): 5, ("missed", "missed"): 5}, WORTH) == 1
    independent = {(first, second): 4 for first in WORTH for second in WORTH}
    assert weighted_kappa(independent, WORTH) == pytest.approx(0)
    assert weighted_kappa({("hit", "missed"): 5, ("missed", "hit"): 5}, WORTH) == pytest.approx(-1)


def test_two_steps_apart_count_twice_as_much_as_one():
    """All else equal: by chance alone both would disagree as much."""
    one_step = {("hit", "hit"): 4, ("missed", "missed"): 4, ("hit", "partly"): 1, ("missed", "partly"): 1}
    near, far = (
        1 - weighted_kappa(table, WORTH)
        for table in (
            one_step,
            {("hit", "hit"): 4, ("missed", "missed"): 4, ("hit", "missed"): 1, ("missed", "hit"): 1},
        )
    )
    assert far == pytest.approx(2 * near)


def test_below_the_minimum_of_marks_or_answers_nothing_is_stated():
    few = agreement([(answer, "hit", "missed") for answer in range(FEWEST_MARKS - 1)], WORTH)
    narrow = agreement([(place % (FEWEST_ANSWERS - 1), "hit", "missed") for place in range(FEWEST_MARKS)], WORTH)
    for found in (few, narrow, agreement([], WORTH)):
        assert (found.is_enough, found.kappa, found.low, found.high) == (False, None, None, None)


def test_one_mark_throughout_has_no_kappa_and_full_agreement_no_range():
    same = agreement(pairs_of({("hit", "hit"): FEWEST_MARKS}), WORTH)
    assert (same.is_enough, same.kappa) == (True, None)
    alike = agreement(pairs_of({("hit", "hit"): 20, ("missed", "missed"): 20}), WORTH)
    assert (alike.kappa, alike.low, alike.high) == (1, None, None)


def test_neither_order_nor_who_is_first_changes_anything():
    pairs = pairs_of(BY_HAND, answers=12)
    shuffled = random.Random(1).sample(pairs, len(pairs))
    turned = [(answer, second, first) for answer, first, second in pairs]
    found = agreement(pairs, WORTH)
    for other in (agreement(shuffled, WORTH), agreement(turned, WORTH)):
        assert (other.kappa, other.low, other.high) == pytest.approx((found.kappa, found.low, found.high))


def test_the_range_holds_the_true_kappa_four_times_in_five():
    """400 samples of 15 answers with 3 points each, whose marks hang together; the truth from a large one."""
    luck = random.Random(7)

    def sample(answers: int) -> list[tuple]:
        pairs = []
        for answer in range(answers):
            level = luck.gauss(0, 1)
            for _ in range(3):
                quality = level + luck.gauss(0, 0.7)
                seen = [quality + luck.gauss(0, 0.8) for _ in range(2)]
                pairs.append((answer, *("hit" if x > 0.5 else "partly" if x > -0.5 else "missed" for x in seen)))
        return pairs

    truth = weighted_kappa(Counter((first, second) for _, first, second in sample(10_000)), WORTH)
    held = [found.low <= truth <= found.high for found in (agreement(sample(15), WORTH) for _ in range(400))]
    assert sum(held) / len(held) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("degrees", "quantile"), [(4, 1.5332), (9, 1.3830), (29, 1.3114), (1000, 1.2824)])
def test_the_quantile_is_students(degrees, quantile):
    assert t80(degrees) == pytest.approx(quantile, abs=0.001)
