"""First attempts in PostgreSQL → item statistics and difficulties, every night (docs/statistics.md).

One temporary table of first attempts, three aggregates over it; what reaches Python is some rows a question,
whatever the number of answers, and one report a candidate (people.py). The aggregates are those of
questions/statistics.py, and tests hold them together.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from interviews.report import people
from interviews.report.statistics.fitting import DEFAULT_PRIOR
from questions import statistics
from questions.models import (
    DifficultySnapshot,
    ForgottenAttempt,
    QuestionDifficulty,
    QuestionStatistics,
    QuestionVersion,
    Status,
    current_difficulties,
)
from questions.statistics import MIN_OTHER_ATTEMPTS, Cell, Difficulty, ItemStatistics

WINDOW = timedelta(days=365)
# A message that comes twice in one night, or two beats, make one snapshot.
SHORTEST_NIGHT = timedelta(hours=12)
BIN_WIDTH = 0.25  # logits of ability
NOT_ASKED = {"title", "level", "category", "model_answer", "references"}

# What each of the next two queries begins with. A first attempt is the first ever, graded or not; what follows teaches
# the question, and so does the library. `allotted`: an interview that ends early cuts a question's time short, which
# says nothing of its limit.
FIRST = """
WITH first AS (
    SELECT DISTINCT ON (interview.candidate_id, answer.question_id)
        interview.candidate_id, answer.question_id, answer.version_id, answer.score, answer.closed_at, answer.state,
        answer.hinted_at,
        answer.graded_by = 'self' AS is_own,
        answer.answer, answer.limit_seconds * interview.time_multiplier::float8 AS term,
        extract(epoch FROM answer.closed_at - answer.opened_at)::float8 AS used,
        extract(epoch FROM answer.deadline_at - answer.opened_at)::float8 AS allotted
    FROM interviews_interviewquestion answer JOIN interviews_interview interview ON interview.id = answer.interview_id
    WHERE interview.state IN ('submitted', 'scored') AND answer.closed_at <= %(now)s AND answer.follows_id IS NULL
        AND (%(candidate)s::bigint IS NULL OR interview.candidate_id = %(candidate)s)
    ORDER BY interview.candidate_id, answer.question_id, answer.closed_at, answer.id
), graded AS (
    SELECT *, CASE WHEN allotted >= term - 1 THEN used / allotted END AS time_ratio,
        state = 'timed_out' OR coalesce(used > allotted, FALSE) AS is_timed_out
    FROM first WHERE score IS NOT NULL AND hinted_at IS NULL AND closed_at > %(since)s AND NOT EXISTS (
        SELECT FROM interviews_studied AS studied WHERE studied.candidate_id = first.candidate_id
            AND studied.question_id = first.question_id AND studied.studied_at <= first.closed_at)
)
"""
TABLE = """
CREATE TEMPORARY TABLE first_attempt (candidate_id bigint, question_id bigint, score float8, is_own boolean,
    at timestamptz, time_ratio float8, is_timed_out boolean, option text, rest float8) ON COMMIT DROP
"""
# Those at a wording that asks the same as the current one. Those of people who are gone are nobody's: they have no
# rest (statistics.history_rests), as if their candidate had too few others.
FIRST_ATTEMPTS = """
, counted AS (
    SELECT candidate_id, question_id, score, is_own, closed_at AS at, time_ratio, is_timed_out,
        CASE WHEN jsonb_array_length(answer) = 1 THEN answer ->> 0 END AS option
    FROM graded WHERE version_id = ANY(%(versions)s::bigint[])
    UNION ALL
    SELECT NULL, version.question_id, attempt.score, attempt.is_own, attempt.month, attempt.time_ratio,
        attempt.is_timed_out, NULL
    FROM questions_forgottenattempt attempt JOIN questions_questionversion version ON version.id = attempt.version_id
    WHERE attempt.month > %(since)s AND attempt.version_id = ANY(%(versions)s::bigint[])
), surplus AS (
    SELECT *, score - avg(score) OVER (PARTITION BY question_id) AS surplus,
        CASE WHEN candidate_id IS NULL THEN 0 ELSE count(*) OVER (PARTITION BY candidate_id) - 1 END AS others
    FROM counted
)
INSERT INTO first_attempt SELECT candidate_id, question_id, score, is_own, at, time_ratio, is_timed_out, option,
    CASE WHEN others >= %(min_others)s
        THEN (sum(surplus) OVER (PARTITION BY candidate_id) - surplus) / others END AS rest
