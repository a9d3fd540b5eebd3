"""What the page of an open question is drawn from."""

import json
from datetime import datetime, timedelta

from django.utils import timezone

from interviews.sitting.clock_text import clock, urgency
from interviews.sitting.fast.fragments import addresses, confidence_field, question_card, steps
from interviews.sitting.models import Interview, InterviewQuestion, Outcome

NOTHING = timedelta(0)


def panel_context(
    interview: Interview, *, now: datetime, answer: list[str] | None = None, errors: tuple[str, ...] = ()
) -> dict:
    """Of `_question_panel.html` and `_paused_panel.html`. `answer` and `errors`: what was typed and what is wrong with
    it, where it was not taken.
    """
    question = interview.current_question()
    drawn = [one for one in interview.sheet if not one.is_follow_up]
    answer = question.answer if answer is None else answer
    return {
        "interview": interview,
        "question": question,
        "version": question.version,
        "position": str(question.position),  # a number would be written for the locale, which takes longer
        "number": str(question.number),
        "total": str(len(drawn)),
        "name": f"Question {question.number} of {len(drawn)}{', follow-up' if question.is_follow_up else ''}",
        **card_context(interview, question, len(drawn)),
        "steps": steps(tuple(one.state for one in drawn), question.number),
        # While it is open there is one at most, that answers it.
        "recordings": list(question.recordings.finished()) if question.has_recording or question.is_closed else [],
        "answer": answer,
        "options": question.format.presented(question.version, question.seed, answer),
        "errors": list(errors),
        **question.format.draft_context(question.version, answer),
        "readonly": question.is_closed,
        "stage_clocks": stage_clocks(interview, question, now),
        "is_spoken": question.is_spoken and not question.is_closed,
        "confidence_field": confidence_field(question.confidence),
        "is_last": question.is_reopened or not (interview.may_ask_back(question) or interview.has_more),
        "before": interview.question_before(question),
        "leads_back_to": interview.question_left_behind(),
        **addresses(interview.public_id, question.position),
        **clock_texts(interview, question, now),
    }


def stage_clocks(interview: Interview, question: InterviewQuestion, now: datetime) -> str:
    """JSON for static/js/sitting/stages.js, in milliseconds; empty where no stage has a clock."""
    if question.is_follow_up or question.is_closed or interview.is_untimed or not question.version.stages:
        return ""
    factor = 60_000 * float(interview.time_multiplier)
    told = {
        "stage": question.stage,
        "spent_ms": [round(1000 * seconds) for seconds in question.seconds_by_stage(now)],
        "suggested_ms": [round(factor * stage["minutes"]) for stage in question.version.stages],
    }
    return json.dumps(told)


def card_context(interview: Interview, question: InterviewQuestion, total: int) -> dict:
    """`question_card`, the same for everybody; of a follow-up what `_follow_up_card.html` needs, which is one's own."""
    if not question.is_follow_up:
        return {"question_card": question_card(question.version_id, question.position, total)}
    first = question.follows
    if first.has_recording and not hasattr(first, "finished_recordings"):
        first.finished_recordings = list(first.recordings.finished())
    return {
        "asks": question.follow_up["ask"],
        "hint": question.follow_up.get("hint", ""),
        "first": first,
        "goes_back": interview.goes_back(question),
        "first_recordings": first.finished_recordings if first.has_recording else [],
    }


def finish_context(interview: Interview, *, now: datetime) -> dict:
    """Of `_finish_panel.html`: what is answered, what was never shown, and what is about to be handed in."""
    questions = [question.with_version() for question in interview.sheet if not question.is_follow_up]
    return panel_context(interview, now=now) | {
        "answered": sum(not question.is_pending and question.counts_as_answered for question in questions),
        "not_shown": sum(question.is_pending for question in questions),
        "shown": [question for question in questions if not question.is_pending] if interview.may_go_back else [],
    }


def saved_context(interview: Interview, question: InterviewQuestion, outcome: Outcome, now: datetime) -> dict:
    """Of `_saved.html`, the answer to an autosave."""
    here = timezone.localtime(now)
    return {
        "interview": interview,
        "question": question,
        "position": str(question.position),
        "rev": str(question.rev),
        "outcome": outcome.value,
        "moment": here.isoformat(timespec="seconds"),
        "time_of_day": f"{here:%H:%M}",
        "is_oob": True,
        **question.format.draft_context(question.version, question.answer),
        **(clock_texts(interview, question, now) if interview.is_in_progress else {}),
    }


def clocks(interview: Interview, question: InterviewQuestion, now: datetime) -> dict:
    """Milliseconds left, negative in overtime, None without a clock; and how long after zero a save still counts."""
    question_left = interview.question_left(question, now)
    interview_left = interview.interview_left(now)
    if interview.is_strict and question.is_closed:  # nothing counts on once it is over
        question_left, interview_left = max(question_left, NOTHING), max(interview_left, NOTHING)
    return {
        "question_ms": milliseconds(question_left),
        "question_limit_ms": milliseconds(interview.question_limit(question)),
        "interview_ms": milliseconds(interview_left),
        "grace_ms": round(interview.grace(question).total_seconds() * 1000) if interview.is_strict else None,
    }


def clock_texts(interview: Interview, question: InterviewQuestion, now: datetime) -> dict[str, str]:
    """Of `_clocks.html`: `clocks` as text, empty without a clock; the times and their colours."""
    left = clocks(interview, question, now)
    return {name: "" if value is None else str(value) for name, value in left.items()} | {
        "question_clock": clock(left["question_ms"]),
        "question_urgency": urgency(left["question_ms"], left["question_limit_ms"]),
        "interview_clock": clock(left["interview_ms"]),
        "interview_urgency": urgency(left["interview_ms"], None),
    }


def milliseconds(left: timedelta | None) -> int | None:
    return None if left is None else round(left.total_seconds() * 1000)
