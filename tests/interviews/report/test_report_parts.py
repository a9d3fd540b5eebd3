"""Trend, pace, confidence, misconceptions, comparison and sharing: from the history to the page."""

import csv
import io
import json
import random
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report import compiling
from interviews.report.charts import confidence_chart, trend_chart
from interviews.report.history import CountedAnswer, read_history
from interviews.report.models import ReportShare, WeaknessReport
from interviews.report.parts import NAMED_ANSWERS, confidence_data, misconceptions_data, trend_data
from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, fit
from interviews.report.statistics.trend import FirstAttempt, trend, trend_plot
from interviews.sitting.models import Interview, InterviewQuestion
from tests.factories import NOON, make_candidate, make_coach, make_finished_interview, make_interview, write

# --- the pure functions -----------------------------------------------------------------------------

evidence = st.builds(
    Evidence,
    st.sampled_from([{"a": 1.0}, {"b": 1.0}, {"a": 0.65, "b": 0.35}]),
    st.floats(-2, 2),
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    st.floats(0.01, 1),
)
attempts = st.lists(
    st.builds(FirstAttempt, st.integers(0, 300).map(lambda days: NOON - timedelta(days=days)), evidence),
    min_size=20,
    max_size=40,
)


@settings(deadline=None)
@given(attempts, st.randoms())
def test_the_order_of_answers_changes_no_digit_of_trend_and_plot(history, luck):
    shuffled = list(history)
    luck.shuffle(shuffled)
    assert trend(shuffled, NOON) == trend(history, NOON)
    ours, theirs = trend_plot(history, NOON), trend_plot(shuffled, NOON)
    assert (ours and ours.line) == (theirs and theirs.line)


@settings(deadline=None)
@given(attempts)
def test_the_plot_stays_on_the_paper_and_in_its_band(history):
    plot = trend_plot(history, NOON)
    assert (plot is None) == (trend(history, NOON) is None)
    for point in plot.line if plot else []:
        assert 0 <= point.low <= point.score <= point.high <= 1
    if plot:
        assert sum(sitting.count for sitting in plot.sittings) == len(history)
        assert all(0 <= sitting.score <= 1 for sitting in plot.sittings)


@given(st.lists(evidence, max_size=12), st.sampled_from([0.0, 1.0]))
def test_all_right_and_all_wrong_are_fine_and_an_untested_topic_changes_no_other(rows, score):
    rows = [Evidence(row.topic_weights, row.difficulty, score, row.weight) for row in rows]
    plain, wider = fit(rows, ["a", "b"]), fit(rows, ["a", "b", "untested"])
    for topic in ("a", "b"):
        assert wider[topic].mean == pytest.approx(plain[topic].mean, abs=1e-7)
        assert wider[topic].variance == pytest.approx(plain[topic].variance, abs=1e-7)


# --- compiling --------------------------------------------------------------------------------------


def sit(candidate, *, days_ago: float, scores=(1, 0, 1), confidence: int | None = None, **fields) -> Interview:
    interview = make_finished_interview(
        candidate=candidate, scores=scores, now=timezone.now() - timedelta(days=days_ago), **fields
    )
    interview.questions.update(confidence=confidence)
    return interview


def compiled(candidate) -> WeaknessReport:
    return compiling.compile_report(candidate, now=timezone.now())


@pytest.fixture
def long_history(candidate):
    """Five sittings of five over 80 days, every other answer right, all stated with 90 %."""
    for days in (80, 60, 40, 20, 1):
        sit(candidate, days_ago=days, scores=(1, 0, 1, 0, 1), confidence=90)
    return compiled(candidate)


def test_a_long_history_has_a_trend_a_pace_and_a_gap(long_history):
    data = long_history.data
    assert data["trend"]["general"]["count"] == 25
    assert [row["topic"] for row in data["trend"]["topics"]] == ["evaluation"]
    assert len(data["trend"]["plot"]["line"]) == 9
    assert data["pacing"]["count"] == 25
    assert sum(row["count"] for row in data["pacing"]["quadrants"]) == 25
    assert data["confidence"]["gap"]["count"] == 25
    assert data["confidence"]["gap"]["verdict"] == "overconfident"
    assert data["confidence"]["decomposition"] is None
    assert data["confidence"]["levels"] == []
    assert data["confidence"]["calibration_error"] is None


def test_the_same_history_and_moment_give_byte_identical_data(candidate, long_history):
    again = make_candidate()
    Interview.objects.filter(candidate=candidate).update(candidate=again)
    data = compiling.compile_report(again, now=long_history.compiled_at).data
    assert json.dumps(data, sort_keys=True) == json.dumps(long_history.data, sort_keys=True)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(49, (False, 0, False)), (50, (True, 0, False)), (100, (True, 2, False)), (200, (True, 2, True))],
)
def test_each_figure_of_confidence_waits_for_its_number_of_answers(candidate, count, expected):
    luck = random.Random(1)
    answers = [
        CountedAnswer(
            n, n, NOON, luck.choice([0.0, 1.0]), "auto", False, 0.4 if n % 2 else 0.8, None, None, False, NOON
        )
        for n in range(count - 5)
    ] + [CountedAnswer(900 + n, 900 + n, NOON, 1.0, "auto", False, 0.9, None, None, False, NOON) for n in range(5)]
    data = confidence_data(answers)
    found = (data["decomposition"] is not None, len(data["levels"]), data["calibration_error"] is not None)
    assert found == expected


