"""Answering aloud: how long somebody who speaks has, and going over to writing in the middle."""

from collections.abc import Sequence
from datetime import datetime

from interviews.sitting.drawing import Drawable
from questions import formats
from questions.models import QuestionVersion

# People speak three times as fast as they type, and take a moment to begin.
SPOKEN_SHARE = 0.5
LEAST_SPOKEN_SECONDS = 90


def spoken_limit(format_name: str, limit_seconds: int) -> int:
    """Of what there is to write. In the other formats there is as much to think as to say."""
    if format_name != "free_text":
        return limit_seconds
    return min(max(round(limit_seconds * SPOKEN_SHARE), LEAST_SPOKEN_SECONDS), limit_seconds)


def spoken_limits(versions: Sequence[Drawable]) -> dict[int, int]:
    """Version → seconds, of those that can be answered aloud."""
    rows = QuestionVersion.objects.filter(pk__in=[version.pk for version in versions])
    return {
        pk: spoken_limit(name, seconds)
        for pk, name, seconds in rows.values_list("pk", "format", "limit_seconds")
        if formats.get(name).takes_voice
    }


class Speaking:
    """The part of Interview that knows of it."""

    def write_instead(self, position: int, *, now: datetime) -> None:
        """The open question is written after all, and gets the time to write. A repeat changes nothing."""
        self._require_lock()
        question = self.shown_question(position)
        if not (self.is_in_progress and question.is_open and question.is_spoken):
            return
        more = question.version.limit_seconds - question.limit_seconds
        question.is_spoken = False
        question.limit_seconds += more
        self.writes.change(question, ["is_spoken", "limit_seconds"])
        if self.is_drill:  # its time is the sum of its questions'
            self.limit_seconds += more
            self.writes.change(self, ["limit_seconds"])
        self._recompute_deadlines(question)
        self.record("written_instead", actor=self.candidate, now=now, question=question)
