"""A stored report → what its page shows, in the words of wording.py. Reads; decides nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from accounts.models import User
from interviews import confidence, pacing, practice, wording
from interviews.models import InterviewQuestion, WeaknessReport
from interviews.report_charts import confidence_chart, trend_chart
from interviews.report_parts import NAMED_ANSWERS
from interviews.trend import Trend
from interviews.weakness import CONSTANTS, MIN_COUNTED_ANSWERS, MIN_TOPIC_EVIDENCE, Estimate, Label
from questions.models import QuestionVersion, Topic
from questions.statistics import TimeoutShare
from questions.templatetags.markup import inline_markdown

# The answers behind a claim, newest first; the history itself is bounded by the report's window.
ANSWERS_SHOWN = 500
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
    sentence: str
    label: str
    style: str
    range: str
    last_at: datetime
    answers: list[InterviewQuestion]

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
class Claim:
    """A sentence or a count, and the newest of the answers behind it."""

    text: str
    count: int
    answers: list[InterviewQuestion]


@dataclass(frozen=True, slots=True)
class Change:
    topic: Topic
    before: str
    after: str
    phrase: str


@dataclass(frozen=True, slots=True)
class PracticeLine:
    version: QuestionVersion
    topic: str
    reason: str
    is_due: bool


class ReportPage:
    """Parts 0 to 5 and 7 of a report. Part 1 is empty below eight counted answers; then the answers are listed.

    A shared page shows the numbers and sentences, and no answer nor what was believed in it. A coach's page shows
    these too, but none of the candidate's own buttons.
    """

    def __init__(self, report: WeaknessReport, candidate: User, *, is_shared: bool = False, is_for_coach: bool = False):
        data = report.data
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
        self.topics = {topic.slug: topic for topic in Topic.objects.top_level()}
        self.answers = [] if is_shared else answers_behind(candidate, report)
        self._by_id = {answer.pk: answer for answer in self.answers}
        self._set_topics(data["topics"])
        self._set_trend(data.get("trend"))
        self._set_pacing(data.get("pacing"))
        self._set_confidence(data.get("confidence"))
        self.sure_misses, self.other_misses = self._misconceptions(data.get("misconceptions", []))

    def _set_topics(self, stored: list[dict]) -> None:
        by_topic = defaultdict(list)
        for answer in self.answers:
            for topic in answer.version.ordered_topics:
                by_topic[topic.slug].append(answer)
        rows = [self._row(row, by_topic[row["topic"]][:NAMED_ANSWERS]) for row in stored if row["topic"] in self.topics]
        rows.sort(key=lambda row: row.topic.position)
        tested = {row.topic.slug for row in rows}
        self.groups = [
            (wording.LABEL_NAMES[label], group)
            for label in wording.LABEL_ORDER
            if label != Label.NOT_ENOUGH_EVIDENCE
            and self.has_estimates
            and (group := [row for row in rows if row.estimate.label == label])
        ]
        thin = [(row.topic, row.evidence) for row in rows if row.evidence < MIN_TOPIC_EVIDENCE]
        thin += [(topic, 0.0) for slug, topic in self.topics.items() if slug not in tested]
        self.thin = [
            ThinTopic(
                topic,
                wording.NOT_TESTED if not evidence else wording.about_answers(evidence),
                wording.answers_missing(evidence),
            )
            for topic, evidence in sorted(thin, key=lambda pair: pair[0].position)
        ]

    def _row(self, row: dict, answers: list[InterviewQuestion]) -> TopicRow:
        topic, estimate = self.topics[row["topic"]], estimate_of(row)
        return TopicRow(
            topic=topic,
            estimate=estimate,
            evidence=row["evidence"],
            sentence=wording.topic_sentence(topic.name, estimate, row["evidence"], self.level, self.target),
            label=wording.LABEL_NAMES[estimate.label].lower(),
            style=LABEL_STYLE.get(estimate.label, "is-unclear"),
            range=wording.percent_range(row["low"], row["high"]),
            last_at=moment(row["last_at"]),
            answers=answers,
        )

    def _set_trend(self, stored: dict | None) -> None:
        general = stored and stored["general"]
        self.trend = Claim(
            wording.trend_sentence(restored(Trend, general) if general else None),
            general["count"] if general else 0,
            self._answers(stored["answers"]) if general else [],
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
            self.timeouts = Claim(
                wording.timeouts_sentence(pace), pace.timeout_count, self._answers(stored["timed_out"])
            )
            self.quadrants = [
                Claim(row["name"].capitalize(), row["count"], self._answers(row["answers"]))
                for row in stored["quadrants"]
            ]

    def _set_confidence(self, stored: dict | None) -> None:
        self.gap = Claim(
            wording.gap_sentence(restored(confidence.Gap, stored["gap"]))
            if stored
            else wording.not_enough(0, confidence.GAP_FROM, "answers with a stated confidence"),
            stored["gap"]["count"] if stored else 0,
            self._answers(stored["answers"]) if stored else [],
        )
        self.decomposition = stored and stored["decomposition"]
        self.confidence_levels = stored["levels"] if stored else []
        self.confidence_chart = confidence_chart(self.confidence_levels) if self.confidence_levels else None
        self.calibration_error = stored and stored["calibration_error"]
        self.underrated = self._answers(stored["underrated"]) if stored else []

    def _misconceptions(self, stored: list[dict]) -> tuple[list[dict], list[dict]]:
        """(wrong and stated with 80 % or more, other beliefs that wrong answers showed), with their answers."""
        shown = [row | {"answer": self._by_id[row["answer"]]} for row in stored if row["answer"] in self._by_id]
        return [row for row in shown if row["is_sure"]], [row for row in shown if not row["is_sure"]]

    def _answers(self, ids: Sequence[int]) -> list[InterviewQuestion]:
        return [self._by_id[pk] for pk in ids if pk in self._by_id]


class Comparison:
    """What changed since an earlier report, topic by topic: stated only where it is beyond the noise."""

    def __init__(self, earlier: WeaknessReport, report: WeaknessReport):
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
        topics = {topic.slug: topic for topic in Topic.objects.top_level()}
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


def practice_lines(candidate: User, *, now: datetime) -> list[PracticeLine]:
    """Part 6: what to practise next, as of this moment."""
    topics = {topic.slug: topic.name for topic in Topic.objects.top_level()}
    return [
        PracticeLine(
            version=version,
            topic=topics[one.topic],
            reason=wording.practice_reason(
                one.reason,
                topics[one.topic],
                p_weak=one.p_weak,
                evidence=one.evidence,
                target=one.target,
                recalled=one.retrievability,
                days=(now - one.seen_at).days if one.seen_at else None,
            ),
            is_due=one.is_due,
        )
        for version, one in practice.next_session(candidate, now=now)
    ]


def answers_behind(candidate: User, report: WeaknessReport) -> list[InterviewQuestion]:
    """The newest answers that the report rests on, each with the rubric points that it lacks."""
    answers = list(
        InterviewQuestion.objects.evidence_of(candidate, report.compiled_at)
        .for_report()
        .order_by("-closed_at", "-pk")[:ANSWERS_SHOWN]
    )
    for answer in answers:
        answer.lacking = [(mark, inline_markdown(point.text)) for point, mark in answer.lacking_points()]
    return answers


def has_estimates(data: dict) -> bool:
    return data["basis"]["counted"] >= MIN_COUNTED_ANSWERS


def estimate_of(row: dict) -> Estimate:
    return Estimate(row["mastery"], row["low"], row["high"], row["p_weak"], Label(row["label"]))


def restored(kind: type, stored: dict):
    """A result of the pure functions from its stored form, which may hold more."""
    return kind(**{field.name: stored[field.name] for field in fields(kind)})


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
