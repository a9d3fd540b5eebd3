"""History in PostgreSQL → WeaknessReport: one bounded aggregate, one read of the bank, one fit."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from interviews import weakness
from interviews.models import ReportRequest, WeaknessReport
from questions.models import QuestionVersion, Status
from questions.statistics import LEVEL_DIFFICULTY

# Difficulties come from level and format until they are estimated from answers (docs/statistics.md).
DAY_ONE_SNAPSHOT = "day-one"
NEWEST_ANSWERS = 20_000

# One row a question, whatever the history's length. The rules are weakness.count_responses's, and a test holds
# the two against each other. `extract(epoch …)` is numeric, and slow, until it is cast.
HISTORY = """
WITH response AS (
    SELECT answer.id, answer.question_id, answer.score, answer.graded_by, answer.closed_at AS answered_at
    FROM interviews_interviewquestion answer JOIN interviews_interview interview ON interview.id = answer.interview_id
    WHERE interview.candidate_id = %(candidate)s AND interview.state IN ('submitted', 'scored')
        AND answer.closed_at <= %(now)s AND answer.closed_at > %(now)s - interval '1080 days'
    ORDER BY answer.closed_at DESC, answer.id DESC LIMIT %(limit)s
), attempt AS (
    SELECT *, answered_at - lag(answered_at) OVER (PARTITION BY question_id ORDER BY answered_at, id) AS gap,
        (CASE graded_by WHEN 'self' THEN 0.5::float8 ELSE 1 END)
            * exp(-0.6931471805599453 * extract(epoch FROM %(now)s - answered_at)::float8 / 15552000) AS w
    FROM response
), marked AS (
    SELECT *, score IS NOT NULL AND (gap IS NULL OR gap >= interval '21 days') AS counts FROM attempt
)
SELECT question_id,
    count(*) AS answers, count(*) FILTER (WHERE counts) AS counted, count(*) FILTER (WHERE score IS NULL) AS ungraded,
    count(*) FILTER (WHERE counts AND graded_by = 'self') AS self_graded,
    coalesce(sum(w) FILTER (WHERE counts), 0) AS weight, coalesce(sum(w * score) FILTER (WHERE counts), 0) AS points,
    min(answered_at) AS first_at, max(answered_at) AS last_at,
    md5(string_agg(id || ' ' || coalesce(score::text, '') || ' ' || graded_by, ',' ORDER BY id)) AS fingerprint
FROM marked GROUP BY question_id ORDER BY question_id
"""


@dataclass(frozen=True, slots=True)
class QuestionHistory:
    """What one candidate's answers to one question amount to; `weight` W and `points` Σ w·y of the counted ones."""

    question_id: int
    answers: int
    counted: int
    ungraded: int
    self_graded: int
    weight: float
    points: float
    first_at: datetime
    last_at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question as the report needs it: its topics (primary first) and how hard it is, in logits."""

    slug: str
    topics: list[str]
    level: str
    difficulty: float
    is_active: bool


def compile_requested(candidate_id: int, *, now: datetime) -> None:
    """Compiles the report that was asked for, if any still is. Harmless twice, also at once.

    The attempt is counted before the work and in a transaction of its own: a history that kills its worker is
    tried three times and then left to be looked at.
    """
    pending = ReportRequest.objects.pending().filter(candidate_id=candidate_id)
    if not pending.update(attempts=F("attempts") + 1):
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One compilation a candidate at a time; the candidate's own requests never wait for it.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('report'), %s)", [candidate_id])
        request = ReportRequest.objects.get(candidate_id=candidate_id)
        if request.is_pending:
            compile_report(User.objects.get(pk=candidate_id), now=now)
            ReportRequest.objects.filter(candidate_id=candidate_id).update(served=request.requested)


def compile_report(candidate: User, *, now: datetime) -> WeaknessReport:
    """The report on the candidate's history up to `now`; the same evidence again gives the report that stands."""
    history = read_history(candidate.pk, now=now)
    bank = read_bank(row.question_id for row in history)
    data = report_data(history, bank, level=candidate.target_level, target=weakness.DEFAULT_TARGET)
    version = evidence_version(history, data)
    WeaknessReport.objects.bulk_create(
        [
            WeaknessReport(
                candidate=candidate,
                compiled_at=now,
                evidence_version=version,
                model_version=weakness.MODEL_VERSION,
                difficulty_snapshot=DAY_ONE_SNAPSHOT,
                data=data,
            )
        ],
        ignore_conflicts=True,
    )
    return WeaknessReport.objects.get(candidate=candidate, evidence_version=version)


