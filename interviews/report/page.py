"""A stored report → what its page shows, in the words of wording.py. Reads; decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property

from django.utils import timezone
from django.utils.text import slugify

from accounts.composed import composed
from accounts.models import User
from interviews.report import wording
from interviews.report.charts import Chart, confidence_chart, progress_chart, trend_chart
from interviews.report.evidence import Claim, answers_so_far, named_answers, with_answers
from interviews.report.models import WeaknessReport
from interviews.report.readiness import TrackReadiness, readiness_of
from interviews.report.statistics import confidence, pacing
from interviews.report.statistics.change import Kind
from interviews.report.statistics.leniency import STATED_FROM, Leniency
from interviews.report.statistics.trend import Trend
from interviews.report.statistics.weakness import CONSTANTS, MIN_TOPIC_EVIDENCE, Estimate, Label
from interviews.report.stored import has_estimates, let_out, site_prior
from interviews.report.subtopics import SubtopicCounts, counts_by_topic
from interviews.sitting.models import InterviewQuestion
from questions.models import Topic
from questions.statistics import TimeoutShare

# Of the wrong answers with what was believed; all that are stored stand with their evidence.
MISSES_SHOWN = 10
EARLIER_REPORTS_SHOWN = 12
LABEL_STYLE = {
    Label.WEAK: "is-weak",
    Label.PROBABLY_WEAK: "is-weak",
    Label.UNCLEAR: "is-unclear",
    Label.PROBABLY_ON_TARGET: "is-ok",
    Label.ON_TARGET: "is-ok",
}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic. `bar` places the range in a drawing of 150 units: x and width of the range, x of the mean."""

    topic: Topic
    estimate: Estimate
    evidence: float
    label: str
    style: str
    range: str
    last_at: datetime
    claim: Claim

    @property
    def bar(self) -> dict:
        low, high = wording.outward(self.estimate.low, self.estimate.high)
        return {"x": 1.5 * low, "width": max(2, 1.5 * (high - low)), "mean": 150 * self.estimate.mastery}

    @property
    def about(self) -> str:
        return wording.about_answers(self.evidence)

    @property
    def mastery(self) -> str:
        return wording.whole_percent(self.estimate.mastery)


