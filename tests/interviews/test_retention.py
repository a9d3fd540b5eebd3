from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from interviews.models import AnswerRevision
from interviews.retention import thin_revisions
from tests.factories import NOON, make_interview, write

pytestmark = pytest.mark.django_db


def kept() -> list[int]:
    return list(AnswerRevision.objects.filter(kind="draft").order_by("rev").values_list("rev", flat=True))


def test_old_drafts_thin_to_first_last_and_one_a_minute_and_the_rest_stays():
    interview = make_interview(limit_seconds=900, question_seconds=600)
    for rev in range(1, 22):  # every 10 s over three and a half minutes
        write(interview, 1, f"text {rev}", rev=rev, now=NOON + timedelta(seconds=10 * (rev - 1)))
    write(interview, 1, "handed in", rev=22, now=NOON + timedelta(seconds=215), act="submit_answer")
    assert thin_revisions(now=NOON + timedelta(days=179)) == 0
    assert thin_revisions(now=NOON + timedelta(days=181)) == 16
    assert kept() == [1, 7, 13, 19, 21]
    assert AnswerRevision.objects.filter(kind="final").count() == 1
    assert thin_revisions(now=NOON + timedelta(days=181)) == 0


@pytest.mark.django_db(transaction=True)
def test_thinning_leaves_the_record_locked_for_everybody_else():
    interview = make_interview()
    write(interview, 1, "text")
    thin_revisions(now=NOON)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AnswerRevision.objects.all()._raw_delete(using="default")
