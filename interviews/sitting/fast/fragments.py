"""Parts of the question's page that are the same for everybody who stands there: made once in a process.

What each of them buys is measured in docs/speed.md.
"""

from functools import cache, lru_cache
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse

from interviews.sitting.confidence import CONFIDENCE_WORDS
from questions.models import asked_version

STEP_WORDS = {"answered": "answered", "skipped": "skipped", "timed_out": "time ran out"}
NOBODY = UUID(int=0)  # also in the place of a recording's id, which static/js/speech/voice.js puts there


@lru_cache(maxsize=1000)
def question_card(version_pk: int, position: int, total: int) -> str:
    """What is asked, as everybody sees it who is asked it there: a version never changes."""
    context = {"version": asked_version(version_pk), "position": position, "total": total}
    return render_to_string("sitting/_question_card.html", context)


@lru_cache(maxsize=1000)
def steps(states: tuple[str, ...], current: int) -> str:
    """The list of questions, as everybody sees it who stands there."""
    listed = [(str(number), state, STEP_WORDS.get(state), number == current) for number, state in enumerate(states, 1)]
    return render_to_string("sitting/_steps.html", {"steps": listed})


@cache
def confidence_field(chosen: int | None) -> str:
    """The six steps; `chosen` None: not touched yet."""
    offered = [(value, word, value == chosen) for value, word in CONFIDENCE_WORDS.items()]
    return render_to_string("sitting/_confidence.html", {"steps": offered})


@cache
def _patterns() -> dict[str, str]:
    """Addresses of nobody's question 0: reversing them takes longer than filling them in."""
    arguments = {act: [NOBODY, 0] for act in ("save", "submit", "skip", "go_on")}
    arguments |= {"recording": [NOBODY, 0, NOBODY], "finish": [NOBODY], "pause": [NOBODY], "write_instead": [NOBODY]}
    return {f"{act}_url": reverse(f"interviews:{act}", args=values) for act, values in arguments.items()}


def addresses(public_id: UUID, position: int) -> dict[str, str]:
    """Where the form and its buttons lead: `save_url` and so on."""
    public_id, place = str(public_id), f"/questions/{position}/"
    return {
        name: pattern.replace(str(NOBODY), public_id, 1).replace("/questions/0/", place)
        for name, pattern in _patterns().items()
    }
