"""`./dev bench report`: what a weakness report costs at 100, 1,000 and 10,000 answers, beside its bare SQL.

In a database of its own, made and dropped again, next to the one that DATABASE_URL names. "First" includes the
practice cards of all questions; afterwards only those of new answers are played through. Each is compared with a report
of a month before, and "CPU" is that of this process, without PostgreSQL's.
"""

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median

import django

from questions.statistics import LEVEL_DIFFICULTY

SEED = 1
SIZES = [100, 1_000, 10_000]
QUESTIONS = 600
TOPICS = 12
REPEATS = 7
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WANTED_MS = 100  # at the largest size


def milliseconds(do, clock=time.perf_counter) -> float:
    start = clock()
    do()
    return 1000 * (clock() - start)


def make_bank() -> list:
    from questions.models import DifficultySnapshot, Question, QuestionDifficulty, QuestionVersion, Topic, VersionTopic

    topics = Topic.objects.bulk_create(Topic(slug=f"topic-{n}", name=f"Topic {n}", position=n) for n in range(TOPICS))
    questions = Question.objects.bulk_create(Question(slug=f"question-{n}") for n in range(QUESTIONS))
    versions = QuestionVersion.objects.bulk_create(
        QuestionVersion(
            question=question,
            number=1,
            status="published",
            published_at=NOW,
            title=question.slug,
            level=["beginner", "intermediate", "advanced"][n % 3],
            category="theory",
            format=["free_text", "numeric"][n % 2],
            limit_seconds=120,
        )
        for n, question in enumerate(questions)
    )
    VersionTopic.objects.bulk_create(
        VersionTopic(version=version, topic=topics[n % TOPICS]) for n, version in enumerate(versions)
    )
    # As after any night: the difficulties are estimated.
    snapshot = DifficultySnapshot.objects.create(
        name="benchmark", computed_at=NOW, answers=0, level_difficulty=dict(LEVEL_DIFFICULTY)
    )
    QuestionDifficulty.objects.bulk_create(
        QuestionDifficulty(snapshot=snapshot, question=question, value=0, standard_error=0.5, day_one=0, count=10)
        for question in questions
    )
    return versions


def make_candidate(answers: int, versions: list, luck: random.Random):
    """A candidate with so many answers over two years, eight an interview."""
    from accounts.models import User
    from interviews.sitting.models import Grade, Interview, InterviewQuestion

    candidate = User.objects.create_user(f"candidate{answers}@example.com")
    sittings = -(-answers // 8)
    interviews = Interview.objects.bulk_create(
        Interview(
            candidate=candidate,
            title="Benchmark",
            pace="strict",
            time_multiplier=1,
            limit_seconds=960,
            seed=n,
            state="scored",
            started_at=(start := NOW - timedelta(days=730 * (n + 1) / sittings)),
            deadline_at=start + timedelta(seconds=960),
            closed_at=start + timedelta(seconds=960),
        )
        for n in range(sittings)
    )
    rows = []
    for n in range(answers):
        interview, version = interviews[n // 8], luck.choice(versions)
        opened = interview.started_at + timedelta(seconds=120 * (n % 8))
        rows.append(
            InterviewQuestion(
                interview=interview,
                position=n % 8 + 1,
                question_id=version.question_id,
                version=version,
                limit_seconds=120,
                state="answered",
                opened_at=opened,
                deadline_at=opened + timedelta(seconds=120),
                closed_at=(closed := opened + timedelta(seconds=luck.uniform(20, 119))),
                answer=["text"],
                confidence=luck.choice([20, 40, 60, 80, 90, 99]),
                score=luck.choice([0.0, 0.5, 1.0]),
                graded_by=(grader := luck.choice(["auto", "self"])),
                graded_at=closed,
            )
        )
        rows[-1].grader = grader
    rows = InterviewQuestion.objects.bulk_create(rows)
    Grade.objects.bulk_create(
        Grade(question=row, source=row.grader, score=row.score, evidence={"wrong": []}, at=row.graded_at)
        for row in rows
    )
    return candidate


def measure(answers: int, versions: list) -> float:
    """Prints one line; returns the milliseconds of a report."""
    from django.db import connection, transaction

    from interviews.report import compiling
    from interviews.report.history import read_history
    from interviews.report.models import PracticeCard

    candidate = make_candidate(answers, versions, random.Random(SEED))  # noqa: S311 – the same people at every run
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def compiled() -> None:
        with transaction.atomic():
            compiling.compile_report(candidate, now=NOW)

    with transaction.atomic():
        compiling.compile_report(candidate, now=NOW - timedelta(days=30))
    PracticeCard.objects.filter(candidate=candidate).delete()
    first = milliseconds(compiled)
    sql = median(
        milliseconds(lambda: read_history(candidate.pk, now=NOW, since=NOW - timedelta(days=30)))
        for _ in range(REPEATS)
    )
    whole = median(milliseconds(compiled) for _ in range(REPEATS))
    cpu = median(milliseconds(compiled, time.process_time) for _ in range(REPEATS))
    sys.stdout.write(f"{answers:8,} {sql:10.1f} {whole:10.1f} {cpu:10.1f} {first:10.1f}\n")
    return whole


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        versions = make_bank()
        sys.stdout.write(f"{'answers':>8} {'SQL ms':>10} {'report ms':>10} {'CPU ms':>10} {'first ms':>10}\n")
        times = [measure(answers, versions) for answers in SIZES]
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    is_good = times[-1] <= WANTED_MS
    sys.stdout.write(f"{'ok' if is_good else 'SLOWER than'}: {SIZES[-1]:,} answers within {WANTED_MS} ms\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
