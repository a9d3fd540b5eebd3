"""A candidate's answers in PostgreSQL, as the report needs them: one statement, bounded whatever the history."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from interviews.report.statistics.leniency import Pairs
from interviews.sitting.models import question_queries

NEWEST_ANSWERS = 20_000
# Wrong answers with what was believed, in one report.
LISTED_MISCONCEPTIONS = 40

WRITTEN = question_queries.WRITTEN.format(
    answer="answer.answer",
    rules="(SELECT version.answer FROM questions_questionversion version WHERE version.id = answer.version_id)",
)
# One statement for all parts of a report: it marks the answers once, and sees them at one moment.
# The rules are weakness.count_responses's, and a test holds the two against each other. Looking an answer up in the
# library is an attempt without a grade: it counts for nothing, and what follows within 21 days does not count either.
# So is an answer after a hint.
# date_part, not extract: that goes through numeric, which is slow.
MARKED = f"""
WITH response AS (
    SELECT answer.id, answer.question_id, answer.score, answer.graded_by, answer.graded_at, answer.confidence,
        answer.hinted_at,
        answer.closed_at AS answered_at, answer.opened_at, answer.deadline_at, answer.state, interview.pace,
        answer.state = 'answered' OR (answer.state = 'timed_out' AND (answer.has_recording OR {WRITTEN})) AS is_given
    FROM interviews_interviewquestion answer JOIN interviews_interview interview ON interview.id = answer.interview_id
    WHERE interview.candidate_id = %(candidate)s AND interview.state IN ('submitted', 'scored')
        AND answer.follows_id IS NULL  -- a follow-up is no evidence of its own
        AND answer.closed_at <= %(now)s AND answer.closed_at > %(now)s - interval '1080 days'
    ORDER BY answer.closed_at DESC, answer.id DESC LIMIT %(limit)s
), attempt AS (
    SELECT *, answered_at - greatest(
            lag(answered_at) OVER (PARTITION BY question_id ORDER BY answered_at, id),
            (SELECT max(studied_at) FROM interviews_studied AS studied WHERE studied.candidate_id = %(candidate)s
                AND studied.question_id = response.question_id AND studied.studied_at <= response.answered_at)) AS gap,
        (CASE graded_by WHEN 'self' THEN 0.5::float8 ELSE 1 END)
            * exp(-0.6931471805599453 * date_part('epoch', %(now)s - answered_at) / 15552000) AS w,
        least(date_part('epoch', %(now)s - answered_at) / 2592000, 6) AS months,
        -- Whether it had a grade, be it another, at the moment that the report is compared with.
        CASE WHEN score IS NULL OR answered_at > %(since)s OR %(since)s::timestamptz IS NULL THEN FALSE
            WHEN graded_at <= %(since)s THEN TRUE
            ELSE coalesce((SELECT min(at) FROM interviews_grade AS grade
                WHERE grade.question_id = response.id AND grade.source <> 'suggested') <= %(since)s, FALSE)
        END AS was_graded
    FROM response
), marked AS MATERIALIZED (
    SELECT *, counts AND was_graded AS counted_then
    FROM (SELECT *, score IS NOT NULL AND hinted_at IS NULL
        AND (gap IS NULL OR gap >= interval '21 days') AS counts FROM attempt) AS one
)
"""  # nosec B608 # noqa: S608 (SQL of ours)


def sums(which: str, suffix: str) -> str:
    """What the answers of one kind amount to: see QuestionHistory."""
    columns = {"weight": "w", "points": "w * score", "ages": "w * months"}
    parts = [
        f"coalesce(sum({value} ORDER BY answered_at, id) FILTER (WHERE {which}), 0) AS {name}{suffix}"
        for name, value in columns.items()
    ]
    own = f"coalesce(sum(w ORDER BY answered_at, id) FILTER (WHERE {which} AND graded_by = 'self'), 0) AS own{suffix}"
    return ", ".join([*parts, own])


# One row a question. Sums of floats have an order, so that the same history gives the same digits. The fingerprint
# is the same in whatever order; should a new PostgreSQL hash otherwise, cards and reports are derived once more.
BY_QUESTION = f"""
SELECT question_id, min(answered_at) AS first_at, max(answered_at) AS last_at,
    count(*) AS answers, count(*) FILTER (WHERE counts) AS counted, count(*) FILTER (WHERE score IS NULL) AS ungraded,
    count(*) FILTER (WHERE counts AND graded_by = 'self') AS self_graded,
    count(*) FILTER (WHERE counted_then) AS counted_then,
    count(*) FILTER (WHERE counted_then AND graded_at > %(since)s) AS regraded,
    {sums("counts", "")}, {sums("counted_then", "_then")},
    md5(sum(hash_record_extended(ROW(id, score, graded_by, graded_at), 0))::text) AS fingerprint