def read_history(candidate_id: int, *, now: datetime) -> list[QuestionHistory]:
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, {"candidate": candidate_id, "now": now, "limit": NEWEST_ANSWERS})
        return [QuestionHistory(*row) for row in cursor.fetchall()]


def read_bank(answered: Iterable[int]) -> dict[int, BankQuestion]:
    """Every published question, and the answered ones that are no longer, by question id."""
    versions = QuestionVersion.objects.for_statistics()
    bank = {version.question_id: bank_question(version) for version in versions.published()}
    if retired := set(answered) - bank.keys():
        for version in versions.newest().filter(question_id__in=retired):
            bank[version.question_id] = bank_question(version)
    return bank


def bank_question(version: QuestionVersion) -> BankQuestion:
    return BankQuestion(
        slug=version.question.slug,
        topics=[topic.slug for topic in version.ordered_topics],
        level=version.level,
        difficulty=version.day_one_difficulty(),
        is_active=version.status == Status.PUBLISHED,
    )


def report_data(history: list[QuestionHistory], bank: dict[int, BankQuestion], *, level: str, target: float) -> dict:
    """Everything the report says, as plain JSON: the page, the exports and a later recomputation read it alone."""
    counted = [row for row in history if row.counted]
    evidence = {
        row.question_id: weakness.Evidence(
            topic_weights=weakness.topic_weights(bank[row.question_id].topics),
            difficulty=bank[row.question_id].difficulty,
            score=min(1.0, row.points / row.weight),
            weight=min(1.0, row.weight),
        )
        for row in counted
    }
    topics = {topic for item in evidence.values() for topic in item.topic_weights}
    posteriors = weakness.fit(evidence.values(), sorted(topics))
    return {
        "model_version": weakness.MODEL_VERSION,
        "difficulty_snapshot": DAY_ONE_SNAPSHOT,
        "constants": dict(weakness.CONSTANTS),
        "target": target,
        "level": level,
        "basis": basis(history, counted),
        "topics": [
            topic_data(topic, posteriors[topic], history, bank, level=level, target=target) for topic in sorted(topics)
        ],
        "evidence": [
            {"question": bank[pk].slug, **asdict(item)}
            for pk, item in sorted(evidence.items(), key=lambda pair: bank[pair[0]].slug)
        ],
    }


def basis(history: list[QuestionHistory], counted: list[QuestionHistory]) -> dict:
    counted_answers = sum(row.counted for row in counted)
    self_graded = sum(row.self_graded for row in counted)
    return {
        "first_at": min(row.first_at for row in history).isoformat() if history else None,
        "last_at": max(row.last_at for row in history).isoformat() if history else None,
        "answers": sum(row.answers for row in history),
        "ungraded": sum(row.ungraded for row in history),
        "counted": counted_answers,
        "self_graded": self_graded,
        "self_share": self_graded / counted_answers if counted_answers else 0.0,
    }


def topic_data(
    topic: str,
    posterior: weakness.Posterior,
    history: list[QuestionHistory],
    bank: dict[int, BankQuestion],
    *,
    level: str,
    target: float,
) -> dict:
    active = [question for question in bank.values() if question.is_active and question.topics[0] == topic]
    mean, variance = weakness.reference(
        [question.difficulty for question in active if question.level == level],
        [question.difficulty for question in active],
        LEVEL_DIFFICULTY[level],
    )
    rows = [row for row in history if topic in bank[row.question_id].topics]
    return {
        "topic": topic,
        **asdict(posterior),
        **asdict(weakness.describe(posterior, mean, variance, target)),
        "reference_mean": mean,
        "reference_variance": variance,
        "answers": sum(row.counted for row in rows),
        "last_at": max(row.last_at for row in rows).isoformat(),
    }


def evidence_version(history: list[QuestionHistory], data: dict) -> str:
    """What a report rests on, without its moment: weights fade daily, and that alone is no new evidence."""
    stamp = {key: data[key] for key in ("model_version", "difficulty_snapshot", "constants", "target", "level")}
    rows = [(row.question_id, row.fingerprint) for row in history]
    difficulties = [(row["question"], row["difficulty"]) for row in data["evidence"]]
    canonical = json.dumps([stamp, rows, difficulties], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
