"""What a night learns of a site's people: its leniency from pairs, its slope from many, and everybody's level."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from interviews.report import calibration, compiling
from interviews.report.models import WeaknessReport
from interviews.report.statistics.fitting import Evidence
from interviews.report.statistics.leniency import Pairs, site_leniency
from interviews.report.statistics.weakness import CONSTANTS
from interviews.sitting.models import Interview, InterviewQuestion
from tests.factories import NOON, make_candidate, make_version
from tests.interviews.report.test_calibration import NIGHT, answer_all

pytestmark = pytest.mark.django_db


def score_twice(answer, own: float, coach: float, *, at=NOON) -> None:
    answer.grade("self", own, {}, now=at + timedelta(minutes=1))
    answer.grade("coach", coach, {}, now=at + timedelta(minutes=2))


def answers_of(candidate, *, count: int, now=NOON) -> list[InterviewQuestion]:
    interview = answer_all(candidate, [(make_version(), None) for _ in range(count)], now=now)
    return list(interview.questions.order_by("position"))


def test_the_sites_leniency_comes_from_pairs_and_is_stamped_in_the_snapshot():
    kind, strict = make_candidate(), make_candidate()
    scores = {kind: [(0.9, 0.5), (0.8, 0.6), (0.7, 0.2)], strict: [(0.4, 0.6)]}
    for candidate, pairs in scores.items():
        for answer, (own, coach) in zip(answers_of(candidate, count=len(pairs)), pairs, strict=True):
            score_twice(answer, own, coach)
    answer_all(make_candidate(), [(make_version(), 1.0)])
    snapshot = calibration.calibrate(now=NIGHT)
    assert snapshot.leniency == pytest.approx(site_leniency([Pairs.of(pairs) for pairs in scores.values()]))
    assert snapshot.leniency != pytest.approx(0.2)
    assert snapshot.slope == 0
    report = compiling.compile_report(kind, now=NIGHT)
    assert report.data["constants"]["leniency_mean"] == snapshot.leniency


@pytest.mark.parametrize("kind", ["own score after the coach's", "of last year", "before a reopening", "void"])
def test_what_is_no_pair_teaches_no_leniency(kind):
    candidate = make_candidate()
    then = NOON - timedelta(days=400 if kind == "of last year" else 0)
    (answer,) = answers_of(candidate, count=1, now=then)
    if kind == "own score after the coach's":
        answer.grade("coach", 0.2, {}, now=then + timedelta(minutes=1))
        answer.grade("self", 0.9, {}, now=then + timedelta(minutes=2))
    else:
        score_twice(answer, 0.9, 0.2, at=then)
    if kind == "before a reopening":
        InterviewQuestion.objects.filter(pk=answer.pk).update(opened_at=then + timedelta(seconds=90))
    if kind == "void":
        Interview.objects.update(state="void")
    answer_all(make_candidate(), [(make_version(), 1.0)])
    assert calibration.calibrate(now=NIGHT).leniency == pytest.approx(0.2)


def test_the_night_and_the_report_see_the_same_pairs(candidate):
    answers = answers_of(candidate, count=4)
    pairs = [(0.9, 0.5), (0.3, 0.6), (1.0, 0.0)]
    for answer, (own, coach) in zip(answers[:3], pairs, strict=True):
        answer.grade("self", 0.11, {}, now=NOON + timedelta(seconds=40))  # a newer own score replaces it
        score_twice(answer, own, coach)
        answer.grade("self", 0.99, {}, now=NOON + timedelta(hours=1))  # the coach's marks could be seen by then
    answers[3].grade("self", 0.9, {}, now=NOON + timedelta(minutes=1))
    data = compiling.compile_report(candidate, now=NIGHT).data
    expected = Pairs.of(pairs)
    assert data["pairs"] == pytest.approx(asdict(expected))
    assert calibration.calibrate(now=NIGHT).leniency == pytest.approx(site_leniency([expected]))


def test_the_sites_slope_needs_thirty_candidates_whose_answers_are_a_month_apart():
    version = make_version()
    for number in range(30):
        candidate = make_candidate()
        rows = [Evidence({"evaluation": 1.0}, 0.0, float(age < 2), 1.0, age=age) for age in [0, 0, 1, 1, 4, 4, 6, 6]]
        data = {"basis": {"counted": 8}, "constants": dict(CONSTANTS), "evidence": [asdict(row) for row in rows]}
        WeaknessReport.objects.create(
            candidate=candidate, compiled_at=NOON, evidence_version=f"{number}", model_version="2",
            difficulty_snapshot="day-one", data=data,
        )  # fmt: skip
        if number == 29:
            assert calibration.calibrate(now=NIGHT).slope == 0
        answer_all(candidate, [(version, 1.0)])
    snapshot = calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert 0.02 < snapshot.slope <= 0.2
