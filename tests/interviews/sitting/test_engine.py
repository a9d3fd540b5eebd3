"""The timed engine: what each request does to an interview, by the clock that the test holds."""

from datetime import timedelta
from decimal import Decimal

import pytest

from interviews import tasks
from interviews.sitting.drawing import NotEnoughQuestions
from interviews.sitting.models import (
    AnswerRevision,
    Interview,
    InterviewEvent,
    InterviewQuestion,
    Outcome,
    Refused,
)
from tests.factories import (
    NOON,
    make_candidate,
    make_interview,
    make_topic,
    make_track,
    make_version,
    question_of,
    write,
)

pytestmark = pytest.mark.django_db
State = InterviewQuestion.State


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


def look(interview: Interview, at) -> Interview:
    with Interview.objects.under_lock(interview.public_id, now=at) as locked:
        return locked


def kinds(interview: Interview) -> list[str]:
    return list(InterviewEvent.objects.filter(interview=interview).values_list("kind", flat=True))


# --- start ------------------------------------------------------------------------------------------


def test_start_opens_the_first_question_and_starts_both_clocks():
    interview = make_interview(limit_seconds=150, question_seconds=60)
    first = question_of(interview, 1)
    assert (first.state, first.opened_at, first.deadline_at) == (State.OPEN, NOON, after(60))
    assert interview.deadline_at == after(150)
    assert question_of(interview, 2).state == State.PENDING
    assert kinds(interview) == ["started", "opened"]


def test_starting_again_gives_the_interview_in_progress():
    interview = make_interview()
    again = Interview.objects.start(
        interview.candidate, interview.track, pace="strict", time_multiplier=Decimal(1), now=after(5)
    )
    assert again.pk == interview.pk
    assert Interview.objects.count() == 1


def test_start_without_enough_questions_says_so_and_writes_nothing():
    make_version()
    track = make_track(count=2)
    with pytest.raises(NotEnoughQuestions, match="not enough published questions"):
        Interview.objects.start(make_candidate(), track, pace="strict", time_multiplier=Decimal(1), now=NOON)
    assert not Interview.objects.exists()


def test_multiplier_stretches_both_limits():
    interview = make_interview(time_multiplier=Decimal("1.5"), limit_seconds=150, question_seconds=60)
    assert interview.deadline_at == after(225)
    assert question_of(interview, 1).deadline_at == after(90)


def test_a_question_never_ends_after_its_interview():
    interview = make_interview(limit_seconds=90, question_seconds=60)
    write(interview, 1, "text", now=after(50), act="submit_answer")
    assert question_of(interview, 2).deadline_at == after(90)


def test_an_untimed_interview_has_no_deadlines_and_never_expires():
    interview = make_interview(pace="untimed")
    assert (interview.deadline_at, interview.expires_at, question_of(interview, 1).deadline_at) == (None, None, None)
    assert look(interview, after(10**7)).is_in_progress


def test_versions_are_pinned_when_a_curator_publishes_a_new_one():
    interview = make_interview()
    version = question_of(interview, 1).version
    version.retire()
    assert question_of(interview, 1).version == version
    assert write(interview, 1, "text", act="submit_answer") is Outcome.MOVED


def test_a_drill_draws_five_questions_of_its_topic():
    for _ in range(6):
        make_version(topics=("nlp",))
    make_version(topics=("evaluation",))
    drill = Interview.objects.start(
        make_candidate(), make_topic(slug="nlp"), pace="gentle", time_multiplier=Decimal(1), now=NOON
    )
    assert [q.version.primary_topic.slug for q in drill.questions.all()] == ["nlp"] * 5


# --- saving -----------------------------------------------------------------------------------------


def test_a_save_is_kept_as_a_revision_and_stands_on_the_question():
    interview = make_interview()
    assert write(interview, 1, "first", rev=1, now=after(5)) is Outcome.SAVED
    assert write(interview, 1, "second", rev=2, now=after(9)) is Outcome.SAVED
    assert question_of(interview, 1).answer == ["second"]
    assert [r.answer for r in AnswerRevision.objects.all()] == [["first"], ["second"]]


