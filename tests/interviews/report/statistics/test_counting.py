"""interviews.weakness.count_responses against its published example and a naive reading of the rule."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report.statistics.counting import Response, count_responses

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def response(days_ago, score, graded_by="auto", question="q"):
    return Response(question, NOW - days_ago * DAY, graded_by, score)


@pytest.mark.parametrize(
    ("responses", "weight", "score", "capped"),
    [
        ([response(0, 1)], 1.0, 1.0, 1.0),
        ([response(180, 1), response(30, 0)], 1.3909, 0.3595, 1.0),
        ([response(90, 0.8, "self")], 0.3536, 0.8, 0.3536),
        ([response(400, 0), response(200, 1), response(10, 1, "self")], 1.1584, 0.8150, 1.0),
    ],
)
def test_published_example(responses, weight, score, capped):
    counted = count_responses(responses, NOW)["q"]
    assert counted.weight == pytest.approx(weight, abs=0.0005)
    assert counted.score == pytest.approx(score, abs=0.0005)
    assert counted.capped_weight == pytest.approx(capped, abs=0.0005)


def naive_count(responses, now):
    """Section 1.1 of the model read literally: for every response, look for its predecessor."""
    inside = [r for r in responses if r.answered_at <= now and r.answered_at > now - timedelta(days=1080)]
    sums = {}
    for r in inside:
        earlier = [o.answered_at for o in inside if o.question == r.question and o.answered_at < r.answered_at]
        if r.score is None or (earlier and (r.answered_at - max(earlier)).total_seconds() < 21 * 86400):
            continue
        w = (0.5 if r.graded_by == "self" else 1) * 0.5 ** ((now - r.answered_at).total_seconds() / 15552000)
        weight, points = sums.get(r.question, (0.0, 0.0))
        sums[r.question] = weight + w, points + w * r.score
    return {question: (weight, points / weight) for question, (weight, points) in sums.items()}


histories = st.lists(
    st.builds(
        response,
        # Few distinct distances, so that 21 days to the second and both ends of the window are met often.
        st.one_of(st.sampled_from([-1, 0, 1, 20, 21, 22, 42, 1059, 1079, 1080, 1081]), st.floats(0, 1100)),
        st.one_of(st.none(), st.floats(0, 1)),
        st.sampled_from(["auto", "self", "coach"]),
        st.sampled_from(["p", "q"]),
    ),
    max_size=12,
    unique_by=lambda r: (r.question, r.answered_at),
)


@settings(deadline=None, max_examples=300)
@given(histories)
def test_agrees_with_naive_reading(responses):
    counted, naive = count_responses(responses, NOW), naive_count(responses, NOW)
    assert counted.keys() == naive.keys()
    for question, (weight, score) in naive.items():
        assert counted[question].weight == pytest.approx(weight)
        assert counted[question].score == pytest.approx(score, abs=1e-12)
        assert counted[question].capped_weight == pytest.approx(min(1, weight))


@settings(deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_order_of_responses_changes_no_digit(responses, rng):
    responses = [*responses, *responses[:2]]  # also with two at the same instant
    shuffled = list(responses)
    rng.shuffle(shuffled)
    assert count_responses(shuffled, NOW) == count_responses(responses, NOW)


def test_repeat_counts_from_21_days_on():
    assert count_responses([response(21, 0), response(0, 1)], NOW)["q"].weight > 1
    assert count_responses([response(20.99, 0), response(0, 1)], NOW)["q"].score == 0


def test_uncounted_attempt_is_still_the_previous_one():
    """Ten days apart each: the third is 20 days after the last counted one but 10 after the previous."""
    counted = count_responses([response(30, 0), response(15, 1), response(0, 1)], NOW)["q"]
    assert counted.score == 0


def test_ungraded_attempt_is_still_the_previous_one():
    assert count_responses([response(10, None, "self"), response(0, 1)], NOW) == {}


def test_future_and_old_responses_are_outside():
    assert count_responses([response(-0.01, 1), response(1080, 1)], NOW) == {}
    assert count_responses([response(0, 1), response(1079.99, 1)], NOW)["q"].score == 1


def test_coach_weighs_as_much_as_auto_and_twice_self():
    weights = {g: count_responses([response(40, 1, g)], NOW)["q"].weight for g in ("auto", "coach", "self")}
    assert weights["coach"] == weights["auto"] == 2 * weights["self"]


def test_question_has_at_most_one_vote():
    counted = count_responses([response(90, 1), response(60, 1), response(30, 1)], NOW)["q"]
    assert counted.weight > 2
    assert counted.capped_weight == 1


def test_nothing_counted_from_nothing():
    assert count_responses([], NOW) == {}
