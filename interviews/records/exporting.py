"""Everything that a person has here as one ZIP: JSON for machines, and pages that open from the folder without a net.

What belongs into it is said by export_parts.py, what its pages show by export_pages.py.
"""

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from django.contrib.staticfiles import finders
from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from interviews.notices.notify import notify
from interviews.records import export_pages
from interviews.records.export_parts import PARTS, Part
from interviews.records.models import DataExport
from interviews.results.queries import with_questions
from interviews.speech import storing
from questions import markup
from questions.models import Figure

log = logging.getLogger(__name__)

# Compressed already.
STORED = {".webm", ".weba", ".ogg", ".mp4", ".m4a", ".mp3", ".zip", ".png", ".jpg", ".webp"}

Member = tuple[str, Iterable[bytes]]  # the name in the ZIP, and the content


def build(export_id: int, *, now: datetime) -> None:
    """Safe to repeat, also at once: only who claims it builds it. Raises what went wrong."""
    export = DataExport.objects.claim(export_id, now=now)
    if export is None:
        return
    try:
        storing.store_all_of(export.user, now=now)
        with TemporaryFile() as file, timezone.override(ZoneInfo(export.user.time_zone)):
            write_zip(file, export, now=now)
            file.seek(0)
            if export.store(File(file), now=now):
                key, path = str(export.public_id), reverse("interviews:your_data")
                notify(export.user, "export_ready", key=key, path=path, now=now)
    except Exception:
        export.release()
        raise


def write_zip(file, export: DataExport, *, now: datetime) -> None:
    """One member after the other, each in pieces: a long history needs no more memory than a short one."""
    count = expected_count(export.user)
    noted = 0
    with zipfile.ZipFile(file, "w") as target:
        for done, (name, content) in enumerate(members(export.user, now=now), start=1):
            entry = zipfile.ZipInfo(name, timezone.localtime(now).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if PurePath(name).suffix in STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with target.open(entry, "w", force_zip64=True) as out:
                for piece in content:
                    out.write(piece)
            if done <= count and 100 * done // count > noted:
                noted = 100 * done // count
                export.note_progress(done, count)


def expected_count(user: User) -> int:
    """Of members, files aside."""
    tables = sum(part.has_table for part in PARTS)
    return 3 + 2 * user.interviews.count() + user.reports.exists() + len(PARTS) + tables


def members(user: User, *, now: datetime) -> Iterator[Member]:
    names = {interview.pk: export_pages.interview_name(interview) for interview in user.interviews.all()}
    context = {"user": user, "now": now}
    yield page("readme.txt", "README.txt", context | {"parts": PARTS})
    yield "style.css", [Path(finders.find("css/holdout.css")).read_bytes()]
    yield page("index.html", "index.html", context | export_pages.index_context(user, names))
    figures: dict[str, str] = {}
    for pk, name in names.items():
        interview = with_questions(user.interviews.all()).get(pk=pk)
        about = context | export_pages.interview_context(interview)
        html = render_to_string("records/export/interview.html", about)
        shown = Figure.objects.seen_by(user).file_names(markup.figures_shown([html]))
        figures |= shown
        here = {digest: f"../figures/{file}" for digest, file in shown.items()}
        yield f"interviews/{name}.html", [markup.with_figure_files(html, here).encode()]
        yield f"data/asked/{name}.json", [as_json(export_pages.asked(interview))]
    for digest, file in figures.items():
        yield f"figures/{file}", [bytes(Figure.objects.get(pk=digest).content)]
    if user.reports.exists():
        yield page("report.html", "report.html", context | export_pages.report_context(user))
    for part in PARTS:
        if part.has_table:
            yield page("table.html", f"tables/{part.name}.html", context | export_pages.table_context(part, user))
        yield f"data/{part.name}.json", json_rows(part, user)
        yield from files(part, user)


def page(template: str, name: str, context: dict) -> Member:
    return name, [render_to_string(f"records/export/{template}", context).encode()]


def as_json(value) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def json_rows(part: Part, user: User) -> Iterator[bytes]:
    """A list of objects, one a row."""
    columns = part.columns()
    separator = b"[\n"
    for values in part.rows_of(user).values_list(*columns.values()).iterator():
        row = dict(zip(columns, values, strict=True))
        for field in part.file_fields:
            row[field.name] = file_name(part, row["id"], row[field.name])
        yield separator + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def files(part: Part, user: User) -> Iterator[Member]:
    """What the part's rows name in the storage; what is missing there is left out."""
    for row in part.rows_of(user).iterator() if part.file_fields else ():
        for field in part.file_fields:
            stored = getattr(row, field.name)
            if not stored:
                continue
            try:
                with stored.open("rb") as file:
                    yield file_name(part, row.pk, stored.name), file.chunks()
            except FileNotFoundError:
                log.warning("%s %s names a file that is not there.", part.label, row.pk)


def file_name(part: Part, pk: int, stored: str) -> str:
    return f"files/{part.name}/{pk}{PurePath(stored).suffix}" if stored else ""
