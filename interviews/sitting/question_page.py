"""What the page of an open question is drawn from. Everybody waits for it at every hand-in: what is the same for all is
made once in a process.
"""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from interviews.models import CONFIDENCES, Interview, InterviewQuestion, Outcome
from interviews.templatetags.clock import clock, urgency
from questions.models import asked_version

CONFIDENCE_WORDS = ["a guess", "unsure", "leaning", "fairly sure", "sure", "certain"]
STEP_WORDS = {"answered": "answered", "skipped": "skipped", "timed_out": "time ran out"}
NOBODY = UUID(int=0)  # also in the place of a recording's id, which static/js/voice.js puts there


def panel_context(
    interview: Interview, *, now: datetime, answer: list[str] | None = None, errors: tuple[str, ...] = ()
) -> dict:
    """Of `_question_panel.html` and `_paused_panel.html`. `answer` and `errors`: what was typed and what is wrong with
    it, where it was not taken.
    """
    question = interview.current_question()
    answer = question.answer if answer is None else answer
    return {
        "interview": interview,
        "question": question,
        "version": question.version,
        "position": str(question.position),  # a number would be written for the locale, which takes longer
        "total": str(len(interview.sheet)),
        "question_card": question_card(question.version_id, question.position, len(interview.sheet)),
        "steps": steps(tuple(one.state for one in interview.sheet), question.position),
        # While it is open there is one at most, that answers it.
        "recordings": question.finished_recordings if question.has_recording or question.is_closed else [],
        "answer": answer,
        "options": question.format.presented(question.version, question.seed, answer),
        "errors": list(errors),
        "readonly": question.is_closed,
        "confidence_field": confidence_field(question.confidence),
        "is_last": question is interview.sheet[-1],
        **addresses(interview, question),
        **clock_texts(interview, question, now),
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
        **(clock_texts(interview, question, now) if interview.is_in_progress else {}),
    }


@lru_cache(maxsize=1000)
def question_card(version_pk: int, position: int, total: int) -> str:
    """What is asked, as everybody sees it who is asked it there: a version never changes."""
    context = {"version": asked_version(version_pk), "position": position, "total": total}
    return render_to_string("interviews/_question_card.html", context)


@lru_cache(maxsize=1000)
def steps(states: tuple[str, ...], current: int) -> str:
    """The list of questions, as everybody sees it who stands there."""
    listed = [(str(number), state, STEP_WORDS.get(state), number == current) for number, state in enumerate(states, 1)]
    return render_to_string("interviews/_steps.html", {"steps": listed})


@cache
def confidence_field(chosen: int | None) -> str:
    """The six steps; `chosen` None: not touched yet."""
    offered = [(value, word, value == chosen) for value, word in zip(CONFIDENCES, CONFIDENCE_WORDS, strict=True)]
    return render_to_string("interviews/_confidence.html", {"steps": offered})


@cache
def _patterns() -> dict[str, str]:
    """Addresses of nobody's question 0: reversing them takes longer than filling them in."""
    arguments = {act: [NOBODY, 0] for act in ("save", "submit", "skip", "go_on")}
    arguments |= {"recording": [NOBODY, 0, NOBODY], "finish": [NOBODY], "pause": [NOBODY]}
    return {f"{act}_url": reverse(f"interviews:{act}", args=values) for act, values in arguments.items()}


def addresses(interview: Interview, question: InterviewQuestion) -> dict[str, str]:
    """Where the form and its buttons lead: `save_url` and so on."""
    public_id, place = str(interview.public_id), f"/questions/{question.position}/"
    return {
        name: pattern.replace(str(NOBODY), public_id, 1).replace("/questions/0/", place)
        for name, pattern in _patterns().items()
    }


def clocks(interview: Interview, question: InterviewQuestion, now: datetime) -> dict:
    """Milliseconds left, negative in overtime, None without a clock; and how long after zero a save still counts."""
    question_left = interview.question_left(question, now)
    interview_left = interview.interview_left(now)
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
