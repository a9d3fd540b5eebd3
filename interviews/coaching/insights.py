"""What a cohort as a whole misses: only where enough of its members answered, and never one person beside another."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Cohort, User
from interviews.sitting.models import Interview
from questions.models import Misconception, RubricPoint

# Below, a share would say something about single people.
FEWEST_MEMBERS = 8
ROWS_SHOWN = 15
# The newest ones; enough for a course of 400.
INTERVIEWS_READ = 20_000

# A coach's marks, in a review that is still being written as well; without any, the marks that count. One row an
# answer; a member who answered twice is one member.
MARKED = """
WITH marked AS (
    SELECT question.version_id, interview.candidate_id, grade.evidence
    FROM interviews_interviewquestion question
    JOIN interviews_interview interview ON interview.id = question.interview_id
    JOIN LATERAL (
        SELECT 1 AS rank, said.id,
            jsonb_build_object('points', said.marks, 'misconceptions', said.misconceptions) AS evidence
        FROM interviews_answerreview said JOIN interviews_review review ON review.id = said.review_id
        WHERE said.question_id = question.id AND said.is_complete AND review.withdrawn_at IS NULL
        UNION ALL
        SELECT 2, id, evidence FROM interviews_grade
        WHERE question_id = question.id AND source = question.graded_by AND at = question.graded_at
            AND evidence ? 'points'
        ORDER BY 1, 2 DESC LIMIT 1
    ) grade ON true
    WHERE interview.id = ANY(%(interviews)s)
)
"""
POINTS = f"""
{MARKED}
SELECT * FROM (
    SELECT point.key::bigint, count(DISTINCT candidate_id) AS members,
        count(DISTINCT candidate_id) FILTER (WHERE point.value = 'missed') AS missed
    FROM marked, jsonb_each_text(evidence -> 'points') point GROUP BY 1
) counted
WHERE members >= %(fewest)s AND missed > 0
ORDER BY missed::float / members DESC, members DESC, 1 LIMIT %(rows)s
"""  # noqa: S608 # nosec B608
MISCONCEPTIONS = f"""
{MARKED}
, asked AS (SELECT version_id, count(DISTINCT candidate_id) AS members FROM marked GROUP BY 1)
SELECT held.value::bigint, members, count(DISTINCT candidate_id) AS holding
FROM marked JOIN asked USING (version_id), jsonb_array_elements_text(evidence -> 'misconceptions') held
WHERE members >= %(fewest)s
GROUP BY 1, 2 ORDER BY count(DISTINCT candidate_id)::float / members DESC, 1 LIMIT %(rows)s
"""  # noqa: S608 # nosec B608
TOPICS = """
SELECT topic.name, count(DISTINCT interview.candidate_id) AS members, avg(question.score) AS mean,
    avg((question.state = 'timed_out')::int) AS timed_out, count(*) AS answers
FROM interviews_interviewquestion question
JOIN interviews_interview interview ON interview.id = question.interview_id
JOIN questions_versiontopic place ON place.version_id = question.version_id AND place.position = 0
JOIN questions_topic topic ON topic.id = place.topic_id
WHERE interview.id = ANY(%(interviews)s) AND question.state NOT IN ('pending', 'open')
    AND question.follows_id IS NULL
GROUP BY topic.name HAVING count(DISTINCT interview.candidate_id) >= %(fewest)s
ORDER BY mean NULLS LAST, 1
"""


@dataclass(frozen=True, slots=True)
class Share:
    """A rubric point missed, or a misconception held, by `count` of `members` who answered its question."""

    what: RubricPoint | Misconception
    members: int
    count: int


@dataclass(frozen=True, slots=True)
class TopicRow:
    name: str
    members: int
    mean: float | None
    timed_out: float
    answers: int


class Insights:
    """Of the finished interviews that this coach may read, of one assignment or all. Six statements."""

    def __init__(self, cohort: Cohort, coach: User, *, given: int | None = None):
        interviews = Interview.objects.reviewable_by(coach).filter(cohort=cohort)
        if given:
            interviews = interviews.filter(assignment__given_to_cohort=given)
        found = list(interviews.order_by("-pk").values_list("pk", "candidate")[:INTERVIEWS_READ])
        self.members = len({candidate for _, candidate in found})
        ids = [pk for pk, _ in found] if self.is_enough else []
        self.missed = shares(RubricPoint, rows(POINTS, ids))
        self.misconceptions = shares(Misconception, rows(MISCONCEPTIONS, ids))
        self.topics = [TopicRow(*row) for row in rows(TOPICS, ids)]

    @property
    def is_enough(self) -> bool:
        return self.members >= FEWEST_MEMBERS

    @property
    def timed_out(self) -> list[TopicRow]:
        return sorted((row for row in self.topics if row.timed_out), key=lambda row: -row.timed_out)


def rows(statement: str, interviews: Sequence[int]) -> list[tuple]:
    if not interviews:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"interviews": list(interviews), "fewest": FEWEST_MEMBERS, "rows": ROWS_SHOWN})
        return cursor.fetchall()


def shares(model, found: list[tuple]) -> list[Share]:
    named = model.objects.select_related("version").in_bulk([pk for pk, _, _ in found])
    return [Share(named[pk], members, count) for pk, members, count in found if pk in named]
