"""What to practise next, in two budgets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.report.statistics.choosing import (
    Choice,
    TopicNeed,
    by_value,
    drill,
    enough_after,
    session,
    value,
    worth,
)
from interviews.report.statistics.fitting import Posterior
from interviews.report.statistics.weakness import Label, describe, expected_score

# weakness.md, D9
TOPICS = {
    "A": (Posterior(-0.4, 0.20, 4.2), 0.0, Label.WEAK),
    "B": (Posterior(0.9, 0.15, 6), 0.0, Label.UNCLEAR),
    "C": (Posterior(0, 0.60, 1.5), 0.3, Label.NOT_ENOUGH_EVIDENCE),
    "D": (Posterior(0.1, 1, 0), 0.0, Label.NOT_ENOUGH_EVIDENCE),
}
QUESTIONS = [
    (1, "A", 0.0, None), (2, "A", -0.9, None), (3, "A", 0.9, None), (4, "A", -0.5108, None),
    (5, "A", 0.3, (9, 0.96, 0.84, True)), (6, "B", 0.9, None), (7, "B", 0.0, (40, 0.43, 0.95, False)),
    (8, "C", 0.3, None), (9, "C", 0.0, None), (10, "D", 0.0, None), (11, "D", -0.9, None),
    (12, "B", -0.5108, (30, 0.89, 0.62, True)), (13, "C", 0.9, (3, 1, 0.71, True)),
]  # fmt: skip


def need(topic: str, **fields) -> TopicNeed:
    posterior, beta, label = TOPICS[topic]
    stated = describe(posterior, beta, 0.25)
    facts = {
        "p_weak": stated.p_weak,
        "variance": posterior.variance,
        "evidence": posterior.evidence,
        "label": label,
    }
    return TopicNeed(**facts | fields)


def choice(pk, topic, difficulty=0.0, history=None, *, family=None, is_closed=True, topic_weight=1.0) -> Choice:
    days, weight, recalled, is_due = history or (None, 0.0, None, False)
    posterior = TOPICS[topic][0]
    return Choice(
        question_id=pk, family=family or pk, topic=topic, topic_weight=topic_weight, is_closed=is_closed,
        expected=expected_score(posterior, difficulty), worth=worth(days, weight), days=days, recalled=recalled,
        is_due=is_due,
    )  # fmt: skip


NEEDS = {topic: need(topic) for topic in TOPICS}
CHOICES = [choice(*row) for row in QUESTIONS]


def ids(choices) -> list[int]:
    return [one.question_id for one in choices]


def approx(value: float):
    return pytest.approx(value, abs=0.00005)


def test_published_example():
    assert [NEEDS[topic].uncertainty for topic in "ABCD"] == list(map(approx, [1.2216, 0.6812, 1.3247, 1.2846]))
    assert [NEEDS[topic].begun for topic in "ABCD"] == [1, 1, 1.5, 1]
    expected = [
        1.1774, 1.1535, 0.8450, 1.2181, 0, 0.6812, 0.3226, 1.9514, 1.9871, 1.2823, 1.0791, 0.0484, 0,
    ]  # fmt: skip
    assert [value(one, NEEDS[one.topic]) for one in CHOICES] == list(map(approx, expected))
    chosen = session(CHOICES, NEEDS)
    assert ids(chosen.measuring) == [4, 1, 2, 9, 8, 10]
    assert ids(chosen.reviews) == [12, 13]


def test_published_example_without_a_weak_topic():
    chosen = session(CHOICES, NEEDS | {"A": need("A", label=Label.UNCLEAR)}, count=5)
    assert (ids(chosen.measuring), ids(chosen.reviews)) == ([9, 8, 10, 4], [12])


def test_published_examples_of_evidence():
    open_shared = choice(20, "A", is_closed=False, topic_weight=0.65)
    assert open_shared.new_evidence == pytest.approx(0.325)
    assert enough_after(2.8, [open_shared, choice(21, "A")])[0] == 1
    open_alone, closed_shared = choice(22, "A", is_closed=False), choice(23, "A", topic_weight=0.65)
    assert enough_after(1.9, [open_alone, closed_shared]) == (2, pytest.approx(3.05))
    assert enough_after(0.1, [open_alone] * 5) == (None, pytest.approx(2.6))
    assert enough_after(0.0, [choice(n, "A") for n in range(5)])[0] == 3


def test_what_was_tried_within_21_days_counts_for_nothing_and_what_faded_counts_in_part():
    assert worth(None, 0.0) == 1
    assert worth(20, 0.1) == 0
    assert worth(21, 0.25) == 0.75
    assert worth(400, 1.0) == 0


def test_reviews_fill_a_session_only_where_nothing_is_left_to_measure():
    due = [choice(n, "A", 0.0, (9, 1.0, 0.5 + n / 100, True)) for n in range(1, 9)]
    assert ids(session(due, NEEDS, 5).reviews) == [1, 2, 3, 4, 5]
    with_one = session([*due, choice(99, "B")], NEEDS, 8)
    assert (ids(with_one.measuring), ids(with_one.reviews)) == ([99], [1, 2])


def test_many_weak_topics_share_their_half():
    needs = {topic: need("A") for topic in "ABCD"}
    chosen = session([choice(n, "ABCD"[n % 4]) for n in range(1, 40)], needs, 8)
    assert len(chosen.measuring) == 8
    assert all(sum(one.topic == topic for one in chosen.measuring) == 2 for topic in "ABCD")


def test_a_drill_takes_what_counts_first_and_then_the_longest_ago():
    counting = [choice(n, "C") for n in (1, 2)]
    recent = [
        choice(3, "C", 0, (2, 1, 0.9, False)),
        choice(4, "C", 0, (19, 1, 0.9, False)),
        choice(5, "C", 0, (5, 1, 0.9, True)),
    ]
    chosen = drill([*recent, *counting], NEEDS, 5)
    assert ids(chosen) == [1, 2, 4, 5, 3]
    assert sum(one.counts for one in chosen) == 2
    assert ids(drill(CHOICES[:5], NEEDS, 2)) == [4, 1]


choices = st.lists(
    st.builds(
        choice,
        st.integers(1, 500),
        st.sampled_from("ABCD"),
        st.floats(-3, 3),
        st.one_of(st.none(), st.tuples(st.integers(0, 90), st.floats(0, 1), st.floats(0.2, 1), st.booleans())),
        family=st.integers(1, 30),
    ),
    unique_by=lambda one: one.question_id,
    max_size=60,
)
labels = st.tuples(*[st.sampled_from(Label)] * 4)


@given(choices, labels, st.integers(5, 10), st.randoms())
def test_a_session_keeps_its_rules_in_any_order_of_questions(found, labels, count, luck):
    needs = {topic: need(topic, label=label) for topic, label in zip("ABCD", labels, strict=True)}
    chosen = session(found, needs, count)
    shuffled = list(found)
    luck.shuffle(shuffled)
    assert session(shuffled, needs, count) == chosen
    everything = [*chosen.measuring, *chosen.reviews]
    assert len(everything) <= count
    assert len({one.family for one in everything}) == len(everything)
    assert all(one.counts and value(one, needs[one.topic]) > 0 for one in chosen.measuring)
    assert all(one.is_review for one in chosen.reviews)
    if chosen.measuring:
        assert len(chosen.reviews) <= count // 4
    else:
        assert not by_value(found, needs)
    weak = {topic for topic, one in needs.items() if one.is_below_target}
    for topic in "ABCD":
        of_topic = [one for one in chosen.measuring if one.topic == topic]
        assert len(of_topic) <= (max(2, -(-count // 2)) if topic in weak else 2)