FROM marked GROUP BY question_id ORDER BY question_id
"""  # nosec B608 # noqa: S608 (names of ours)

# One row a counted answer of the last year, the oldest first. Time used ends at the time allotted.
COUNTED = """
SELECT id, question_id, CASE WHEN gap IS NULL THEN answered_at END AS first_at, score, graded_by,
    NOT counted_then AS is_new,
    CASE WHEN is_given THEN confidence / 100.0::float8 END AS confidence,
    CASE WHEN pace = 'strict' AND state <> 'skipped' AND deadline_at > opened_at
        THEN date_part('epoch', least(answered_at, deadline_at) - opened_at) END AS seconds_used,
    date_part('epoch', deadline_at - opened_at) AS seconds_allotted, state = 'timed_out' AS is_timed_out, answered_at
FROM marked WHERE counts AND answered_at > %(now)s - interval '365 days' ORDER BY answered_at, id
"""

# The newest miss of each question, if it tells what was believed: stated with 80 % or more, or wrong options
# picked, or misconceptions that a coach ticked. Closed answers miss below full marks, open ones below half.
MISSES = """
WITH judged AS (
    SELECT *, CASE graded_by WHEN 'auto' THEN score < 0.999 ELSE score < 0.5 END AS is_miss
    FROM marked WHERE score IS NOT NULL AND is_given AND hinted_at IS NULL
), ranked AS (
    SELECT *, count(*) FILTER (WHERE is_miss) OVER later AS later_misses,
        count(*) FILTER (WHERE NOT is_miss) OVER later AS right_since
    FROM judged
    WINDOW later AS (PARTITION BY question_id ORDER BY answered_at DESC, id DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), evidenced AS (
    SELECT ranked.*, score < 0.5 AND coalesce(confidence, 0) >= 80 AS is_sure,
        coalesce(counting.evidence -> 'wrong', '[]') AS options,
        coalesce(counting.evidence -> 'misconceptions', '[]') AS misconceptions
    FROM ranked LEFT JOIN LATERAL (
        SELECT evidence FROM interviews_grade AS grade
        WHERE grade.question_id = ranked.id AND grade.source = ranked.graded_by AND grade.at = ranked.graded_at
        ORDER BY grade.id DESC LIMIT 1) counting ON true
    WHERE is_miss AND later_misses = 0
)
SELECT id, question_id, answered_at, confidence, is_sure, right_since,
    ARRAY(SELECT jsonb_array_elements_text(options)::bigint) AS options,
    ARRAY(SELECT jsonb_array_elements_text(misconceptions)::bigint) AS misconceptions
FROM evidenced WHERE is_sure OR options <> '[]' OR misconceptions <> '[]'
ORDER BY is_sure DESC, answered_at DESC, id DESC LIMIT %(listed)s
"""


# The newest own score from before a coach's marks could be seen. A grade from before a reopening was of another answer.
OWN_SCORE = """JOIN LATERAL (
        SELECT grade.score FROM interviews_grade AS grade
        WHERE grade.question_id = {answer}.id AND grade.source = 'self' AND grade.at >= {answer}.opened_at
            AND grade.at < (SELECT min(at) FROM interviews_grade AS coached WHERE coached.question_id = {answer}.id
                AND coached.source = 'coach' AND coached.at >= {answer}.opened_at)
        ORDER BY grade.at DESC, grade.id DESC LIMIT 1) own ON true"""

# Answers that a coach and their candidate scored, as leniency.Pairs has them.
PAIRED = f"""
SELECT count(*) AS count, coalesce(sum(d ORDER BY id), 0) AS differences,
    coalesce(sum(d * d ORDER BY id), 0) AS squares, coalesce(sum(both_scores ORDER BY id), 0) AS scores
FROM (
    SELECT marked.id, own.score - marked.score AS d, own.score + marked.score AS both_scores
    FROM marked {OWN_SCORE.format(answer="marked")}
    WHERE marked.graded_by = 'coach' AND marked.score IS NOT NULL AND answered_at > %(now)s - interval '365 days'
) AS pair
"""  # nosec B608 # noqa: S608 (names of ours)


# Named tuples: of ten thousand answers a dataclass costs as much as the query.
class QuestionHistory(NamedTuple):
    """What one candidate's answers to one question amount to.

    Of the counted ones `weight` W = Σ w, `points` Σ w·y, `ages` Σ w·months and `own` Σ w of those that the candidate
    scored; `…_then` the same of those that had been graded at the moment that the report is compared with, with their
    score and weight of today. `regraded`: those of them whose grade is newer.
    """

    question_id: int
    first_at: datetime
    last_at: datetime
    answers: int
    counted: int
    ungraded: int
    self_graded: int
    counted_then: int
    regraded: int
    weight: float
    points: float
    ages: float
    own: float
    weight_then: float
    points_then: float
    ages_then: float
    own_then: float
    fingerprint: str


class CountedAnswer(NamedTuple):
    """One answer that counts. `seconds_used` is None unless the strict clock ran and it was not skipped."""

    id: int
    question_id: int
    first_at: datetime | None  # None: not the first attempt at the question
    score: float
    graded_by: str
    is_new: bool  # counts only since the moment that the report is compared with
    confidence: float | None
    seconds_used: float | None
    seconds_allotted: float | None
    is_timed_out: bool
    answered_at: datetime


class Miss(NamedTuple):
    """The newest wrong answer to a question, and how often it was answered right afterwards."""

    id: int
    question_id: int
    answered_at: datetime
    confidence: int | None
    is_sure: bool
    right_since: int
    options: list[int]  # wrong ones that were picked
    misconceptions: list[int]  # ticked by a coach


class History(NamedTuple):
    questions: list[QuestionHistory]
    counted: list[CountedAnswer]  # of the last year, the oldest first
    misses: list[Miss]
    pairs: Pairs


def listed(part: str, row: type[tuple]) -> str:
    """The part's rows as one JSON list of lists, in the order of the tuple's fields."""
    columns = ", ".join(row._fields)
    return f"(SELECT coalesce(json_agg(json_build_array({columns})), '[]') FROM {part})"  # nosec B608 # noqa: S608 (names of ours)


HISTORY = f"""{MARKED}
, by_question AS ({BY_QUESTION}), counted AS ({COUNTED}), misses AS ({MISSES}), paired AS ({PAIRED})
SELECT {listed("by_question", QuestionHistory)}, {listed("counted", CountedAnswer)}, {listed("misses", Miss)},
    (SELECT json_build_array(count, differences, squares, scores) FROM paired)
"""  # nosec B608 # noqa: S608 (names of ours)


def read_history(candidate_id: int, *, now: datetime, since: datetime | None = None) -> History:
    """Up to `now`; `since`: the moment that it is compared with."""
    parameters = {"candidate": candidate_id, "now": now, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, parameters | {"limit": NEWEST_ANSWERS, "listed": LISTED_MISCONCEPTIONS})
        questions, counted, misses, pairs = cursor.fetchone()
    moment = datetime.fromisoformat
    return History(
        [QuestionHistory(pk, moment(first), moment(last), *rest) for pk, first, last, *rest in questions],
        [
            CountedAnswer(pk, question, first and moment(first), *rest, moment(at))
            for pk, question, first, *rest, at in counted
        ],
        [Miss(pk, question, moment(at), *rest) for pk, question, at, *rest in misses],
        Pairs(*pairs),
    )
