"""A stored report → what its page shows, in the words of wording.py. Reads; decides nothing."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from interviews import wording
from interviews.models import InterviewQuestion, WeaknessReport
from interviews.weakness import CONSTANTS, MIN_COUNTED_ANSWERS, MIN_TOPIC_EVIDENCE, Estimate, Label
from questions.models import Topic

# The answers behind a claim, newest first; the history itself is bounded by the report's window.
ANSWERS_SHOWN = 500
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


class ReportPage:
    """Parts 0, 1, 2 and 7 of a report. Part 1 is empty below eight counted answers; then the answers are listed."""

    def __init__(self, report: WeaknessReport, candidate: User):
        data = report.data
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
        self.has_estimates = self.basis["counted"] >= MIN_COUNTED_ANSWERS
        self.not_enough = wording.not_enough(self.basis["counted"])
        self._build(data["topics"], candidate, report)

    def _build(self, stored: list[dict], candidate: User, report: WeaknessReport) -> None:
        topics = {topic.slug: topic for topic in Topic.objects.top_level()}
        self.answers = list(
            InterviewQuestion.objects.of_candidate(candidate)
            .graded()
            .filter(closed_at__lte=report.compiled_at)
            .select_related("interview")
            .with_version_topics()
            .order_by("-closed_at")[:ANSWERS_SHOWN]
        )
        by_topic = defaultdict(list)
        for answer in self.answers:
            for topic in answer.version.ordered_topics:
                by_topic[topic.slug].append(answer)
        known = [row for row in stored if row["topic"] in topics]
        rows = [self._row(topics[row["topic"]], row, by_topic[row["topic"]]) for row in known]
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
        thin += [(topic, 0.0) for slug, topic in topics.items() if slug not in tested]
        self.thin = [
            ThinTopic(
                topic,
                wording.NOT_TESTED if not evidence else wording.about_answers(evidence),
                wording.answers_missing(evidence),
            )
            for topic, evidence in sorted(thin, key=lambda pair: pair[0].position)
        ]

    def _row(self, topic: Topic, row: dict, answers: list[InterviewQuestion]) -> TopicRow:
        label = Label(row["label"])
        estimate = Estimate(row["mastery"], row["low"], row["high"], row["p_weak"], label)
        return TopicRow(
            topic=topic,
            estimate=estimate,
            evidence=row["evidence"],
            sentence=wording.topic_sentence(topic.name, estimate, row["evidence"], self.level, self.target),
            label=wording.LABEL_NAMES[label].lower(),
            style=LABEL_STYLE.get(label, "is-unclear"),
            range=wording.percent_range(row["low"], row["high"]),
            last_at=moment(row["last_at"]),
            answers=answers,
        )


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
