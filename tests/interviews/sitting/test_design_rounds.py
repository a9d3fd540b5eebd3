"""A design round: the time of each stage is stored, its prompts can be hidden, and a sketch is saved like a text."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from interviews.sitting.models import AnswerRevision, Interview, Outcome, Practice, Written
from tests.factories import make_candidate, make_coach, make_version, question_of
from tests.interviews.factories import client_of, make_grant

pytestmark = pytest.mark.django_db
STAGES = [
    {"name": "Clarify", "minutes": 1, "asks": "What is asked?"},
    {"name": "Metrics", "minutes": 2, "asks": "How is success measured?"},
    {"name": "Model", "minutes": 7, "asks": "Which one?"},
]
SKETCH = json.dumps([{"id": 1, "kind": "box", "x": 20, "y": 20, "w": 120, "h": 50, "text": "Ranker <1>"}])
OTHER_SKETCH = SKETCH.replace("Ranker", "Retriever")


def start(candidate, *, pace="gentle", now=None, **fields):
    version = make_version(format="staged", stages=STAGES, limit_seconds=600)
    plan = Practice("Design", [version])
    now = now or timezone.now()
    return Interview.objects.start(candidate, plan, pace=pace, time_multiplier=2, now=now, **fields)


def send(client, interview, act, **fields):
    interview.refresh_from_db()
    question = question_of(interview, 1)
    fields = {"rev": question.rev + 1, "base": question.rev, "lease": interview.lease, "position": 1} | fields
    return client.post(reverse(f"interviews:{act}", args=[interview.public_id, 1]), fields, follow=True)


class TimeByStage(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        acts=st.lists(
            st.tuples(st.sampled_from([0, 1, 2, "pause", "resume", "reload"]), st.integers(1, 200)), max_size=8
        )
    )
    def test_the_stages_times_are_together_the_questions_whatever_happens(self, acts):
        now = timezone.now()
        interview = start(make_candidate(), now=now)
        expected, stage, is_paused = [0.0, 0.0, 0.0], 0, False
        for act, seconds in [*acts, ("resume", 1)]:
            now += timedelta(seconds=seconds)
            expected[stage] += 0 if is_paused else seconds
            with Interview.objects.under_lock(interview.public_id, now=now) as locked:
                question = locked.current_question()
                if act == "pause":
                    locked.pause(now=now)
                    is_paused = True
                elif act == "resume":
                    locked.resume(now=now)
                    is_paused = False
                elif act == "reload":
                    locked.take_lease()
                elif not is_paused:
                    written = Written(["", "", "", ""], question.rev + 1, locked.lease, base=question.rev, stage=act)
                    locked.save_answer(1, written, now=now)
                    stage = act
                assert question.seconds_by_stage(now) == pytest.approx(expected)
        with Interview.objects.under_lock(interview.public_id, now=now) as locked:
            locked.finish(lease=locked.lease, now=now)
        question = question_of(interview, 1)
        assert question.seconds_by_stage() == pytest.approx(expected)
        assert sum(expected) == pytest.approx(question.seconds_used)


def test_an_older_page_does_not_say_which_stage_is_at_work(candidate):
    now = timezone.now()
    interview = start(candidate, now=now)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        older = locked.lease
        locked.take_lease()
        assert locked.save_answer(1, Written(["a", "", ""], 1, older, stage=2), now=now) is Outcome.ELSEWHERE
    assert question_of(interview, 1).stage == 0


def test_times_by_stage_come_with_the_page_and_are_shown_in_results_and_review(candidate, candidate_client):
    now = timezone.now() - timedelta(seconds=150)
    interview = start(candidate, now=now)
    with Interview.objects.under_lock(interview.public_id, now=now + timedelta(seconds=125)) as locked:
        locked.save_answer(1, Written(["a", "", "", SKETCH], 1, 1, stage=1), now=now + timedelta(seconds=125))
    page = candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    told = json.loads(re.search(r'data-stage-clocks="([^"]*)"', page)[1].replace("&quot;", '"'))
    assert (told["stage"], told["spent_ms"][0], told["suggested_ms"]) == (1, 125_000, [120_000, 240_000, 840_000])
    send(candidate_client, interview, "submit", answer=["a", "b", "", SKETCH], stage="1")
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    coach = make_coach()
    make_grant(candidate, coach)
    assert "Clarify: 2:05 of 2:00 minutes, 5 seconds over" in results
    assert "Box “Ranker &lt;1&gt;”" in results
    sketch = candidate_client.get(reverse("interviews:sketch", args=[interview.public_id, 1]))
    assert (sketch["Content-Type"], sketch["Content-Disposition"][:10]) == ("image/svg+xml", "attachment")
    assert b"Ranker &lt;1&gt;" in sketch.content
    assert client_of(make_coach()).get(sketch.wsgi_request.path).status_code == 404
    assert client_of(coach).get(sketch.wsgi_request.path).status_code == 200
    replay = candidate_client.get(reverse("interviews:replay", args=[interview.public_id, 1])).content.decode()
    assert replay.count('<svg class="sketch"') >= 1
    assert SKETCH[:20] not in replay


def test_the_stages_can_be_hidden_and_shown_again_and_no_word_is_lost(candidate, candidate_client):
    interview = start(candidate)
    page = send(candidate_client, interview, "arrange", answer=["First.", "", "Third.", SKETCH], hides_stages="yes")
    page = page.content.decode()
    assert "What is asked?" not in page
    assert "Clarify" not in page
    assert "First.\n\nThird.</textarea>" in page
    assert question_of(interview, 1).answer == ["First.", "", "Third.", SKETCH]
    send(candidate_client, interview, "save", answer=["All of it.", SKETCH])
    page = send(candidate_client, interview, "arrange", answer=["All of it.", SKETCH], hides_stages="no")
    assert "All of it.</textarea>" in page.content.decode()
    assert "What is asked?" in page.content.decode()
    send(candidate_client, interview, "arrange", answer=["All of it.", SKETCH], hides_stages="yes")
    send(candidate_client, interview, "submit", answer=["All of it.", SKETCH])
    question = question_of(interview, 1)
    assert (question.text, question.sketch, question.state) == ("All of it.", SKETCH, "answered")
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    assert "You structured this yourself. The usual stages: Clarify (1 min), Metrics (2 min), Model (7 min)." in results


def test_a_sketch_alone_is_an_answer_and_a_damaged_one_changes_nothing(candidate, candidate_client):
    interview = start(candidate)
    for damaged in ("[]", "<svg onload=alert(1)>", SKETCH.replace("20", "-20", 1)):
        assert send(candidate_client, interview, "save", answer=["", "", "", damaged]).status_code == 422
    assert send(candidate_client, interview, "save", answer=["a", "b"] * 4).status_code == 422
    assert question_of(interview, 1).rev == 0
    send(candidate_client, interview, "submit", answer=["", "", "", SKETCH])
    assert question_of(interview, 1).state == "answered"


def test_of_two_devices_sketches_neither_is_lost(candidate):
    now = timezone.now()
    interview = start(candidate, now=now)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        offline = locked.lease
        locked.take_lease()
        newest = Written(["", "", "", SKETCH], 1, locked.lease, base=0)
        assert locked.save_answer(1, newest, now=now) is Outcome.SAVED
        late = Written(["", "", "", OTHER_SKETCH], 7, offline, base=0)
        assert locked.save_answer(1, late, now=now) is Outcome.ELSEWHERE
    assert question_of(interview, 1).sketch == SKETCH
    kept = AnswerRevision.objects.values_list("kind", "answer")
    assert list(kept) == [("draft", newest.answer), ("side", late.answer)]
