"""The work on an uploaded file, in a worker: reading it, and loading what its owner confirmed."""

import logging
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from questions.catalog_files import content_of
from questions.exchange import identity, plan, process
from questions.exchange.items import Reading
from questions.exchange.reading import Defaults, Reader
from questions.models import QuestionUpload, UploadedQuestion
from questions.models.question import content_hash

log = logging.getLogger(__name__)

SHOWN_REMARKS = 100  # of each kind; what is beyond them is counted
CHANGED = "The questions in the bank have changed since you looked. Nothing was loaded. Look again."


def work_on(upload_id: int, *, now: datetime) -> None:
    """Reads it or loads it, whichever is due. Safe to repeat, also at once: one of them does it.

    Raises what went wrong.
    """
    upload = QuestionUpload.objects.claim(upload_id, now=now)
    if upload is None:
        return
    try:
        if upload.read_at is None:
            _read(upload, now=now)
        else:
            _load(upload, now=now)
    except Exception:
        upload.release()
        raise


def _read(upload: QuestionUpload, *, now: datetime) -> None:
    """The file is parsed where it can do no harm, then checked one by one: some formats run what a question holds."""
    defaults = Defaults(upload.topic.slug, upload.level, upload.category)
    reader = Reader(process.parse(upload.name, bytes(upload.source)), defaults)
    noted = 0
    for done, _ in enumerate(reader.steps(), start=1):
        if 20 * done // reader.count > noted:
            noted = 20 * done // reader.count
            upload.note_progress(done, reader.count)
    reading = reader.finished()
    if upload.is_whole and reading.faults:
        reading.incoming = []
    questions = _questions(upload, reading)
    with transaction.atomic():
        upload.questions.all().delete()
        UploadedQuestion.objects.bulk_create(questions)
        remarks = {name: getattr(reading, name) for name in ("faults", "skipped", "notes")}
        QuestionUpload.objects.filter(pk=upload.pk).update(
            remarks={name: [asdict(remark) for remark in some[:SHOWN_REMARKS]] for name, some in remarks.items()},
            remark_counts={name: len(some) for name, some in remarks.items()},
            source=b"",
            read_at=now,
            attempts=0,
            held_until=None,
        )


def _questions(upload: QuestionUpload, reading: Reading) -> list[UploadedQuestion]:
    suggested = identity.suggested(reading.incoming, upload.name)
    return [
        UploadedQuestion(
            upload=upload,
            place=place,
            line=question.line,
            key=question.key,
            is_own=question.is_own,
            entry=question.entry,
            content_hash=content_hash(content_of(question.entry)),
            needs=question.needs,
            lacks=question.lacks,
            choice=choice,
            target=target,
        )
        for place, (question, (choice, target)) in enumerate(zip(reading.incoming, suggested, strict=True), start=1)
    ]


def _load(upload: QuestionUpload, *, now: datetime) -> None:
    """The questions and the note that they were loaded stand in one transaction: it happens once."""
    unloaded = QuestionUpload.objects.filter(pk=upload.pk, loaded_at__isnull=True)
    try:
        with transaction.atomic():
            if not unloaded.select_for_update().exists():
                return
            steps = plan.apply(upload, now=now)
            unloaded.update(loaded_at=now, held_until=None, outcome=plan.counted(steps))
    except plan.BankChanged:
        unloaded.update(confirmed_at=None, held_until=None, attempts=0, outcome=CHANGED)
