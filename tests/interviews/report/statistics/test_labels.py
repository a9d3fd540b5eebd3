"""interviews.weakness.describe, label and reference."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report.statistics.fitting import Posterior
from interviews.report.statistics.weakness import Label, describe, expected_score, label, reference

posteriors = st.builds(Posterior, st.floats(-4, 4), st.floats(0.01, 1.17), st.floats(0, 50))
difficulties = st.floats(-2, 2)


@pytest.mark.parametrize(
    ("posterior", "beta", "s2", "mastery", "low", "high", "p_weak", "word"),
    [
        (Posterior(0.35889, 0.53684, 3.0), 0, 0.25, 0.5778, 0.3650, 0.7753, 0.7649, "unclear"),
        (Posterior(-0.40358, 0.47733, 4.0), 0, 0.25, 0.4119, 0.2262, 0.6130, 0.9692, "weak"),
        (Posterior(0.20895, 0.64438, 1.0), 0.2, 0.16, 0.5020, 0.2711, 0.7323, 0.8593, "not enough evidence yet"),
    ],
)
def test_published_example(posterior, beta, s2, mastery, low, high, p_weak, word):
    estimate = describe(posterior, beta, s2)
    assert estimate.mastery == pytest.approx(mastery, abs=0.0005)
    assert estimate.low == pytest.approx(low, abs=0.0005)
    assert estimate.high == pytest.approx(high, abs=0.0005)
    assert estimate.p_weak == pytest.approx(p_weak, abs=0.0005)
    assert estimate.label == word


@given(posteriors, difficulties, st.floats(0, 1))
def test_range_holds_mastery(posterior, beta, s2):
    estimate = describe(posterior, beta, s2)
    assert 0 < estimate.low <= estimate.mastery <= estimate.high < 1


@given(posteriors, difficulties, st.floats(0, 1), st.floats(0.05, 0.94))
def test_higher_target_never_makes_weakness_less_likely(posterior, beta, s2, target):
    assert describe(posterior, beta, s2, target + 0.01).p_weak >= describe(posterior, beta, s2, target).p_weak


def test_target_defaults_to_seventy_per_cent():
    posterior = Posterior(0.5, 0.5, 5)
    assert describe(posterior, 0, 0.25) == describe(posterior, 0, 0.25, 0.7) != describe(posterior, 0, 0.25, 0.6)


@pytest.mark.parametrize(
    ("p_weak", "expected"),
    [
        (1.0, Label.WEAK),
        (0.90, Label.WEAK),
        (0.8999, Label.PROBABLY_WEAK),
        (0.80, Label.PROBABLY_WEAK),
        (0.7999, Label.UNCLEAR),
        (0.2001, Label.UNCLEAR),
        (0.20, Label.PROBABLY_ON_TARGET),
        (0.1001, Label.PROBABLY_ON_TARGET),
        (0.10, Label.ON_TARGET),
        (0.0, Label.ON_TARGET),
    ],
)
def test_label_thresholds(p_weak, expected):
    assert label(3.0, p_weak) == expected


@given(st.floats(0, 2.9999), st.floats(0, 1))
def test_below_three_answers_there_is_no_other_label(evidence, p_weak):
    assert label(evidence, p_weak) == Label.NOT_ENOUGH_EVIDENCE


def test_next_answer_is_a_set_of_one_difficulty():
    posterior = Posterior(0.8, 0.6, 4)
    assert expected_score(posterior, 0.3) == describe(posterior, 0.3, 0.0).mastery
    assert expected_score(posterior, 0.8) == 0.5


def test_reference_is_the_level_from_three_questions_on():
    assert reference([-1, 0, 1], [5] * 9, 0.9) == (0, pytest.approx(2 / 3))


def test_reference_falls_back_to_all_levels_below_three():
    assert reference([-1, 1], [-1, 1, 3], 0.9) == (1, pytest.approx(8 / 3))
    assert reference([], [0.4], 0.9) == (0.4, 0)


def test_reference_falls_back_to_the_level_default_without_questions():
    assert reference([], [], 0.9) == (0.9, 0.25)


def test_statistics_import_without_django():
    code = (
        "import sys; from interviews.report.statistics.weakness import describe; import interviews.report.wording;"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
