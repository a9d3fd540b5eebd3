"""questions.listening: the matcher with the bank of the database."""

import pytest
from django.core.exceptions import ValidationError

from questions import listening
from questions.models import QuestionVersion
from tests.questions.factories import make_version

pytestmark = pytest.mark.django_db
FOLLOW_UPS = [
    {"ask": "And?", "after": "always", "limit_seconds": 60, "rubric": [{"point": "Says so"}], "model_answer": "So."},
    {
        "ask": "Could you say more?",
        "after": "missed",
        "point": 2,
        "limit_seconds": 60,
        "rubric": [{"point": "Says more"}],
        "model_answer": "More.",
    },
]


@pytest.fixture(autouse=True)
def nothing_remembered():
    listening.lexical_grader.cache_clear()
    listening.asked_of.cache_clear()
    yield
    listening.lexical_grader.cache_clear()
    listening.asked_of.cache_clear()


def test_an_answer_is_read_against_its_version_and_the_follow_up_chosen(django_assert_num_queries):
    version = make_version(format="free_text", follow_ups=FOLLOW_UPS)
    findings = listening.suggest(version.pk, "Nothing that has to do with it at all.")
    with django_assert_num_queries(0):  # a process reads what was published once
        assert listening.suggest(version.pk, "Nothing that has to do with it at all.") == findings
        choice = listening.choose(version.pk, findings)
    assert len(findings.points) == 3
    assert version.follow_ups[choice.index]["ask"] == "Could you say more?"
    assert listening.choose(version.pk, None).index == 0


def test_the_follow_ups_of_a_published_version_never_change():
    version = make_version(format="free_text", follow_ups=FOLLOW_UPS)
    version.follow_ups = FOLLOW_UPS[:1]
    with pytest.raises(ValidationError):
        version.save()
    QuestionVersion.objects.filter(pk=version.pk).update(follow_ups=[])  # past the models: the history has it
    assert version.events.filter(kind="edited").exists()
