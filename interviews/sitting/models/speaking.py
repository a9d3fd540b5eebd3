"""Answering aloud: how long somebody who speaks has, and going over to writing in the middle."""

from datetime import datetime

from questions import formats
from questions.models import asked_version

# People speak three times as fast as they type, and take a moment to begin.
SPOKEN_SHARE = 0.5
LEAST_SPOKEN_SECONDS = 90


def spoken_limit(format_name: str, limit_seconds: int) -> int:
    """Of what there is to write. In the other formats there is as much to think as to say."""
    if format_name != "free_text":
        return limit_seconds
    return min(max(round(limit_seconds * SPOKEN_SHARE), LEAST_SPOKEN_SECONDS), limit_seconds)


class Speaking:
    """The part of Interview that knows of it."""

    def way_to_answer(self, version_id: int, limit_seconds: int) -> tuple[bool, int]:
        """Whether it is spoken here, and in how many seconds, before the multiplier. `limit_seconds`: who writes."""
        if not self.speaks:
            return False, limit_seconds
        version = asked_version(version_id)
        if not formats.get(version.format).takes_voice:
            return False, version.limit_seconds
        return True, spoken_limit(version.format, version.limit_seconds)

    def write_instead(self, position: int, *, now: datetime) -> None:
        """The open question is written after all, and gets the time to write. A repeat changes nothing."""
        self._require_lock()
        question = self.shown_question(position)
        if not (self.is_in_progress and question.is_open and question.is_spoken):
            return
        asked = question.follow_up["limit_seconds"] if question.is_follow_up else question.version.limit_seconds
        more = asked - question.limit_seconds
        question.is_spoken = False
        question.limit_seconds += more
        self.writes.change(question, ["is_spoken", "limit_seconds"])
        if self.is_drill:  # its time is the sum of its questions'
            self.limit_seconds += more
            self.writes.change(self, ["limit_seconds"])
        self._recompute_deadlines(question)
        self.record("written_instead", actor=self.candidate, now=now, question=question)
