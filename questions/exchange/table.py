"""Versions as CSV, for a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from questions import catalog_files
from questions.models import QuestionVersion
from questions.version_diff import as_text

COLUMNS = [
    "slug", "number", "status", "title", "level", "category", "topics", "subtopic", "format", "limit_seconds",
    "prompt", "fields", "rubric", "misconceptions", "model_answer", "references",
]  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula; the last four are the full-width forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def written(versions: Iterable[QuestionVersion]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it. The versions come with their content."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    for version in versions:
        entry = catalog_files.entry_of(version)
        own = {name: entry[name] for name in version.question_format.field_names if name in entry}
        texts = {name: as_text(entry.get(name)) for name in COLUMNS} | {
            "topics": ", ".join(entry["topics"]),
            "fields": as_text(own),
        }
        cells = {name: escaped(text) for name, text in texts.items()}
        table.writerow(cells | {"number": version.number, "limit_seconds": version.limit_seconds})
    return out.getvalue().encode("utf-8-sig")


def escaped(text: str) -> str:
    """With an apostrophe in front of what would be a formula (ASVS 1.2.10)."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