FROM surplus
"""
# In no order that tells which came from one person.
FORGET = """
INSERT INTO questions_forgottenattempt (id, version_id, month, score, is_own, time_ratio, is_timed_out)
SELECT gen_random_uuid(), version_id, date_trunc('month', closed_at), score, is_own, time_ratio, is_timed_out
FROM graded ORDER BY random()
"""

# Rests of equal candidates differ by rounding: hence the variance above 0 (statistics.discrimination_index).
ITEMS = """
WITH grouped AS (
    SELECT question_id, count(*) AS count, avg(score) AS facility, stddev_samp(score) AS sd, count(rest) AS rest_count,
        corr(score, rest) AS correlation, covar_samp(score, rest) AS covariance,
        least(var_samp(score) FILTER (WHERE rest IS NOT NULL), var_samp(rest)) > 1e-12 AS varies,
        array_agg(score ORDER BY score) FILTER (WHERE rest IS NOT NULL) AS scores,
        array_agg(rest ORDER BY rest) FILTER (WHERE rest IS NOT NULL) AS rests,
        count(time_ratio) AS timed, count(*) FILTER (WHERE time_ratio IS NOT NULL AND is_timed_out) AS timeouts,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY time_ratio) AS median_time_ratio
    FROM first_attempt GROUP BY question_id
)
SELECT question_id, count, facility, sd, rest_count,
    CASE WHEN varies THEN 100 * correlation END,
    CASE WHEN varies THEN 100 * covariance / (SELECT covar_samp(x, r) FROM unnest(scores, rests) AS sorted(x, r)) END,
    timed, timeouts, median_time_ratio
FROM grouped ORDER BY question_id
"""

# What the better half chose, where one option is right.
VOTES = """
WITH middle AS (
    SELECT question_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY rest) AS rest FROM first_attempt
    WHERE rest IS NOT NULL AND question_id = ANY(%(questions)s::bigint[]) GROUP BY question_id
)
SELECT question_id, option, count(*) FROM first_attempt JOIN middle USING (question_id)
WHERE first_attempt.rest >= middle.rest AND option IS NOT NULL GROUP BY question_id, option
"""

# A candidate's level for this answer: the ability in the question's primary topic when their newest report was
# compiled, their leniency where they scored themselves, and the way back to the answer's moment by their slope. Who has
# no report is an average candidate. Without these two, leniency would sink into the difficulties of open questions.
CELLS = """
WITH placed AS (
    SELECT question_id, score,
        is_own::int AS f,
        greatest(0, least(date_part('epoch', coalesce(person.at, %(now)s) - attempt.at) / 2592000, 6)) AS h,
        coalesce(mean, %(mean)s) AS mean, coalesce(variance, %(variance)s) AS variance,
        coalesce(leniency, %(leniency)s) AS leniency, coalesce(leniency_variance, %(leniency_variance)s) AS ll,
        coalesce(slope, %(slope)s) AS slope, coalesce(slope_variance, %(slope_variance)s) AS gg,
        coalesce(with_leniency, 0) AS al, coalesce(with_slope, 0) AS ag, coalesce(both_shared, 0) AS lg
    FROM first_attempt attempt
    JOIN unnest(%(questions)s::bigint[], %(topics)s::text[]) AS own(question_id, topic) USING (question_id)
    LEFT JOIN person USING (candidate_id) LEFT JOIN ability USING (candidate_id, topic)
), levelled AS (
    SELECT question_id, score, mean + leniency * f - slope * h AS level,
        variance + f * ll + h * h * gg + 2 * f * al - 2 * h * ag - 2 * f * h * lg AS variance
    FROM placed
)
SELECT question_id, (floor(level / %(width)s) + 0.5) * %(width)s AS bin, count(*), sum(score), avg(variance)
FROM levelled GROUP BY question_id, bin ORDER BY question_id, bin
"""


def calibrate(*, now: datetime) -> DifficultySnapshot | None:
    """Stores the statistics of every published question and a new snapshot of their difficulties.

    None, and nothing written, when there is no first attempt, when a snapshot is younger than 12 hours or when
    somebody else is at it. The new difficulties rest on the abilities that the reports found with the old ones.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('calibration'))")
        if not cursor.fetchone()[0]:
            return None
        newest = DifficultySnapshot.objects.newest().first()
        if newest and now - newest.computed_at < SHORTEST_NIGHT:
            return None
        # A night's work, which no request waits for.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        versions = list(QuestionVersion.objects.published().for_statistics())
        collect_first_attempts(cursor, versions, now=now)
        items = read_items(cursor, versions)
        site = people.place(cursor, topics={version.primary_topic.slug for version in versions}, now=now)
        difficulties = estimate_difficulties(read_cells(cursor, versions, now=now), versions)
        cursor.execute("DROP TABLE first_attempt, person, ability")
        store_statistics(items, difficulties, versions, now=now)
        if not items:
            return None
        return store_snapshot(items, difficulties, versions, site, now=now)


