"""First attempts in PostgreSQL → item statistics and difficulties."""

import math
import random
from dataclasses import asdict
from datetime import timedelta
from statistics import fmean

import pytest

from interviews.report import calibration
from interviews.report.models import WeaknessReport
from interviews.report.statistics.fitting import LENIENCY, SLOPE, Evidence, Fit
from interviews.report.statistics.weakness import CONSTANTS
from interviews.report.stored import fit_of
from interviews.sitting.models import Interview, InterviewQuestion
from questions import statistics
from questions.models import (
    Option,
    QuestionStatistics,
    QuestionVersion,
    VersionTopic,
)
from questions.statistics import Cell, FirstAttempt, Flag
from tests.factories import NOON, make_candidate, make_topic, make_version
from tests.questions.test_items import FORM

pytestmark = pytest.mark.django_db
NIGHT = NOON + timedelta(days=1)


def answer_all(candidate, answers, *, now=NOON, state="scored", pace="strict"):
    """A finished interview of these (version, score) pairs, or (version, score, fields of InterviewQuestion)."""
    interview = Interview.objects.create(
        candidate=candidate, topic=make_topic(), title="Drill", pace=pace, time_multiplier=1, limit_seconds=10_000,
        seed=1, state=state, started_at=now, deadline_at=now + timedelta(hours=3), closed_at=now + timedelta(hours=2),
    )  # fmt: skip
    rows = []
    for position, (version, score, *more) in enumerate(answers, start=1):
        fields = {"opened_at": now, "closed_at": now + timedelta(seconds=30), "state": "answered"}
        fields |= {"deadline_at": now + timedelta(seconds=60), "graded_by": "" if score is None else "auto"}
        fields |= more[0] if more else {}
        rows.append(
            InterviewQuestion(
                interview=interview,
                position=position,
                question_id=version.question_id,
                version=version,
                limit_seconds=60,
                score=score,
                **fields,
            )
        )
    InterviewQuestion.objects.bulk_create(rows)
    return interview


def give_report(candidate, *, at=NOON, **scores) -> Fit:
    """A report that rests on ten answers with these mean scores by topic, half of them scored by the candidate."""
    rows = [
        Evidence({topic: 1.0}, 0.0, score, 1.0, self_share=number % 2, age=number / 2)
        for topic, score in scores.items()
        for number in range(10)
    ]
    data = {"basis": {"counted": len(rows)}, "constants": dict(CONSTANTS), "evidence": [asdict(row) for row in rows]}
    WeaknessReport.objects.create(
        candidate=candidate, compiled_at=at, evidence_version=f"{random.random()}", model_version="2",
        difficulty_snapshot="day-one", data=data,
    )  # fmt: skip
    return fit_of(data)


def level_of(fit, topic: str, *, is_own: bool, months: float) -> tuple[float, float]:
    """Mean and variance of a candidate's level for one answer."""
    weights = {topic: 1.0, LENIENCY: float(is_own), SLOPE: -months}
    mean = fit.topics[topic].mean + is_own * fit.leniency.mean - months * fit.slope.mean
    return mean, fit.variance(weights)


def cell(level: tuple[float, float], score: float) -> Cell:
    mean, variance = level
    return Cell((math.floor(mean / 0.25) + 0.5) * 0.25, 1, score, variance)


def statistics_of(version) -> QuestionStatistics:
    return QuestionStatistics.objects.get(question=version.question_id)


def next_wording(version, **changes):
    """A published version 2 of the question, options included."""
    plain = {name: getattr(version, name) for name in QuestionVersion.PLAIN_CONTENT}
    newer = QuestionVersion.objects.create(question=version.question, number=2, **(plain | changes))
    VersionTopic.objects.create(version=newer, topic=version.primary_topic)
    for option in version.options.all():
        Option.objects.create(
            version=newer, position=option.position, text=option.text, is_right=option.is_right, why=option.why
        )
    newer.publish(now=NOON)
    return newer


