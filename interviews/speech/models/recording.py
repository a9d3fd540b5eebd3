"""A spoken answer: it arrives in parts, and once it is whole it becomes a file.

The parts stand in PostgreSQL, so that a storage which is away costs no answer: what has arrived counts, and the file
is written afterwards (storing.py).
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from interviews.sitting.models import InterviewQuestion
from interviews.speech import audio, engines

# A design round of 45 minutes with twice the time.
LONGEST_SECONDS = 90 * 60
# 24 kbit/s are 0.2 MB a minute; a browser that does not care for the bit rate makes twice as much.
BYTES_A_SECOND = 6700
# However short the question: its clock may be stopped, or be none.
LEAST_LONGEST_SECONDS = 300
LARGEST_PART_BYTES = 262_144
UNFINISHED_KEPT = timedelta(days=1)
FOLDER = "recordings"
# Whoever transcribes says so anew with every stretch of sound. Who has said nothing for so long is dead.
HEARING_LASTS = timedelta(minutes=2)
# A message that has not been followed by then is lost, or waits behind others, and then a second does no harm.
USUAL_WAIT = timedelta(minutes=5)


def _nobody_hears(now: datetime) -> Q:
    return Q(held_until__isnull=True) | Q(held_until__lt=now)


def longest_seconds(question: InterviewQuestion) -> int:
    """How long a recording of it may be: as long as the question's clock; without one, the longest there is."""
    allowed = question.seconds_allowed
    if allowed is None:
        return LONGEST_SECONDS
    return min(max(round(allowed), LEAST_LONGEST_SECONDS), LONGEST_SECONDS)


def largest_bytes(question: InterviewQuestion) -> int:
    return longest_seconds(question) * BYTES_A_SECOND


def file_name(recording: "Recording", filename: str = "") -> str:
    """By no name that a page chose: nobody can aim at somebody else's file."""
    return f"{FOLDER}/{uuid4()}.{recording.extension}"


class RecordingQuerySet(models.QuerySet):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def unstored(self) -> Self:
        """Whole, but not a file yet."""
        return self.finished().filter(file="")

    def unheard(self) -> Self:
        """A transcript of them is due; not of those that failed three times."""
        return self.filter(asked_at__isnull=False, attempts__lt=Recording.MAX_ATTEMPTS)

    def overlooked(self, now: datetime) -> Self:
        """Unheard although a worker should have begun, or begun again after a failure: the sweep's."""
        return self.unheard().filter(_nobody_hears(now), asked_at__lt=now - USUAL_WAIT).order_by("asked_at")

    def failed(self, now: datetime) -> Self:
        """No transcript of them will come."""
        return self.filter(_nobody_hears(now), asked_at__isnull=False, attempts__gte=Recording.MAX_ATTEMPTS)

    def claim(self, pk: int, *, now: datetime) -> "Recording | None":
        """To be transcribed. The attempt is counted before the work, so that one that kills its worker is tried three
        times. None where nothing is due, or somebody else is at it.
        """
        free = self.unheard().filter(_nobody_hears(now), pk=pk)
        if not free.update(attempts=F("attempts") + 1, held_until=now + HEARING_LASTS, heard_seconds=0):
            return None
        return self.filter(pk=pk).first()

    def abandoned(self, now: datetime) -> Self:
        """Begun and never sent to the end. A page that still holds one begins it anew."""
        return self.filter(finished_at__isnull=True, begun_at__lt=now - UNFINISHED_KEPT)

    def of_candidate(self, candidate) -> Self:
        """Everything that somebody recorded; deleting these rows deletes their files."""
        return self.filter(question__interview__candidate=candidate)

    def bytes_of_the_day(self, now: datetime) -> int:
        return self.filter(begun_at__gt=now - timedelta(days=1)).aggregate(sum=Sum("size"))["sum"] or 0


