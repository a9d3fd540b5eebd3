import pytest

from interviews.sitting.clock_text import clock, urgency

MINUTE = 60_000


@pytest.mark.parametrize(
    ("left", "limit", "style"),
    [
        (MINUTE, MINUTE, ""),
        (20_000, MINUTE, "is-red"),
        (90_000, 90_000, ""),
        (MINUTE, 90_000, "is-amber"),
        (4 * MINUTE, 5 * MINUTE, ""),
        (5 * MINUTE, 6 * MINUTE, "is-amber"),
        (MINUTE, 6 * MINUTE, "is-red"),
        (-1, MINUTE, "is-over"),
        (MINUTE, None, "is-red"),
        (None, None, ""),
    ],
)
def test_a_clock_is_coloured_by_what_is_left_and_a_short_question_begins_calm(left, limit, style):
    assert urgency(left, limit) == style


@pytest.mark.parametrize(("left", "text"), [(65_000, "1:05"), (-3000, "+0:03"), (3_700_000, "1:01:40"), (1, "0:01")])
def test_a_clock_reads_as_the_page_shows_it(left, text):
    assert clock(left) == text
