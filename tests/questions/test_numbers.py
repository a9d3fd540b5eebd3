"""How a number that somebody wrote is read (questions/numbers.py)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.numbers import LONGEST, Unreadable, read


def value(text: str, unit: str = "") -> float:
    return read(text, unit).values[0]


# --- a comma, a point and other marks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000", 1000),
        ("7,000", 7000),
        ("999,000", 999_000),
        ("10,330", 10_330),
        ("−1,000", -1000),
        ("0,330", 0.33),
        ("-0,330", -0.33),
        ("22,2", 22.2),
        ("1,5", 1.5),
        (",5", 0.5),
        ("1234,567", 1234.567),  # nobody groups like that
    ],
)
def test_a_comma_before_exactly_three_digits_groups_thousands_unless_a_zero_stands_before_it(text, expected):
    assert value(text) == expected


@given(st.integers(1, 999), st.integers(0, 999))
def test_every_group_behind_a_comma_is_thousands(group, rest):
    assert value(f"{group},{rest:03d}") == 1000 * group + rest


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.000", 1), ("14.400", 14.4), ("199.408", 199.408), ("73.856", 73.856), ("1.250", 1.25), (".5", 0.5), ("5.", 5)],
)
def test_a_point_is_the_decimal_point(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.000.000", 1_000_000),
        ("1,000,000", 1_000_000),
        ("1.000,5", 1000.5),
        ("1,000.5", 1000.5),
        ("1.234.567,8", 1_234_567.8),
        ("1,234,567.8", 1_234_567.8),
        ("1 000,5", 1000.5),
        ("1 000", 1000),
        ("1\u00a0234\u202f567,8", 1_234_567.8),
        ("1'000.5", 1000.5),
        ("1’000’000", 1_000_000),
        ("1_000", 1000),
        ("1,00,000", 100_000),  # as in India
        ("12,34,567", 1_234_567),
    ],
)
def test_two_groups_or_a_mix_of_marks_decide_by_themselves(text, expected):
    reading = read(text)
    assert reading.values == (expected,)
    assert reading.other is None


@pytest.mark.parametrize(
    ("text", "said", "other", "other_said"),
    [
        ("14.400", "14.4", "14400", "14,400"),
        ("199.408", "199.408", "199408", "199,408"),
        ("73.856 params", "73.856", "73856 params", "73,856"),
        ("1.000", "1", "1000", "1,000"),
        ("1,250", "1,250", "1.25", "1.25"),
        ("x = 14.400", "14.4", "x = 14400", "14,400"),
    ],
)
def test_the_other_way_to_take_a_mark_is_offered(text, said, other, other_said):
    reading = read(text)
    assert (reading.said, reading.other.text, reading.other.said) == (said, other, other_said)
    assert read(other).said == other_said
    assert read(other).other is None


@pytest.mark.parametrize("text", ["0.330", "0,330", "14.40", "1234.567", "1.250e3", "1 000.125", "14400 = 14.400e3"])
def test_nothing_is_offered_where_nothing_is_open(text):
    assert read(text).other is None


# --- what people write ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The list of cases.
        ("€4", 4),
        ("4 euros", 4),
        ("100 minutes", 100),
        ("2.9 percentage points", 0.029),
        ("9 rows", 9),
        ("5x", 5),
        ("≈0.33", 0.33),
        ("~0.2", 0.2),
        ("0.33…", 0.33),
        ("0.333...", 0.333),
        ("5.", 5),
        ("22.2 %.", 0.222),
        ("= 0.2", 0.2),
        ("x = 0.2", 0.2),
        ("10^-3", 0.001),
        ("3 x 10^2", 300),
        ("3·10²", 300),
        ("2^10", 1024),
        ("sqrt(2)", math.sqrt(2)),
        ("ln(2)", math.log(2)),
        ("100*2/9", 200 / 9),
        ("10/45 = 0.222", 0.222),
        ("½", 0.5),
        ("1 1/2", 1.5),
        ("(1/3)", 1 / 3),
        ("199k", 199_000),
        ("1.07B", 1.07e9),
        ("１２", 12),
        ("\u202d12\u202c", 12),
        # Their siblings.
        ("US$5", 5),
        ("-€4", -4),
        ("4 USD per user", 4),
        ("500/day", 500),
        ("5 times", 5),
        ("1.5 million", 1_500_000),
        ("14.4k", 14_400),
        ("3M rows", 3_000_000),
        ("about 0.2", 0.2),
        ("approx. 5", 5),
        ("±2.94", 2.94),
        ("recall = 10/45 ≈ 0.222", 0.222),
        ("R² = 0.749", 0.749),
        ("P(A|B) = 0.269", 0.269),
        ("0.2 = x", 0.2),
        ("answer: 5", 5),
        ("→ 5", 5),
        ("-1½", -1.5),
        ("2 ¾", 2.75),
        ("1⁄2", 0.5),
        ("2**10", 1024),
        ("10⁻³", 0.001),
        ("1.5×10−3", 12),  # as it stands
        ("1.5×10^−3", 0.0015),
        ("1,5e−3", 0.0015),
        ("2.5E-3", 0.0025),
        ("6 ÷ 4", 1.5),
        ("√2", math.sqrt(2)),
        ("ln 2", math.log(2)),
        ("log2(8)", 3),
        ("log₂ 8", 3),
        ("log(e)", 1),
        ("exp(-1)", math.exp(-1)),
        ("2π", 2 * math.pi),
        ("2(3+4)", 14),
        ("1 - (1 - 0.05)^10", 1 - 0.95**10),
        ("-(0.5 − 0.9)", 0.4),
        ("3--2", 5),
        ("1 - 22.2%", 0.778),
        ("100% - 22.2%", 0.778),
        ("50% * 0.3", 0.15),
        ("5\u00a0\u200b", 5),
        ("\ufeff−5", -5),
        ("+ 3", 3),
        ("007", 7),
        # Other scripts' digits, repeating decimals, products without a sign, large numbers' other names.
        ("٣٫٥", 3.5),
        ("१२", 12),
        ("۱۲٬۵۰۰", 12_500),
        ("50٪", 0.5),
        ("0.(3)", 1 / 3),
        ("0,1(6)", 1 / 6),
        ("2e", 2 * math.e),
        ("2 π", 2 * math.pi),
        ("2 x pi", 2 * math.pi),
        ("2√2", 2 * math.sqrt(2)),
        ("3 ln 2", 3 * math.log(2)),
        ("10^{-3}", 0.001),
        ("5×", 5),
        ("2 millions", 2_000_000),
        ("1,5 Mio.", 1_500_000),
        ("2 lakh", 200_000),
        ("4 e", 4),  # a word
        ("9 log lines", 9),
    ],
)
def test_a_number_is_read_as_people_write_it(text, expected):
    assert value(text) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        # The list of cases.
        "about a fifth",
        "1/0",
        "0x10",
        "1..5",
        # Their siblings.
        "",
        " ",
        "2/",
        "/2",
        "x = 1/0",
        "1.2.3",
        "1,2,3",
        "1_0",
        "0 330",
        "3 4",
        "4 or 5",
        "20–25",
        "5 ± 1",
        "< 0.05",
        "> 5",
        "1:4",
        "2 thirds",
        "3 dozen",
        "5!",
        "--2",
        "sqrt",
        "sqrt(-1)",
        "log(0)",
        "(",
        "()",
        "2 (3+4)",
        "0b11",
        "nan",
        "inf",
        "-inf",
        "1e99",
        "1e5000",
        "9" * 40,
        "2^99999",
        "9^9^9",
        "9**9**9**9",
        "٣٣ or ٤",
        "=",
        "a = b",
        "__import__('os')",
        "1 if 1 else 2",
        "[1]",
        "(" * LONGEST,
        "-" * LONGEST,
        "1" * (LONGEST + 1),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(text):
    with pytest.raises(Unreadable) as refusal:
        read(text)
    assert str(refusal.value).endswith(".")


# --- percent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("22.2", 22.2, "22.2%"),
        ("22,2 %", 22.2, "22.2%"),
        ("22.2 per cent", 22.2, "22.2%"),
        ("22.2 pct", 22.2, "22.2%"),
        ("22.2 % of them", 22.2, "22.2%"),
        ("2.9 percentage points", 2.9, "2.9%"),
        ("2.9 pp", 2.9, "2.9%"),
        ("0.222", 22.2, "0.222 = 22.2%"),
        ("10/45 = 0.222", 22.2, "0.222 = 22.2%"),
        ("2/9", 200 / 9, "0.2222 = 22.22%"),
        ("100*2/9", 200 / 9, "22.22%"),
        ("100*2/9 %", 200 / 9, "22.22%"),
        ("-0.05", -5, "−0.05 = −5%"),
        ("0", 0, "0%"),
        ("1", 1, "1%"),
    ],
)
def test_percent_is_read_from_a_percentage_a_share_and_a_bare_number(text, expected, said):
    reading = read(text, "%")
    assert reading.values[0] == pytest.approx(expected)
    assert reading.said == said


@pytest.mark.parametrize(("text", "values"), [("0.25", (25, 0.25)), ("1", (1, 100)), ("1/4", (25, 0.25))])
def test_a_bare_number_up_to_one_counts_as_a_share_and_in_percent_and_the_other_is_offered(text, values):
    reading = read(text, "%")
    assert reading.values == values
    assert read(reading.other.text, "%").values == (values[1],)


def test_a_percent_sign_leaves_nothing_open():
    assert read("0.25%", "%").values == (0.25,)
    assert read("0.25%", "%").other is None
    assert read("22.2%").values == (0.222,)
    assert read("22.2%").said == "22.2% = 0.222"


# --- units ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("100 minutes", "min", 100),
        ("100 min.", "min", 100),
        ("100m", "min", 100),
        ("170 s", "min", 170 / 60),
        ("2 h", "min", 120),
        ("0.012 s", "ms", 12),
        ("12ms", "ms", 12),
        ("1.07 gigabytes", "GB", 1.07),
        ("1070 MB", "GB", 1.07),
        ("1.07B", "GB", 1.07),  # a billion: there is no part of a byte
        ("1073741824 B", "GiB", 1),
        ("1 GiB", "GB", 1.073741824),
        ("1.5 bit", "bits", 1.5),
        ("1 nat", "bits", 1 / math.log(2)),
        ("€4", "€", 4),
        ("4 EUR", "€", 4),
        ("4 euros per user", "€", 4),
        ("1.6 bit/symbol", "bits", 1.6),
        ("12 token", "tokens", 12),
        ("12k", "tokens", 12_000),
    ],
)
def test_the_units_own_words_are_read_and_what_can_be_is_converted(text, unit, expected):
    assert value(text, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("12 kg", "ms"), ("12 rows", "min"), ("$4", "€"), ("50%", "min"), ("25 items", "%"), ("5 s", "GB"), ("5x", "%")],
)
def test_another_unit_than_the_questions_is_refused_by_its_name(text, unit):
    with pytest.raises(Unreadable, match=f"The answer is in {unit}, not in “"):
        read(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [("-4", "€", "−€4"), ("170 s", "min", "2.833 min"), ("14,400", "", "14,400"), ("1e-7", "", "1e−07")],
)
def test_what_was_read_is_said_with_the_questions_unit(text, unit, said):
    assert read(text, unit).said == said