# --- item statistics --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_aggregates_are_the_pure_functions(seed):
    """Random histories of 12 candidates: part credit, time-outs, cut and untimed answers, options."""
    luck = random.Random(seed)
    versions = [make_version(format="single_choice") for _ in range(10)]
    keys = {version.pk: str(version.options.get(is_right=True).pk) for version in versions}
    histories, attempts = {}, {version.question_id: [] for version in versions}
    for _ in range(12):
        candidate = make_candidate()
        chosen = luck.sample(versions, luck.randint(5, 10))
        answers, history = [], {}
        for version in chosen:
            score = luck.choice([0.0, 0.25, 1.0, 1.0])
            used, allotted = luck.randint(1, 59), luck.choice([60, 60, 60, 20, None])
            is_timed_out = luck.random() < 0.3
            option = str(luck.choice(list(version.options.all())).pk)
            fields = {
                "closed_at": NOON + timedelta(seconds=used),
                "deadline_at": allotted and NOON + timedelta(seconds=allotted),
                "state": "timed_out" if is_timed_out else "answered",
                "answer": [option],
            }
            answers.append((version, score, fields))
            history[version.question_id] = score
            ratio = used / 60 if allotted == 60 else None
            attempts[version.question_id].append((candidate.pk, score, ratio, is_timed_out, option))
        answer_all(candidate, answers)
        histories[candidate.pk] = history
    calibration.calibrate(now=NIGHT)

    facilities = {question: sum(row[1] for row in rows) / len(rows) for question, rows in attempts.items() if rows}
    for version in versions:
        rows = attempts[version.question_id]
        expected = statistics.item_statistics(
            [
                FirstAttempt(
                    score, rest_of(histories[pk], version.question_id, facilities), ratio, is_timed_out, option
                )
                for pk, score, ratio, is_timed_out, option in rows
            ],
            key=keys[version.pk],
        )
        stored = statistics_of(version)
        for name in expected.__slots__:
            value, want = getattr(stored, name), getattr(expected, name)
            if name == "ambiguous_options":
                value, want = sorted(map(str, value)), sorted(want)
            assert value == (pytest.approx(want, abs=1e-9) if isinstance(want, float) else want), name


def rest_of(history, question, facilities):
    others = [score - facilities[other] for other, score in history.items() if other != question]
    return sum(others) / len(others) if len(others) >= statistics.MIN_OTHER_ATTEMPTS else None


def test_published_example_from_the_database():
    """weakness.md D4: facility and its sd; no rest, since a candidate has only four other answers."""
    versions = [make_version() for _ in range(5)]
    for row in FORM:
        answer_all(make_candidate(), zip(versions, row, strict=True))
    calibration.calibrate(now=NIGHT)
    stored = [statistics_of(version) for version in versions]
    assert [item.facility for item in stored] == pytest.approx([0.75, 0.625, 0.375, 0.625, 0.3125])
    assert [item.facility_sd for item in stored] == pytest.approx([0.4629, 0.5175, 0.5175, 0.5175, 0.4581], abs=5e-4)
    assert {(item.count, item.rest_count, item.discrimination) for item in stored} == {(8, 0, None)}


def test_a_wrong_key_is_found_and_flagged():
    """30 candidates, able ones right everywhere but at the first question, the others the other way round."""
    versions = [make_version(format="single_choice") for _ in range(9)]
    luck = random.Random(1)
    for number in range(30):
        is_able = number % 2 == 0
        right = [float(luck.random() < (0.9 if is_able else 0.1)) for _ in versions]
        right[0] = 1 - right[1]
        answer_all(make_candidate(), zip(versions, right, strict=True))
    calibration.calibrate(now=NIGHT)
    wrong, right = statistics_of(versions[0]), statistics_of(versions[2])
    assert Flag.CHECK_THE_KEY in wrong.flags
    assert right.flags == []
    assert wrong.discrimination_low < wrong.discrimination < wrong.discrimination_high < 0


# --- what a first attempt is ------------------------------------------------------------------------


def test_a_repeat_is_no_first_attempt():
    version, candidate = make_version(), make_candidate()
    answer_all(candidate, [(version, 0.0)], now=NOON - timedelta(days=40))
    answer_all(candidate, [(version, 1.0)])
    calibration.calibrate(now=NIGHT)
    assert (statistics_of(version).count, statistics_of(version).facility) == (1, 0.0)


