"""CSV for spreadsheets, and the versions of questions as such."""

import csv
import io
from collections.abc import Iterable, Sequence

from questions import catalog_files
from questions.models import QuestionVersion
from questions.version_diff import as_text

COLUMNS = [
    "slug", "number", "status", "title", "level", "category", "topics", "subtopic", "format", "limit_seconds",
    "prompt", "fields", "rubric", "misconceptions", "follow_ups", "hint", "model_answer", "references",
]  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula; the last four are the full-width forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def written(versions: Iterable[QuestionVersion]) -> bytes:
    """The versions come with their content."""
    rows = []
    for version in versions:
        entry = catalog_files.entry_of(version)
        own = {name: entry[name] for name in version.question_format.field_names if name in entry}
        cells = {name: as_text(entry.get(name)) for name in COLUMNS} | {
            "topics": ", ".join(entry["topics"]),
            "fields": as_text(own),
            "number": version.number,
            "limit_seconds": version.limit_seconds,
        }
        rows.append([cells[name] for name in COLUMNS])
    return as_csv(COLUMNS, rows)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    """Every CSV that leaves the site: UTF-8 with the mark that spreadsheets know it by, and no text they compute."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(columns)
    for row in rows:
        table.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def escaped(text: str) -> str:
    """With an apostrophe in front of what would be a formula (ASVS 1.2.10)."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
