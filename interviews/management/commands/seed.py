"""`./dev manage seed --answers 1000000`: a site with a past, to measure on; in SQL, for a row at a time takes hours."""

import time
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from accounts.models import User
from interviews.management.commands.demo import PASSWORD, possible_answer
from interviews.sitting import scoring
from interviews.sitting.models import EvidenceChange, Interview
from questions import formats
from questions.models import QuestionVersion

ANSWERS_AN_INTERVIEW = 8
DAYS = 700  # in which a person sat theirs
REPORTS = 20  # people whose report the sweep is asked for; one each would keep it busy for hours

# `luck(number, use)` is in [0, 1) and always the same: whatever plan PostgreSQL chooses, the same site comes out.
LUCK = """
CREATE FUNCTION pg_temp.luck(number bigint, use int) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN (hashint8extended(number, use) & 1048575) / 1048576.0;
"""
# What there is to ask, and for each question a wrong answer, a right one and none (`reply` 0, 1 and 2).
LEFT_OUT = 2
BANK = """
CREATE TEMPORARY TABLE seed_bank (number int PRIMARY KEY, version_id bigint, question_id bigint)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE seed_reply (number int, reply int, answer jsonb, score float8, source text, evidence jsonb,
    PRIMARY KEY (number, reply)) ON COMMIT DROP;
"""
INTERVIEWS = """
INSERT INTO interviews_interview (id, public_id, candidate_id, title, pace, time_multiplier, limit_seconds, seed, state,
    started_at, deadline_at, closed_at, scored_at, scoring_attempts, lease)
SELECT %(interview)s + n, md5('seed' || n)::uuid, %(person)s + n / %(interviews_a_person)s, 'Seeded', 'strict', 1,
    150 * %(length)s, n, 'scored', started_at, ends_at, ends_at, ends_at, 1, 1
FROM generate_series(0, %(interviews)s - 1) n,
    LATERAL (SELECT n %% %(interviews_a_person)s) a(nth),
    LATERAL (SELECT %(today)s::timestamptz - %(days)s * interval '1 day' / %(interviews_a_person)s
        * (%(interviews_a_person)s - nth)
        + interval '20 hours' * pg_temp.luck(n, 1)) b(started_at),
    LATERAL (SELECT started_at + interval '150 s' * %(length)s) c(ends_at)
"""
# Right more often where the person is strong and the question is easy; a twentieth is left out.
QUESTIONS = """
INSERT INTO interviews_interviewquestion (id, interview_id, position, question_id, version_id, limit_seconds, state,
    opened_at, deadline_at, closed_at, opening, rev, answer, confidence, score, graded_by, graded_at)
SELECT %(row)s + n, interview_id, position, question_id, version_id, 150,
    CASE reply WHEN 2 THEN 'skipped' ELSE 'answered' END,
    opened_at, opened_at + interval '150 s', closed_at, 1, CASE reply WHEN 2 THEN 0 ELSE 2 END, answer,
    (ARRAY[20, 40, 60, 80, 90, 99])[1 + floor(6 * pg_temp.luck(n, 4))], score, source, closed_at
FROM (
    SELECT n, i.id AS interview_id, 1 + n %% %(length)s AS position, opened_at,
        opened_at + interval '150 s' * (0.3 + 0.6 * pg_temp.luck(n, 3)) AS closed_at, number,
        CASE WHEN pg_temp.luck(n, 5) < 0.05 THEN 2
             WHEN pg_temp.luck(n, 6) < 1 / (1 + exp(-ability)) THEN 1
             ELSE 0 END AS reply
    FROM generate_series(0, %(answers)s - 1) n
    JOIN interviews_interview i ON i.id = %(interview)s + n / %(length)s,
    LATERAL (SELECT i.started_at + interval '150 s' * (n %% %(length)s)) a(opened_at),
    -- Steps of a prime: no question twice in one interview.
    LATERAL (SELECT ((i.seed + 47 * (n %% %(length)s)) %% %(bank)s)::int) b(number),
    LATERAL (SELECT i.seed / %(interviews_a_person)s) c(nth),
    LATERAL (SELECT 3 * (pg_temp.luck(nth, 8) + pg_temp.luck(nth, 9) - pg_temp.luck(number, 7) - 0.5)) d(ability)
) asked
JOIN seed_bank USING (number)
JOIN seed_reply USING (number, reply)
"""
REVISIONS = """
INSERT INTO interviews_answerrevision (question_id, opening, lease, rev, kind, answer, confidence, saved_at)
SELECT id, 1, 1, rev.number, rev.kind, answer, confidence, CASE rev.kind WHEN 'final' THEN closed_at ELSE opened_at END
FROM interviews_interviewquestion, (VALUES (1, 'draft'), (2, 'final')) rev(number, kind)
WHERE id >= %(row)s AND state = 'answered'
"""
GRADES = """
INSERT INTO interviews_grade (question_id, source, score, evidence, by_id, at)
SELECT q.id, q.graded_by, q.score,
    (SELECT evidence FROM seed_reply r WHERE r.number = b.number AND r.answer = q.answer LIMIT 1),
    CASE q.graded_by WHEN 'self' THEN i.candidate_id END, q.graded_at
FROM interviews_interviewquestion q
JOIN interviews_interview i ON i.id = q.interview_id
JOIN seed_bank b ON b.version_id = q.version_id
WHERE q.id >= %(row)s
"""
EVENTS = """
INSERT INTO interviews_interviewevent (interview_id, kind, position, actor_id, at, data)
SELECT id, kind, NULL, CASE kind WHEN 'scored' THEN NULL ELSE candidate_id END, at, jsonb '{}'
FROM interviews_interview,
    LATERAL (VALUES ('started', started_at), ('finished', closed_at), ('scored', scored_at)) e(kind, at)
WHERE id >= %(interview)s
UNION ALL
SELECT q.interview_id, e.kind, q.position, i.candidate_id, e.at, '{}'
FROM interviews_interviewquestion q JOIN interviews_interview i ON i.id = q.interview_id,
    LATERAL (VALUES ('opened', q.opened_at), (q.state, q.closed_at)) e(kind, at)
WHERE q.id >= %(row)s
"""
STEPS = {
    "interviews": INTERVIEWS,
    "answers": QUESTIONS,
    "revisions": REVISIONS,
    "grades": GRADES,
    "events": EVENTS,
}


