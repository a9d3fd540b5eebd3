"""What leaves the site as files: topics as CSV, missed questions for Anki."""

import csv
import io
import re
from collections.abc import Iterable

from accounts.models import User
from interviews.report.models import WeaknessReport
from interviews.report.stored import let_out
from interviews.sitting.models import InterviewQuestion
from questions.models import QuestionVersion, Topic

# A cell that begins so is a formula to a spreadsheet, full-width forms included.
FORMULA = re.compile(r"[=+\-@\t\r\0＝＋－＠]")
CSV_COLUMNS = [
    "topic", "label", "expected_score", "range_low", "range_high", "p_weak", "ability_mean", "ability_variance",
    "evidence", "answers", "last_answered_at", "target", "level", "compiled_at", "model_version",
    "difficulty_snapshot",
]  # fmt: skip
MISSED_BELOW = 0.5


def text_cell(text: str) -> str:
    """A text that no spreadsheet computes (OWASP ASVS 1.2.10)."""
    return f"'{text}" if FORMULA.match(text) else text


def report_csv(report: WeaknessReport) -> str:
    """One row a topic. Estimates, raw or stated, stand only where the page states them."""
    data = let_out(report.data)
    names = dict(Topic.objects.top_level().values_list("slug", "name"))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for row in data["topics"]:
        writer.writerow(
            [
                text_cell(names.get(row["topic"], row["topic"])),
                row["label"],
                *(row[name] for name in ("mastery", "low", "high", "p_weak", "mean", "variance")),
                row["evidence"],
                row["answers"],
                row["last_at"],
                data["target"],
                data["level"],
                report.compiled_at.isoformat(),
                data["model_version"],
                text_cell(data["difficulty_snapshot"]),
            ]
        )
    return out.getvalue()


def missed_questions(candidate: User) -> str:
    """Questions whose newest graded answer got less than half of the points, as an Anki import file.

    Only those whose model answer the candidate may see by now.
    """
    newest = InterviewQuestion.objects.newest_graded(candidate).filter(score__lt=MISSED_BELOW)
    versions = QuestionVersion.objects.with_content().in_bulk(newest.values_list("version", flat=True))
    lines = ["#separator:tab", "#html:true", "#columns:Question\tAnswer\tTags", "#tags column:3"]
    for answer in newest:
        answer.version = versions[answer.version_id]
        if answer.is_revealed:
            lines.append("\t".join(anki_note(answer.version)))
    return "\n".join(lines) + "\n"


def anki_note(version: QuestionVersion) -> list[str]:
    options = list(version.options.all())
    is_order = options and all(option.is_right for option in options)
    asked = sorted(option.text_html for option in options) if is_order else [option.text_html for option in options]
    right = [option.text_html for option in options if option.is_right]
    tags = [topic.slug for topic in version.ordered_topics] + [version.level]
    return [
        one_line(version.prompt_html + html_list(asked)),
        one_line(html_list(right) + version.model_answer_html),
        one_line(" ".join(tags)),
    ]


def html_list(items: Iterable[str]) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<ol>{listed}</ol>" if listed else ""


def one_line(html: str) -> str:
    """A field of a tab-separated line; line ends inside <pre> become <br>."""
    return text_cell(html.replace("\t", "    ").replace("\r\n", "\n").strip().replace("\n", "<br>"))
