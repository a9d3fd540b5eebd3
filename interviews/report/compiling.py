"""History in PostgreSQL → WeaknessReport: one bounded read of the history, one of the bank, one fit.

Two more fits where there is an earlier moment to compare with: one of the answers until then, one of the trend.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from interviews.report import parts
from interviews.report.bank import BankQuestion, read_bank, topic_references
from interviews.report.changes import Compared, changes_data
from interviews.report.history import History, QuestionHistory, read_history
from interviews.report.models import PracticeCard, WeaknessReport
from interviews.report.progress import progress_data
from interviews.report.statistics import change, choosing, confidence, leniency, pacing, track, trend, weakness
from interviews.report.statistics.change import Side
from interviews.report.statistics.fitting import DEFAULT_PRIOR, Evidence, Fit, Prior, fit_joint
from interviews.report.stored import gated
from interviews.report.tracks import track_pools, tracks_data
from interviews.sitting.models import EvidenceChange, InterviewQuestion
from questions.models import Difficulties, current_difficulties, difficulties_of

# What a stored report must carry, besides the difficulties used, to be computed again.
CONSTANTS = {
    **weakness.CONSTANTS,
    **leniency.CONSTANTS,
    **change.CONSTANTS,
    **track.CONSTANTS,
    **choosing.CONSTANTS,
    "trend_slope_sd": trend.SLOPE_SD,
    "pacing_answer_sd": pacing.ANSWER_SD,
    "pacing_person_sd": pacing.PERSON_SD,
    "gap_prior_variance": confidence.GAP_PRIOR_VARIANCE,
}


EVIDENCE_FIELDS = [field.name for field in fields(Evidence)]


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
    earlier = candidate.reports.to_compare_with(now)
    compared = Compared(earlier.compiled_at, earlier) if earlier else None
    found = Computed.of(
        candidate.pk,
        current_difficulties(),
        compared,
        level=candidate.target_level,
        target=weakness.DEFAULT_TARGET,
        now=now,
    )
    data = found.data()
    version = evidence_version(data)
    counted = found.history.counted
    pools = track_pools(found.bank)
    tracks = tracks_data(pools, found.bank, found.fit, found.counted)
    data |= {
        "trend": parts.trend_data(counted, found.bank, prior=found.prior, time_zone=candidate.time_zone, now=now),
        "pacing": parts.pacing_data(counted),
        "confidence": parts.confidence_data(counted),
        "misconceptions": parts.misconceptions_data(found.history.misses, found.bank),
        "tracks": tracks,
        "progress": progress_data(
            found.history,
            found.bank,
            pools,
            tracks,
            topics=sorted(found.references),
            prior=found.prior,
            time_zone=candidate.time_zone,
            now=now,
        ),
        "changes": found.changes(compared) if compared else None,
    }
    fingerprints = {row.question_id: row.fingerprint for row in found.history.questions}
    PracticeCard.objects.follow(candidate, fingerprints, now=now)
    WeaknessReport.objects.bulk_create(
        [
            WeaknessReport(
                candidate=candidate,
                compiled_at=now,
                evidence_version=version,
                model_version=weakness.MODEL_VERSION,
                difficulty_snapshot=found.difficulties.snapshot,
                data=data,
            )
        ],
        ignore_conflicts=True,
    )
    # Its data is read again only where somebody asks for it.
    return WeaknessReport.objects.defer("data").get(candidate=candidate, evidence_version=version)


def changes_since(report: WeaknessReport, compared: Compared) -> dict:
    """What changed between any earlier moment and the report, computed as the report was."""
    return Computed.of(
        report.candidate_id,
        difficulties_of(report.difficulty_snapshot),
        compared,
        level=report.data["level"],
        target=report.data["target"],
        now=report.compiled_at,
    ).changes(compared)


@dataclass(frozen=True, slots=True)
class Computed:
    """All that a report is made of; `prior` is the candidate's own, `site` everybody's."""

    history: History
    difficulties: Difficulties
    bank: Mapping[int, BankQuestion]
    references: Mapping[str, tuple[float, float]]
    site: Prior
    prior: Prior
    evidence: Mapping[int, Evidence]  # by question id
    fit: Fit
    counted: int
    level: str
    target: float

    @classmethod
    def of(
        cls,
        candidate_id: int,
        difficulties: Difficulties,
        compared: Compared | None,
        *,
        level: str,
        target: float,
        now: datetime,
    ) -> "Computed":
        history = read_history(candidate_id, now=now, since=compared and compared.moment)
        bank = read_bank((row.question_id for row in history.questions), difficulties)
        references = topic_references(bank, level, difficulties)
        site = replace(DEFAULT_PRIOR, leniency_mean=difficulties.leniency, slope_mean=difficulties.slope)
        prior = leniency.candidate_prior(history.pairs, site)
        evidence = evidence_now(history.questions, bank)
        return cls(
            history=history,
            difficulties=difficulties,
            bank=bank,
            references=references,
            site=site,
            prior=prior,
            evidence=evidence,
            fit=fit_joint(evidence.values(), sorted(references), prior),
            counted=sum(row.counted for row in history.questions),
            level=level,
            target=target,
        )

    def data(self) -> dict:
        """What the evidence alone decides, as plain JSON."""
        said = leniency.leniency(self.history.pairs, self.site)
        rows = self.history.questions
        tested = sorted({topic for item in self.evidence.values() for topic in item.topic_weights})
        return {
            "model_version": weakness.MODEL_VERSION,
            "difficulty_snapshot": self.difficulties.snapshot,
            "constants": CONSTANTS | {"leniency_mean": self.site.leniency_mean, "slope_mean": self.site.slope_mean},
            "target": self.target,
            "level": self.level,
            "basis": basis(rows),
            "answers_version": answers_version(rows),
            "pairs": asdict(self.history.pairs),
            "leniency": asdict(said) if said else {"pairs": self.history.pairs.count},
            "topics": [self.topic_data(topic) for topic in tested],
            "evidence": [
                # Not asdict, which copies every dictionary: of six hundred questions that takes as long as the fit.
                {"question": self.bank[pk].slug, **{name: getattr(item, name) for name in EVIDENCE_FIELDS}}
                for pk, item in sorted(self.evidence.items(), key=lambda pair: self.bank[pair[0]].slug)
            ],
        }

    def topic_data(self, topic: str) -> dict:
        posterior, (mean, variance) = self.fit.topics[topic], self.references[topic]
        rows = [row for row in self.history.questions if topic in self.bank[row.question_id].topics]
        data = {
            "topic": topic,
            **asdict(posterior),
            **asdict(weakness.describe(posterior, mean, variance, self.target, self.counted)),
            "reference_mean": mean,
            "reference_variance": variance,
            "answers": sum(row.counted for row in rows),
            "self_graded": sum(row.self_graded for row in rows),
            "shared": sum(row.counted for row in rows if len(self.bank[row.question_id].topics) > 1),
            "last_at": max(row.last_at for row in rows).isoformat(),
        }
        return gated(data, self.counted)

    def changes(self, compared: Compared) -> dict:
        return changes_data(
            compared,
            self.history,
            self.bank,
            Side(self.evidence, self.fit, self.counted),
            prior=self.prior,
            references=self.references,
            target=self.target,
            level=self.level,
            snapshot=self.difficulties.snapshot,
        )


def evidence_now(rows: list[QuestionHistory], bank: Mapping[int, BankQuestion]) -> dict[int, Evidence]:
    return {
        row.question_id: Evidence(
            topic_weights=bank[row.question_id].topic_weights,
            difficulty=bank[row.question_id].difficulty,
            score=min(1.0, row.points / row.weight),
            weight=min(1.0, row.weight),
            self_share=row.own / row.weight,
            age=row.ages / row.weight,
        )
        for row in rows
        if row.counted
    }


def basis(history: list[QuestionHistory]) -> dict:
    counted = sum(row.counted for row in history)
    self_graded = sum(row.self_graded for row in history)
    return {
        "first_at": min(row.first_at for row in history).isoformat() if history else None,
        "last_at": max(row.last_at for row in history).isoformat() if history else None,
        "answers": sum(row.answers for row in history),
        "ungraded": sum(row.ungraded for row in history),
        "counted": counted,
        "self_graded": self_graded,
        "self_share": self_graded / counted if counted else 0.0,
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
