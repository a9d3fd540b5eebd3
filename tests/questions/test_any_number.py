"""Any text, and any number in the styles that people use, against the reader of numbers (questions/numbers.py)."""

import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from questions.numbers import LARGEST, LONGEST, Unreadable, read, shown

UNITS = ["", "%", "min", "ms", "GB", "GiB", "bits", "€", "tokens"]
patient = settings(deadline=None)


def value(text: str) -> float:
    return read(text).values[0]


ALPHABET = "0123456789.,' _+-−–*/^x()=≈~%kMB€eπ√½²sqrtlnabout\u202d\u00a0"


@patient
@given(
    st.one_of(
        st.text(max_size=LONGEST), st.text(alphabet=ALPHABET, max_size=LONGEST), st.from_regex(r"[0-9.,'_ ]{1,20}")
    ),
    st.sampled_from(UNITS),
)
@example("(" * 99 + "1" + ")" * 99, "")
@example("1e308*1e308", "%")
@example("0.001e-320", "%")
def test_any_text_is_read_or_refused(text, unit):
    try:
        reading = read(text, unit)
    except Unreadable:
        return
    assert reading.said
    assert all(abs(value) <= LARGEST for value in reading.values)
    if reading.other:
        assert read(reading.other.text, unit).said


@pytest.mark.parametrize(
    "text",
    [
        "9" * LONGEST,
        "1" + " 000" * 49,
        "1," * 100,
        "2^" * 99 + "2",
        "9^9^9^9*" * 24 + "9",
        "(" * 100 + ")" * 100,
        "ln" * 100,
        "½" * LONGEST,
        "²" * LONGEST,
        "1=" * 100,
        "0." + "3" * 190 + "...",
        "\ufdfa" * LONGEST,  # one sign that becomes eighteen
        "a " * 100 + ":",
        "1 1/2 " * 33,
    ],
)
def test_no_text_takes_long_or_much_memory(text):
    tracemalloc.start()
    before = time.process_time()
    with suppress(Unreadable):
        read(text[:LONGEST])
    took, (_, peak) = time.process_time() - before, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 1  # CPU seconds, whatever else the machine does; it takes about a millisecond
    assert peak < 2_000_000


def european(number: float) -> str:
    """1.234.567,8, which takes two marks to be told from English."""
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


STYLES = {
    "plain": repr,
    "English": "{:,}".format,
    "French": lambda number: f"{number:,.4f}".replace(",", "\u202f").replace(".", ","),
    "Swiss": lambda number: f"{number:,}".replace(",", "’"),
    "program": "{:_}".format,
    "exponent": "{:.15e}".format,
    "power of ten": lambda number: "{}·10^{}".format(*f"{number:.15e}".split("e")),
    "minus of typesetters": lambda number: repr(number).replace("-", "−"),
    "decimal comma": lambda number: f"{number:.4f}".replace(".", ","),
    "in a sentence": "about {:,} rows.".format,
    "equation": "x = {:,}".format,
    "money": lambda number: f"{'-' if number < 0 else ''}€{abs(number):,}",
    "percent": lambda number: f"{100 * number!r} %",
    "brackets": "({!r})".format,
    "full width": lambda number: repr(number).translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789.-"}),
}


@pytest.mark.parametrize("style", STYLES)
@given(number=st.decimals(-(10**9), 10**9, places=4, allow_nan=False).map(float))
def test_a_number_written_in_a_common_style_is_read_as_itself(style, number):
    assert value(STYLES[style](number)) == pytest.approx(number, rel=1e-12, abs=1e-12)


@given(st.integers(1_000_000, 10**12) | st.decimals(1001, 10**9, places=2).filter(lambda number: number % 1).map(float))
def test_a_european_number_with_two_marks_is_read_as_itself(number):
    assert value(european(number)) == number


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_fraction_is_read_as_its_value(top, bottom):
    assert value(f"{top}/{bottom}") == top / bottom


@given(st.floats(-1e14, 1e14))
def test_what_is_shown_reads_back_as_what_was_meant(number):
    """Computed values are shown with four digits or more."""
    assert value(shown(number)) == pytest.approx(number, rel=1e-3, abs=1e-300)
