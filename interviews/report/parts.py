"""Trend, pacing, confidence and misconceptions of a stored report, as plain JSON. All rest on the last year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from interviews.report.bank import BankQuestion
from interviews.report.history import CountedAnswer, Miss
from interviews.report.statistics import confidence, pacing, trend
from interviews.report.statistics.counting import GRADER_WEIGHT
from interviews.report.statistics.fitting import Evidence, Prior
from questions.models import Misconception, Option, QuestionStatistics

# The answers behind one claim that a report names, newest first.
NAMED_ANSWERS = 50
REFUTED = ["open", "refuted once", "refuted again later"]


def trend_data(
    answers: Sequence[CountedAnswer],
    bank: Mapping[int, BankQuestion],
    *,
    prior: Prior,
    time_zone: str,
    now: datetime,
) -> dict:
    """The general trend, its plot and the trends of topics with enough first attempts; what is not given is None."""
    zone = ZoneInfo(time_zone)
    attempts = [
        trend.FirstAttempt(
            answered_at=answer.first_at.astimezone(zone),
            evidence=Evidence(
                topic_weights=bank[answer.question_id].topic_weights,
                difficulty=bank[answer.question_id].difficulty,
                score=answer.score,
                weight=GRADER_WEIGHT[answer.graded_by],
                self_share=float(answer.graded_by == "self"),
            ),
        )
        for answer in answers
        if answer.first_at
    ]
    topics = sorted({topic for attempt in attempts for topic in attempt.evidence.topic_weights})
    of_topics = {
        topic: trend.trend([attempt for attempt in attempts if topic in attempt.evidence.topic_weights], now, prior)
        for topic in topics
    }
    general, plot = trend.trend(attempts, now, prior), trend.trend_plot(attempts, now, prior)
    return {
        "general": asdict(general) if general else None,
        "plot": asdict(plot) if plot else None,
        "topics": [{"topic": topic, **asdict(found)} for topic, found in of_topics.items() if found],
        "answers": newest([answer for answer in answers if answer.first_at]),
    }


def pacing_data(answers: Sequence[CountedAnswer]) -> dict | None:
    """The pace of answers under a strict clock, and the four counts with their answers; None without any."""
    clocked = [answer for answer in answers if answer.seconds_used is not None]
    if not clocked:
        return None
    usual = usual_ratios()
    timed = [
        pacing.TimedAnswer.of(
            answer.seconds_used,
            answer.seconds_allotted,
            usual.get(answer.question_id),
            answer.score,
            is_timed_out=answer.is_timed_out,
        )
        for answer in clocked
    ]
    quadrants = defaultdict(list)
    for answer, one in zip(clocked, timed, strict=True):
        quadrants[pacing.quadrant(one)].append(answer)
    pace = pacing.pacing(timed)
    return {
        **asdict(pace),
        "is_lower_bound": pace.is_lower_bound,
        "quadrants": [
            {"name": name, "count": len(quadrants[name]), "answers": newest(quadrants[name])}
            for name in pacing.Quadrant
        ],
        "timed_out": newest([answer for answer in clocked if answer.is_timed_out]),
    }


def usual_ratios() -> dict[int, float]:
    """Question id to the median of seconds used / seconds allotted on the site, from ten first attempts on.

    Of the whole bank: naming hundreds of questions costs more than reading a few too many.
    """
    known = QuestionStatistics.objects.filter(timed_count__gte=pacing.USUAL_RATIO_FROM, median_time_ratio__isnull=False)
    return dict(known.values_list("question_id", "median_time_ratio"))


def confidence_data(answers: Sequence[CountedAnswer]) -> dict | None:
    """Stated against scored; each figure only from the number of answers that it needs. None without any."""
    sure = [answer for answer in answers if answer.confidence is not None]
    if not sure:
        return None
    stated = [confidence.StatedAnswer(answer.confidence, answer.score) for answer in sure]
    count, levels = len(stated), confidence.level_scores(stated)
    return {
        "gap": asdict(confidence.gap(stated)),
        "decomposition": asdict(confidence.decompose_unbiased(stated, levels))
        if count >= confidence.DECOMPOSITION_FROM
        else None,
        "levels": [
            asdict(level)
            for level in levels
            if count >= confidence.DIAGRAM_FROM and level.count >= confidence.DIAGRAM_LEVEL_FROM
        ],
        "calibration_error": confidence.calibration_error(levels)
        if count >= confidence.CALIBRATION_ERROR_FROM
        else None,
        "underrated": newest([answer for answer, said in zip(sure, stated, strict=True) if said.is_underrated]),
        "answers": newest(sure),
    }


def misconceptions_data(misses: Sequence[Miss], bank: Mapping[int, BankQuestion]) -> list[dict]:
    """What was believed in wrong answers, those stated with 80 % or more first; and whether it was put right since."""
    options = Option.objects.in_bulk({pk for miss in misses for pk in miss.options})
    catalog = Misconception.objects.in_bulk({pk for miss in misses for pk in miss.misconceptions})
    return [
        {
            "question": bank[miss.question_id].slug,
            "answer": miss.id,
            "answered_at": miss.answered_at.isoformat(),
            "confidence": miss.confidence,
            "is_sure": miss.is_sure,
            "state": REFUTED[min(miss.right_since, 2)],
            "believed": [
                {"statement": options[pk].text, "correction": options[pk].why} for pk in miss.options if pk in options
            ]
            + [
                {"statement": catalog[pk].statement, "correction": catalog[pk].correction}
                for pk in miss.misconceptions
                if pk in catalog
            ],
        }
        for miss in misses
    ]


def newest(answers: Sequence[CountedAnswer]) -> list[int]:
    """The ids of the newest answers, which stand last."""
    return [answer.id for answer in reversed(answers[-NAMED_ANSWERS:])]
