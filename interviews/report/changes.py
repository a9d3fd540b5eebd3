"""What changed since an earlier moment, as plain JSON: both sides computed now, on one scale (statistics/change.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from interviews.report.bank import BankQuestion
from interviews.report.history import History, QuestionHistory
from interviews.report.models import WeaknessReport
from interviews.report.parts import newest
from interviews.report.statistics import change, weakness
from interviews.report.statistics.change import Comparison, Kind, Side
from interviews.report.statistics.fitting import Evidence, Fit, Prior, fit_joint
from interviews.report.stored import gated

BETTER, WORSE = "better", "worse"


@dataclass(frozen=True, slots=True)
class Compared:
    """With which moment; `report`: the one that was compiled then, if it is a report."""

    moment: datetime
    report: WeaknessReport | None = None


def evidence_then(rows: Sequence[QuestionHistory], bank: Mapping[int, BankQuestion]) -> dict[int, Evidence]:
    """The answers that had been graded then, with their grade, weight and difficulty of today."""
    return {
        row.question_id: Evidence(
            topic_weights=bank[row.question_id].topic_weights,
            difficulty=bank[row.question_id].difficulty,
            score=min(1.0, row.points_then / row.weight_then),
            weight=min(1.0, row.weight_then),
            self_share=row.own_then / row.weight_then,
            age=row.ages_then / row.weight_then,
        )
        for row in rows
        if row.counted_then
    }


def changes_data(
    compared: Compared,
    history: History,
    bank: Mapping[int, BankQuestion],
    after: Side,
    *,
    prior: Prior,
    references: Mapping[str, tuple[float, float]],
    target: float,
    level: str,
    snapshot: str,
) -> dict:
    """Of every topic that has an estimate now."""
    counted_then = sum(row.counted_then for row in history.questions)
    earlier = evidence_then(history.questions, bank)
    before = Side(earlier, fit_joint(earlier.values(), sorted(after.fit.topics), prior), counted_then)
    comparison = Comparison(before, after)
    said = said_then(compared.report)
    others = other_scale(compared.report, level=level, target=target, snapshot=snapshot)
    topics = []
    for topic in sorted(after.fit.topics):
        found = comparison.of_topic(topic)
        if found is None:
            continue
        rows = [row for row in history.questions if topic in bank[row.question_id].topics]
        fresh = [one for one in history.counted if one.is_new and topic in bank[one.question_id].topics]
        data = {
            "topic": topic,
            "kind": found.kind.value,
            "is_clear": found.is_clear,
            "new_answers": sum(row.counted - row.counted_then for row in rows),
            "answers": newest(fresh),
            "questions": [],
            "before": None,
            "after": None,
            "low": None,
            "high": None,
            "said": None,
            "causes": [],
        }
        if found.kind in (Kind.UP, Kind.DOWN):
            data |= stated(topic, before.fit, after.fit, references[topic], target)
            data["questions"] = [bank[pk].title for pk in found.questions]
            if topic in said and round(100 * said[topic]) != round(100 * data["before"]):
                data["said"] = said[topic]
                regraded = sum(row.regraded for row in rows)
                data["causes"] = [*others, *([f"regraded {regraded}"] if regraded else [])] or ["faded"]
        topics.append(data)
    z = comparison.overall_z
    return {
        "since": compared.moment.isoformat(),
        "report": str(compared.report.public_id) if compared.report else None,
        "new_answers": after.counted - counted_then,
        "overall": None if z is None or abs(z) < change.OVERALL_Z else BETTER if z > 0 else WORSE,
        "topics": topics,
    }


def stated(topic: str, before: Fit, after: Fit, reference: tuple[float, float], target: float) -> dict:
    """Expected scores then and now, both on today's scale."""
    old, new = (weakness.describe(fit.topics[topic], *reference, target) for fit in (before, after))
    return {"before": old.mastery, "after": new.mastery, "low": new.low, "high": new.high}


def said_then(report: WeaknessReport | None) -> dict[str, float]:
    """The expected scores that the earlier report itself stated, by topic."""
    if report is None:
        return {}
    rows = [gated(row, report.data["basis"]["counted"]) for row in report.data["topics"]]
    return {row["topic"]: row["mastery"] for row in rows if row["mastery"] is not None}


def other_scale(report: WeaknessReport | None, *, level: str, target: float, snapshot: str) -> list[str]:
    """What besides answers and time makes the earlier report's numbers differ from those of today."""
    if report is None:
        return []
    return [
        cause
        for cause, differs in {
            "level": (report.data["level"], report.data["target"]) != (level, target),
            "difficulties": report.difficulty_snapshot != snapshot,
            "model": report.model_version != weakness.MODEL_VERSION,
        }.items()
        if differs
    ]
