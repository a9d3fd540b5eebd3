"""Going back to earlier questions: every clock shows what it showed, no word is lost, and a strict clock forbids it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from interviews.sitting.models import AnswerRevision, Interview, Outcome, Practice, Refused, Written
from tests.factories import NOON, make_candidate, make_interview, make_version, question_of, write

pytestmark = pytest.mark.django_db


class GoingBackAndForth(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(
        pace=st.sampled_from(["gentle", "untimed"]),
        acts=st.lists(st.tuples(st.sampled_from(["submit", "skip", "save", 1, 2, 3]), st.integers(0, 50)), max_size=10),
    )
    def test_one_question_is_open_the_times_are_together_the_interviews_and_no_text_is_lost(self, pace, acts):
        interview, now, texts = make_interview(candidate=make_candidate(), pace=pace), NOON, {}
        for number, (act, seconds) in enumerate(acts):
            now += timedelta(seconds=seconds)
            with Interview.objects.under_lock(interview.public_id, now=now) as locked:
                if not locked.is_in_progress:
                    break
                question, left = locked.current_question(), locked.question_left_behind()
                if isinstance(act, int):
                    if locked.sheet[act - 1].is_pending:
                        continue
                    locked.go_back(act, lease=locked.lease, now=now)
                    assert locked.current_question().position == act
                    continue
                text = f"{question.position}: text {number}"
                written = Written([text], question.rev + 1, locked.lease, base=question.rev)
                texts[question.position] = text
                {"submit": locked.submit_answer, "skip": locked.skip, "save": locked.save_answer}[act](
                    question.position, written, now=now
                )
                if act != "save" and left:
                    assert (locked.current_question(), locked.question_left_behind()) == (left, None)
        interview.refresh_from_db()
        questions = list(interview.questions.all())
        if interview.is_in_progress:
            assert [one.state for one in questions].count("open") == 1
            with Interview.objects.under_lock(interview.public_id, now=now) as locked:
                locked.finish(lease=locked.lease, now=now)
        questions = list(interview.questions.shown())
        interview.refresh_from_db()
        used = sum(one.seconds_used for one in questions)
        assert used == pytest.approx((interview.closed_at - interview.started_at).total_seconds())
        assert {one.position: one.answer[0] for one in questions if one.answer} == texts
        for one in questions:
            if pace == "gentle" and one.deadline_at != interview.deadline_at:
                assert one.seconds_allowed == pytest.approx(60)


def post(client, interview, act, place, **fields):
    interview.refresh_from_db()
    fields = {"lease": interview.lease} | fields
    return client.post(reverse(f"interviews:{act}", args=[interview.public_id, place]), fields, follow=True)


def test_a_page_goes_back_and_returns_to_what_was_left(candidate, candidate_client):
    interview = make_interview(candidate=candidate, pace="gentle", now=timezone.now())
    write(interview, 1, "first", now=timezone.now(), act="submit_answer")
    page = post(candidate_client, interview, "go_back", 1, answer="second, unfinished", rev=1, base=0, position=2)
    assert "first</textarea>" in page.content.decode()
    assert "Save and return to 2" in page.content.decode()
    page = post(candidate_client, interview, "submit", 1, answer="first, better", rev=2, base=1, position=1)
    assert "second, unfinished</textarea>" in page.content.decode()
    assert question_of(interview, 1).answer == ["first, better"]
    finals = AnswerRevision.objects.filter(question=question_of(interview, 1), kind="final")
    assert [one.answer for one in finals] == [["first"], ["first, better"]]
    finish = reverse("interviews:finish", args=[interview.public_id])
    interview.refresh_from_db()
    fields = {"lease": interview.lease, "rev": 2, "base": 1, "position": 2, "answer": ""}
    page = candidate_client.post(finish, fields).content.decode()
    assert page.count("no answer yet") == 1
    assert reverse("interviews:go_back", args=[interview.public_id, 1]) in page
    page = post(candidate_client, interview, "go_back", 1)  # from the page that asks, which has no answer
    assert "first, better</textarea>" in page.content.decode()
    assert post(candidate_client, interview, "go_back", 3).status_code == 404


def test_there_is_no_way_back_by_a_strict_clock_in_a_drill_or_for_an_older_page(candidate, candidate_client):
    strict = make_interview(candidate=candidate)
    write(strict, 1, "first", act="submit_answer")
    with Interview.objects.under_lock(strict.public_id, now=NOON) as locked:
        with pytest.raises(Refused):
            locked.go_back(1, lease=locked.lease, now=NOON)
        assert locked.question_before(locked.current_question()) is None
        locked.finish(lease=locked.lease, now=NOON)
    plan = Practice("Practice", [make_version(), make_version()])
    drill = Interview.objects.start(candidate, plan, pace="gentle", time_multiplier=1, now=NOON)
    write(drill, 1, "first", act="submit_answer")
    with Interview.objects.under_lock(drill.public_id, now=NOON) as locked:
        with pytest.raises(Refused):
            locked.go_back(1, lease=locked.lease, now=NOON)
        locked.finish(lease=locked.lease, now=NOON)
    gentle = make_interview(candidate=candidate, pace="gentle")
    write(gentle, 1, "first", act="submit_answer")
    with Interview.objects.under_lock(gentle.public_id, now=NOON) as locked:
        older = locked.lease
        locked.take_lease()
        assert locked.go_back(1, lease=older, now=NOON) is Outcome.ELSEWHERE
        assert locked.current_question().position == 2
