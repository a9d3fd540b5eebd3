"""What an engine gives of a recording: words with their places. Without Django."""

from dataclasses import dataclass, field

# Of less than this nothing is said about how it was said.
LEAST_SECONDS, LEAST_WORDS = 3.0, 5


class EngineAway(Exception):
    """It could not be asked, or broke down: nothing is known of the recording, and another try may go well."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: float  # seconds from the recording's start
    end: float
    probability: float | None  # None: the engine does not say

    def as_json(self) -> dict:
        sure = None if self.probability is None else round(self.probability, 3)
        return {"word": self.text, "start": round(self.start, 2), "end": round(self.end, 2), "probability": sure}


@dataclass(frozen=True, slots=True)
class Heard:
    words: list[Word] = field(default_factory=list)
    seconds: float = 0.0  # of sound
    pauses: list[tuple[float, float]] | None = None  # None: nobody measured them
    is_damaged: bool = False  # the file gives no sound

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def words_a_minute(self) -> float | None:
        """From the first word to the last, pauses and all; None of too little to say."""
        if self.seconds < LEAST_SECONDS or len(self.words) < LEAST_WORDS:
            return None
        span = self.words[-1].end - self.words[0].start
        return 60 * len(self.words) / span if span > 0 else None


DAMAGED = Heard(is_damaged=True)
