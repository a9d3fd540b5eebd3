"""The report as a table for a spreadsheet."""

from interviews.report.models import WeaknessReport
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS, Label
from questions.exchange import table
from questions.models import Topic

CSV_COLUMNS = [
    "topic", "label", "expected_score", "range_low", "range_high", "p_weak", "ability_mean", "ability_variance",
    "evidence", "answers", "last_answered_at", "target", "level", "compiled_at", "model_version",
    "difficulty_snapshot",
]  # fmt: skip


def report_csv(report: WeaknessReport) -> bytes:
    """One row a topic. Estimates stand only where the page states them; the raw m, v, E and P always."""
    data = report.data
    names = dict(Topic.objects.top_level().values_list("slug", "name"))
    rows = []
    for row in data["topics"]:
        is_stated = data["basis"]["counted"] >= MIN_COUNTED_ANSWERS and row["label"] != Label.NOT_ENOUGH_EVIDENCE
        stated = [row["mastery"], row["low"], row["high"]] if is_stated else ["", "", ""]
        rows.append(
            [
                names.get(row["topic"], row["topic"]),
                row["label"] if is_stated else Label.NOT_ENOUGH_EVIDENCE.value,
                *stated,
                row["p_weak"],
                row["mean"],
                row["variance"],
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
