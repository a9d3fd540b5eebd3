"""What a report stores and lets out, old ones included; own scores, tracks."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews.report import compiling, stored
from interviews.report.models import WeaknessReport
from interviews.report.page import ReportPage, topics_by_slug
from interviews.report.practice import practising
from interviews.report.statistics.fitting import DEFAULT_PRIOR, fit_joint
from interviews.report.statistics.leniency import Pairs, candidate_prior
from interviews.report.tracks import track_pools
from questions.models import TrackSection, current_difficulties
from tests.factories import make_finished_interview, make_topic, make_track, make_version
from tests.interviews.factories import make_answered_interview

pytestmark = pytest.mark.django_db
ADDRESSES = ["interviews:report_json", "interviews:report_csv", "interviews:report"]


def sit(candidate, *, scores, days_ago: float = 1, topic: str = "evaluation", **fields):
    return make_finished_interview(
        candidate=candidate, scores=scores, now=timezone.now() - timedelta(days=days_ago), topics=(topic,), **fields
    )


def compiled(candidate) -> WeaknessReport:
    report = compiling.compile_report(candidate, now=timezone.now())
    return WeaknessReport.objects.get(pk=report.pk)


def old_report(candidate, counted: int = 5) -> WeaknessReport:
    """As version 1 stored it, estimates of everything included."""
    topics = [
        {
            "topic": slug, "mean": -0.4567, "variance": 0.4773, "evidence": evidence, "mastery": 0.4119, "low": 0.2262,
            "high": 0.6130, "p_weak": 0.9692, "label": label, "reference_mean": 0.0, "reference_variance": 0.25,
            "answers": 4, "last_at": "2026-05-01T12:00:00+00:00",
        }
        for slug, evidence, label in [("evaluation", 4.0, "weak"), ("nlp", 1.0, "not enough evidence yet")]
    ]  # fmt: skip
    data = {
        "model_version": "1", "difficulty_snapshot": "day-one", "target": 0.7, "level": "intermediate",
        "constants": {"half_life_days": 180, "prior_mean": 0.0, "prior_general_sd": 0.9, "prior_topic_sd": 0.6},
        "basis": {
            "first_at": "2026-05-01T12:00:00+00:00", "last_at": "2026-05-01T12:00:00+00:00", "answers": counted,
            "ungraded": 0, "counted": counted, "self_graded": 2, "self_share": 0.4,
        },
        "answers_version": "x", "topics": topics,
        "evidence": [
            {"question": "q", "topic_weights": {"evaluation": 1.0}, "difficulty": 0.0, "score": 0.2, "weight": 1.0}
        ],
        "trend": None, "pacing": None, "confidence": None, "misconceptions": [],
    }  # fmt: skip
    return WeaknessReport.objects.create(
        candidate=candidate, compiled_at=timezone.now() - timedelta(days=9), evidence_version="old",
        model_version="1", difficulty_snapshot="day-one", data=data,
    )  # fmt: skip


# --- nothing leaks below the gates ------------------------------------------------------------------


def test_a_topic_below_its_gate_is_stored_without_an_estimate(candidate):
    sit(candidate, scores=(0,) * 9)
    sit(candidate, scores=(1, 1), topic="nlp")
    topics = {row["topic"]: row for row in compiled(candidate).data["topics"]}
    assert topics["evaluation"]["mastery"] < 0.5
    assert {topics["nlp"][name] for name in stored.ESTIMATES} == {None}
    assert topics["nlp"]["evidence"] == pytest.approx(2, abs=0.02)
    assert (topics["nlp"]["answers"], topics["nlp"]["label"]) == (2, "not enough evidence yet")


def test_below_eight_answers_nothing_carries_an_estimate_whatever_way_it_leaves(candidate, candidate_client):
    """A weak topic of seven answers: neither its label nor any number of it."""
    sit(candidate, scores=(0,) * 7)
    data = compiled(candidate).data
    assert {row[name] for row in data["topics"] for name in stored.ESTIMATES} == {None}
    assert "slope" not in json.dumps({key: value for key, value in data.items() if key != "constants"})
    for address in ADDRESSES:
        text = candidate_client.get(reverse(address)).content.decode()
        assert "very likely below" not in text
        assert '"weak"' not in text
        assert ",weak," not in text
    link = candidate_client.post(reverse("interviews:report_share"), {"days": "7"}).content.decode()
    shared = Client().get("/shared/" + link.split("/shared/")[1].split('"')[0]).content.decode()
    assert "not enough evidence yet" in shared.lower()
    assert "below your" not in shared.split('id="method"')[0]


@pytest.mark.parametrize("counted", [5, 12])
def test_a_report_of_the_first_edition_still_reads_and_leaks_nothing_either(candidate, candidate_client, counted):
    make_topic(slug="nlp")
    make_topic()
    old_report(candidate, counted)
    page = candidate_client.get(reverse("interviews:report")).content.decode()
    assert ("very likely below your 70% target" in page.split('id="method"')[0]) == (counted >= 8)
    rows = candidate_client.get(reverse("interviews:report_json")).json()["topics"]
    assert [row["mean"] for row in rows] == [None if counted < 8 else -0.4567, None]
    table = candidate_client.get(reverse("interviews:report_csv")).content.decode()
    table = list(csv.DictReader(io.StringIO(table)))
    assert [row["p_weak"] for row in table] == ["" if counted < 8 else "0.9692", ""]
    assert ReportPage(WeaknessReport.objects.get(), candidate, topics_by_slug(), is_shared=True)


def test_a_new_report_is_compared_with_one_of_the_first_edition(candidate):
    sit(candidate, scores=(0,) * 10, days_ago=20)
    old_report(candidate, 12)
    sit(candidate, scores=(1,) * 10)
    (row,) = compiled(candidate).data["changes"]["topics"]
    assert (row["kind"], row["said"], row["causes"]) == ("up", 0.4119, ["model"])


def test_a_stored_report_can_be_fitted_again(candidate):
    """Practice and the nightly calibration do."""
    sit(candidate, scores=(1, 0, 1) * 3)
    for answer in make_answered_interview(candidate=candidate, count=2).questions.all():
        answer.grade("coach", 0.3, {}, now=timezone.now())
    report = compiled(candidate)
    again = stored.fit_of(report.data)
    pairs = Pairs(**report.data["pairs"])
    assert pairs.count == 2
    assert again == fit_joint(stored.evidence_of(report.data), ["evaluation"], candidate_prior(pairs, DEFAULT_PRIOR))
    (topic,) = report.data["topics"]
    assert again.topics["evaluation"].mean == pytest.approx(topic["mean"], abs=1e-9)
    found = practising(candidate, report, now=timezone.now())
    assert found.needs["evaluation"].variance == pytest.approx(topic["variance"], abs=1e-9)


# --- own scores -------------------------------------------------------------------------------------


def score_by_coach(candidate, count: int) -> None:
    """Answers that their candidate scores with one half and a coach with a tenth."""
    interview = make_answered_interview(candidate=candidate, count=count, now=timezone.now() - timedelta(days=2))
    for answer in interview.questions.all():
        answer.grade("coach", 0.1, {}, now=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize(("pairs", "says"), [(4, "as is usual here"), (5, "above your coach (80% range")])
def test_own_scores_are_spoken_of_from_five_pairs_and_to_the_candidate_alone(candidate, candidate_client, pairs, says):
    score_by_coach(candidate, pairs)
    sit(candidate, scores=(1, 0) * 3)
    make_answered_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    report = compiled(candidate)
    assert (report.data["leniency"] == {"pairs": 4}) == (pairs == 4)
    page = candidate_client.get(reverse("interviews:report")).content.decode()
    assert says in page
    assert f"{pairs} answers were scored by you and by a coach" in page
    for view in ({"is_shared": True}, {"is_for_coach": True}):
        assert ReportPage(report, candidate, topics_by_slug(), **view).leniency == ""


def test_without_own_scores_nothing_is_said_of_them(candidate, candidate_client):
    sit(candidate, scores=(1, 0) * 5)
    compiled(candidate)
    assert "too kind" not in candidate_client.get(reverse("interviews:report")).content.decode()


# --- tracks -----------------------------------------------------------------------------------------


def track_of(data: dict, slug: str) -> dict:
    return next(row for row in data["tracks"] if row["track"] == slug)


def test_a_track_is_stated_behind_its_three_gates(candidate, candidate_client):
    track = make_track(slug="phone", count=4, formats=["single_choice"], topics=["evaluation"])
    make_version(topics=("nlp",))
    sit(candidate, scores=(1, 0, 1))
    few = track_of(compiled(candidate).data, "phone")
    assert (few["state"], few["answers"], few["score"], few["low"]) == ("few answers", 3, None, None)
    for days in (9, 8, 7):
        sit(candidate, scores=(1, 1, 0, 1) * 5, days_ago=days)
    stated = track_of(compiled(candidate).data, "phone")
    assert (stated["state"], stated["questions"], stated["share"]) == ("stated", 4, pytest.approx(1))
    assert stated["low"] < stated["score"] < stated["high"] <= stated["low"] + 0.3
    page = candidate_client.get(reverse("interviews:report")).content.decode()
    assert "Phone" not in page, "nobody chose it"
    candidate.interviews.update(track=track)
    page = candidate_client.get(reverse("interviews:report")).content.decode()
    assert "Phone looks " in page
    assert "of the points expected (80% range " in page
    assert "Points, not a chance to pass" in page
    TrackSection.objects.create(track=track, position=1, name="More", count=8, topics=["nlp"])
    little = track_of(compiled(candidate).data, "phone")  # the report that stands was of the track as it was
    assert little == stated
    sit(candidate, scores=(1,))
    little = track_of(compiled(candidate).data, "phone")
    assert (little["state"], little["share"], little["score"]) == ("little known", pytest.approx(1 / 3), None)


def test_a_track_that_nobody_could_sit_is_left_out(candidate):
    make_track(slug="empty", topics=["nowhere"])
    sit(candidate, scores=(1, 0, 1))
    assert "empty" not in [row["track"] for row in compiled(candidate).data["tracks"]]


def test_the_pools_of_the_tracks_are_those_that_interviews_draw_from(candidate):
    """By the catalog's rule in Python and by the database's."""
    from interviews.report.bank import read_bank
    from interviews.report.tracks import SECTION_FIELDS, entry_of
    from questions.catalog_files import fits
    from questions.models import QuestionVersion

    for level in ("beginner", "advanced"):
        for topics in (("nlp",), ("evaluation", "nlp")):
            for format in ("single_choice", "free_text"):
                make_version(level=level, topics=topics, format=format)
    wanted = [{}, {"levels": ["beginner"]}, {"topics": ["nlp"]}, {"formats": ["free_text"], "levels": ["advanced"]}]
    bank = read_bank((), current_difficulties())
    for filters in wanted:
        section = TrackSection(count=1, **filters)
        drawn = set(QuestionVersion.objects.published().in_section(section).values_list("question_id", flat=True))
        kept = {name: getattr(section, name) for name in SECTION_FIELDS}
        assert {pk for pk, question in bank.items() if fits(entry_of(question), kept)} == drawn
    assert track_pools(bank) == []