@pytest.mark.parametrize("pace", ["gentle", "untimed"])
def test_only_the_strict_clock_counts_in_pacing(candidate, pace):
    sit(candidate, days_ago=1, pace=pace)
    assert compiled(candidate).data["pacing"] is None


def test_time_used_ends_at_the_time_allotted_and_skipping_is_no_pace(candidate):
    interview = sit(candidate, days_ago=1, scores=(1, 1, 0))
    first, second, third = interview.questions.all()
    # A coach's extra time may end before the answer came in: what counts is the time allotted.
    InterviewQuestion.objects.filter(pk=first.pk).update(closed_at=first.deadline_at + timedelta(seconds=40))
    InterviewQuestion.objects.filter(pk=second.pk).update(state="skipped")
    used = {row.id: row.seconds_used for row in read_history(candidate.pk, now=timezone.now()).counted}
    assert used[first.pk] == pytest.approx((first.deadline_at - first.opened_at).total_seconds())
    assert used[second.pk] is None
    assert used[third.pk] == pytest.approx(5)


def test_named_answers_are_the_newest(candidate):
    for days in range(12, 0, -1):
        sit(candidate, days_ago=days, scores=(1, 1, 1, 1, 1))
    named = compiled(candidate).data["trend"]["answers"]
    newest = InterviewQuestion.objects.order_by("-closed_at", "-pk").values_list("pk", flat=True)
    assert named == list(newest[:NAMED_ANSWERS])


# --- misconceptions ---------------------------------------------------------------------------------


def answer_again(candidate, version, *, right: bool, days_ago: float) -> None:
    """Another attempt at the same question."""
    interview = sit(candidate, days_ago=days_ago, scores=(1,))
    answer = interview.questions.get()
    InterviewQuestion.objects.filter(pk=answer.pk).update(
        question=version.question, version=version, score=float(right)
    )


def test_a_wrong_option_is_open_then_refuted_once_then_again(candidate):
    interview = sit(candidate, days_ago=90, scores=(0,), confidence=90)
    version = interview.questions.get().version
    states = []
    for days_ago in (None, 60, 30, 2):
        if days_ago:
            answer_again(candidate, version, right=True, days_ago=days_ago)
        (miss,) = compiled(candidate).data["misconceptions"]
        states.append(miss["state"])
    assert states == ["open", "refuted once", "refuted again later", "refuted again later"]
    assert miss["is_sure"]
    assert miss["believed"] == [{"statement": "wrong a", "correction": "Because wrong a."}]


def test_a_misconception_that_a_coach_ticked_is_listed(candidate):
    interview = make_interview(candidate=candidate, formats=("free_text",), now=NOON)
    write(interview, 1, "An answer with the misconception.", act="submit_answer", now=NOON + timedelta(seconds=5))
    with Interview.objects.under_lock(interview.public_id, now=NOON + timedelta(seconds=6)) as locked:
        locked.score(now=NOON + timedelta(seconds=6))
    answer = interview.questions.get()
    (wrong,) = answer.version.misconceptions.all()
    answer.grade("coach", 0.2, {"misconceptions": [wrong.pk]}, by=make_coach(), now=NOON + timedelta(hours=1))
    (miss,) = compiling.compile_report(candidate, now=NOON + timedelta(days=1)).data["misconceptions"]
    assert miss["believed"] == [{"statement": "The secret misconception", "correction": "It is not so."}]
    assert not miss["is_sure"]


def test_right_answers_and_unanswered_questions_are_no_misconceptions(candidate):
    sit(candidate, days_ago=2, scores=(1,), confidence=99)
    blank = sit(candidate, days_ago=1, scores=(0,), confidence=99)
    blank.questions.update(state="timed_out", answer=[])
    assert compiled(candidate).data["misconceptions"] == []


def test_empty_parts_are_empty():
    assert misconceptions_data([], {}) == []
    nothing = trend_data([], {}, prior=DEFAULT_PRIOR, time_zone="Asia/Kolkata", now=NOON)
    assert nothing == {"general": None, "plot": None, "topics": [], "answers": []}


# --- the page ---------------------------------------------------------------------------------------


def page_of(client: Client, **query) -> str:
    return client.get(reverse("interviews:report"), query).content.decode()


def test_every_part_stands_on_the_page_in_its_words(candidate_client, candidate, long_history):
    page = page_of(candidate_client)
    assert "No clear trend, from 25 first attempts" in page
    assert "from 25 timed answers" in page
    assert "Time ran out on 0 of 25 timed answers" in page
    assert "25 answers: you said 90% on average and scored 60%. You stated 30 points more than you scored" in page
    assert "Wrong, and you were 80% sure or more" in page
    assert "“wrong a”" in page
    assert page.count('<svg class="chart"') == 2  # the expected score, and confidence
    assert "What to practise next" in page
    assert " style=" not in page
    for word in ("overconfident", "percentile", "weakest topic is"):
        assert word not in page


