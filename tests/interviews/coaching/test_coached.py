"""A coach's candidates, their reports and their running interviews: no more than the grant of this moment reaches."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from interviews.coaching import coached
from interviews.coaching.models import Assignment, Review
from interviews.report import compiling
from interviews.report.models import WeaknessReport
from interviews.sitting.models import Interview, TimeAdjustment
from interviews.sitting.models.interview_queries import InterviewQuerySet
from tests.factories import (
    NOON,
    make_admin,
    make_candidate,
    make_coach,
    make_curator,
    make_finished_interview,
    make_interview,
    make_track,
    question_of,
    write,
)
from tests.interviews.factories import client_of, make_answered_interview, make_grant, send

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def track():
    return make_track(slug="screen", count=1)


def page(name: str, *args) -> str:
    return reverse(f"interviews:{name}", args=args)


def make_report(candidate, *, right: int, now=NOON) -> WeaknessReport:
    """From nine answers on `evaluation`, of which so many are right."""
    make_finished_interview(candidate=candidate, scores=tuple(float(place < right) for place in range(9)), now=now)
    compiling.compile_requested(candidate.pk, now=now + 10 * MINUTE)
    return candidate.reports.first()


def rows_of(client: Client) -> dict:
    return {row.candidate: row for row in client.get(page("candidates")).context["rows"]}


# --- whom and what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [make_candidate, make_coach, make_curator, make_admin, "former coach"])
def test_without_a_live_grant_the_candidate_does_not_exist(candidate, coach, who):
    make_report(candidate, right=3)
    running = make_interview(candidate=candidate, now=timezone.now())
    make_grant(candidate, coach).revoke(now=timezone.now())
    client = client_of(coach if who == "former coach" else who())
    paths = [page(name, candidate.pk) for name in ("candidate", "candidate_report", "assign")]
    paths += [
        page(name, candidate.pk, "topic-evaluation") for name in ("candidate_evidence", "candidate_evidence_panel")
    ]
    for path in [*paths, page("interview_time", running.public_id)]:
        for response in (client.get(path), client.post(path, {"action": "add", "minutes": 5, "reason": "Mine."})):
            assert response.status_code in (404, 405)
    assert rows_of(client) == {}
    assert not AccessLog.objects.exists()
    assert not TimeAdjustment.objects.exists()


def test_nobody_is_their_own_coach_here(candidate, candidate_client):
    running = make_interview(candidate=candidate, now=timezone.now())
    assert candidate_client.get(page("candidate", candidate.pk)).status_code == 404
    assert candidate_client.get(page("interview_time", running.public_id)).status_code == 404


@pytest.mark.parametrize(
    ("scope", "granted_at", "reaches"),
    [
        ("all", NOON + 60 * MINUTE, True),
        ("from_now_on", NOON - MINUTE, True),
        ("from_now_on", NOON + MINUTE, False),  # the first interview was started before
        ("interview", NOON - MINUTE, False),
    ],
)
def test_the_report_is_shown_where_the_grant_reaches_all_that_it_rests_on(candidate, coach, scope, granted_at, reaches):
    make_report(candidate, right=3)
    single = candidate.interviews.last() if scope == "interview" else None
    make_grant(candidate, coach, scope=scope, interview=single, now=granted_at)
    client = client_of(coach)
    for address in (
        page("candidate_report", candidate.pk),
        page("candidate_evidence", candidate.pk, "topic-evaluation"),
    ):
        assert client.get(address).status_code == (200 if reaches else 404)
    assert AccessLog.objects.count() == 2 * reaches
    assert (page("candidate_report", candidate.pk) in client.get(page("candidate", candidate.pk)).content.decode()) == (
        reaches
    )
    row = rows_of(client)[candidate]
    assert bool(row.stuck_on) == reaches
    assert ("doesn't include" in row.report_note) != reaches


def test_the_report_is_the_candidates_own_without_their_buttons_and_its_answers_lead_to_the_replay(candidate, coach):
    make_report(candidate, right=3)
    make_grant(candidate, coach)
    client = client_of(coach)
    html = client.get(page("candidate_report", candidate.pk)).content.decode()
    assert "below your 70% target" in html
    evidence = page("candidate_evidence", candidate.pk, "topic-evaluation")
    assert f'href="{evidence}"' in html
    for theirs in ("/interviews/new/", "/report/target/", "/report.json", "/results/#", "Practise these"):
        assert theirs not in html
    answer = candidate.interviews.first()
    behind = client.get(evidence).content.decode()
    panel = client.get(f"{evidence}panel/", headers={"hx-request": "true"}).content.decode()
    assert page("replay", answer.public_id, 1) in panel
    assert panel.strip() in behind
    assert "/results/#" not in behind
    assert client.get(f"{evidence}panel/").url == evidence
    assert client.get(page("candidate_evidence", candidate.pk, "nothing")).status_code == 404
    own = client_of(candidate).get(page("report_evidence", "topic-evaluation")).content.decode()
    assert page("results", answer.public_id) + "#result-1" in own


def test_a_look_at_the_report_and_one_a_day_at_the_list_stand_in_the_access_log(candidate, candidate_client, coach):
    make_report(candidate, right=3)
    make_grant(candidate, coach)
    client = client_of(coach)
    for _ in range(3):
        rows_of(client)
    assert AccessLog.objects.count() == 1
    for _ in range(2):
        client.get(page("candidate_report", candidate.pk))
    client.get(page("candidate_evidence", candidate.pk, "topic-evaluation"))
    client.get(page("candidate", candidate.pk))  # holds no answer and no verdict
    assert AccessLog.objects.count() == 4
    log = candidate_client.get(page("access_log")).content.decode()
    assert log.count("Weakness report of 2 Nov 2026") == 3
    assert log.count("Weakness report of 2 Nov 2026: answers behind it") == 1
    assert "the weak topics, in a list" in log


def test_only_what_the_grant_covers_is_listed(candidate, coach):
    old = make_finished_interview(candidate=candidate, now=NOON)
    new = make_finished_interview(candidate=candidate, now=NOON + 60 * MINUTE)
    make_grant(candidate, coach, scope="interview", interview=old)
    client = client_of(coach)
    shown = client.get(page("candidate", candidate.pk)).context["page"].interviews
    assert shown == [old]
    assert rows_of(client)[candidate].last_activity == old.closed_at
    assert client.get(page("interview_time", new.public_id)).status_code == 404


# --- the list -------------------------------------------------------------------------------------------


def test_the_list_says_who_waits_who_is_stuck_and_where_the_evidence_is_thin(coach):
    weak, strong, thin, waiting = (make_candidate(name=name) for name in ("Weak", "Strong", "Thin", "Waiting"))
    for person in (weak, strong, thin, waiting):
        make_grant(person, coach)
    make_report(weak, right=0)
    make_report(strong, right=9)
    make_finished_interview(candidate=thin, scores=(0, 0, 0))
    compiling.compile_requested(thin.pk, now=NOON + MINUTE)
    Review.objects.ask(make_answered_interview(candidate=waiting), coach=coach, now=NOON)
    rows = rows_of(client_of(coach))
    assert next(iter(rows)) == waiting
    assert [review.interview.candidate for review in rows[waiting].waiting] == [waiting]
    assert rows[weak].stuck_on == [("Evaluation", "weak")]
    assert (rows[strong].stuck_on, rows[strong].report_note) == ([], "")
    assert (rows[thin].stuck_on, rows[thin].report_note) == ([], "Not enough evidence yet: 3 of 8 answers.")
    assert rows[waiting].report_note.startswith("Not enough evidence yet")


def fill(person, coach, track, report: WeaknessReport) -> None:
    """A waiting and a sent review, an assignment and a report."""
    make_grant(person, coach)
    now = timezone.now()
    Review.objects.ask(make_finished_interview(candidate=person, scores=(1,)), coach=coach, now=now)
    sent = Review.objects.ask(make_finished_interview(candidate=person, scores=(1,)), coach=coach, now=now)
    Review.objects.filter(pk=sent.pk).update(sent_at=now, verdict="yes", level="advanced", next_action="Read.")
    Assignment.objects.assign(coach=coach, candidate=person, track=track, pace="strict", now=now)
    WeaknessReport.objects.create(
        candidate=person, compiled_at=now, evidence_version=str(report.candidate.reports.count()), data=report.data
    )


def test_the_list_is_ranked_before_it_is_cut(coach, monkeypatch):
    """Names that come late in the alphabet: who waits, and who was there last, is listed all the same."""
    monkeypatch.setattr(coached, "CANDIDATES_SHOWN", 2)
    quiet, active, waiting = (make_candidate(name=name) for name in ("Ada", "Zoe", "Zyx"))
    for candidate in (quiet, active, waiting):
        make_grant(candidate, coach)
    make_finished_interview(candidate=active, now=timezone.now())
    Review.objects.ask(make_answered_interview(candidate=waiting), coach=coach, now=timezone.now())
    response = client_of(coach).get(page("candidates"))
    assert [row.candidate for row in response.context["rows"]] == [waiting, active]
    assert "Page 1 of 2" in response.content.decode()
    assert [row.candidate for row in client_of(coach).get(page("candidates"), {"page": 2}).context["rows"]] == [quiet]


def test_query_counts_grow_neither_with_the_candidates_nor_with_what_one_has_done(candidate, coach, track):
    report = make_report(candidate, right=0)
    make_grant(candidate, coach)
    client = client_of(coach)
    paths = [page("candidates"), page("candidate", candidate.pk)]
    counts = []
    for size in (1, 3):
        for _ in range(size):
            fill(make_candidate(), coach, track, report)
            Review.objects.ask(make_finished_interview(candidate=candidate, scores=(1,)), coach=coach, now=NOON)
            Assignment.objects.assign(coach=coach, candidate=candidate, track=track, pace="strict", now=NOON)
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 20


def test_what_this_coach_said_before_is_there_and_what_another_said_is_not(candidate, coach):
    other = make_coach()
    for one in (coach, other):
        make_grant(candidate, one)
        interview = make_answered_interview(candidate=candidate)
        send(client_of(one), Review.objects.ask(interview, coach=one, now=timezone.now()))
    response = client_of(coach).get(page("candidate", candidate.pk))
    assert [review.coach for review in response.context["page"].said] == [coach]
    html = response.content.decode()
    assert (html.count(">Sent "), html.count("not requested")) == (1, 1)


# --- time added while it runs, and a reopening --------------------------------------------------------


@pytest.fixture
def running(candidate, coach) -> Interview:
    make_grant(candidate, coach)
    return make_interview(candidate=candidate, now=timezone.now(), limit_seconds=1800, question_seconds=300)


def give(client: Client, interview: Interview, **fields):
    return client.post(page("interview_time", interview.public_id), {"action": "add", "minutes": 5} | fields)


def test_time_that_a_coach_adds_reaches_the_running_page_with_its_next_save_and_its_next_look(
    candidate_client, coach, running
):
    clock = page("clock", running.public_id)
    before = candidate_client.get(clock).json()
    assert give(client_of(coach), running, reason="Fire alarm.").status_code == 302
    after = candidate_client.get(clock).json()
    for name in ("question_ms", "interview_ms"):
        assert 290_000 < after[name] - before[name] <= 300_000
    fields = {"answer": "x", "rev": 1, "lease": running.lease}
    saved = candidate_client.post(page("save", running.public_id, 1), fields, HTTP_HX_REQUEST="true").content.decode()
    assert f'data-question-ms="{after["question_ms"] // 10_000}' in saved


def test_the_candidate_reads_in_the_results_who_added_time_and_why(candidate_client, coach, running):
    give(client_of(coach), running, reason="Fire <b>alarm</b>.")
    candidate_client.post(page("finish", running.public_id), {"confirmed": "yes", "lease": running.lease})
    results = candidate_client.get(page("results", running.public_id)).content.decode()
    assert f"5 minutes added by {coach}: Fire &lt;b&gt;alarm&lt;/b&gt;." in results


def test_a_coach_sees_that_it_runs_and_no_answer(candidate, coach, running):
    write(running, 1, "The canary of an answer.", now=timezone.now())
    html = client_of(coach).get(page("interview_time", running.public_id)).content.decode()
    assert "in progress" in html
    assert "about 30 minutes" in html
    for hidden in ("canary", question_of(running, 1).version.title, "Prompt of"):
        assert hidden not in html
    assert client_of(coach).get(page("replay", running.public_id, 1)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"reason": ""}, {"minutes": ""}, {"minutes": "-5"}, {"minutes": "241"}, {"action": "void"}, {"action": "reopen"}],
)
def test_without_a_reason_or_with_another_action_nothing_changes(coach, running, change):
    response = give(client_of(coach), running, **{"reason": "Fire alarm.", "position": 1} | change)
    assert response.status_code == 422
    assert not TimeAdjustment.objects.exists()
    running.refresh_from_db()
    assert running.is_in_progress


def test_a_coach_who_looks_or_comes_too_late_expires_nothing(candidate, coach):
    make_grant(candidate, coach)
    overdue = make_interview(candidate=candidate, now=timezone.now() - timedelta(days=1))
    client = client_of(coach)
    events = overdue.events.count()
    assert "time is up" in client.get(page("interview_time", overdue.public_id)).content.decode()
    client.get(page("candidates"))
    client.get(page("candidate", candidate.pk))
    assert give(client, overdue, reason="Late.").status_code == 422
    overdue.refresh_from_db()
    assert (overdue.is_in_progress, overdue.events.count()) == (True, events)


def test_a_grant_that_ends_while_the_coach_waits_for_the_lock_gives_no_time(candidate, coach, running, monkeypatch):
    under_lock = InterviewQuerySet.under_lock

    def end_the_grant_first(*args, **fields):
        candidate.grants_given.get().revoke(now=timezone.now())
        return under_lock(*args, **fields)

    monkeypatch.setattr(InterviewQuerySet, "under_lock", end_the_grant_first)
    assert give(client_of(coach), running, reason="Fire alarm.").status_code == 404
    assert not TimeAdjustment.objects.exists()


def test_a_reopened_question_takes_the_answer_up_again_and_the_candidate_is_told(candidate, candidate_client, coach):
    make_grant(candidate, coach)
    interview = make_answered_interview(candidate=candidate, count=2, now=timezone.now() - timedelta(hours=1))
    client = client_of(coach)
    html = client.get(page("interview_time", interview.public_id)).content.decode()
    assert "Reopen a question" in html
    fields = {"action": "reopen", "position": 2, "minutes": 10, "reason": "The page had hung."}
    assert client.post(page("interview_time", interview.public_id), fields).status_code == 302
    interview.refresh_from_db()
    assert interview.is_in_progress
    assert candidate.notices.get().text.startswith(f"{coach} reopened Screen.")
    clock = candidate_client.get(page("clock", interview.public_id)).json()
    assert clock["position"] == 2
    assert 590_000 < clock["question_ms"] <= 600_000
    assert client.post(page("interview_time", interview.public_id), fields).status_code == 422  # it runs now
    candidate_client.post(page("finish", interview.public_id), {"confirmed": "yes", "lease": interview.lease})
    results = candidate_client.get(page("results", interview.public_id)).content.decode()
    assert f"Question 2 reopened for 10 minutes by {coach}: The page had hung." in results
    assert candidate.notices.count() == 1


def test_a_double_click_adds_time_once(coach, running):
    client = client_of(coach)
    html = client.get(page("interview_time", running.public_id)).content.decode()
    assert '<input type="hidden" name="seen" value="0">' in html
    assert give(client, running, reason="Fire alarm.", seen=0).status_code == 302
    again = give(client, running, reason="Fire alarm.", seen=0)
    assert again.status_code == 422
    assert "The time was changed since" in again.content.decode()
    assert running.adjustments.count() == 1
    assert '<input type="hidden" name="seen" value="1">' in again.content.decode()
    assert give(client, running, reason="Once more.", seen=1).status_code == 302
    assert running.adjustments.count() == 2


def test_candidates_are_found_by_name_and_by_what_is_due(coach):
    named = [make_candidate(name=name) for name in ("Ada Lovelace", "Grace Hopper", "Alan Turing")]
    for one in named:
        make_grant(one, coach)
    now = timezone.now()
    make_finished_interview(candidate=named[0], now=now)
    Review.objects.ask(make_finished_interview(candidate=named[1], now=now - timedelta(days=20)), coach=coach, now=now)
    Assignment.objects.assign(coach=coach, candidate=named[0], track=make_track(), pace="strict", now=now)

    def found(**chosen):
        return {str(row.candidate) for row in client_of(coach).get(page("candidates"), chosen).context["rows"]}

    assert found(q="hOPP") == {"Grace Hopper"}
    assert found(only="waiting") == {"Grace Hopper"}
    assert found(only="assigned") == {"Ada Lovelace"}
    assert found(only="silent") == {"Grace Hopper", "Alan Turing"}
    assert found(only="stuck") == set()
    assert found(only="nonsense") == {str(one) for one in named}
