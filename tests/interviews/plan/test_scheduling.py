"""The plan keeps its promises for whatever it is given."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.plan.scheduling import DRILLED_DAYS, Inputs, Kind, Standing, TopicState, plan

SHARES = {"large": 0.5, "middle": 0.3, "small": 0.2}
MONDAY = date(2026, 12, 7)
NAMES = ["evaluation", "nlp", "trees", "sql", "design"]

topics = st.lists(
    st.builds(
        TopicState,
        slug=st.sampled_from(NAMES),
        name=st.just("A topic"),
        share=st.floats(0.01, 1),
        evidence=st.floats(0, 9),
        standing=st.sampled_from(Standing),
        drill_minutes=st.integers(1, 60),
        was_asked=st.booleans(),
        drilled=st.integers(0, 9),
    ),
    unique_by=lambda topic: topic.slug,
    max_size=5,
)
inputs = st.builds(
    Inputs,
    today=st.just(MONDAY),
    minutes_a_day=st.integers(5, 240),
    minutes_today=st.integers(0, 300),
    days_off=st.frozensets(st.integers(0, 6)),
    interview_on=st.none() | st.integers(-5, 40).map(lambda days: MONDAY + timedelta(days=days)),
    topics=topics,
    mock_minutes=st.integers(0, 90),
    days_since_mock=st.none() | st.integers(0, 30),
    has_spoken=st.booleans(),
    due=st.dictionaries(st.integers(0, 45), st.integers(1, 30), max_size=6),
)


@settings(max_examples=150, deadline=None)
@given(inputs)
def test_a_plan_keeps_its_promises(given_inputs):
    made = plan(given_inputs)
    assert made == plan(replace(given_inputs, due=dict(sorted(given_inputs.due.items()))))
    interview_on = given_inputs.interview_on
    for day in made.days:
        assert day.planned <= day.minutes <= given_inputs.minutes_a_day
        assert all(block.why.strip() for block in day.blocks)
        assert not (day.date.weekday() in given_inputs.days_off and day.planned)
        assert not (interview_on and interview_on >= MONDAY and day.date >= interview_on)
        drilled = [block.topic for block in day.blocks if block.topic]
        assert len(drilled) == len(set(drilled))
    needy = {topic.name for topic in given_inputs.topics if topic.standing != Standing.ON_TARGET or topic.was_asked}
    assert needy >= set(made.left_out)
    assert bool(made.left_out) <= bool(made.missing_minutes)
    planned_reviews = sum(block.count for day in made.days for block in day.blocks)
    assert planned_reviews + made.fading == sum(n for day, n in given_inputs.due.items() if day < len(made.days))


@settings(max_examples=60, deadline=None)
@given(inputs)
def test_what_was_practised_today_leaves_less_for_today_and_no_debt_for_tomorrow(given_inputs):
    rested = plan(replace(given_inputs, minutes_today=0))
    tired = plan(replace(given_inputs, minutes_today=given_inputs.minutes_a_day))
    if rested.days:
        assert tired.days[0].planned == 0
        assert all(day.minutes == other.minutes for day, other in zip(rested.days[1:], tired.days[1:], strict=True))


def test_the_days_before_an_interview():
    """A mock at once and none in the last two days, the weakest first, one drill out loud, an evening without news."""
    weak = TopicState("evaluation", "Metrics", 0.4, 6, Standing.WEAK, 12)
    new = TopicState("nlp", "Language", 0.2, 0, Standing.NOT_KNOWN, 10)
    good = TopicState("trees", "Trees", 0.4, 6, Standing.ON_TARGET, 10)
    made = plan(
        Inputs(
            today=MONDAY,
            minutes_a_day=30,
            interview_on=MONDAY + timedelta(days=5),
            topics=[weak, new, good],
            mock_minutes=30,
            due={0: 4},
        )
    )
    kinds = [[block.kind for block in day.blocks] for day in made.days]
    assert kinds[0] == [Kind.MOCK]
    assert not any(Kind.MOCK in day for day in kinds[1:])
    assert kinds[-1] == [Kind.STOP]
    drills = [block for day in made.days for block in day.blocks if block.kind in (Kind.DRILL, Kind.SPOKEN)]
    assert (drills[0].kind, drills[0].topic) == (Kind.SPOKEN, "evaluation")
    assert drills[0].why.startswith("Very likely below your target; 40% of what you prepare for.")
    assert {block.topic for block in drills} == {"evaluation", "nlp"}
    assert made.fits


def test_what_does_not_fit_is_said():
    wide = [TopicState(name, name, 0.2, 0, Standing.NOT_KNOWN, 20) for name in NAMES]
    made = plan(
        Inputs(today=MONDAY, minutes_a_day=20, interview_on=MONDAY + timedelta(days=3), topics=wide, mock_minutes=45)
    )
    assert len(made.covered) == 2
    assert len(made.left_out) == 3
    assert made.missing_minutes == 20 * (5 * 2 - 2)
    assert not made.mock_fits


def test_made_anew_every_day_it_goes_through_the_topics_in_proportion():
    """Nothing but what was drilled changes from day to day: no estimate moves."""
    topics = {name: TopicState(name, name, share, 6, Standing.WEAK, 20) for name, share in SHARES.items()}
    drilled = []
    for day in range(12):
        lately = drilled[-DRILLED_DAYS:]
        states = [replace(topic, drilled=lately.count(name)) for name, topic in topics.items()]
        made = plan(Inputs(today=MONDAY + timedelta(days=day), minutes_a_day=20, topics=states))
        drilled += [block.topic for block in made.today.blocks]
    assert len(drilled) == 12
    assert set(drilled[:DRILLED_DAYS]) == set(SHARES)
    assert drilled.count("large") > drilled.count("small") > 0