class Recording(models.Model):
    """One recording. It is not append-only: its candidate may replace it while the question is open."""

    MAX_ATTEMPTS = 3

    class Kind(models.TextChoices):
        ANSWER = "answer", "Part of the answer"
        LATE = "late", "After the time was up: kept, not scored"
        SIDE = "side", "From a page open elsewhere: kept, not scored"

    question = models.ForeignKey(InterviewQuestion, models.CASCADE, related_name="recordings")
    public_id = models.UUIDField(help_text="The page's own: beginning twice is beginning once.")
    kind = models.CharField(max_length=6, choices=Kind, blank=True, help_text="Empty: still on its way.")
    size = models.PositiveIntegerField(default=0, help_text="Bytes that have arrived.")
    content_type = models.CharField(max_length=20, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    is_measured = models.BooleanField(default=False, help_text="Otherwise the browser's word for how long it is.")
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to=file_name, blank=True)
    asked_at = models.DateTimeField(
        null=True, editable=False, help_text="When a worker was last asked to transcribe it; empty: nothing is due."
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    held_until = models.DateTimeField(null=True, editable=False, help_text="Until then somebody is transcribing it.")
    heard_seconds = models.FloatField(default=0, db_default=0, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "public_id"], name="recording_is_begun_once"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(kind="answer"), name="one_recording_answers_a_question"
            ),
            models.CheckConstraint(condition=Q(size__lte=2**26), name="recording_within_size"),
            models.CheckConstraint(
                condition=Q(kind="", finished_at__isnull=True, file="")
                | (Q(finished_at__isnull=False, seconds__gte=0) & ~Q(kind="") & ~Q(content_type="")),
                name="finished_recording_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="recording_to_be_transcribed"),
        ]

    def __str__(self) -> str:
        return f"Recording of {self.question}"

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_answer(self) -> bool:
        return self.kind == self.Kind.ANSWER

    @property
    def length(self) -> str:
        """ "1:05"."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes}:{seconds:02}"

    @property
    def extension(self) -> str:
        return audio.EXTENSIONS[self.content_type]

    @property
    def download_name(self) -> str:
        return f"answer-{self.question.position}.{self.extension}"

    def read(self) -> bytes:
        """All of it. Raises what the storage raises where it is away."""
        if not self.file:
            held = b"".join(bytes(part) for part in self.parts.order_by("offset").values_list("content", flat=True))
            if len(held) == self.size:
                return held
            self.refresh_from_db(fields=["file"])  # it became a file just now
        with self.file.open() as file:
            return file.read()

    @property
    def heard_percent(self) -> int:
        return min(round(100 * self.heard_seconds / self.seconds), 99) if self.seconds else 0

    @property
    def is_unheard(self) -> bool:
        """A transcript of it is due, or will be once it is a file, and may still come."""
        if not self.file:
            return self.is_finished and engines.is_on()
        is_held = self.held_until is not None and self.held_until >= timezone.now()
        return self.asked_at is not None and (self.attempts < self.MAX_ATTEMPTS or is_held)

    # --- under the interview's lock ---------------------------------------------------------------

    def append(self, content: bytes) -> None:
        RecordingPart.objects.create(recording=self, offset=self.size, content=content)
        self.size += len(content)
        self.save(update_fields=["size"])

    def finish(self, kind: str, sound: audio.Sound, *, claimed_seconds: float, now: datetime) -> None:
        """`claimed_seconds`: the page's own count, for a container that does not say it."""
        whole = audio.with_duration(self.read())
        self.parts.all().delete()
        self.size = 0
        self.append(whole)
        self.kind = kind
        self.content_type = sound.content_type
        self.is_measured = sound.seconds is not None
        seconds = sound.seconds if self.is_measured else claimed_seconds
        self.seconds = min(max(seconds, 0), longest_seconds(self.question))
        self.finished_at = now
        self.save()

    # --- without it -------------------------------------------------------------------------------

    def store(self, *, asked_at: datetime | None = None) -> bool:
        """Makes a file of what has arrived. Harmless twice, also at once: who comes second takes his file away.

        `asked_at`: a transcript of it is due from then on. False where somebody else was first.
        """
        written = self.file.storage.save(file_name(self), ContentFile(self.read()))
        with transaction.atomic():
            is_ours = Recording.objects.unstored().filter(pk=self.pk).update(file=written, asked_at=asked_at)
            if is_ours:
                self.parts.all().delete()
        if not is_ours:
            self.file.storage.delete(written)
        return bool(is_ours)

    def note_heard(self, seconds: float, *, now: datetime) -> None:
        """So far somebody has come, and is still at it."""
        Recording.objects.filter(pk=self.pk).update(heard_seconds=seconds, held_until=now + HEARING_LASTS)

    def release(self) -> None:
        """After a failure: the next try need not wait for this one's time to run out."""
        Recording.objects.filter(pk=self.pk).update(held_until=None)


class RecordingPart(models.Model):
    """A piece that has arrived. Gone as soon as the whole is a file."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="parts")
    offset = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recording", "offset"], name="recording_parts_do_not_overlap"),
        ]

    def __str__(self) -> str:
        return f"From byte {self.offset}"


@receiver(post_delete, sender=Recording)
def delete_file(instance: Recording, **_) -> None:
    """However a row goes (replaced, deleted, or with its interview or person), its file goes after the commit.

    A signal, because a cascade calls no method. What a crash or a storage that is away
    leaves, the nightly search finds.
    """
    if instance.file:
        storage, name = instance.file.storage, instance.file.name
        transaction.on_commit(lambda: storage.delete(name), robust=True)
