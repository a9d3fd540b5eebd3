"""A stored report → how each track looks against the target, with what that rests on, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from interviews.report import wording
from interviews.report.models import WeaknessReport
from interviews.report.statistics.readiness import Readiness, readiness
from interviews.report.statistics.track import MIN_TOPIC_EVIDENCE
from interviews.report.tracks import State
from questions.models import Topic

TOPICS_NAMED = 3
STYLES = {Readiness.BELOW: "is-weak", Readiness.NEAR: "is-unclear", Readiness.AT: "is-ok"}


@dataclass(frozen=True, slots=True)
class TrackReadiness:
    """`evidence`: the expected score and its range, or why there is none; `would_tell`: what would tell more."""

    slug: str
    name: str
    word: Readiness
    style: str
    evidence: str
    coverage: str
    would_tell: str

    @property
    def is_known(self) -> bool:
        return self.word != Readiness.NOT_KNOWN


def readiness_of(report: WeaknessReport, topics: Mapping[str, Topic]) -> list[TrackReadiness]:
    """Every track that could be sat when the report was compiled, in their order."""
    evidence = {row["topic"]: row["evidence"] for row in report.data["topics"]}
    return [track_readiness(row, evidence, report.data["target"], topics) for row in report.data.get("tracks", [])]


def track_readiness(
    row: dict, evidence: Mapping[str, float], target: float, topics: Mapping[str, Topic]
) -> TrackReadiness:
    is_stated = row["state"] == State.STATED
    word = readiness(row["low"], row["high"], target) if is_stated else Readiness.NOT_KNOWN
    untested = sorted(
        (slug for slug in row.get("shares", {}) if evidence.get(slug, 0) < MIN_TOPIC_EVIDENCE and slug in topics),
        key=lambda slug: (-row["shares"][slug], slug),
    )
    return TrackReadiness(
        slug=row["track"],
        name=row["name"],
        word=word,
        style=STYLES.get(word, ""),
        evidence=wording.track_sentence(row).removeprefix(f"{row['name']}: "),
        coverage=f"{wording.whole_percent(row['share'])} of it is in topics you’ve answered",
        would_tell="" if is_stated else would_tell(row, [topics[slug].name for slug in untested]),
    )


def would_tell(row: dict, untested: list[str]) -> str:
    if row["state"] == State.FEW_ANSWERS:
        return f"One mock interview of this kind has {row['questions']} questions, and each answer counts."
    if row["state"] == State.LITTLE_KNOWN and untested:
        return f"Answers on {wording.listed(untested[:TOPICS_NAMED])} would help most."
    return "More answers on any of its topics make the range narrower."
