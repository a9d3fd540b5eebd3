"""What one night learns of a site's people: everybody's level, and from it the site's leniency and slope.

A candidate's level is the fit of their newest report once more, for a report keeps no estimate of a topic with little
evidence. It stands in temporary tables, where the aggregates over first attempts find it (calibration.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interviews.report.history import OWN_SCORE
from interviews.report.models import WeaknessReport
from interviews.report.statistics.fitting import LENIENCY, SLOPE, Fit
from interviews.report.statistics.leniency import Pairs, site_leniency
from interviews.report.statistics.slope import MIN_MONTHS, Slope, site_slope
from interviews.report.stored import evidence_of, fit_of

PAIRS_FOR = timedelta(days=365)
AT_A_TIME = 200  # candidates whose reports are in memory at once

TABLES = """
CREATE TEMPORARY TABLE person (candidate_id bigint PRIMARY KEY, at timestamptz, leniency float8,
    leniency_variance float8, slope float8, slope_variance float8, both_shared float8) ON COMMIT DROP;
CREATE TEMPORARY TABLE ability (candidate_id bigint, topic text, mean float8, variance float8, with_leniency float8,
    with_slope float8, PRIMARY KEY (candidate_id, topic)) ON COMMIT DROP
"""
CANDIDATES = "SELECT DISTINCT candidate_id FROM first_attempt WHERE candidate_id IS NOT NULL ORDER BY candidate_id"
PAIRS = f"""
SELECT count(*), sum(own.score - answer.score), sum((own.score - answer.score) ^ 2), sum(own.score + answer.score)
FROM interviews_interviewquestion answer JOIN interviews_interview interview ON interview.id = answer.interview_id
{OWN_SCORE.format(answer="answer")}
WHERE interview.state IN ('submitted', 'scored') AND answer.graded_by = 'coach' AND answer.score IS NOT NULL
    AND answer.closed_at <= %(now)s AND answer.closed_at > %(since)s
GROUP BY interview.candidate_id ORDER BY interview.candidate_id
"""  # nosec B608 # noqa: S608 (names of ours)


@dataclass(frozen=True, slots=True)
class Site:
    leniency: float
    slope: float


def place(cursor, *, topics: Iterable[str], now: datetime) -> Site:
    """Fills `person` and `ability` for everybody with a first attempt and a report; `topics` are always among them."""
    cursor.execute(TABLES)
    cursor.execute(CANDIDATES)
    candidates = [pk for (pk,) in cursor.fetchall()]
    slopes: list[Slope] = []
    for first in range(0, len(candidates), AT_A_TIME):
        reports = WeaknessReport.objects.newest_of(candidates[first : first + AT_A_TIME])
        slopes += place_some(cursor, list(reports), topics)
    cursor.execute("ANALYZE person, ability")
    cursor.execute(PAIRS, {"now": now, "since": now - PAIRS_FOR})
    return Site(site_leniency(Pairs(*row) for row in cursor.fetchall()), site_slope(slopes))


def place_some(cursor, reports: list[WeaknessReport], topics: Iterable[str]) -> Iterable[Slope]:
    """The slopes of those whose answers are far enough apart to tell one."""
    people, abilities, slopes = [], [], []
    for report in reports:
        fit = fit_of(report.data, topics)
        people.append(person_row(report, fit))
        abilities += ability_rows(report, fit)
        ages = [item.age for item in evidence_of(report.data)]
        if ages and max(ages) - min(ages) >= MIN_MONTHS:
            slopes.append(Slope(fit.slope, report.data["constants"]["slope_mean"]))
    cursor.executemany("INSERT INTO person VALUES (%s, %s, %s, %s, %s, %s, %s)", people)
    cursor.executemany("INSERT INTO ability VALUES (%s, %s, %s, %s, %s, %s)", abilities)
    return slopes


def person_row(report: WeaknessReport, fit: Fit) -> tuple:
    leniency, slope = fit.leniency, fit.slope
    shared = fit.covariance(LENIENCY, SLOPE)
    return (
        report.candidate_id, report.compiled_at, leniency.mean, leniency.variance, slope.mean, slope.variance, shared,
    )  # fmt: skip


def ability_rows(report: WeaknessReport, fit: Fit) -> list[tuple]:
    return [
        (
            report.candidate_id,
            topic,
            posterior.mean,
            posterior.variance,
            fit.covariance(topic, LENIENCY),
            fit.covariance(topic, SLOPE),
        )
        for topic, posterior in fit.topics.items()
    ]
