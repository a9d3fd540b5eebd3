"""Two formats that are easily handed in by accident: an order shown first, a number misread."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from questions.formats.ordering import moved
from tests.questions.factories import make_version
from tests.questions.test_formats import keys, render, score

pytestmark = pytest.mark.django_db


# Ordering


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["first", "second", "third", "fourth"], 1.0),
        (["fourth", "first", "second", "third"], 2 / 3),
        (["first", "second", "fourth", "third"], 1 / 3),
        (["fourth", "third", "second", "first"], 0.0),
    ],
)
def test_ordering_scores_the_share_of_neighbours_kept(version, order, expected):
    assert score(version, keys(version, *order)) == pytest.approx(expected)


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
def test_steps_are_never_shown_in_the_right_order_first(version):
    steps = list(version.options.all())
    for seed in range(200):
        shown = version.question_format.presented(version, seed)
        assert shown != steps
        assert sorted(step.pk for step in shown) == sorted(step.pk for step in steps)


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
def test_own_order_is_shown_again(version):
    order = keys(version, "third", "first", "fourth", "second")
    assert [step.text for step in version.question_format.presented(version, 1, order)] == [
        "third", "first", "fourth", "second",
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
def test_the_order_shown_at_first_is_no_answer_until_it_is_ticked(version):
    format = version.question_format
    shown = [str(step.pk) for step in format.presented(version, 7)]
    html = render(version)
    (box,) = re.findall(r"<input[^>]*name=.answer.[^>]*>", html)
    assert "checkbox" in box
    assert "checked" not in box
    ticked = re.search(r'value="([^"]*)"', box)[1]
    assert format.clean(version, [ticked]) == shown
    assert not format.is_blank(format.clean(version, [ticked]))


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
def test_an_order_of_ones_own_is_sent_with_every_step_and_needs_no_tick(version):
    order = keys(version, "third", "first", "fourth", "second")
    html = render(version, order)
    assert re.findall(r'type="hidden" name="answer" value="(\d+)"', html) == order
    assert "checkbox" not in html
    assert not version.question_format.is_blank(order)


@pytest.mark.parametrize("version", ["ordering"], indirect=True)
@pytest.mark.parametrize("texts", [["first"], ["first", "first", "second", "third"]])
def test_incomplete_order_is_refused(version, texts):
    with pytest.raises(ValidationError, match="once"):
        version.question_format.clean(version, keys(version, *texts))


def test_a_step_moves_one_place_and_stops_at_the_ends():
    assert moved(["1", "2", "3"], "2:up") == ["2", "1", "3"]
    assert moved(["1", "2", "3"], "2:down") == ["1", "3", "2"]
    assert moved(["1", "2", "3"], "1:up") == ["1", "2", "3"]
    assert moved(["1", "2", "3"], "3:down") == ["1", "2", "3"]


@pytest.mark.parametrize("move", ["", "9:up", "1:sideways", "1", "1:up:up"])
def test_unknown_move_is_refused(move):
    with pytest.raises(ValidationError):
        moved(["1", "2"], move)


# Numbers


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
@pytest.mark.parametrize(
    ("text", "expected"), [("22.2 %", 1), ("2/9", 1), ("22.3", 1), ("22.31", 0), ("22.1", 1), ("22", 0), ("-22.2", 0)]
)
def test_number_is_right_within_its_tolerance(version, text, expected):
    assert score(version, [text]) == expected


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
def test_unfinished_number_is_kept_as_typed_and_doubted(version):
    format = version.question_format
    assert format.clean(version, [" 2/ "]) == [" 2/ "]
    assert "It would score 0." in format.doubt(version, ["2/"])
    assert format.score(version, ["2/"]).score == 0.0  # the clock may close it


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
@pytest.mark.parametrize("answer", [[], [""], [" "], ["2/9"], ["14.400"], ["0.222"]])
def test_what_can_be_read_or_is_blank_is_not_doubted(version, answer):
    assert version.question_format.doubt(version, answer) == ""


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
def test_evidence_of_a_number_is_the_value_that_was_read(version):
    assert version.question_format.score(version, ["2/9"]).evidence["read"] == pytest.approx(22.2222, abs=1e-4)
    assert version.question_format.score(version, ["many"]).evidence["read"] is None


@pytest.mark.parametrize(
    ("value", "tolerance", "text", "expected"),
    [
        (1, 0.01, "1,000", 0),
        (1, 0.01, "1.000", 1),
        (1, 0.01, "1", 1),
        (7, 0, "7,000", 0),
        (14400, 300, "14,400", 1),
        (14400, 300, "14400", 1),
        (14400, 300, "14.400", 0),
        (199408, 600, "199k", 1),
        (1.07, 0.04, "1.07B", 0),
        (0.33, 0.004, "0,330", 1),
    ],
)
def test_only_what_was_read_is_scored(value, tolerance, text, expected):
    version = make_version(format="numeric", answer={"value": value, "tolerance": tolerance, "check": str(value)})
    assert score(version, [text]) == expected


@pytest.mark.parametrize("answer", [{"value": "many", "tolerance": 10**400}, {"value": None, "unit": ["%"]}, None])
def test_a_number_of_a_draft_that_is_no_number_is_shown_as_it_is(answer):
    version = make_version(format="numeric", answer=answer, published=False)
    assert render(version, template="result_template")


def reading_of(version, text, **context) -> str:
    """The words of the region below the field."""
    context |= version.question_format.draft_context(version, [text])
    html = render_to_string(version.question_format.draft_template, {"position": 3} | context)
    return " ".join(re.sub("<[^>]*>", " ", html).split())


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
def test_what_was_read_is_said_below_the_field(version):
    assert reading_of(version, "") == ""
    assert reading_of(version, "10/45 = 22.2%") == "Read as 22.2%"
    assert reading_of(version, "0.222").startswith("Read as 0.222 = 22.2% Did you mean 0.222%?")
    assert reading_of(version, "14.400").startswith("Read as 14.4% Did you mean 14,400%? For 14,400%, type 14400.")
    assert reading_of(version, "many") == "We can’t read this as a number. It’s saved as you typed it."
    assert reading_of(version, "14.400", readonly=True) == "Read as 14.4%"


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
def test_reading_is_the_same_whatever_the_right_answer_is(version):
    """What the page says must not tell which of two readings is right."""
    said = reading_of(version, "0.222")
    version.answer = version.answer | {"value": 0.222}
    assert reading_of(version, "0.222") == said


@pytest.mark.parametrize("version", ["numeric"], indirect=True)
def test_a_phones_pad_can_type_minus_slash_comma_and_percent(version):
    assert "inputmode" not in render(version)