@pytest.mark.parametrize(
    ("first", "counts"),
    [
        ({"now": NOON - timedelta(days=300)}, True),
        ({"now": NOON - timedelta(days=370)}, False),  # and the repeat is none either
        ({"score": None}, False),
        ({"state": "void"}, False),
        ({"state": "in_progress"}, False),
    ],
)
def test_a_first_attempt_is_graded_finished_and_of_the_last_year(first, counts):
    version, other, candidate = make_version(), make_version(), make_candidate()
    score = first.pop("score", 1.0)
    answer_all(candidate, [(version, score)], **({"now": NOON - timedelta(days=9)} | first))
    answer_all(candidate, [(other, 1.0)], now=NOON)
    if "state" not in first:
        answer_all(candidate, [(version, 0.0)], now=NOON)
    calibration.calibrate(now=NIGHT)
    stored = QuestionStatistics.objects.filter(question=version.question_id)
    assert [(item.count, item.facility) for item in stored] == ([(1, 1.0)] if counts else [])


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"model_answer": "Said better.", "title": "Better", "level": "advanced"}, True),
        ({"prompt": "Which one is not?"}, False),
        ({"limit_seconds": 600}, False),
    ],
)
def test_answers_to_another_wording_do_not_accuse_the_current_one(changes, counts):
    version = make_version(format="single_choice")
    answer_all(make_candidate(), [(version, 0.0)])
    newer = next_wording(version, **changes)
    answer_all(make_candidate(), [(newer, 1.0)])
    calibration.calibrate(now=NIGHT)
    assert statistics_of(version).count == (2 if counts else 1)


def test_a_corrected_key_begins_anew():
    version = make_version(format="single_choice")
    answer_all(make_candidate(), [(version, 0.0)])
    newer = next_wording(version)
    newer.options.filter(position__in=[0, 1]).update(is_right=False)
    newer.options.filter(position=1).update(is_right=True)
    answer_all(make_candidate(), [(newer, 1.0)])
    calibration.calibrate(now=NIGHT)
    assert statistics_of(version).facility == 1.0


def test_time_that_the_interviews_end_cut_short_says_nothing_of_the_questions_limit():
    version = make_version()
    cut = {"deadline_at": NOON + timedelta(seconds=20), "closed_at": NOON + timedelta(seconds=20), "state": "timed_out"}
    answer_all(make_candidate(), [(version, 0.0, cut)])
    answer_all(make_candidate(), [(version, 1.0)])
    calibration.calibrate(now=NIGHT)
    item = statistics_of(version)
    assert (item.count, item.timed_count, item.timeout_count, item.median_time_ratio) == (2, 1, 0, 0.5)


def test_statistics_of_answers_that_are_gone_go_too():
    version, other = make_version(), make_version()
    interview = answer_all(make_candidate(), [(version, 1.0)])
    answer_all(make_candidate(), [(other, 1.0)])
    calibration.calibrate(now=NIGHT)
    Interview.objects.filter(pk=interview.pk).update(state="void")
    calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert [item.question_id for item in QuestionStatistics.objects.all()] == [other.question_id]


# --- difficulties -----------------------------------------------------------------------------------


def test_difficulty_is_estimated_from_the_level_in_the_primary_topic():
    version = make_version(level="beginner", topics=("evaluation", "coding"))
    cells = []
    for number in range(10):
        candidate = make_candidate()
        give_report(candidate, evaluation=0.9, coding=0.9)
        newest = give_report(candidate, evaluation=0.9 if number < 6 else 0.2, coding=0.9)
        answer_all(candidate, [(version, float(number % 2), {"closed_at": NOON})])
        cells.append(cell(level_of(newest, "evaluation", is_own=False, months=0), number % 2))
    snapshot = calibration.calibrate(now=NIGHT)
    expected = statistics.estimate_difficulty(merged(cells), -0.9)
    stored = snapshot.difficulties.get(question=version.question)
    assert (stored.value, stored.standard_error) == pytest.approx((expected.value, expected.standard_error))
    assert (stored.day_one, stored.count) == (-0.9, 10)


