"""questions.matching.authoring: what an author is warned of."""

import pytest

from questions.matching.authoring import warnings
from questions.matching.lexical import Point
from questions.matching.weights import Weights

SAYS = ("states that a penalty pulls the weights to zero", "the penalty pulls them towards zero")
FINE = Point("States that a penalty pulls the weights to zero", SAYS)
WEIGHTS = Weights.of([])


def said(*points, wrongs=()):
    return [why for _, why in warnings(WEIGHTS, points, wrongs)]


def test_a_good_point_is_not_warned_of():
    assert said(FINE) == []


@pytest.mark.parametrize(
    ("point", "start"),
    [
        (Point("States " + "very " * 20 + "much", SAYS), "is too long to match well: 22"),
        (Point("States that it is so and explains why", SAYS), "looks like two claims"),
        (Point("States that a penalty pulls the weights to zero"), "0 of at least 2"),
        (
            Point("States that a penalty pulls the weights to zero", ("the ridge", "weight decay")),
            "has no paraphrase of 3",
        ),
        (Point("States that more data help", SAYS), "has a direction"),
    ],
)
def test_each_kind_of_fault_is_said(point, start):
    assert any(why.startswith(start) for why in said(point))


def test_a_direction_is_fine_once_a_misconception_says_the_opposite():
    assert said(Point("States that more data help", SAYS), wrongs=["Less data help"]) == []


def test_two_points_that_are_too_much_alike_are_named():
    one = Point("States that L2 penalises weights", ("the ridge shrinks coefficients", "pulled to zero"))
    other = Point("States that L1 penalises weights", ("the lasso drops useless columns", "feature selection"))
    assert list(warnings(WEIGHTS, [one, other], [])) == [
        (1, "is more like point 2 than either is like its own paraphrases")
    ]