def test_below_the_gates_nothing_is_claimed(candidate_client, candidate):
    sit(candidate, days_ago=1, confidence=80)
    compiled(candidate)
    page = page_of(candidate_client)
    assert "We can’t see a trend yet" in page
    assert "Not enough evidence yet: 3 of 10 timed answers." in page
    assert "Not enough evidence yet: 3 of 10 answers with a stated confidence." in page
    assert '<svg class="chart"' not in page


def test_charts_say_their_numbers(long_history):
    drawing = trend_chart(long_history.data["trend"]["plot"], long_history.compiled_at)
    assert "80% range" in drawing.description
    levels = [{"confidence": 0.4, "count": 12, "mean_score": 0.5}, {"confidence": 0.9, "count": 90, "mean_score": 0.6}]
    assert (
        "said 40%, scored 50% (12 answers); said 90%, scored 60% (90 answers)" in confidence_chart(levels).description
    )


# --- out --------------------------------------------------------------------------------------------


def test_the_csv_holds_the_raw_numbers(candidate_client, candidate, long_history):
    response = candidate_client.get(reverse("interviews:report_csv"))
    assert response.content.startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    stored = long_history.data["topics"][0]
    assert float(row["ability_mean"]) == stored["mean"]
    assert float(row["p_weak"]) == stored["p_weak"]
    assert row["label"] == stored["label"]


def test_the_csv_states_no_estimate_below_the_gates(candidate_client, candidate):
    assert candidate_client.get(reverse("interviews:report_csv")).status_code == 404
    sit(candidate, days_ago=1)
    compiled(candidate)
    content = candidate_client.get(reverse("interviews:report_csv")).content
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["label"] == "not enough evidence yet"
    assert [row[name] for name in ("expected_score", "range_low", "range_high", "p_weak", "ability_mean")] == [""] * 5
    assert float(row["evidence"]) == pytest.approx(3, abs=0.02)


# --- sharing ----------------------------------------------------------------------------------------


@pytest.fixture
def shared(candidate_client, candidate, long_history) -> str:
    """The address of a share without a name."""
    page = candidate_client.post(reverse("interviews:report_share"), {"days": "7"}).content.decode()
    return "/shared/" + page.split("/shared/")[1].split('"')[0]


def test_a_shared_report_is_read_without_a_log_in_and_shows_no_name_and_no_answer(shared, candidate):
    response = Client().get(shared)
    page = response.content.decode()
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "expected on a typical intermediate question (80% range" in page
    assert "You stated 30 points more" in page
    for hidden in (candidate.email, "Title of", "“wrong a”", "/results/", "/practice/"):
        assert hidden not in page


def test_the_name_is_shown_only_when_chosen(candidate_client, candidate, long_history):
    candidate.name = "Ada"
    candidate.save()
    page = candidate_client.post(reverse("interviews:report_share"), {"days": "30", "shows_name": "on"})
    address = "/shared/" + page.content.decode().split("/shared/")[1].split('"')[0]
    assert "Weakness report of Ada" in Client().get(address).content.decode()
    share = ReportShare.objects.get()
    assert (share.expires_at - share.created_at).days == 30
    candidate.name = ""  # then there is none to show, and the address is no name
    candidate.save()
    assert candidate.email not in Client().get(address).content.decode()


def test_only_the_fingerprint_of_the_address_is_kept(shared):
    token = shared.split("/")[2]
    share = ReportShare.objects.get()
    assert token not in str(vars(share))
    assert Client().get(f"/shared/{share.token_hash}/").status_code == 404


def test_an_expired_a_revoked_and_an_unknown_link_do_not_exist(shared, candidate_client):
    share = ReportShare.objects.get()
    candidate_client.post(reverse("interviews:revoke_share", args=[share.pk]))
    assert Client().get(shared).status_code == 404
    now = timezone.now()
    ReportShare.objects.update(revoked_at=None, created_at=now - timedelta(days=7), expires_at=now)
    assert Client().get(shared).status_code == 404
    assert Client().get("/shared/nothing/").status_code == 404


def test_somebody_else_s_link_cannot_be_revoked(shared):
    stranger = Client()
    stranger.force_login(make_candidate())
    assert stranger.post(reverse("interviews:revoke_share", args=[ReportShare.objects.get().pk])).status_code == 404
    assert Client().get(shared).status_code == 200


def test_a_link_lasts_7_or_30_days_and_no_longer(candidate_client, long_history):
    response = candidate_client.post(reverse("interviews:report_share"), {"days": "3650"})
    assert response.status_code == 422
    assert not ReportShare.objects.exists()


def test_a_link_shows_the_report_it_was_made_for_and_no_later_one(shared, candidate):
    before = Client().get(shared).content
    sit(candidate, days_ago=0.1, scores=(1,) * 5)
    compiled(candidate)
    assert Client().get(shared).content == before