def test_a_lower_revision_never_replaces_a_higher_one():
    interview = make_interview()
    write(interview, 1, "new", rev=5)
    assert write(interview, 1, "old", rev=4) is Outcome.HELD
    assert question_of(interview, 1).answer == ["new"]


def test_the_same_revision_with_other_text_keeps_both():
    interview = make_interview()
    write(interview, 1, "one", rev=5)
    assert write(interview, 1, "two", rev=5) is Outcome.HELD
    assert question_of(interview, 1).answer == ["one"]
    assert AnswerRevision.objects.get(kind="side").answer == ["two"]


@pytest.mark.parametrize("rev", [0, 10_001, 10**12])
def test_an_impossible_revision_is_refused_and_changes_nothing(rev):
    interview = make_interview()
    with pytest.raises(Refused):
        write(interview, 1, "text", rev=rev)
    assert not AnswerRevision.objects.exists()


def test_a_page_that_was_taken_over_cannot_save_but_its_text_is_kept_aside():
    interview = make_interview()
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.take_lease()
    assert write(interview, 1, "from the old page", rev=3, lease=1) is Outcome.ELSEWHERE
    assert question_of(interview, 1).answer == []
    assert AnswerRevision.objects.get().kind == "side"


def test_words_of_a_taken_over_page_are_kept_also_after_the_other_page_handed_in():
    interview = make_interview()
    write(interview, 1, "both pages saw this", rev=2)
    with Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.take_lease()
    write(interview, 1, "handed in elsewhere", rev=9, act="submit_answer")
    assert write(interview, 1, "typed in the old page", rev=5, lease=1) is Outcome.ELSEWHERE
    assert AnswerRevision.objects.get(kind="side").answer == ["typed in the old page"]


def test_a_question_that_was_not_shown_yet_does_not_exist():
    interview = make_interview()
    with pytest.raises(InterviewQuestion.DoesNotExist):
        write(interview, 2, "text")


# --- submit, skip, next, finish ---------------------------------------------------------------------


def test_submit_closes_the_question_and_opens_the_next():
    interview = make_interview()
    assert write(interview, 1, "text", now=after(20), act="submit_answer") is Outcome.MOVED
    first, second = question_of(interview, 1), question_of(interview, 2)
    assert (first.state, first.closed_at) == (State.ANSWERED, after(20))
    assert (second.state, second.opened_at) == (State.OPEN, after(20))


def test_a_second_submit_of_the_same_question_moves_nothing():
    interview = make_interview()
    write(interview, 1, "text", now=after(20), act="submit_answer")
    assert write(interview, 1, "text", now=after(21), act="submit_answer") is Outcome.HELD
    assert question_of(interview, 2).state == State.OPEN
    assert question_of(interview, 3).state == State.PENDING
    assert AnswerRevision.objects.filter(kind="final").count() == 1


def test_a_late_autosave_never_undoes_a_submit():
    interview = make_interview()
    write(interview, 1, "handed in", rev=7, act="submit_answer")
    assert write(interview, 1, "typed before", rev=6) is Outcome.HELD
    assert question_of(interview, 1).answer == ["handed in"]


def test_a_submit_that_a_newer_save_overtook_hands_in_the_newer_words_and_keeps_its_own():
    interview = make_interview()
    write(interview, 1, "newer", rev=7)
    assert write(interview, 1, "older", rev=6, act="submit_answer") is Outcome.MOVED
    assert question_of(interview, 1).answer == ["newer"]
    assert AnswerRevision.objects.get(kind="final").answer == ["newer"]
    assert AnswerRevision.objects.get(kind="side").answer == ["older"]


