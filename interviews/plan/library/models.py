"""What somebody keeps beside a question: theirs alone, no coach reads it."""

from django.conf import settings
from django.db import models, transaction

from questions import markup
from questions.models import Question


class Bookmark(models.Model):
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "question"], name="one_bookmark_per_candidate_and_question"),
        ]

    def __str__(self) -> str:
        return str(self.question)


class ChangedElsewhere(Exception):
    """The note was saved from another page meanwhile; nothing is written. `note` is what stands."""

    def __init__(self, note: "QuestionNote"):
        super().__init__()
        self.note = note


class QuestionNoteQuerySet(models.QuerySet):
    @transaction.atomic
    def write(self, candidate, question: Question, text: str, *, base: int, now) -> None:
        """`base`: the revision that the text grew from, 0 for a new note. An empty text stays as an empty note, so
        that a page from before knows of it. Raises ChangedElsewhere where another text stands by now.
        """
        empty = {"text": "", "html": "", "rev": 0, "written_at": now}
        self.get_or_create(candidate=candidate, question=question, defaults=empty)
        note = self.select_for_update().get(candidate=candidate, question=question)
        if note.text == text:
            return
        if note.rev != base:
            raise ChangedElsewhere(note)
        note.text, note.html, note.rev, note.written_at = text, markup.render(text), note.rev + 1, now
        note.save()


class QuestionNote(models.Model):
    """Markdown."""

    MAX_CHARACTERS = 10_000

    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="question_notes")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    rev = models.PositiveIntegerField(default=0, help_text="Counts the changes.")
    written_at = models.DateTimeField()

    objects = QuestionNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "question"], name="one_note_per_candidate_and_question"),
        ]

    def __str__(self) -> str:
        return f"Note on {self.question}"
