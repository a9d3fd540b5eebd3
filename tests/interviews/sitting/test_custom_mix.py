"""A mix of one's own: what the set-up says it holds is what starts, and the last one is offered again."""

from collections import namedtuple
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from interviews.sitting.drawing import fill
from interviews.sitting.models import Interview
from tests.factories import make_track, make_version
from tests.interviews.factories import client_of

pytestmark = pytest.mark.django_db
Row = namedtuple("Row", "pk question_id limit_seconds family primary_topic_id")
rows = st.builds(Row, st.just(0), st.just(0), st.integers(30, 900), st.integers(1, 6), st.integers(1, 3))


@given(pool=st.lists(rows, max_size=12), seconds=st.integers(0, 3600), seed=st.integers(0, 99))
def test_as_many_as_fit_and_nothing_more_would(pool, seconds, seed):
    pool = [row._replace(pk=number, question_id=number) for number, row in enumerate(pool)]
    drawn = fill(pool, seconds=seconds, seen={}, seed=seed)
    used, families = sum(row.limit_seconds for row in drawn), [row.family for row in drawn]
    assert used <= seconds
    assert len(families) == len(set(families))
    assert not [row for row in pool if row.family not in families and row.limit_seconds <= seconds - used]
    assert drawn == fill(pool[::-1], seconds=seconds, seen={}, seed=seed)


@pytest.fixture
def bank():
    make_track()
    for number in range(6):
        make_version(limit_seconds=300 + 60 * number, topics=("evaluation",), level="advanced")
        make_version(format="single_choice", limit_seconds=60, topics=("deep-learning",))


CHOICES = [
    {"mix_minutes": "20"},
    {"mix_minutes": "12", "mix_topics": ["evaluation"], "answers": "speak"},
    {"mix_minutes": "5", "mix_formats": ["single_choice"], "time_multiplier": "2"},
]


@pytest.mark.parametrize("chosen", CHOICES)
def test_what_is_said_is_what_starts_and_it_is_remembered(candidate, bank, chosen):
    client = client_of(candidate)
    page = client.get(reverse("interviews:interview_new"))
    form = {
        "plan": "mix",
        "pace": "gentle",
        "time_multiplier": "1",
        "mix_seed": page.context["form"].initial["mix_seed"],
    }
    form |= chosen
    said = client.get(reverse("interviews:setup_panel"), form, headers={"HX-Request": "true"}).context
    client.post(reverse("interviews:interview_new"), form)
    interview = Interview.objects.get(candidate=candidate)
    assert (said["question_count"], said["limit"]) == (
        interview.questions.count(),
        timedelta(seconds=interview.limit_seconds),
    )
    assert said["limit_with_extra"] == interview.deadline_at - interview.started_at
    assert 0 < interview.limit_seconds <= 60 * int(chosen["mix_minutes"])
    asked = {question.version.format for question in interview.questions.select_related("version")}
    assert asked <= set(chosen.get("mix_formats", asked))
    with Interview.objects.under_lock(interview.public_id, now=timezone.now()) as locked:
        locked.finish(lease=locked.lease, now=timezone.now())
    remembered = client.get(reverse("interviews:interview_new")).context["form"].initial
    assert (remembered["plan"], remembered["mix_minutes"]) == ("mix", int(chosen["mix_minutes"]))
    assert remembered["mix_topics"] == chosen.get("mix_topics", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"mix_minutes": ""},
        {"mix_minutes": "4"},
        {"mix_minutes": "9999"},
        {"mix_minutes": "30", "mix_topics": "nothing"},
        {"mix_minutes": "5", "mix_topics": "evaluation", "mix_levels": "beginner"},
        {"mix_minutes": "30", "mix_seed": "x"},
    ],
)
def test_a_mix_that_cannot_be_says_why_and_starts_nothing(candidate, bank, wrong):
    form = {"plan": "mix", "pace": "strict", "time_multiplier": "1", "mix_seed": "1"} | wrong
    client = client_of(candidate)
    assert client.get(reverse("interviews:setup_panel"), form, headers={"HX-Request": "true"}).status_code == 200
    response = client.post(reverse("interviews:interview_new"), form)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not Interview.objects.exists()
