"""The report as a table for a spreadsheet."""

from interviews.report.models import WeaknessReport
from interviews.report.stored import let_out
from questions.exchange import table
from questions.models import Topic

CSV_COLUMNS = [
    "topic", "label", "expected_score", "range_low", "range_high", "p_weak", "ability_mean", "ability_variance",
    "evidence", "answers", "last_answered_at", "target", "level", "compiled_at", "model_version",
    "difficulty_snapshot",
]  # fmt: skip


def report_csv(report: WeaknessReport) -> bytes:
    """One row a topic. Estimates, raw or stated, stand only where the page states them."""
    data = let_out(report.data)
    names = dict(Topic.objects.top_level().values_list("slug", "name"))
    rows = []
    for row in data["topics"]:
        rows.append(
            [
                names.get(row["topic"], row["topic"]),
                row["label"],
                *(row[name] for name in ("mastery", "low", "high", "p_weak", "mean", "variance")),
                row["evidence"],
                row["answers"],
                row["last_at"],
                data["target"],
                data["level"],
                report.compiled_at.isoformat(),
                data["model_version"],
                data["difficulty_snapshot"],
            ]
        )
    return table.as_csv(CSV_COLUMNS, rows)
