"""Home answers one question, what to do now; and what it asks of the database does not grow with a history."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.plan import home
from interviews.plan.models import Preparation
from interviews.report import compiling
from interviews.report.models import PracticeCard
from interviews.sitting.models import Interview
from tests.factories import make_coach, make_finished_interview, make_interview, make_version
from tests.interviews.factories import ask_back, client_of, make_answered_interview
from tests.interviews.sitting.test_budget import at_most

pytestmark = pytest.mark.django_db
HOME = reverse("interviews:dashboard")


def steps_of(client) -> list[str]:
    context = client.get(HOME).context
    return [step.title for step in [*context["steps"], *context["smaller_steps"]]]


def test_the_next_step_is_what_runs_then_what_waits_for_the_candidate_then_the_plan(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, now=now - timedelta(days=8))
    assert steps_of(candidate_client)[0].startswith("Mock interview: Screen")
    make_answered_interview(candidate=candidate, score_self=False, now=now - timedelta(days=1))
    assert steps_of(candidate_client)[0] == "Score your answers"
    make_interview(candidate=candidate, now=now, limit_seconds=3000)
    assert steps_of(candidate_client) == ["Screen"]
    assert "Resume" in candidate_client.get(HOME).content.decode()


def test_minutes_that_were_practised_today_are_taken_off_the_plan(candidate_client, candidate):
    now = timezone.now()
    make_finished_interview(candidate=candidate, now=now)
    Preparation.objects.create(candidate=candidate, minutes_a_day=5)
    interview = make_interview(candidate=candidate, pace="gentle", now=now - timedelta(minutes=30), limit_seconds=3000)
    with Interview.objects.under_lock(interview.public_id, now=now) as locked:
        locked.finish(lease=locked.lease, now=now)
    page = candidate_client.get(HOME).content.decode()
    assert "That’s all for today" in page
    assert "You practised for 30 minutes." in page


def test_a_drill_of_the_plan_starts_at_once_with_the_pace_of_last_time(candidate_client, candidate):
    for _ in range(5):
        make_version(topics=("nlp",))
    start = reverse("interviews:start")
    assert candidate_client.post(start, {"plan": "no-such"}).status_code == 404
    assert candidate_client.post(start, {"plan": "topic:nlp"}).status_code == 302
    drill = candidate.interviews.get()
    assert (drill.pace, drill.topic.slug) == ("gentle", "nlp")
    with Interview.objects.under_lock(drill.public_id, now=timezone.now()) as locked:
        locked.pace = "untimed"
        locked.save()
        locked.finish(lease=locked.lease, now=timezone.now())
    for _ in range(5):
        make_version(topics=("nlp",))
    candidate_client.post(start, {"plan": "speak:nlp"})
    drill = candidate.interviews.in_progress().get()
    assert (drill.pace, drill.speaks) == ("untimed", True)


def test_a_review_that_is_offered_for_today_can_be_started_before_its_hour(candidate_client, candidate):
    now, version = timezone.now(), make_version()
    tonight = now.replace(hour=23, minute=59, second=58)
    card = {"question": version.question, "stability": 1, "difficulty": 5, "due_at": tonight}
    PracticeCard.objects.create(candidate=candidate, reviewed_at=now - timedelta(days=1), **card)
    candidate_client.post(reverse("interviews:start"), {"plan": "review:1"})
    assert [one.question for one in candidate.interviews.get().questions.all()] == [version.question]


def test_a_line_of_the_history_says_what_its_score_rests_on(candidate_client, candidate):
    make_finished_interview(candidate=candidate, now=timezone.now(), scores=(1, 0, 0, 0))
    row = candidate_client.get(HOME).content.decode().split("<tbody>")[1]
    assert "<strong>25%</strong>" in row
    assert "of 4" in row
    make_answered_interview(candidate=candidate, score_self=False)
    shown = candidate_client.get(HOME, {"show": "to-score"})
    assert [interview.results["to_score"] for interview in shown.context["page"]] == [1]
    assert candidate_client.get(HOME, {"show": "nonsense"}).context["page"].paginator.count == 2


def test_a_coach_without_interviews_lands_on_their_work():
    page = client_of(make_coach()).get(HOME).content.decode()
    assert reverse("interviews:coaching") in page.split("Your work")[1]


@pytest.mark.parametrize("count", [1, 12])
def test_home_asks_no_more_with_a_long_history(candidate_client, candidate, count):
    now = timezone.now()
    for day in range(count):
        make_finished_interview(candidate=candidate, now=now - timedelta(days=day + 1))
    compiling.compile_report(candidate, now=now)
    candidate_client.get(HOME)
    with at_most(14):
        assert candidate_client.get(HOME).status_code == 200


def test_a_follow_up_is_no_answer_to_score_of_its_own(candidate):
    interview = make_answered_interview(candidate=candidate, count=1, now=timezone.now() - timedelta(days=1))
    ask_back(interview.questions.get())
    line = home.with_results(Interview.objects.filter(pk=interview.pk)).get().results
    assert (line["shown"], line["to_score"]) == (1, 0)
    assert not home.with_answers_to_score(Interview.objects.all()).exists()
