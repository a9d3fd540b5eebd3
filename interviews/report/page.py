"""A stored report → what its page shows, in the words of wording.py. Reads; decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.text import slugify

from accounts.models import User
from interviews.report import practice, wording
from interviews.report.charts import confidence_chart, trend_chart
from interviews.report.evidence import Claim, answers_so_far, named_answers, with_answers
from interviews.report.models import WeaknessReport
from interviews.report.statistics import confidence, pacing
from interviews.report.statistics.trend import Trend
from interviews.report.statistics.weakness import CONSTANTS, MIN_COUNTED_ANSWERS, MIN_TOPIC_EVIDENCE, Estimate, Label
from interviews.sitting.models import InterviewQuestion
from questions.models import Level, Topic
from questions.statistics import TimeoutShare

# Of the wrong answers with what was believed; all that are stored stand with their evidence.
MISSES_SHOWN = 10
# A comparison says something only after a while: self-scoring alone makes several reports in an hour.
COMPARED_AFTER = timedelta(days=7)
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
class ThinTopic:
    """A topic below the evidence that a label needs."""

    topic: Topic
    sentence: str
    missing: int


@dataclass(frozen=True, slots=True)
class Change:
    topic: Topic
    before: str
    after: str
    phrase: str


@dataclass(frozen=True, slots=True)
class PracticeLine:
    question_id: int
    title: str
    level: str
    reason: str
    is_due: bool


def topics_by_slug() -> dict[str, Topic]:
    return {topic.slug: topic for topic in Topic.objects.top_level()}


class ReportPage:
    """Parts 0 to 5 and 7 of a report. Part 1 is empty below eight counted answers; then the answers are listed.

    A shared page shows the numbers and sentences, and no answer nor what was believed in it. A coach's page shows
    these too, but none of the candidate's own buttons. `claims` are those that the answers behind them can be asked of.
    """

    def __init__(
        self,
        report: WeaknessReport,
        candidate: User,
        topics: Mapping[str, Topic],
        *,
        is_shared: bool = False,
        is_for_coach: bool = False,
    ):
        data = report.data
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
        self.constants = CONSTANTS
        self.banner = wording.self_graded_banner(self.basis["self_graded"], self.basis["counted"])
        self.has_estimates = has_estimates(data)
        self.not_enough = wording.not_enough(self.basis["counted"])
        self.topics = topics
        self._set_topics(data["topics"])
        self._set_trend(data.get("trend"))
        self._set_pacing(data.get("pacing"))
        self._set_confidence(data.get("confidence"))
        self._set_misses([] if is_shared else data.get("misconceptions", []))

    def _claim(self, key: str, text: str, count: int = 0, *, answer_ids: Sequence[int] = (), topic: str = "") -> Claim:
        """A shared page leads to no answers."""
        claim = Claim(key, text, count) if self.is_shared else Claim(key, text, count, answer_ids, topic)
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
        thin = [(self.topics[slug], row["evidence"]) for slug, row in tested.items()]
        thin = [(topic, evidence) for topic, evidence in thin if evidence < MIN_TOPIC_EVIDENCE]
        thin += [(topic, 0.0) for slug, topic in self.topics.items() if slug not in tested]
        self.thin = [
            ThinTopic(
                topic,
                wording.NOT_TESTED if not evidence else wording.about_answers(evidence),
                wording.answers_missing(evidence),
            )
            for topic, evidence in sorted(thin, key=lambda pair: pair[0].position)
        ]

    def _row(self, row: dict) -> TopicRow:
        topic, estimate = self.topics[row["topic"]], estimate_of(row)
        sentence = wording.topic_sentence(topic.name, estimate, row["evidence"], self.level, self.target)
        return TopicRow(
            topic=topic,
            estimate=estimate,
            evidence=row["evidence"],
            label=wording.LABEL_NAMES[estimate.label].lower(),
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
                self._claim(slugify(row["name"]), row["name"].capitalize(), row["count"], answer_ids=row["answers"])
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

    @cached_property
    def sure_misses(self) -> list[dict]:
        """The first of those that were wrong and stated with 80 % or more, with their answers."""
        sure = [row for row in self._misses if row["is_sure"]][:MISSES_SHOWN]
        return with_answers(sure, named_answers([row["answer"] for row in sure], self.candidate, self.report))

    @cached_property
    def answers(self) -> list[InterviewQuestion]:
        """The answers so far: all that there is to show below eight."""
        return answers_so_far(self.candidate, self.report)


class Comparison:
    """What changed since an earlier report, topic by topic: stated only where it is beyond the noise."""

    def __init__(self, earlier: WeaknessReport, report: WeaknessReport, topics: Mapping[str, Topic]):
        before, after = earlier.data, report.data
        self.compiled_at = earlier.compiled_at
        self.public_id = earlier.public_id
        self.other_measure = ""
        self.changes: list[Change] = []
        if (before["level"], before["target"]) != (after["level"], after["target"]):
            self.other_measure = (
                f"That report was measured against {wording.whole_percent(before['target'])} on typical "
                f"{before['level']} questions: the two cannot be compared."
            )
        self.notes = wording.comparison_notes(before, after)
        if self.other_measure or not (has_estimates(before) and has_estimates(after)):
            return
        rows = {row["topic"]: row for row in before["topics"] if row["evidence"] >= MIN_TOPIC_EVIDENCE}
        for row in after["topics"]:
            if row["topic"] in rows and row["topic"] in topics and row["evidence"] >= MIN_TOPIC_EVIDENCE:
                old, new = estimate_of(rows[row["topic"]]), estimate_of(row)
                self.changes.append(
                    Change(
                        topic=topics[row["topic"]],
                        before=wording.percent_range(old.low, old.high),
                        after=wording.percent_range(new.low, new.high),
                        phrase=wording.change_phrase(old, new),
                    )
                )
        self.changes.sort(key=lambda change: change.topic.position)


def earlier_reports(report: WeaknessReport, candidate: User) -> list[WeaknessReport]:
    """The last report of each earlier day, newest first."""
    last_of_day = {}
    for earlier in candidate.reports.before(report):
        last_of_day.setdefault(earlier.compiled_at.date(), earlier)
    last_of_day.pop(report.compiled_at.date(), None)
    return list(last_of_day.values())[:EARLIER_REPORTS_SHOWN]


def practice_lines(
    candidate: User, report: WeaknessReport | None, topics: Mapping[str, Topic], *, now: datetime
) -> list[PracticeLine]:
    """Part 6: what to practise next, as of this moment; `report` is the newest."""
    return [
        PracticeLine(
            question_id=one.question_id,
            title=one.title,
            level=Level(one.level).label,
            reason=wording.practice_reason(
                one.reason,
                topics[one.topic].name,
                p_weak=one.p_weak,
                evidence=one.evidence,
                target=one.target,
                recalled=one.retrievability,
                days=(now - one.seen_at).days if one.seen_at else None,
            ),
            is_due=one.is_due,
        )
        for one in practice.next_session(candidate, report, now=now)
    ]


def has_estimates(data: dict) -> bool:
    return data["basis"]["counted"] >= MIN_COUNTED_ANSWERS


def estimate_of(row: dict) -> Estimate:
    return Estimate(row["mastery"], row["low"], row["high"], row["p_weak"], Label(row["label"]))


def restored(kind: type, stored: dict):
    """A result of the pure functions from its stored form, which may hold more."""
    return kind(**{field.name: stored[field.name] for field in fields(kind)})


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
