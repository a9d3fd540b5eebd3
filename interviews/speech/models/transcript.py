"""What was heard in a recording, by a machine and then by its candidate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import models, transaction
from django.db.models import Avg, OuterRef, Prefetch, Subquery

from interviews.sitting.clock_text import clock, duration
from interviews.sitting.models import InterviewQuestion, Refused
from interviews.speech.heard import Heard
from interviews.speech.models.recording import Recording

# Below it the engine has guessed about as often as it has heard.
UNSURE_BELOW = 0.5
# Where a reader finds a new line: after a silence as long as this.
PARAGRAPH_PAUSE_SECONDS = 2.0
MOST_CORRECTIONS = 50
LONGEST_CORRECTION = 50_000


@dataclass(frozen=True, slots=True)
class ShownWord:
    text: str
    at: float  # seconds from the start
    is_unsure: bool


class TranscriptQuerySet(models.QuerySet):
    @transaction.atomic
    def keep(self, recording: Recording, heard: Heard, *, engine: str, version: str, now: datetime) -> bool:
        """What was heard; then nothing is due any more. False, and nothing is written, where there is one already or
        the recording is gone.
        """
        if not Recording.objects.filter(pk=recording.pk, asked_at__isnull=False).update(asked_at=None, held_until=None):
            return False
        self.create(
            recording=recording,
            engine=engine,
            engine_version=version,
            text=heard.text,
            words=[word.as_json() for word in heard.words],
            pauses=heard.pauses,
            words_a_minute=heard.words_a_minute,
            seconds=heard.seconds,
            is_damaged=heard.is_damaged,
            created_at=now,
        )
        return True


class Transcript(models.Model):
    """The words of one recording, as a machine heard them. Append-only: a trigger refuses changes."""

    recording = models.OneToOneField(Recording, models.CASCADE, related_name="transcript")
    engine = models.CharField(max_length=100)
    engine_version = models.CharField(max_length=40)
    text = models.TextField(blank=True, help_text="Empty: no words were heard.")
    words = models.JSONField(help_text="[{word, start, end, probability}], in order; seconds from the start.")
    pauses = models.JSONField(null=True, help_text="[[start, end]] of 2 s and more; empty where nobody measured.")
    words_a_minute = models.FloatField(null=True, help_text="Empty: too little was said.")
    seconds = models.FloatField()
    is_damaged = models.BooleanField(default=False, help_text="There was no sound to be had from the file.")
    created_at = models.DateTimeField()

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Transcript of {self.recording_id}"

    def paragraphs(self) -> Iterator[list[ShownWord]]:
        """Of the words, one for each stretch without a long silence."""
        shown = []
        for before, word in pairwise([None, *self.words]):
            if before and word["start"] - before["end"] >= PARAGRAPH_PAUSE_SECONDS:
                yield shown
                shown = []
            probability = word["probability"]
            is_unsure = probability is not None and probability < UNSURE_BELOW
            shown.append(ShownWord(word["word"], word["start"], is_unsure))
        if shown:
            yield shown

    def shown_pauses(self) -> list[tuple[float, str, str]]:
        """Each as where it begins, in seconds and as "0:32", and how long it is."""
        return [(start, clock(round(start * 1000)), duration(end - start)) for start, end in self.pauses]

    def has_unsure_words(self) -> bool:
        return any(word.is_unsure for paragraph in self.paragraphs() for word in paragraph)

    def correct(self, text: str, *, now: datetime) -> None:
        """A repeat changes nothing. Raises Refused. Under the interview's lock."""
        text = text.replace("\r\n", "\n").strip()
        if len(text) > LONGEST_CORRECTION:
            raise Refused(f"A transcript can have at most {LONGEST_CORRECTION:,} characters. Nothing was saved.")
        newest = self.corrections.last()
        if text == (newest.text if newest else self.text):
            return
        if self.corrections.count() >= MOST_CORRECTIONS:
            raise Refused(f"This transcript has been corrected {MOST_CORRECTIONS} times. Nothing was saved.")
        self.corrections.create(text=text, at=now)


class TranscriptCorrection(models.Model):
    """A transcript as its candidate says it should read. The newest counts; all are kept."""

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="corrections")
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Correction of {self.transcript_id}"


def heard_recordings() -> models.QuerySet[Recording]:
    """Finished ones with `transcript`, `correction` (the newest) and `earlier_rate`: the words a minute of what its
    candidate had answered before, on average. In one query.
    """
    newest = TranscriptCorrection.objects.filter(transcript__recording=OuterRef("pk")).order_by("-pk")
    earlier = Transcript.objects.filter(
        recording__question__interview__candidate=OuterRef("question__interview__candidate"),
        recording__kind=Recording.Kind.ANSWER,
        recording__finished_at__lt=OuterRef("finished_at"),
    ).order_by()
    rate = earlier.values("recording__question__interview__candidate").values(rate=Avg("words_a_minute"))
    return (
        Recording.objects.finished()
        .select_related("transcript", "question")
        .annotate(
            correction=Subquery(newest.values("text")[:1]),
            corrected_at=Subquery(newest.values("at")[:1]),
            earlier_rate=Subquery(rate),
        )
    )


def finished_recordings() -> Prefetch:
    """`finished_recordings` of each question: the one that answers it, and those kept beside it."""
    return Prefetch("recordings", queryset=heard_recordings(), to_attr="finished_recordings")


def answer_text(question: InterviewQuestion) -> str:
    """What is written, and then what the engine heard: neither is ever edited, so that places in it stay true. A
    question that comes with its `finished_recordings` asks the database nothing.
    """
    if not question.has_recording:
        return question.text
    recordings = getattr(question, "finished_recordings", None)
    if recordings is None:
        recordings = heard_recordings().filter(question=question)
    heard = [one.transcript.text for one in recordings if one.is_answer and hasattr(one, "transcript")]
    return "\n\n".join(filter(str.strip, [question.text, *heard]))
