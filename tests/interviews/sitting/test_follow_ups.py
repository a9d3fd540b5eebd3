"""What is asked back after an open answer: chosen by rule, in a place and a time that were kept for it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CoachGrant
from interviews.coaching.models import Review
from interviews.records.export_pages import asked, interview_context
from interviews.report.history import read_history
from interviews.results.queries import with_questions
from interviews.sitting.drawing import keep_places
from interviews.sitting.models import Interview, InterviewQuestion, Outcome, Practice
from interviews.sitting.models.following import LONGEST_READ
from interviews.sitting.question_page import panel_context
from interviews.speech.heard import Heard, Word
from interviews.speech.models import Recording, Transcript
from questions import listening
from questions.models import QuestionVersion, Track
from tests.factories import (
    NOON,
    make_coach,
    make_follow_up,
    make_recording,
    make_track,
    make_version,
    question_of,
    write,
)
from tests.interviews.factories import (
    HTMX,
    answer_fields,
    client_of,
    make_answered_interview,
    make_grant,
    scorecard_fields,
)

pytestmark = pytest.mark.django_db

POINTS = ("States that the folds of time series must not be shuffled", "States that dropout regularises a network")
SAID = "Dropout regularises a network, and it is cheap."
FOLLOW_UPS = [
    make_follow_up(ask="Could you say more about the folds?", after="missed", point=1),
    make_follow_up(ask="What does dropout do at test time?", after="hit", point=2),
    make_follow_up(ask="What would you read next?", limit_seconds=40),
]


@pytest.fixture(autouse=True)
def fresh_matcher():
    """Its weights are learnt from the bank of the test: enough questions that words differ in weight."""
    for number in range(6):
        points = (f"Says something about planets and rivers {number}", "Compares a teapot with a train")
        make_version(points=points, level="advanced")
    listening.lexical_grader.cache_clear()


@pytest.fixture
def track() -> Track:
    """Two open questions and time for one follow-up to each."""
    for _ in range(2):
        make_version(points=POINTS, follow_ups=FOLLOW_UPS)
    return make_track(count=2, levels=["intermediate"], limit_seconds=2 * (60 + 40))


def begin(candidate, track: Track, **fields) -> Interview:
    fields = {"pace": "strict", "time_multiplier": 1, "now": NOON} | fields
    return Interview.objects.start(candidate, track, **fields)


def asked_back(interview: Interview) -> list[str]:
    return [one.title for one in InterviewQuestion.objects.filter(interview=interview, follows__isnull=False)]


def test_a_gap_gets_its_probe_with_the_reason_and_a_clock_of_its_own(candidate, track):
    interview = begin(candidate, track)
    write(interview, 1, SAID, act="submit_answer", now=NOON + timedelta(seconds=20))
    follow_up = question_of(interview, 3)
    assert (follow_up.title, str(follow_up)) == ("Could you say more about the folds?", "Question 1, follow-up")
    assert follow_up.asked_because == f"Asked because we found no sentence about this point: “{POINTS[0]}”."
    assert follow_up.deadline_at == NOON + timedelta(seconds=20 + 30)
    write(interview, 3, "They leak.", act="submit_answer", now=NOON + timedelta(seconds=30))
    assert question_of(interview, 2).is_open


def test_the_same_probe_comes_twice_only_where_no_other_fits(candidate, track):
    probes = []
    for start in range(3):
        interview = begin(candidate, track, now=NOON + timedelta(days=start), seed=1)
        for position in (1, 3, 2, 4):
            write(interview, position, SAID, act="submit_answer", now=NOON + timedelta(days=start))
        probes.append(asked_back(interview))
    assert probes == [[one["ask"]] * 2 for one in FOLLOW_UPS]


@pytest.mark.parametrize(("act", "text"), [("skip", SAID), ("submit_answer", " ")])
def test_what_was_left_out_is_not_asked_back_about(candidate, track, act, text):
    interview = begin(candidate, track)
    write(interview, 1, text, act=act)
    assert question_of(interview, 2).is_open
    assert asked_back(interview) == []


def test_what_is_too_long_to_be_read_in_time_gets_the_one_that_may_always_be_asked(candidate, track):
    interview = begin(candidate, track)
    write(interview, 1, "word " * LONGEST_READ, act="submit_answer")
    assert asked_back(interview) == ["What would you read next?"]


def test_whatever_fails_in_choosing_the_next_question_comes(candidate, track):
    interview = begin(candidate, track)
    broken = question_of(interview, 1).version_id
    QuestionVersion.objects.filter(pk=broken).update(follow_ups=[{"ask": "…", "after": "never"}])
    listening.asked_of.cache_clear()
    write(interview, 1, SAID, act="submit_answer")
    assert question_of(interview, 2).is_open
    assert asked_back(interview) == []


def test_what_fails_in_the_database_while_choosing_costs_the_follow_up_alone(candidate, track, monkeypatch):
    def fail(*args, **fields):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    interview = begin(candidate, track)
    monkeypatch.setattr(listening, "choose", fail)
    write(interview, 1, SAID, act="submit_answer")
    assert question_of(interview, 1).answer == [SAID]
    assert question_of(interview, 2).is_open
    assert asked_back(interview) == []


def say(interview: Interview, position: int, text: str | None, *, seconds: float) -> None:
    """Hands in what was said; `text` is what was heard by then, None: nobody has listened yet."""
    recording = make_recording(interview=interview, position=position)
    write(interview, position, "", act="submit_answer", now=NOON + timedelta(seconds=seconds))
    if text is not None:
        hear(recording, text)


def hear(recording: Recording, text: str) -> None:
    Recording.objects.filter(pk=recording.pk).update(asked_at=NOON)
    heard = Heard([Word(word, 0, 1, 0.9) for word in text.split()], seconds=9)
    Transcript.objects.keep(recording, heard, engine="test", version="1", now=NOON)


@pytest.mark.parametrize(
    ("heard", "asks", "because"),
    [
        (
            SAID,
            "Could you say more about the folds?",
            f"Asked because we found no sentence about this point: “{POINTS[0]}”.",
        ),
        ("", "What would you read next?", "Asked of everybody who gets this question."),
        (None, "What would you read next?", "Asked of everybody who gets this question."),
    ],
)
def test_what_was_said_is_gone_back_to_a_question_later_by_its_transcript(
    candidate_client, candidate, track, heard, asks, because
):
    interview = begin(candidate, track)
    say(interview, 1, heard, seconds=10)
    assert question_of(interview, 2).is_open
    assert asked_back(interview) == []
    write(interview, 2, SAID, act="submit_answer", now=NOON + timedelta(seconds=20))
    assert str(question_of(interview, 3)) == "Question 2, follow-up"  # what was written is asked about first
    write(interview, 3, "They leak.", act="submit_answer", now=NOON + timedelta(seconds=30))
    gone_back = question_of(interview, 4)
    assert (str(gone_back), gone_back.title, gone_back.asked_because) == ("Question 1, follow-up", asks, because)
    with Interview.objects.under_lock(interview.public_id, now=NOON + timedelta(seconds=31)) as locked:
        page = render_to_string("sitting/_follow_up_card.html", panel_context(locked, now=NOON))
    assert f"Going back to your answer on “{gone_back.version.title}”" in page
    assert "<audio" in page
    write(interview, 4, "They leak.", act="submit_answer", now=NOON + timedelta(seconds=40))
    interview.refresh_from_db()
    assert (interview.state, len(asked_back(interview))) == ("submitted", 2)


def test_at_the_end_what_was_said_before_comes_first_so_that_the_last_answer_can_be_heard(candidate, track):
    interview = begin(candidate, track)
    say(interview, 1, None, seconds=10)
    recording = make_recording(interview=interview, position=2)
    write(interview, 2, "", act="submit_answer", now=NOON + timedelta(seconds=20))
    assert str(question_of(interview, 3)) == "Question 1, follow-up"
    hear(recording, SAID)
    write(interview, 3, "Because.", act="submit_answer", now=NOON + timedelta(seconds=30))
    assert (str(question_of(interview, 4)), question_of(interview, 4).title) == (
        "Question 2, follow-up",
        "Could you say more about the folds?",
    )


def test_one_that_goes_back_and_runs_out_of_time_is_the_current_one_until_the_next_is_asked_for(candidate):
    for _ in range(3):
        make_version(points=POINTS, follow_ups=FOLLOW_UPS)
    interview = begin(candidate, make_track(count=3, levels=["intermediate"], limit_seconds=3 * 100))
    say(interview, 1, SAID, seconds=10)
    write(interview, 2, "", act="skip", now=NOON + timedelta(seconds=20))
    later = NOON + timedelta(seconds=20 + 30 + 11)
    with Interview.objects.under_lock(interview.public_id, now=later) as locked:
        current = locked.current_question()
        assert (str(current), current.state) == ("Question 1, follow-up", "timed_out")
        assert locked.go_on(current.position, lease=locked.lease, now=later) is Outcome.MOVED
        assert str(locked.current_question()) == "Question 3"


limits = st.dictionaries(st.integers(1, 9), st.lists(st.integers(30, 300), min_size=1, max_size=3), max_size=9)


@given(limits=limits, spare=st.integers(-500, 3000))
def test_whichever_follow_ups_are_asked_they_fit_the_time_and_no_room_for_one_more_is_left(limits, spare):
    places = keep_places(limits, spare_seconds=spare)
    used = sum(sum(sorted(limits[pk], reverse=True)[:count]) for pk, count in places.items())
    assert used <= max(spare, 0)
    nexts = [sorted(limits[pk], reverse=True)[count] for pk, count in places.items() if count < len(limits[pk])]
    assert all(seconds > spare - used for seconds in nexts)
    assert all(len(limits[pk]) == count or max(places.values()) - count <= 1 or nexts for pk, count in places.items())


def test_a_design_round_goes_three_deep(candidate):
    make_version(format="staged", points=POINTS, follow_ups=[make_follow_up(ask=f"Why {n}?") for n in range(4)])
    interview = begin(candidate, make_track(count=1, levels=["intermediate"], limit_seconds=60 + 3 * 30))
    for position in (1, 2, 3, 4):
        text = ["Ask who uses it.", "A baseline first."] if position == 1 else ["Because."]
        write(interview, position, text, act="submit_answer")
    interview.refresh_from_db()
    assert interview.state == "submitted"
    assert asked_back(interview) == ["Why 0?", "Why 1?", "Why 2?"]


def submit(client, interview: Interview, position: int, text: str, **headers) -> str:
    form = {"answer": text, "rev": 1, "lease": interview.lease, "base": 0, "position": position}
    url = reverse("interviews:submit", args=[interview.public_id, position])
    return client.post(url, form, **headers).content.decode()


def test_it_is_shown_with_the_question_and_ones_own_answer_and_nothing_of_a_good_one(
    candidate_client, candidate, track
):
    interview = begin(candidate, track, pace="untimed")
    page = submit(candidate_client, interview, 1, SAID, headers={"hx-request": "true"})
    for shown in ("Question 1 of 2, follow-up", "Could you say more about the folds?", SAID, "Save and next"):
        assert shown in page
    assert "secret" not in page
    assert "Asked because" not in page
    submit(candidate_client, interview, 3, "They leak.")  # as without JavaScript
    page = candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    assert "Question 2 of 2" in page


@pytest.fixture
def finished(candidate, track) -> Interview:
    interview = begin(candidate, track)
    for position in (1, 3, 2, 4):
        write(interview, position, SAID if position < 3 else "They leak.", act="submit_answer")
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.score(now=NOON)
    return Interview.objects.get(pk=interview.pk)


def test_afterwards_the_reason_is_told_and_a_good_answer_only_with_the_questions_own(candidate_client, finished):
    results = reverse("interviews:results", args=[finished.public_id])
    page = candidate_client.get(results).content.decode()
    assert page.count("Asked because we found no sentence") == 2
    assert "secret answer to a follow-up" not in page
    candidate_client.post(reverse("interviews:reveal", args=[finished.public_id, 1]))
    assert candidate_client.get(results).content.decode().count("secret answer to a follow-up") == 1
    for act in ("reveal", "self_score", "result_panel"):  # it is marked and revealed with its question
        assert candidate_client.post(reverse(f"interviews:{act}", args=[finished.public_id, 3])).status_code in (
            404,
            405,
        )
    assert candidate_client.get(reverse("interviews:replay", args=[finished.public_id, 3])).status_code == 200


def test_it_is_no_evidence_and_no_question_of_the_interview(candidate, finished):
    assert question_of(finished, 3).score is None
    history = read_history(candidate.pk, now=NOON + timedelta(hours=1))
    assert sum(one.answers for one in history.questions) == 2
    counted = candidate.interviews.with_counts().get()
    assert (counted.question_count, counted.answered_count) == (2, 2)


def test_a_reopened_one_is_answered_again_and_ends_the_interview(finished):
    with Interview.objects.under_lock(finished.public_id, now=NOON) as locked:
        locked.reopen(3, seconds=60, reason="The line was cut", by=None, now=NOON)
        assert locked.current_question().position == 3
    write(finished, 3, "They leak, of course.", rev=2, act="submit_answer")
    finished.refresh_from_db()
    assert (finished.state, question_of(finished, 3).answer) == ("submitted", ["They leak, of course."])
    assert finished.events.get(kind="reopened").data["asked"] == "Question 1, follow-up"


def test_the_export_has_it_under_its_question(finished):
    interview = with_questions(Interview.objects.all()).get(pk=finished.pk)
    first, _ = asked(interview)
    assert [one["ask"] for one in first["follow_ups"]] == ["Could you say more about the folds?"]
    assert "model_answer" not in first["follow_ups"][0]
    assert len(interview_context(interview)["items"]) == 2


def test_a_coach_reads_it_beside_the_answer_and_has_only_the_answer_to_mark(client, candidate, finished):
    coach = make_coach()
    _, token = CoachGrant.objects.invite(candidate, scope=CoachGrant.Scope.ALL, email=coach.email, now=NOON)
    CoachGrant.objects.accept(token, by=coach, now=NOON)
    Review.objects.ask(finished, coach=coach, now=NOON)
    client.force_login(coach)
    page = client.get(reverse("interviews:review_answer", args=[finished.public_id, 1])).content.decode()
    assert "Answer 1 of 2" in page
    assert "They leak." in page
    assert client.get(reverse("interviews:review_answer", args=[finished.public_id, 3])).status_code == 404
    review = Review.objects.get()
    for position in (1, 2):
        fields = answer_fields(review, "partly-later", position=position)
        save = reverse("interviews:save_review_answer", args=[finished.public_id, position])
        assert client.post(save, fields, **HTMX).status_code == 200
    page = client.get(reverse("interviews:review_answer", args=[finished.public_id, 1])).content.decode()
    assert page.count('value="partly-later" checked') == len(POINTS)
    client.post(reverse("interviews:save_review_scorecard", args=[finished.public_id]), scorecard_fields(), **HTMX)
    client.post(reverse("interviews:review_send", args=[finished.public_id]))
    grade = question_of(finished, 1).grades.get(source="coach")
    assert (grade.score, set(grade.evidence["points"].values())) == (0.5, {"partly"})
    assert len(grade.evidence["after_follow_up"]) == len(POINTS)
    results = client_of(candidate).get(reverse("interviews:results", args=[finished.public_id])).content.decode()
    assert results.count("partly, after a follow-up") == 2 * len(POINTS)


def test_a_mark_after_a_follow_up_needs_a_follow_up(coach, candidate):
    interview = make_answered_interview(candidate=candidate)
    make_grant(candidate, coach)
    review = Review.objects.ask(interview, coach=coach, now=NOON)
    save = reverse("interviews:save_review_answer", args=[review.interview.public_id, 1])
    assert client_of(coach).post(save, answer_fields(review, "partly-later"), **HTMX).status_code == 422


@pytest.fixture
def drill(candidate) -> Interview:
    """Of two open questions, at a gentle pace; each has follow-ups."""
    versions = [make_version(points=POINTS, follow_ups=FOLLOW_UPS) for _ in range(2)]
    return begin(candidate, Practice("Drill", versions), pace="gentle", now=timezone.now())


def test_a_drill_offers_one_after_the_model_answer_was_shown_and_gives_it_time(candidate_client, candidate, drill):
    seconds = drill.limit_seconds
    page = submit(candidate_client, drill, 1, SAID, headers={"hx-request": "true"})
    feedback = reverse("interviews:feedback", args=[drill.public_id, 1])
    one_more = reverse("interviews:one_more", args=[drill.public_id, 1])
    assert "One more question on this?" not in candidate_client.get(feedback).content.decode()
    candidate_client.post(one_more, {"lease": drill.lease})  # nothing was offered yet
    assert asked_back(drill) == []
    reveal = reverse("interviews:reveal", args=[drill.public_id, 1])
    page = candidate_client.post(reveal, headers={"hx-request": "true"}).content.decode()
    assert "One more question on this?" in page
    assert candidate_client.post(one_more, {"lease": drill.lease + 9}).status_code == 409
    for _ in range(2):  # a repeat changes nothing
        assert candidate_client.post(one_more, {"lease": drill.lease}).status_code == 302
    assert asked_back(drill) == ["Could you say more about the folds?"]
    drill.refresh_from_db()
    assert (drill.limit_seconds, drill.paused_at) == (seconds + 30, None)
    submit(candidate_client, drill, 3, "They leak.")
    page = candidate_client.get(reverse("interviews:interview", args=[drill.public_id]), follow=True)
    assert page.redirect_chain[-1][0] == feedback
    assert "secret answer to a follow-up" in page.content.decode()
    assert "One more question on this?" not in page.content.decode()
    assert reverse("interviews:go_on", args=[drill.public_id, 3]) in page.content.decode()
    drill.refresh_from_db()
    candidate_client.post(reverse("interviews:go_on", args=[drill.public_id, 3]), {"lease": drill.lease})
    assert question_of(drill, 2).is_open
    submit(candidate_client, drill, 2, SAID)
    page = candidate_client.get(reverse("interviews:feedback", args=[drill.public_id, 2])).content.decode()
    assert "See results" in page  # the last one, too, is shown before the drill ends
    candidate_client.post(reverse("interviews:go_on", args=[drill.public_id, 2]), {"lease": drill.lease})
    drill.refresh_from_db()
    assert drill.is_finished


def test_that_none_are_wanted_is_remembered_by_the_set_up_the_start_and_the_drills(candidate_client, candidate, track):
    form = {"plan": track.slug, "pace": "strict", "time_multiplier": "1"}
    candidate_client.post(reverse("interviews:interview_new"), form)
    first = candidate.interviews.get()
    write(first, 1, SAID, act="submit_answer", now=first.started_at)
    assert asked_back(first) == []
    with Interview.objects.under_lock(first.public_id, now=first.started_at) as locked:
        locked.finish(lease=locked.lease, now=first.started_at)
    page = candidate_client.get(reverse("interviews:interview_new")).content.decode()
    assert 'name="follow_ups" value="yes" aria' in page  # not checked
    candidate_client.post(reverse("interviews:start"), {"plan": track.slug})
    again = candidate.interviews.in_progress().get()
    assert not again.asks_back
    assert not again.questions.filter(follow_up_places__gt=0).exists()
