"""History in PostgreSQL → WeaknessReport: bounded reads of the history, one of the bank, one fit."""

import hashlib
import json
from dataclasses import asdict, fields
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from interviews.report import parts
from interviews.report.bank import BankQuestion, read_bank, topic_reference
from interviews.report.history import QuestionHistory, read_history
from interviews.report.models import PracticeCard, WeaknessReport
from interviews.report.statistics import confidence, pacing, trend, weakness
from interviews.sitting.models import EvidenceChange, InterviewQuestion
from questions.models import Difficulties, current_difficulties

# What a stored report must carry, besides the difficulties used, to be computed again.
CONSTANTS = {
    **weakness.CONSTANTS,
    "trend_slope_sd": trend.SLOPE_SD,
    "pacing_answer_sd": pacing.ANSWER_SD,
    "pacing_person_sd": pacing.PERSON_SD,
    "gap_prior_variance": confidence.GAP_PRIOR_VARIANCE,
}


EVIDENCE_FIELDS = [field.name for field in fields(weakness.Evidence)]


def compile_requested(candidate_id: int, *, now: datetime) -> None:
    """Compiles the report that was asked for, if any still is. Harmless twice, also at once.

    The attempt is counted before the work and in a transaction of its own: a history that kills its worker is
    tried three times and then left to be looked at.
    """
    pending = EvidenceChange.objects.pending().filter(candidate_id=candidate_id)
    if not pending.update(attempts=F("attempts") + 1):
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One compilation a candidate at a time; the candidate's own requests never wait for it.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('report'), %s)", [candidate_id])
        request = EvidenceChange.objects.get(candidate_id=candidate_id)
        if request.is_pending:
            # A worker's clock may be behind the web's: what the request is about must be in the report.
            newest = InterviewQuestion.objects.of_candidate(candidate_id).newest_closing()
            compile_report(User.objects.get(pk=candidate_id), now=max(now, newest or now))
            EvidenceChange.objects.filter(candidate_id=candidate_id).update(served=request.requested)


def compile_report(candidate: User, *, now: datetime) -> WeaknessReport:
    """The report on the candidate's history up to `now`; the same evidence again gives the report that stands."""
    history, counted, misses = read_history(candidate.pk, now=now)
    difficulties = current_difficulties()
    bank = read_bank((row.question_id for row in history), difficulties)
    data = report_data(history, bank, difficulties, level=candidate.target_level, target=weakness.DEFAULT_TARGET)
    version = evidence_version(data)
    data |= {
        "trend": parts.trend_data(counted, bank, time_zone=candidate.time_zone, now=now),
        "pacing": parts.pacing_data(counted),
        "confidence": parts.confidence_data(counted),
        "misconceptions": parts.misconceptions_data(misses, bank),
    }
    PracticeCard.objects.follow(candidate, {row.question_id: row.fingerprint for row in history}, now=now)
    WeaknessReport.objects.bulk_create(
        [
            WeaknessReport(
                candidate=candidate,
                compiled_at=now,
                evidence_version=version,
                model_version=weakness.MODEL_VERSION,
                difficulty_snapshot=difficulties.snapshot,
                data=data,
            )
        ],
        ignore_conflicts=True,
    )
    # Its data is read again only where somebody asks for it.
    return WeaknessReport.objects.defer("data").get(candidate=candidate, evidence_version=version)


def report_data(
    history: list[QuestionHistory],
    bank: dict[int, BankQuestion],
    difficulties: Difficulties,
    *,
    level: str,
    target: float,
) -> dict:
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
        "difficulty_snapshot": difficulties.snapshot,
        "constants": CONSTANTS,
        "target": target,
        "level": level,
        "basis": basis(history, counted),
        "answers_version": answers_version(history),
        "topics": [
            topic_data(
                topic,
                posteriors[topic],
                history,
                bank,
                topic_reference(topic, bank, level, difficulties),
                target=target,
            )
            for topic in sorted(topics)
        ],
        "evidence": [
            # Not asdict, which copies every dictionary: of six hundred questions that takes as long as the fit.
            {"question": bank[pk].slug, **{name: getattr(item, name) for name in EVIDENCE_FIELDS}}
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
    reference: tuple[float, float],
    *,
    target: float,
) -> dict:
    mean, variance = reference
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


def answers_version(history: list[QuestionHistory]) -> str:
    """The answers and grades alone: two reports with the same differ in nothing that the candidate did."""
    return digest([(row.question_id, row.fingerprint) for row in history])


def evidence_version(data: dict) -> str:
    """What a report rests on, without its moment: weights fade daily, and that alone is no new evidence."""
    stamp = ("model_version", "difficulty_snapshot", "constants", "target", "level", "answers_version")
    difficulties = [(row["question"], row["difficulty"]) for row in data["evidence"]]
    return digest([{key: data[key] for key in stamp}, difficulties])


def digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