# --- reading ----------------------------------------------------------------------------------------


def collect_first_attempts(cursor, versions: Iterable[QuestionVersion], *, now: datetime) -> None:
    parameters = {"candidate": None, "now": now, "since": now - WINDOW, "versions": same_wordings(versions)}
    cursor.execute(TABLE)
    cursor.execute(FIRST + FIRST_ATTEMPTS, parameters | {"min_others": MIN_OTHER_ATTEMPTS})
    cursor.execute("ANALYZE first_attempt")


def keep_first_attempts(candidate_id: int, *, now: datetime) -> None:
    """What the statistics rest on, without the person: in the transaction that deletes them."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST + FORGET, {"candidate": candidate_id, "now": now, "since": now - WINDOW})


def forget_old_attempts(*, now: datetime) -> None:
    """Those that no statistics will look at any more."""
    ForgottenAttempt.objects.filter(month__lt=now - WINDOW).delete()


def same_wordings(versions: Iterable[QuestionVersion]) -> list[int]:
    """The versions that ask what their question's current one asks: answers to another key would accuse this one."""
    questions = [version.question_id for version in versions]
    sat = QuestionVersion.objects.filter(question__in=questions).exclude(published_at=None).prefetch_related("options")
    current = {version.question_id: asked(version) for version in sat if version.status == Status.PUBLISHED}
    return [version.pk for version in sat if asked(version) == current[version.question_id]]


def asked(version: QuestionVersion) -> Hashable:
    """What decides how it is answered and scored: all of it but what is shown afterwards or only sorts it."""
    plain = tuple(str(getattr(version, name)) for name in version.PLAIN_CONTENT if name not in NOT_ASKED)
    return plain, tuple((option.text, option.is_right) for option in version.options.all())


def read_items(cursor, versions: Iterable[QuestionVersion]) -> dict[int, ItemStatistics]:
    """`statistics.item_statistics` of every question with a first attempt, by question id."""
    keys = {version.question_id: key for version in versions if (key := only_right_option(version))}
    cursor.execute(VOTES, {"questions": list(keys)})
    votes: dict[int, dict[str, int]] = defaultdict(dict)
    for question, option, count in cursor.fetchall():
        votes[question][option] = count
    cursor.execute(ITEMS)
    items = {}
    for question, count, facility, sd, rest_count, index, efficiency, timed, timeouts, ratio in cursor.fetchall():
        low, high = (None, None) if index is None else statistics.discrimination_range(index, rest_count)
        right = votes[question].get(keys.get(question, ""), 0)
        items[question] = ItemStatistics(
            count=count,
            facility=facility,
            facility_sd=sd,
            facility_se=None if sd is None else sd / count**0.5,
            rest_count=rest_count,
            discrimination=index,
            discrimination_low=low,
            discrimination_high=high,
            efficiency=efficiency,
            timed_count=timed,
            timeout_count=timeouts,
            median_time_ratio=ratio,
            ambiguous_options=tuple(sorted(option for option, n in votes[question].items() if n > right)),
        )
    return items


def only_right_option(version: QuestionVersion) -> str | None:
    """Its primary key as an answer names it, where one of several options is right."""
    options = list(version.options.all())
    right = [str(option.pk) for option in options if option.is_right]
    return right[0] if len(right) == 1 and len(options) > 1 else None


