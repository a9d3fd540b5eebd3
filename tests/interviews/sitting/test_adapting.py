"""A drill that follows the candidate, and says after each answer what became of it."""

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from interviews.report import practice
from interviews.sitting.adapting import Drill, Pooled, ability
from interviews.sitting.models import Interview, Practice
from questions.statistics import logistic
from tests.factories import make_topic, make_version, question_of

pooled = st.builds(
    Pooled,
    version_id=st.just(0),
    question_id=st.integers(1, 40),
    family=st.integers(1, 20),
    difficulty=st.floats(-2, 2),
    limit_seconds=st.just(60),
    wait=st.integers(0, 2),
    is_too_easy=st.booleans(),
)
drills = st.builds(
    Drill,
    st.floats(-2, 2),
    st.floats(0.05, 1.2),
    st.lists(pooled, min_size=1, max_size=15, unique_by=lambda one: one.question_id),
)


@given(
    drills, st.lists(st.sampled_from([None, 0.0, 0.5, 1.0]), min_size=8, max_size=8), st.integers(0, 99), st.randoms()
)
def test_a_drill_is_a_function_of_its_start_its_seed_and_the_answers(drill, scores, seed, luck):
    mixed = list(drill.pool)
    luck.shuffle(mixed)
    stored = Drill.from_json(Drill(drill.mean, drill.variance, mixed).as_json())
    asked: dict[int, float | None] = {}
    families = set()
    for score in scores:
        chosen = drill.next(asked, seed)
        assert chosen == stored.next(dict(reversed(asked.items())), seed)
        left = [one for one in drill.pool if one.family not in families]
        if chosen is None:
            assert not left
            break
        assert chosen in left
        best = min((one.is_too_easy, one.wait) for one in left)
        assert (chosen.is_too_easy, chosen.wait) == best, "never easier than need be, and the unseen first"
        families.add(chosen.family)
        asked[chosen.question_id] = score


@given(st.floats(-2, 2), st.floats(0.05, 1.2), st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 1)), max_size=9))
def test_ability_after_answers_is_where_the_posterior_is_highest(mean, variance, scored):
    level, left = ability(mean, variance, scored)
    slope = sum(score - logistic(level - difficulty) for difficulty, score in scored) - (level - mean) / variance
    assert slope == pytest.approx(0, abs=1e-6)
    assert left <= variance + 1e-9


def test_whoever_answers_right_is_asked_harder_questions():
    drill = Drill(0.0, 1.0, [Pooled(n, n, n, (n - 20) / 8, 60, 0, False) for n in range(40)])
    harder, easier = ({}, {})
    for _ in range(5):
        harder[drill.next(harder, 1).question_id] = 1.0
        easier[drill.next(easier, 1).question_id] = 0.0
    assert list(harder) == sorted(harder)
    assert list(easier)[1:] == sorted(easier, reverse=True)[1:]


@pytest.fixture
def drill(candidate):
    """Started on a topic of closed questions of all levels and one that is open; the target is intermediate."""
    for level in ("beginner", "intermediate", "advanced"):
        for _ in range(3):
            make_version(format="single_choice", level=level)
    plan = practice.practice_of_topic(candidate, make_topic(), now=timezone.now())
    return Interview.objects.start(candidate, plan, pace="gentle", time_multiplier=1, now=timezone.now(), seed=7)


@pytest.mark.django_db
def test_a_drill_over_http_gives_feedback_and_draws_what_the_answers_ask_for(candidate, candidate_client, drill):
    start = Drill.from_json(drill.drill)
    asked = {}
    for position in range(1, 6):
        question = question_of(drill, position)
        assert question.question_id == start.next(asked, drill.seed).question_id
        asked[question.question_id] = 1.0
        right = question.version.options.get(is_right=True)
        fields = {"answer": right.pk, "rev": 1, "base": 0, "lease": current(drill).lease, "position": position}
        address = reverse("interviews:submit", args=[drill.public_id, position])
        page = candidate_client.post(address, fields, follow=True)
        if position == 5:
            break
        assert page.redirect_chain[-1][0] == reverse("interviews:feedback", args=[drill.public_id, position])
        text = page.content.decode()
        assert "The secret model answer" in text
        assert "Because right." in text
        assert text.count("<h1") == 1
        assert ">Right</h1>" in text
        assert current(drill).paused_at, "no clock runs while it is read"
        assert question_of(drill, position + 1).state == "pending"
        for view in ("interview", "results"):  # wherever one comes from
            back = candidate_client.get(reverse(f"interviews:{view}", args=[drill.public_id]), follow=True)
            assert back.redirect_chain[-1][0].endswith(f"/{position}/feedback/")
        assert (
            candidate_client.get(reverse("interviews:feedback", args=[drill.public_id, position + 1])).status_code
            == 404
        )
        lease = {"lease": current(drill).lease}
        for _ in range(2):  # a repeat moves nothing
            candidate_client.post(reverse("interviews:go_on", args=[drill.public_id, position]), lease)
        assert question_of(drill, position + 1).state == "open"
    assert len(asked) == 5
    assert current(drill).is_finished
    assert current(drill).limit_seconds == sum(drill.questions.values_list("limit_seconds", flat=True))


@pytest.mark.django_db
def test_an_open_answer_of_a_drill_is_scored_by_its_candidate_before_the_model_answer_is_shown(
    candidate, candidate_client
):
    versions = [make_version(), make_version(format="code")]
    drill = Interview.objects.start(
        candidate,
        Practice("Practice", [*versions, make_version()]),
        pace="untimed",
        time_multiplier=1,
        now=timezone.now(),
    )
    with Interview.objects.under_lock(drill.public_id, now=timezone.now()) as locked:
        question = locked.shown_question(1)
        question.answer = ["My words"]
        locked.submit_answer(1, question.held(lease=locked.lease), now=timezone.now())
    address = reverse("interviews:feedback", args=[drill.public_id, 1])
    page = candidate_client.get(address).content.decode()
    assert "States the first thing" in page
    assert "The secret model answer" not in page
    points = versions[0].rubric_points.all()
    marks = {f"q1-{point.pk}": "hit" for point in points}
    page = candidate_client.post(reverse("interviews:self_score", args=[drill.public_id, 1]), marks, follow=True)
    assert page.redirect_chain[-1][0] == address
    assert "The secret model answer" in page.content.decode()
    assert question_of(drill, 1).score == 1


def current(drill) -> Interview:
    return Interview.objects.get(pk=drill.pk)
