"""A spoken answer: it arrives in parts, and once it is whole it becomes a file.

The parts stand in PostgreSQL, so that a storage which is away costs no answer: what has arrived counts, and the file
is written afterwards (storing.py).
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Prefetch, Q, Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver

from interviews.sitting.models import InterviewQuestion
from interviews.speech import audio

LONGEST_SECONDS = 300
# 24 kbit/s for five minutes are 0.9 MB; a browser that does not care for the bit rate makes twice as much.
LARGEST_BYTES = 2_000_000
LARGEST_PART_BYTES = 262_144
UNFINISHED_KEPT = timedelta(days=1)
FOLDER = "recordings"


def file_name(recording: "Recording", filename: str = "") -> str:
    """By no name that a page chose: nobody can aim at somebody else's file."""
    return f"{FOLDER}/{uuid4()}.{recording.extension}"


class RecordingQuerySet(models.QuerySet):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def unstored(self) -> Self:
        """Whole, but not a file yet."""
        return self.finished().filter(file="")

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

    class Kind(models.TextChoices):
        ANSWER = "answer", "Part of the answer"
        LATE = "late", "After the bell: kept, not scored"
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

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "public_id"], name="recording_is_begun_once"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(kind="answer"), name="one_recording_answers_a_question"
            ),
            models.CheckConstraint(condition=Q(size__lte=2**21), name="recording_within_size"),
            models.CheckConstraint(
                condition=Q(kind="", finished_at__isnull=True, file="")
                | (Q(finished_at__isnull=False, seconds__gte=0) & ~Q(kind="") & ~Q(content_type="")),
                name="finished_recording_is_whole",
            ),
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
        """All of it; two megabytes at most. Raises what the storage raises where it is away."""
        if not self.file:
            held = b"".join(bytes(part) for part in self.parts.order_by("offset").values_list("content", flat=True))
            if len(held) == self.size:
                return held
            self.refresh_from_db(fields=["file"])  # it became a file just now
        with self.file.open() as file:
            return file.read()

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
        self.seconds = min(max(sound.seconds if self.is_measured else claimed_seconds, 0), LONGEST_SECONDS)
        self.finished_at = now
        self.save()

    # --- without it -------------------------------------------------------------------------------

    def store(self) -> None:
        """Makes a file of what has arrived. Harmless twice, also at once: who comes second takes his file away."""
        written = self.file.storage.save(file_name(self), ContentFile(self.read()))
        with transaction.atomic():
            is_ours = Recording.objects.unstored().filter(pk=self.pk).update(file=written)
            if is_ours:
                self.parts.all().delete()
        if not is_ours:
            self.file.storage.delete(written)


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


def finished_recordings() -> Prefetch:
    """`finished_recordings` of each question: the one that answers it, and those kept beside it."""
    return Prefetch("recordings", queryset=Recording.objects.finished(), to_attr="finished_recordings")
