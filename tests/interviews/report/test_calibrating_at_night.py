"""The night's calibration as a whole, and what reports take from it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from interviews import tasks
from interviews.records import erasure
from interviews.report import calibration, compiling
from questions.models import (
    DifficultySnapshot,
    ForgottenAttempt,
    Question,
    QuestionDifficulty,
    QuestionStatistics,
    VersionTopic,
    current_difficulties,
)
from questions.statistics import Flag
from tests.factories import NOON, make_candidate, make_finished_interview, make_version
from tests.interviews.report.test_calibration import NIGHT, answer_all, give_report, statistics_of

pytestmark = pytest.mark.django_db


def test_without_answers_nothing_is_written():
    make_version()
    assert calibration.calibrate(now=NIGHT) is None
    assert not DifficultySnapshot.objects.exists()
    assert current_difficulties().snapshot == "day-one"


def test_a_repeat_in_the_same_night_makes_no_second_snapshot():
    answer_all(make_candidate(), [(make_version(), 1.0)])
    assert calibration.calibrate(now=NIGHT)
    assert calibration.calibrate(now=NIGHT + timedelta(hours=11)) is None
    assert calibration.calibrate(now=NIGHT + timedelta(hours=24))
    assert DifficultySnapshot.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_make_one_snapshot():
    answer_all(make_candidate(), [(make_version(), 1.0)])

    def night(_):
        try:
            return calibration.calibrate(now=NIGHT)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        made = list(pool.map(night, range(3)))
    assert sum(snapshot is not None for snapshot in made) == DifficultySnapshot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_night_that_fails_changes_nothing(monkeypatch):
    version = make_version()
    answer_all(make_candidate(), [(version, 1.0)])
    VersionTopic.objects.all().delete()  # no primary topic: a fault of the bank
    with pytest.raises(IndexError):
        calibration.calibrate(now=NIGHT)
    assert not QuestionStatistics.objects.exists()
    assert not DifficultySnapshot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_night_that_fails_leaves_the_old_snapshot():
    candidate = make_candidate()
    answer_all(candidate, [(make_version(), 1.0)])
    first = calibration.calibrate(now=NIGHT)
    give_report(candidate, evaluation=0.5)
    with connection.cursor() as cursor:  # a report that nobody can fit: a fault of the data
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE interviews_weaknessreport SET data = '{}'")
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(KeyError):
        calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert current_difficulties().snapshot == first.name
    assert QuestionStatistics.objects.get().computed_at == NIGHT


def test_the_task_is_on_the_nightly_schedule_and_expires():
    entry = app.conf.beat_schedule["calibrate"]
    assert entry["task"] == tasks.calibrate.name
    assert entry["schedule"].hour == {3}
    assert 0 < entry["options"]["expires"] <= 12 * 3600
    assert tasks.calibrate.time_limit < 900  # the broker's visibility time-out


def test_the_number_of_queries_does_not_grow_with_the_answers():
    def queries_of_a_night(now):
        with CaptureQueriesContext(connection) as queries:
            calibration.calibrate(now=now)
        return len(queries)

    versions = [make_version() for _ in range(3)]
    answer_all(make_candidate(), [(version, 1.0) for version in versions])
    calibration.calibrate(now=NIGHT - timedelta(hours=20))
    few = queries_of_a_night(NIGHT)
    for _ in range(20):
        answer_all(make_candidate(), [(version, 0.0) for version in versions])
    assert queries_of_a_night(NIGHT + timedelta(days=1)) == few


# --- reports ----------------------------------------------------------------------------------------


def test_a_report_rests_on_the_newest_snapshot_and_names_it(candidate):
    make_finished_interview(candidate=candidate, now=NOON, scores=(1, 0, 1))
    first = compiling.compile_report(candidate, now=NIGHT)
    snapshot = calibration.calibrate(now=NIGHT)
    second = compiling.compile_report(candidate, now=NIGHT)
    assert (first.difficulty_snapshot, second.difficulty_snapshot) == ("day-one", snapshot.name)
    assert second.data["difficulty_snapshot"] == snapshot.name
    used = {row["question"]: row["difficulty"] for row in second.data["evidence"]}
    assert used == {row.question.slug: row.value for row in snapshot.difficulties.select_related("question")}
    assert used != {row["question"]: row["difficulty"] for row in first.data["evidence"]}


def test_a_question_newer_than_the_snapshot_has_its_day_one_difficulty_on_the_same_scale():
    answer_all(make_candidate(), [(make_version(level="advanced"), 1.0)])
    snapshot = calibration.calibrate(now=NIGHT)
    newer = make_version(level="advanced")
    assert current_difficulties().of(newer.question_id, "advanced", 0.0) == snapshot.level_difficulty["advanced"] != 0.9


def test_snapshots_stay_as_they_were():
    version = make_version()
    answer_all(make_candidate(), [(version, 1.0)])
    first = calibration.calibrate(now=NIGHT)
    before = list(QuestionDifficulty.objects.values_list())
    answer_all(make_candidate(), [(version, 0.0)])
    calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert list(first.difficulties.values_list()) == before


def test_candidates_never_see_what_the_statistics_say(candidate, candidate_client):
    interview = make_finished_interview(candidate=candidate, now=timezone.now())
    for question in Question.objects.all():
        QuestionStatistics.objects.create(
            question=question, computed_at=NOON, count=40, facility=0.4321, rest_count=40, timed_count=0,
            timeout_count=0, flags=list(Flag),
        )  # fmt: skip
    compiling.compile_requested(candidate.pk, now=timezone.now())
    for url in (
        reverse("interviews:results", args=[interview.public_id]),
        reverse("interviews:report"),
        reverse("interviews:report_json"),
    ):
        page = candidate_client.get(url).content.decode()
        assert not any(flag in page for flag in Flag)
        assert "4321" not in page


def test_the_temporary_table_does_not_outlive_the_night():
    answer_all(make_candidate(), [(make_version(), 1.0)])
    with transaction.atomic():
        calibration.calibrate(now=NIGHT)
        calibration.calibrate(now=NIGHT + timedelta(days=1))
    assert DifficultySnapshot.objects.count() == 2


def test_a_person_who_is_deleted_leaves_the_counts_and_nothing_that_links_them():
    versions = [make_version(format="single_choice") for _ in range(3)]
    people = [make_candidate() for _ in range(4)]
    for luck, person in enumerate(people):
        answer_all(person, [(version, (luck + place) % 2) for place, version in enumerate(versions)])
        answer_all(person, [(versions[0], 1)], now=NOON + timedelta(hours=4))  # not its first attempt
    calibration.calibrate(now=NIGHT)
    before = {version: statistics_of(version) for version in versions}
    for person in people[:2]:
        person.ask_for_erasure(at=NIGHT)
        assert erasure.erase(person.pk, now=NIGHT)
    assert statistics_of(versions[0]).count == 4  # what stands is not touched
    calibration.calibrate(now=NIGHT + timedelta(days=1))
    for version, old in before.items():
        new = statistics_of(version)
        for name in ("count", "facility", "facility_sd", "timed_count", "timeout_count", "median_time_ratio"):
            assert getattr(new, name) == pytest.approx(getattr(old, name)), name
    assert ForgottenAttempt.objects.count() == 6
    assert {field.name for field in ForgottenAttempt._meta.fields if field.is_relation} == {"version"}
    calibration.forget_old_attempts(now=NIGHT + timedelta(days=400))
    assert not ForgottenAttempt.objects.exists()