def test_submitting_nothing_is_a_skip():
    interview = make_interview()
    write(interview, 1, "  ", act="submit_answer")
    assert question_of(interview, 1).state == State.SKIPPED


def test_what_was_typed_before_a_skip_is_kept_and_counts_as_no_answer():
    interview = make_interview()
    write(interview, 1, "half a thought", act="skip")
    question = question_of(interview, 1)
    assert (question.state, question.answer, question.counts_as_answered) == (State.SKIPPED, ["half a thought"], False)


def test_the_last_answer_submits_the_interview():
    interview = make_interview(formats=("free_text",))
    write(interview, 1, "text", now=after(30), act="submit_answer")
    interview.refresh_from_db()
    assert (interview.state, interview.closed_at) == (Interview.State.SUBMITTED, after(30))
    assert kinds(interview)[-1] == "finished"


def test_finishing_early_leaves_unseen_questions_unseen():
    interview = make_interview()
    write(interview, 1, "text", now=after(10))
    with Interview.objects.under_lock(interview.public_id, now=after(12)) as locked:
        locked.finish(lease=locked.lease, now=after(12))
    assert [q.state for q in interview.questions.order_by("position")] == [State.ANSWERED, State.PENDING, State.PENDING]


def test_with_under_two_seconds_left_no_question_is_opened():
    interview = make_interview(limit_seconds=100, question_seconds=100)
    write(interview, 1, "text", now=after(99), act="submit_answer")
    interview.refresh_from_db()
    assert interview.state == Interview.State.SUBMITTED
    assert question_of(interview, 2).state == State.PENDING


# --- the bell ---------------------------------------------------------------------------------------


def test_a_save_within_the_grace_counts():
    interview = make_interview(question_seconds=60)
    assert write(interview, 1, "just in time", now=after(69)) is Outcome.SAVED
    assert question_of(interview, 1).answer == ["just in time"]


def test_answer_after_the_grace_is_kept_late_and_unscored():
    interview = make_interview(question_seconds=60)
    write(interview, 1, "in time", rev=1, now=after(30))
    assert write(interview, 1, "in time and more", rev=2, now=after(71)) is Outcome.LATE
    question = question_of(interview, 1)
    assert (question.state, question.answer, question.closed_at) == (State.TIMED_OUT, ["in time"], after(60))
    assert AnswerRevision.objects.get(kind="late").answer == ["in time and more"]


def test_the_interviews_end_has_its_own_longer_grace():
    interview = make_interview(limit_seconds=60, question_seconds=100)
    assert write(interview, 1, "in flight", now=after(89)) is Outcome.SAVED
    assert write(interview, 1, "too late", rev=2, now=after(91)) is Outcome.LATE


def test_after_a_time_out_the_next_question_waits_for_the_candidate():
    interview = make_interview(limit_seconds=300, question_seconds=60)
    look(interview, after(75))
    assert question_of(interview, 1).state == State.TIMED_OUT
    assert question_of(interview, 2).state == State.PENDING
    with Interview.objects.under_lock(interview.public_id, now=after(80)) as locked:
        assert locked.go_on(1, lease=locked.lease, now=after(80)) is Outcome.MOVED
        assert locked.go_on(1, lease=locked.lease, now=after(80)) is Outcome.HELD
    assert question_of(interview, 2).opened_at == after(80)
    assert question_of(interview, 3).state == State.PENDING


def test_the_system_closes_at_the_deadline_not_when_it_looked():
    interview = make_interview(limit_seconds=150, question_seconds=60)
    seen = look(interview, after(10_000))
    assert (seen.state, seen.closed_at) == (Interview.State.SUBMITTED, after(150))
    assert question_of(interview, 1).closed_at == after(60)


def test_a_gentle_interview_counts_overtime_and_closes_nothing():
    interview = make_interview(pace="gentle", question_seconds=60)
    assert write(interview, 1, "text", now=after(500)) is Outcome.SAVED
    assert interview.question_left(question_of(interview, 1), after(63)) == timedelta(seconds=-3)


