"""The score to expect on each track over time, as plain JSON: every date computed today, on one scale.

What stood in the reports of those days is of no use here: their moment, difficulties and grades were others. So each
date gets the answers closed until then, with today's grades, difficulties and weights; the last is the report's own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from interviews.report.bank import BankQuestion
from interviews.report.history import CountedAnswer, History, QuestionHistory
from interviews.report.statistics.counting import AGE_CAP_MONTHS, GRADER_WEIGHT, HALF_LIFE, MONTH
from interviews.report.statistics.fitting import Evidence, Prior, fit_joint
from interviews.report.statistics.track import MIN_ANSWERS
from interviews.report.tracks import State, TrackPools, tracks_data

DATES = 12


def progress_data(
    history: History,
    bank: Mapping[int, BankQuestion],
    pools: Sequence[TrackPools],
    today: Sequence[dict],
    *,
    topics: Sequence[str],
    prior: Prior,
    time_zone: str,
    now: datetime,
) -> list[dict]:
    """One row a date, the oldest first: `at` and, by track, [score, low, high] where that may be stated.

    `today`: the `tracks_data` of now. A track that states nothing today has no past either.
    """
    stated = {row["track"] for row in today if row["state"] == State.STATED}
    wanted = [one for one in pools if one.track.slug in stated]
    if not wanted:
        return []
    rows = []
    for moment in dates(history.counted, ZoneInfo(time_zone))[:-1]:
        evidence, counted = evidence_until(moment, history, bank, now=now)
        if counted >= MIN_ANSWERS:
            fit = fit_joint(evidence, topics, prior)
            rows.append(row_of(moment, tracks_data(wanted, bank, fit, counted)))
    rows.append(row_of(now, today))
    return [row for row in rows if row["tracks"]]


def row_of(moment: datetime, tracks: Sequence[dict]) -> dict:
    points = {row["track"]: [row["score"], row["low"], row["high"]] for row in tracks if row["state"] == State.STATED}
    return {"at": moment.isoformat(), "tracks": points}


def dates(answers: Sequence[CountedAnswer], zone: ZoneInfo) -> list[datetime]:
    """The last answer of each day with answers: of many days at most 12, evenly spread, the last among them."""
    last_of_day = {answer.answered_at.astimezone(zone).date(): answer.answered_at for answer in answers}
    days = list(last_of_day.values())
    if len(days) <= DATES:
        return days
    return [days[round(place * (len(days) - 1) / (DATES - 1))] for place in range(DATES)]


def evidence_until(
    moment: datetime, history: History, bank: Mapping[int, BankQuestion], *, now: datetime
) -> tuple[list[Evidence], int]:
    """What the answers closed by then weigh today, and how many count: all that there is without the later ones."""
    later: dict[int, list[CountedAnswer]] = {}
    for answer in history.counted:
        if answer.answered_at > moment:
            later.setdefault(answer.question_id, []).append(answer)
    found, counted = [], 0
    for row in history.questions:
        answers = later.get(row.question_id, [])
        if row.counted > len(answers):
            found.append(without(answers, row, bank[row.question_id], now=now))
            counted += row.counted - len(answers)
    return found, counted


def without(answers: Sequence[CountedAnswer], row: QuestionHistory, question: BankQuestion, *, now: datetime):
    weight, points, own, ages = row.weight, row.points, row.own, row.ages
    for answer in answers:
        age = now - answer.answered_at
        worth = GRADER_WEIGHT[answer.graded_by] * 0.5 ** (age / HALF_LIFE)
        weight -= worth
        points -= worth * answer.score
        own -= worth * (answer.graded_by == "self")
        ages -= worth * min(age / MONTH, AGE_CAP_MONTHS)
    weight = max(weight, 1e-9)  # rounding leaves no answer without weight
    return Evidence(
        topic_weights=question.topic_weights,
        difficulty=question.difficulty,
        score=min(1.0, max(0.0, points / weight)),
        weight=min(1.0, weight),
        self_share=min(1.0, max(0.0, own / weight)),
        age=min(float(AGE_CAP_MONTHS), max(0.0, ages / weight)),
    )