def read_cells(cursor, versions: list[QuestionVersion], *, now: datetime) -> dict[int, list[Cell]]:
    """First attempts by question and the candidate's level for them."""
    site = current_difficulties()
    parameters = {
        "now": now,
        "questions": [version.question_id for version in versions],
        "topics": [version.primary_topic.slug for version in versions],
        "mean": DEFAULT_PRIOR.mean,
        "variance": DEFAULT_PRIOR.general_sd**2 + DEFAULT_PRIOR.topic_sd**2,
        "leniency": site.leniency,
        "leniency_variance": DEFAULT_PRIOR.leniency_sd**2,
        "slope": site.slope,
        "slope_variance": DEFAULT_PRIOR.slope_sd**2,
        "width": BIN_WIDTH,
    }
    cursor.execute(CELLS, parameters)
    cells = defaultdict(list)
    for question, level, count, score_sum, variance in cursor.fetchall():
        cells[question].append(Cell(level, count, score_sum, variance))
    return cells


# --- estimating and storing ---------------------------------------------------------------------------


def estimate_difficulties(
    cells: dict[int, list[Cell]], versions: Iterable[QuestionVersion]
) -> dict[int, tuple[Difficulty, float]]:
    """Difficulty and day-one difficulty, by question id; day one from the level means of the night before."""
    levels = current_difficulties().levels
    estimates = {}
    for version in versions:
        day_one = version.day_one_difficulty(levels)
        estimates[version.question_id] = (
            statistics.estimate_difficulty(cells.get(version.question_id, []), day_one),
            day_one,
        )
    return estimates


def store_statistics(
    items: dict[int, ItemStatistics],
    difficulties: dict[int, tuple[Difficulty, float]],
    versions: Iterable[QuestionVersion],
    *,
    now: datetime,
) -> None:
    """One row a question with first attempts; the rows of questions that have none any more go."""
    rows = []
    for version in versions:
        if item := items.get(version.question_id):
            difficulty, day_one = difficulties[version.question_id]
            flags = statistics.flags(item, chance=version.chance, difficulty=difficulty, day_one=day_one)
            facts = {name: getattr(item, name) for name in item.__slots__}
            facts["ambiguous_options"] = [int(pk) for pk in item.ambiguous_options]
            rows.append(QuestionStatistics(question_id=version.question_id, computed_at=now, flags=flags, **facts))
    fields = [field.name for field in QuestionStatistics._meta.fields if not field.primary_key]
    QuestionStatistics.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["question"], update_fields=fields, batch_size=500
    )
    QuestionStatistics.objects.exclude(question__in=[row.question_id for row in rows]).delete()


def store_snapshot(
    items: dict[int, ItemStatistics],
    difficulties: dict[int, tuple[Difficulty, float]],
    versions: Iterable[QuestionVersion],
    site: people.Site,
    *,
    now: datetime,
) -> DifficultySnapshot:
    snapshot = DifficultySnapshot.objects.create(
        leniency=site.leniency,
        slope=site.slope,
        name=f"{now:%Y-%m-%dT%H%M%SZ}",
        computed_at=now,
        answers=sum(item.count for item in items.values()),
        level_difficulty=level_difficulties(difficulties, versions),
    )
    QuestionDifficulty.objects.bulk_create(
        [
            QuestionDifficulty(
                snapshot=snapshot,
                question_id=question,
                value=difficulty.value,
                standard_error=difficulty.standard_error,
                day_one=day_one,
                count=items[question].count if question in items else 0,
            )
            for question, (difficulty, day_one) in difficulties.items()
        ],
        batch_size=1000,
    )
    return snapshot


def level_difficulties(
    difficulties: dict[int, tuple[Difficulty, float]], versions: Iterable[QuestionVersion]
) -> dict[str, float]:
    """Each level's mean; a question that nobody has answered votes for the mean it was given."""
    pairs = defaultdict(list)
    for version in versions:
        difficulty, _ = difficulties[version.question_id]
        pairs[version.level].append((difficulty.value, version.chance))
    return {
        level: statistics.estimate_level(default, pairs[level])
        for level, default in statistics.LEVEL_DIFFICULTY.items()
    }