class Command(BaseCommand):
    help = (
        "Fill the database with people, interviews, answers, revisions, grades and events over two years, the same at "
        "every run. All or nothing. Where DEBUG is off, only into a database without interviews."
    )

    def add_arguments(self, parser):
        parser.add_argument("--answers", type=int, default=10_000, help="Rounded up to whole interviews.")
        parser.add_argument("--answers-a-person", type=int, default=200)

    @transaction.atomic
    def handle(self, *, answers: int, answers_a_person: int, **options):
        if not settings.DEBUG and Interview.objects.exists():
            raise CommandError("This site has interviews, and DEBUG is off: made-up people do not belong into it.")
        if User.objects.filter(email=email_of(1)).exists():
            raise CommandError("This database has been seeded already.")
        began = time.monotonic()
        now = timezone.now()
        interviews = -(-answers // ANSWERS_AN_INTERVIEW)
        interviews_a_person = answers_a_person // ANSWERS_AN_INTERVIEW
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # while the queries' scores are found
            cursor.execute(LUCK + BANK)
            size = fill_bank(cursor)
            people = make_people(-(-interviews // interviews_a_person), now=now)
            values = {
                "person": people[0].pk,
                "interview": next_id(cursor, "interviews_interview"),
                "row": next_id(cursor, "interviews_interviewquestion"),
                "bank": size,
                "interviews": interviews,
                "answers": interviews * ANSWERS_AN_INTERVIEW,
                "interviews_a_person": interviews_a_person,
                "days": DAYS,
                "length": ANSWERS_AN_INTERVIEW,
                "today": now.replace(hour=0, minute=0, second=0, microsecond=0),
            }
            for name, statement in STEPS.items():
                started = time.monotonic()
                cursor.execute(statement, values)
                self.stdout.write(f"{cursor.rowcount:>10,} {name} in {time.monotonic() - started:.1f} s")
            for table in ("interviews_interview", "interviews_interviewquestion"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # nosec B608 # noqa: S608
            for person in people[:REPORTS]:
                EvidenceChange.note(person.pk, now=now)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ANALYZE")
        self.stdout.write(f"{len(people):,} people, {email_of(1)} and so on, in {time.monotonic() - began:.0f} s")


def email_of(number: int) -> str:
    return f"seed{number}@example.com"


def next_id(cursor, table: str) -> int:
    cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # nosec B608 # noqa: S608 (a name of ours)
    return cursor.fetchone()[0]


def make_people(count: int, *, now: datetime) -> list[User]:
    """With ascending keys and no gaps. Only where DEBUG is on can anybody log in as one of them."""
    password = make_password(PASSWORD if settings.DEBUG else None)  # once: hashing takes a quarter of a second
    numbers = range(1, count + 1)
    people = User.objects.bulk_create(User(email=email_of(n), password=password, date_joined=now) for n in numbers)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    return people


def fill_bank(cursor) -> int:
    """The published questions and what may be replied to each, scored as the site does; gives their number."""
    versions = list(QuestionVersion.objects.published().with_content().order_by("question__slug"))
    if not versions:
        raise CommandError("There are no published questions: run `manage.py load_catalog` first.")
    bank, replies = [], []
    for number, version in enumerate(versions):
        bank.append((number, version.pk, version.question_id))
        for reply, is_right in enumerate((False, True)):
            answer = possible_answer(version, is_right=is_right)
            replies.append((number, reply, Jsonb(answer), *scored(version, answer, is_right=is_right)))
        replies.append((number, LEFT_OUT, Jsonb([]), 0.0, "auto", Jsonb({"unanswered": True})))
    cursor.executemany("INSERT INTO seed_bank VALUES (%s, %s, %s)", bank)
    cursor.executemany("INSERT INTO seed_reply VALUES (%s, %s, %s, %s, %s, %s)", replies)
    return len(bank)


def scored(version: QuestionVersion, answer: list[str], *, is_right: bool) -> tuple[float, str, Jsonb]:
    """(score, source, evidence): closed formats by their rule, open ones as if scored by their own author."""
    if formats.get(version.format).is_closed:
        found = scoring.score_by_machine(version, answer)
        return found.score, "auto", Jsonb(found.evidence)
    mark = "hit" if is_right else "missed"
    points = {str(point.pk): mark for point in version.rubric_points.all()}
    return scoring.MARKS[mark], "self", Jsonb({"points": points, "after_reveal": False})