def merged(cells: list[Cell]) -> list[Cell]:
    """One a bin, with the mean variance."""
    bins = {one.ability: [other for other in cells if other.ability == one.ability] for one in cells}
    return [
        Cell(ability, len(found), sum(one.score_sum for one in found), fmean(one.ability_variance for one in found))
        for ability, found in bins.items()
    ]


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("months", [0, 3, 11])
def test_a_first_attempt_enters_with_the_candidates_level_for_this_answer(is_own, months):
    """Leniency on what they scored themselves, and the way back by their slope, at most six months."""
    version, candidate = make_version(), make_candidate()
    found = give_report(candidate, evaluation=0.8)
    moment = NOON - timedelta(days=30 * months)
    answer_all(candidate, [(version, 0.75, {"closed_at": moment, "graded_by": "self" if is_own else "coach"})])
    stored = calibration.calibrate(now=NIGHT).difficulties.get()
    level = level_of(found, "evaluation", is_own=is_own, months=min(months, 6))
    expected = statistics.estimate_difficulty([cell(level, 0.75)], 0.0)
    assert (stored.value, stored.standard_error) == pytest.approx((expected.value, expected.standard_error))


def test_a_candidate_without_a_report_counts_as_the_average_one():
    version = make_version()
    answer_all(make_candidate(), [(version, 1.0, {"closed_at": NIGHT})])
    stored = calibration.calibrate(now=NIGHT).difficulties.get()
    expected = statistics.estimate_difficulty([Cell(0.125, 1, 1.0, 1.17)], 0.0)
    assert stored.value == pytest.approx(expected.value)


def test_a_report_of_the_first_edition_has_no_leniency_and_no_slope():
    version, candidate = make_version(), make_candidate()
    old = {name: CONSTANTS[name] for name in ("prior_mean", "prior_general_sd", "prior_topic_sd")}
    row = {"topic_weights": {"evaluation": 1.0}, "difficulty": 0.0, "score": 1.0, "weight": 0.5}
    data = {"basis": {"counted": 1}, "constants": old, "evidence": [row]}
    WeaknessReport.objects.create(
        candidate=candidate, compiled_at=NOON, evidence_version="old", model_version="1",
        difficulty_snapshot="day-one", data=data,
    )  # fmt: skip
    answer_all(candidate, [(version, 1.0, {"closed_at": NOON, "graded_by": "self"})])
    stored = calibration.calibrate(now=NIGHT).difficulties.get()
    mean, variance = level_of(fit_of(data), "evaluation", is_own=True, months=0)
    assert mean == fit_of(data).topics["evaluation"].mean
    expected = statistics.estimate_difficulty([cell((mean, variance), 1.0)], 0.0)
    assert stored.value == pytest.approx(expected.value)


def test_the_mean_of_a_level_enters_the_next_nights_day_one():
    answered, other = make_version(level="advanced"), make_version(level="advanced", format="single_choice")
    for _ in range(20):
        answer_all(make_candidate(), [(answered, 1.0)])
    first = calibration.calibrate(now=NIGHT)
    values = dict(first.difficulties.values_list("question_id", "value"))
    pairs = [(values[answered.question_id], 0.0), (values[other.question_id], 0.25)]
    assert first.level_difficulty["advanced"] == pytest.approx(statistics.estimate_level(0.9, pairs))
    assert first.level_difficulty["advanced"] < 0.9
    assert first.level_difficulty["beginner"] == -0.9
    second = calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert second.difficulties.get(question=answered.question).day_one == first.level_difficulty["advanced"]


def test_a_question_that_nobody_answered_keeps_its_day_one_difficulty():
    answered, other = make_version(), make_version(level="advanced")
    answer_all(make_candidate(), [(answered, 1.0)])
    stored = calibration.calibrate(now=NIGHT).difficulties.get(question=other.question)
    assert (stored.value, stored.count, stored.standard_error) == (0.9, 0, pytest.approx(0.7))
    assert not QuestionStatistics.objects.filter(question=other.question).exists()
