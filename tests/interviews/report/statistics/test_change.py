"""What changed since an earlier moment, and what may be said of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.report.statistics.change import Comparison, Kind, Side, TopicChange
from interviews.report.statistics.fitting import Evidence, fit_joint
from interviews.report.statistics.weakness import describe

BA, AB = {"B": 0.65, "A": 0.35}, {"A": 0.65, "B": 0.35}
A, B = {"A": 1.0}, {"B": 1.0}
# weakness.md, D8
BEFORE = {
    "q1": Evidence(A, -0.9, 1, 0.8909, 0, 1),
    "q2": Evidence(A, 0, 0, 0.8909, 0, 1),
    "q3": Evidence(A, 0.3, 0.25, 0.4454, 1, 1),
    "q4": Evidence(A, 0.9, 0, 0.8909, 0, 1),
    "q5": Evidence(B, 0, 1, 0.7937, 0, 2),
    "q6": Evidence(B, -0.5108, 1, 0.7937, 0, 2),
    "q7": Evidence(BA, 0.9, 0.5, 0.3969, 1, 2),
    "q8": Evidence(B, 0.9, 0, 0.7937, 0, 2),
    "q14": Evidence(A, -0.5108, 1, 0.7937, 0, 2),
}
AFTER = BEFORE | {
    "q2": Evidence(A, 0, 0.5289, 1, 0, 0.4711),
    "q9": Evidence(A, 0, 1, 1, 0, 0),
    "q10": Evidence(A, 0.9, 1, 0.9885, 0, 0.1),
    "q11": Evidence(A, 0.3, 0.875, 0.5, 1, 0),
    "q12": Evidence(AB, 0.9, 1, 0.9885, 0, 0.1),
    "q13": Evidence(B, 0, 1, 0.9885, 0, 0.1),
}


def side(evidence, counted=None) -> Side:
    return Side(evidence, fit_joint(evidence.values(), "AB"), len(evidence) if counted is None else counted)


def topic_change(topic: str, before: Side, after: Side) -> TopicChange | None:
    return Comparison(before, after).of_topic(topic)


def overall_z(before: Side, after: Side) -> float | None:
    return Comparison(before, after).overall_z


def approx(value: float):
    return pytest.approx(value, abs=0.00005)


def test_published_example():
    before, after = side(BEFORE), side(AFTER)
    old, new = before.fit.topics, after.fit.topics
    assert [old["A"].evidence, new["A"].evidence] == list(map(approx, [4.0507, 7.2908]))
    assert [old["A"].mean, new["A"].mean] == list(map(approx, [0.0019, 0.9774]))
    assert [old["A"].variance, new["A"].variance] == list(map(approx, [0.5229, 0.3924]))
    assert [describe(one["A"], 0, 0.25).mastery for one in (old, new)] == list(map(approx, [0.5004, 0.7055]))
    assert [old["B"].mean, new["B"].mean] == list(map(approx, [0.2179, 0.9311]))

    found = topic_change("A", before, after)
    assert (found.kind, found.is_clear, found.questions) == (Kind.UP, True, ("q10", "q12", "q9"))
    assert (found.z, found.own, found.total) == (pytest.approx(2.7007, abs=0.0001), approx(0.9476), approx(1.0289))
    moves = Comparison(before, after).influences("A")
    expected = {"q10": 0.2747, "q12": 0.2210, "q9": 0.1960, "q2": 0.1816}
    assert {name: moves[name] for name in expected} == {name: approx(value) for name, value in expected.items()}

    other = topic_change("B", before, after)
    assert (other.kind, other.z) == (Kind.FIRST_ESTIMATE, approx(2.2641))
    assert (other.own, other.total) == (approx(0.4156), approx(0.7534))
    assert overall_z(before, after) == pytest.approx(2.6798, abs=0.0002)  # its weights are rounded


def test_the_same_answers_change_nothing():
    found = topic_change("A", side(BEFORE), side(BEFORE))
    assert (found.kind, found.z, found.total, found.questions) == (Kind.NOT_CLEAR, 0, 0, ())
    assert overall_z(side(BEFORE), side(BEFORE)) is None


def test_the_mirror_of_up_is_down():
    wrong = AFTER | {name: replace(AFTER[name], score=0.0) for name in AFTER.keys() - BEFORE.keys()}
    wrong["q2"] = BEFORE["q2"]
    right = {name: replace(item, score=1.0) for name, item in BEFORE.items()}
    found = topic_change("A", side(right), side({**wrong, **right}))
    assert (found.kind, found.z < 0) == (Kind.DOWN, True)
    assert set(found.questions) <= {"q9", "q10", "q11", "q12"}


def test_answers_on_other_topics_alone_state_no_change_of_this_one():
    """They move it by way of the general level, which is no news of this topic."""
    others = {f"b{n}": Evidence(B, 0.5, 1.0, 1.0) for n in range(30)}
    found = topic_change("A", side(BEFORE), side(BEFORE | others))
    assert found.z > 1.2816
    assert (found.kind, found.own, found.questions) == (Kind.NOT_CLEAR, 0, ())


def test_below_the_gates_there_is_no_change_to_speak_of():
    few = {name: BEFORE[name] for name in ("q1", "q5")}
    assert topic_change("A", side(few), side(few)) is None
    assert topic_change("A", side(BEFORE, 7), side(AFTER, 7)) is None  # too few in all
    assert topic_change("A", side(BEFORE, 7), side(AFTER, 14)).kind == Kind.FIRST_ESTIMATE
    assert overall_z(side(BEFORE, 7), side(AFTER, 14)) is None
    assert overall_z(side(BEFORE, 9), side(AFTER, 13)) is None
    assert overall_z(side(BEFORE, 9), side(AFTER, 14)) is not None


evidence = st.builds(
    Evidence,
    st.sampled_from([A, B, AB, BA]),
    st.floats(-3, 3),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([0.0, 1.0]),
    st.floats(0, 6),
)
histories = st.lists(evidence, min_size=10, max_size=30)


@settings(deadline=None)
@given(histories, st.integers(0, 10), st.randoms(use_true_random=False))
def test_a_stated_change_has_its_own_answers_behind_it_whatever_the_order(rows, count, luck):
    after = dict(enumerate(rows))
    before = dict(list(after.items())[:count])
    old, new = side(before), side(after)
    for topic in "AB":
        found = topic_change(topic, old, new)
        if found and found.kind in (Kind.UP, Kind.DOWN):
            assert found.z * found.own > 0
            assert found.questions
    shuffled = list(after.items())
    luck.shuffle(shuffled)
    assert [topic_change(topic, old, side(dict(shuffled))) for topic in "AB"] == [
        topic_change(topic, old, new) for topic in "AB"
    ]