@dataclass(frozen=True, slots=True)
class Change:
    """One topic; `note`: why the earlier report stated another number."""

    claim: Claim
    note: str
    has_moved: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Since an earlier moment; `report`: the public id of the report that was compiled then, if one was."""

    since: datetime
    report: str | None
    overall: str
    topics: list[Change]
    about_chance = wording.ABOUT_CHANCE

    @property
    def moved(self) -> list[Change]:
        return [change for change in self.topics if change.has_moved]

    @property
    def still(self) -> list[Change]:
        return [change for change in self.topics if not change.has_moved]


@dataclass(frozen=True, slots=True)
class ThinTopic:
    """A topic below the evidence that a label needs."""

    topic: Topic
    sentence: str
    drill_note: str


def topics_by_slug() -> dict[str, Topic]:
    return {topic.slug: topic for topic in top_level_topics()}


@composed
def top_level_topics():
    return Topic.objects.top_level()


class ReportPage:
    """Parts 0 to 5 and 7 of a report. Part 1 is empty below eight counted answers; then the answers are listed.

    A shared page shows the numbers and sentences, and no answer nor what was believed in it. A coach's page shows
    these too, but none of the candidate's own buttons. `claims` are those that the answers behind them can be asked of.
    `changes`: those since another moment than the report itself looks back to, which `changes_query` asks for.
    `drill_notes`: by topic.
    """

    def __init__(
        self,
        report: WeaknessReport,
        candidate: User,
        topics: Mapping[str, Topic],
        *,
        is_shared: bool = False,
        is_for_coach: bool = False,
        changes: dict | None = None,
        changes_query: str = "",
        drill_notes: Mapping[str, str] | None = None,
    ):
        data = let_out(report.data)
        self.report = report
        self.candidate = candidate
        self.claims: dict[str, Claim] = {}
        self.is_shared = is_shared
        self.is_for_coach = is_for_coach
        self.is_own = not (is_shared or is_for_coach)
        self.basis = data["basis"] | {
            "first_at": moment(data["basis"]["first_at"]),
            "last_at": moment(data["basis"]["last_at"]),
        }
        self.level = data["level"]
        self.target = data["target"]
        self.target_x = 150 * self.target
        self.compiled_at = report.compiled_at
        self.model_version = report.model_version
        self.difficulty_snapshot = report.difficulty_snapshot
        self.constants = CONSTANTS | data["constants"]
        self.banner = wording.self_graded_banner(self.basis["self_graded"], self.basis["counted"])
        self.has_estimates = has_estimates(data)
        self.not_enough = wording.not_enough(self.basis["counted"])
        self.topics = topics
        self._drill_notes = drill_notes or {}
        self._changes_query = changes_query
        self._set_topics(data["topics"])
        self._set_trend(data.get("trend"))
        self._set_pacing(data.get("pacing"))
        self._set_confidence(data.get("confidence"))
        self._set_misses([] if is_shared else data.get("misconceptions", []))
        self._set_leniency(data)
        self.points_only = wording.POINTS_ONLY
        self.changes = self._changes(changes or data.get("changes"))

    def _claim(
        self,
        key: str,
        text: str,
        count: int = 0,
        *,
        answer_ids: Sequence[int] = (),
        topic: str = "",
        query: str = "",
    ) -> Claim:
        """A shared page leads to no answers."""
        claim = Claim(key, text, count) if self.is_shared else Claim(key, text, count, answer_ids, topic, query)
        if claim.has_answers:
            self.claims[key] = claim
        return claim

    def _set_topics(self, stored: list[dict]) -> None:
        tested = {row["topic"]: row for row in stored if row["topic"] in self.topics}
        stated = [row for row in tested.values() if self.has_estimates and row["label"] != Label.NOT_ENOUGH_EVIDENCE]
        rows = sorted(map(self._row, stated), key=lambda row: row.topic.position)
        self.groups = [
            (wording.LABEL_NAMES[label], group)
            for label in wording.LABEL_ORDER
            if (group := [row for row in rows if row.estimate.label == label])
        ]
        thin = {slug: row for slug, row in tested.items() if row["evidence"] < MIN_TOPIC_EVIDENCE}
        untested = {slug: None for slug in self.topics if slug not in tested}
        self.thin = [
            ThinTopic(topic, self._thin_sentence((thin | untested)[slug]), self._drill_notes.get(slug, ""))
            for slug, topic in sorted(self.topics.items(), key=lambda pair: pair[1].position)
            if slug in thin or slug in untested
        ]

    def _thin_sentence(self, row: dict | None) -> str:
        if row is None:
            return wording.NOT_TESTED
        return wording.thin_evidence(
            row["evidence"],
            row["answers"],
            has_own=bool(row.get("self_graded")),
            has_shared=bool(row.get("shared")),
        )

    def _row(self, row: dict) -> TopicRow:
        topic, estimate = self.topics[row["topic"]], estimate_of(row)
        sentence = wording.topic_sentence(topic.name, estimate, row["evidence"], self.level, self.target)
        return TopicRow(
            topic=topic,
            estimate=estimate,
            evidence=row["evidence"],
            label=wording.verdict(estimate.label),
            style=LABEL_STYLE.get(estimate.label, "is-unclear"),
            range=wording.percent_range(row["low"], row["high"]),
            last_at=moment(row["last_at"]),
            claim=self._claim(f"topic-{topic.slug}", sentence, row["answers"], topic=topic.slug),
        )

    def _set_trend(self, stored: dict | None) -> None:
        general = stored and stored["general"]
        self.trend = self._claim(
            "trend",
            wording.trend_sentence(restored(Trend, general) if general else None),
            answer_ids=stored["answers"] if general else (),
        )
        self.trend_chart = trend_chart(stored["plot"], self.compiled_at) if general else None
        self.topic_trends = [
            (self.topics[row["topic"]], wording.trend_sentence(restored(Trend, row)))
            for row in (stored["topics"] if stored else [])
            if row["topic"] in self.topics
        ]

    def _set_pacing(self, stored: dict | None) -> None:
        self.pacing_sentence = wording.not_enough(stored["count"] if stored else 0, pacing.SHOWN_FROM, "timed answers")
        self.timeouts, self.quadrants = None, []
        if stored and stored["count"] >= pacing.SHOWN_FROM:
            pace = restored(pacing.Pacing, stored | {"timeouts": TimeoutShare(**stored["timeouts"])})
            self.pacing_sentence = wording.pacing_sentence(pace)
            self.timeouts = self._claim("time-outs", wording.timeouts_sentence(pace), answer_ids=stored["timed_out"])
            self.quadrants = [
                self._claim(
                    slugify(row["name"]), wording.quadrant(row["name"]), row["count"], answer_ids=row["answers"]
                )
                for row in stored["quadrants"]
            ]

    def _set_confidence(self, stored: dict | None) -> None:
        self.gap = self._claim(
            "confidence",
            wording.gap_sentence(restored(confidence.Gap, stored["gap"]))
            if stored
            else wording.not_enough(0, confidence.GAP_FROM, "answers with a stated confidence"),
            answer_ids=stored["answers"] if stored else (),
        )
        self.decomposition = stored and stored["decomposition"]
        self.confidence_levels = stored["levels"] if stored else []
        self.confidence_chart = confidence_chart(self.confidence_levels) if self.confidence_levels else None
        self.calibration_error = stored and stored["calibration_error"]
        underrated = stored["underrated"] if stored else []
        self.underrated = self._claim("underrated", wording.underrated(len(underrated)), answer_ids=underrated)

    def _set_misses(self, stored: list[dict]) -> None:
        self._misses = stored
        self.misses = self._claim(
            "misconceptions", wording.misses(len(stored)), answer_ids=[row["answer"] for row in stored]
        )

    def _set_leniency(self, data: dict) -> None:
        """For the candidate alone, and where there are own scores to take."""
        stored = data.get("leniency", {"pairs": 0})
        self.pairs = stored["pairs"]
        self.leniency = ""
        if self.is_own and (self.basis["self_graded"] or self.pairs):
            said = restored(Leniency, stored) if self.pairs >= STATED_FROM else None
            self.leniency = wording.leniency_sentence(said, site_prior(data["constants"]).leniency_mean)

    def _changes(self, stored: dict | None) -> "Changes | None":
        """What changed since an earlier moment: topics that moved first, each with the new answers on it."""
        if stored is None or not self.has_estimates:
            return None
        since = moment(stored["since"])
        order = {kind: place for place, kind in enumerate((Kind.UP, Kind.DOWN, Kind.FIRST_ESTIMATE, Kind.NOT_CLEAR))}
        rows = [row for row in stored["topics"] if row["topic"] in self.topics]
        rows.sort(key=lambda row: (order[row["kind"]], self.topics[row["topic"]].position))
        local = timezone.localtime(since)
        return Changes(
            since=since,
            report=stored["report"],
            overall=wording.overall_change(stored["overall"], local),
            topics=[
                Change(
                    claim=self._claim(
                        f"change-{row['topic']}",
                        wording.change_sentence(self.topics[row["topic"]].name, row, local),
                        row["new_answers"],
                        answer_ids=row["answers"],
                        query=self._changes_query,
                    ),
                    note=wording.change_note(row, local),
                    has_moved=row["kind"] in (Kind.UP, Kind.DOWN),
                )
                for row in rows
            ],
        )

    @cached_property
    def readiness(self) -> list[TrackReadiness]:
        """Of the tracks that the candidate has chosen, the newest first."""
        by_slug = {track.slug: track for track in readiness_of(self.report, self.topics)}
        return [by_slug[slug] for slug in self.candidate.interviews.tracks_taken() if slug in by_slug]

    @cached_property
    def progress(self) -> tuple[str, Chart] | None:
        """The newest chosen track with a stated score, and that score over time; None where there is no past."""
        known = next((track for track in self.readiness if track.is_known), None)
        rows = self.report.data.get("progress", []) if known else []
        points = [(moment(row["at"]), *row["tracks"][known.slug]) for row in rows if known.slug in row["tracks"]]
        return (known.name, progress_chart(points)) if len(points) > 1 else None

    @cached_property
    def subtopics(self) -> dict[str, Sequence[SubtopicCounts]]:
        """For the candidate alone: a coach may be allowed to read a part of the answers only."""
        return counts_by_topic(self.candidate, self.report) if self.is_own else {}

    @cached_property
    def sure_misses(self) -> list[dict]:
        """The first of those that were wrong and stated with 80 % or more, with their answers."""
        sure = [row for row in self._misses if row["is_sure"]][:MISSES_SHOWN]
        return with_answers(sure, named_answers([row["answer"] for row in sure], self.candidate, self.report))

    @cached_property
    def answers(self) -> list[InterviewQuestion]:
        """The answers so far: all that there is to show below eight."""
        return answers_so_far(self.candidate, self.report)


def earlier_reports(report: WeaknessReport, candidate: User) -> list[WeaknessReport]:
    """The last report of each earlier day, newest first."""
    last_of_day = {}
    for earlier in candidate.reports.before(report):
        last_of_day.setdefault(earlier.compiled_at.date(), earlier)
    last_of_day.pop(report.compiled_at.date(), None)
    return list(last_of_day.values())[:EARLIER_REPORTS_SHOWN]


def estimate_of(row: dict) -> Estimate:
    return Estimate(row["mastery"], row["low"], row["high"], row["p_weak"], Label(row["label"]))


def restored(kind: type, stored: dict):
    """A result of the pure functions from its stored form, which may hold more."""
    return kind(**{field.name: stored[field.name] for field in fields(kind)})


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
