"""Statements of our own: what a transaction changes is written together, as it stands at the end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from interviews.sitting.fast.rows import Writes, columns, from_row
from interviews.sitting.models import AnswerRevision, Interview, InterviewEvent, InterviewQuestion
from tests.factories import NOON, make_interview, question_of

pytestmark = pytest.mark.django_db


def revision(question: InterviewQuestion, rev: int, kind: str = "draft") -> AnswerRevision:
    return AnswerRevision(
        question=question, opening=1, lease=1, rev=rev, kind=kind, answer=["a; b", "%s"], saved_at=NOON
    )


def test_a_row_read_by_its_columns_is_the_row_that_django_reads(django_assert_num_queries):
    question = question_of(make_interview(), 1)
    question.answer, question.confidence = ["one", {"two": 2}], 80
    question.save()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns(InterviewQuestion)} FROM interviews_interviewquestion WHERE id = {question.pk}"
        )
        read = from_row(InterviewQuestion, cursor.fetchone())
    fields = [field.attname for field in InterviewQuestion._meta.concrete_fields]
    with django_assert_num_queries(0):
        assert [getattr(read, name) for name in fields] == [getattr(question, name) for name in fields]
    assert not read._state.adding


def test_a_row_is_written_as_it_stands_when_all_is_sent_and_no_other_field_with_it(django_assert_num_queries):
    interview = make_interview()
    question = question_of(interview, 1)
    writes = Writes()
    question.rev = 1
    writes.change(question, ["rev"])
    question.rev, question.answer, question.confidence = 2, ["later"], 60
    writes.change(question, ["answer"])
    writes.add(revision(question, 2))
    with django_assert_num_queries(1):
        writes.send()
        writes.send()  # all of it is gone: nothing is left to send
    written = question_of(interview, 1)
    assert (written.rev, written.answer, written.confidence) == (2, ["later"], None)
    assert question.revisions.get().answer == ["a; b", "%s"]


def test_a_row_that_is_harmless_twice_changes_nothing_the_second_time_and_any_other_is_refused():
    question = question_of(make_interview(), 1)
    writes = Writes()
    for _ in range(2):
        writes.add(revision(question, 1), is_harmless_twice=True)
    writes.send()
    assert question.revisions.count() == 1
    for rev in (2, 3, 1):
        writes.add(revision(question, rev))
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.send()


def test_rows_change_in_the_order_of_their_first_change():
    """One question may be open at a time: the other way round the database refuses it."""
    interview = make_interview()
    first, second = question_of(interview, 1), question_of(interview, 2)
    writes = Writes()
    first.state, first.closed_at = "answered", NOON
    second.state, second.opened_at = "open", NOON
    writes.change(first, ["state", "closed_at"])
    writes.change(second, ["state", "opened_at"])
    writes.send()
    first.state, second.state, second.closed_at = "open", "answered", NOON
    writes.change(first, ["state"])
    writes.change(second, ["state", "closed_at"])
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.send()


def test_what_raises_under_the_lock_writes_nothing():
    interview = make_interview()

    def fail() -> None:
        with Interview.objects.under_lock(interview.public_id, now=NOON + timedelta(seconds=1)) as locked:
            locked.take_lease()
            locked.record("paused", now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    interview.refresh_from_db()
    assert interview.lease == 1
    assert not InterviewEvent.objects.filter(kind="paused").exists()