def test_a_pause_gives_its_length_back_to_both_clocks():
    interview = make_interview(pace="gentle", limit_seconds=150, question_seconds=60)
    with Interview.objects.under_lock(interview.public_id, now=after(10)) as locked:
        locked.pause(now=after(10))
    with Interview.objects.under_lock(interview.public_id, now=after(110)) as locked:
        assert locked.interview_left(after(110)) == timedelta(seconds=140)
        locked.resume(now=after(110))
    interview.refresh_from_db()
    assert interview.deadline_at == after(250)
    assert question_of(interview, 1).deadline_at == after(160)


def test_a_strict_interview_cannot_be_paused():
    interview = make_interview()
    with pytest.raises(Refused), Interview.objects.under_lock(interview.public_id, now=NOON) as locked:
        locked.pause(now=NOON)


def test_time_added_in_mid_interview_moves_both_deadlines_and_the_expiry():
    interview = make_interview(limit_seconds=150, question_seconds=60)
    with Interview.objects.under_lock(interview.public_id, now=after(10)) as locked:
        locked.adjust(120, reason="Fire alarm", by=None, now=after(10))
    assert look(interview, after(150)).is_in_progress
    assert question_of(interview, 1).state == State.OPEN
    assert question_of(interview, 1).deadline_at == after(180)


def reopen(interview: Interview, position: int, seconds: float, at) -> None:
    with Interview.objects.under_lock(interview.public_id, now=at) as locked:
        locked.reopen(position, seconds=seconds, reason="The line was cut", by=None, now=at)


def test_a_reopened_question_has_the_time_given_and_a_new_final_answer():
    interview = make_interview(formats=("free_text", "free_text"), limit_seconds=150)
    write(interview, 1, "short", now=after(10), act="submit_answer")
    write(interview, 2, "other", now=after(20), act="submit_answer")
    tasks.score_submitted(interview.pk, now=after(21))
    reopen(interview, 1, 120, after(1000))
    question = question_of(interview, 1)
    interview.refresh_from_db()
    assert interview.is_in_progress
    assert interview.current_question() == question
    assert (question.deadline_at, interview.deadline_at) == (after(1120), after(1120))
    assert (question.answer, question.score) == (["short"], None)
    write(interview, 1, "longer", rev=2, now=after(1100), act="submit_answer")
    interview.refresh_from_db()
    assert interview.state == Interview.State.SUBMITTED
    finals = AnswerRevision.objects.filter(question=question, kind="final").order_by("opening")
    assert [(final.opening, final.answer) for final in finals] == [(1, ["short"]), (2, ["longer"])]


def test_a_reopened_question_that_times_out_ends_the_interview_again():
    interview = make_interview(formats=("free_text",))
    write(interview, 1, "text", now=after(10), act="submit_answer")
    reopen(interview, 1, 60, after(1000))
    seen = look(interview, after(5000))
    assert (seen.state, seen.closed_at) == (Interview.State.SUBMITTED, after(1060))
    assert question_of(interview, 1).answer == ["text"]


def test_nothing_is_reopened_while_another_interview_runs():
    interview = make_interview(formats=("free_text",))
    write(interview, 1, "text", now=after(10), act="submit_answer")
    make_interview(candidate=interview.candidate, now=after(100))
    with pytest.raises(Refused, match="another interview"):
        reopen(interview, 1, 60, after(200))
    interview.refresh_from_db()
    assert interview.state == Interview.State.SUBMITTED


def test_a_running_interview_and_an_unseen_question_cannot_be_reopened():
    interview = make_interview()
    with pytest.raises(Refused):
        reopen(interview, 1, 60, after(10))
    with Interview.objects.under_lock(interview.public_id, now=after(12)) as locked:
        locked.finish(lease=locked.lease, now=after(12))
    with pytest.raises(Refused):
        reopen(interview, 3, 60, after(20))
