"""What changed since an earlier report or interview: from the history to the page and the answers behind it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interviews.report import compiling
from interviews.report.changes import Compared
from interviews.report.models import WeaknessReport
from interviews.report.page import ReportPage, topics_by_slug
from interviews.sitting.models import InterviewQuestion
from questions.models import DifficultySnapshot, QuestionDifficulty
from tests.factories import make_candidate, make_finished_interview
from tests.interviews.factories import make_answered_interview

pytestmark = pytest.mark.django_db


def sit(candidate, *, days_ago: float, scores):
    return make_finished_interview(candidate=candidate, scores=scores, now=timezone.now() - timedelta(days=days_ago))


def compiled(candidate, *, days_ago: float = 0) -> WeaknessReport:
    report = compiling.compile_report(candidate, now=timezone.now() - timedelta(days=days_ago))
    return WeaknessReport.objects.get(pk=report.pk)


def evaluation(report: WeaknessReport) -> dict:
    return next(row for row in report.data["changes"]["topics"] if row["topic"] == "evaluation")


def two_reports(candidate) -> tuple[WeaknessReport, WeaknessReport]:
    """Ten wrong answers, a report; twenty right ones, a report."""
    sit(candidate, days_ago=30, scores=(0,) * 10)
    earlier = compiled(candidate, days_ago=20)
    for days in (3, 2):
        sit(candidate, days_ago=days, scores=(1,) * 10)
    return earlier, compiled(candidate)


def page_of(client: Client, **query) -> str:
    return client.get(reverse("interviews:report"), query).content.decode()


def test_new_answers_make_a_change_and_are_behind_it(candidate):
    earlier, newest = two_reports(candidate)
    changes, row = newest.data["changes"], evaluation(newest)
    assert (changes["report"], changes["new_answers"], changes["overall"]) == (str(earlier.public_id), 20, "better")
    assert (row["kind"], row["is_clear"], row["new_answers"], len(row["questions"])) == ("up", True, 20, 3)
    new = InterviewQuestion.objects.filter(closed_at__gt=earlier.compiled_at)
    assert set(row["answers"]) == set(new.values_list("pk", flat=True))
    assert row["before"] < 0.45 < row["low"] < row["after"] < row["high"]


def test_both_sides_are_of_today(candidate):
    """Regrading, new difficulties and fading since make no change: only the note says that they were."""
    first = sit(candidate, days_ago=30, scores=(0,) * 10)
    earlier = compiled(candidate, days_ago=20)
    snapshot = DifficultySnapshot.objects.create(
        name="night", computed_at=timezone.now(), answers=1,
        level_difficulty={"beginner": -0.9, "intermediate": 0, "advanced": 0.9},
    )  # fmt: skip
    for answer in first.questions.all():
        QuestionDifficulty.objects.create(
            snapshot=snapshot, question_id=answer.question_id, value=2, standard_error=0.5, day_one=0, count=1
        )
        answer.grade("coach", 1.0, {}, now=timezone.now() - timedelta(days=1))
    row = evaluation(compiled(candidate))
    assert (row["kind"], row["new_answers"], row["answers"]) == ("no clear change", 0, [])
    sit(candidate, days_ago=1, scores=(0,) * 10)
    row = evaluation(compiled(candidate))
    assert row["kind"] == "down"
    stated = next(topic for topic in earlier.data["topics"] if topic["topic"] == "evaluation")
    assert row["said"] == stated["mastery"]
    assert row["causes"] == ["difficulties", "regraded 10"]


def test_an_answer_that_was_not_graded_then_is_new_now(candidate):
    sit(candidate, days_ago=30, scores=(0,) * 8)
    (late,) = make_answered_interview(
        candidate=candidate, now=timezone.now() - timedelta(days=25), score_self=False
    ).questions.all()
    compiled(candidate, days_ago=20)
    late.grade("self", 1.0, {}, now=timezone.now() - timedelta(days=1))
    newest = compiled(candidate)
    assert newest.data["changes"]["new_answers"] == 1
    assert evaluation(newest)["answers"] == [late.pk]


def test_an_answer_that_had_another_grade_then_is_in_both(candidate):
    sit(candidate, days_ago=30, scores=(0,) * 8)
    (scored,) = make_answered_interview(candidate=candidate, now=timezone.now() - timedelta(days=25)).questions.all()
    compiled(candidate, days_ago=20)
    scored.grade("coach", 1.0, {}, now=timezone.now() - timedelta(days=1))
    newest = compiled(candidate)
    assert (newest.data["changes"]["new_answers"], evaluation(newest)["answers"]) == (0, [])


def test_a_topic_that_had_too_little_then_has_its_first_estimate(candidate):
    sit(candidate, days_ago=30, scores=(0, 1))
    compiled(candidate, days_ago=20)
    sit(candidate, days_ago=1, scores=(0, 1) * 4)
    row = evaluation(compiled(candidate))
    assert (row["kind"], row["before"], row["after"]) == ("first estimate", None, None)


def test_a_first_report_is_compared_with_nothing(candidate, candidate_client):
    sit(candidate, days_ago=1, scores=(0,) * 9)
    assert compiled(candidate).data["changes"] is None
    assert 'id="changes"' not in page_of(candidate_client)


def test_it_looks_back_a_week_or_to_the_oldest_of_another_day(candidate):
    days = [20, 9, 8, 3, 0.5]
    reports = {}
    for day in days:
        sit(candidate, days_ago=day + 0.1, scores=(1, 0))
        reports[day] = compiled(candidate, days_ago=day)
    own = candidate.reports
    assert own.to_compare_with(timezone.now()) == reports[8]
    assert own.filter(pk__gte=reports[3].pk).to_compare_with(timezone.now()) == reports[3]
    assert own.filter(pk__gte=reports[0.5].pk).to_compare_with(timezone.now()) is None


def test_any_earlier_moment_gives_what_compiling_would_have(candidate):
    earlier, newest = two_reports(candidate)
    assert compiling.changes_since(newest, Compared(earlier.compiled_at, earlier)) == newest.data["changes"]
    interview = candidate.interviews.order_by("-started_at").first()
    since = compiling.changes_since(newest, Compared(interview.started_at))
    assert (since["report"], since["new_answers"]) == (None, 10)


def test_the_page_says_what_changed_and_leads_to_the_answers(candidate, candidate_client):
    earlier, _ = two_reports(candidate)
    interview = candidate.interviews.order_by("-started_at").first()
    day = f"{timezone.localtime(earlier.compiled_at):%-d %b}"
    page = page_of(candidate_client)
    assert f"Over all topics your new answers were better than this report would have expected on {day}." in page
    assert "Evaluation: clearly up from about " in page
    assert "by 20 new answers, most by “Title of " in page
    assert page.count("About 1 topic in 10 moves as far by chance alone.") == 1
    claim = reverse("interviews:report_evidence", args=["change-evaluation"])
    assert candidate_client.get(claim).content.decode().count("#result-") == 20
    chosen = {"interview": str(interview.public_id)}
    page = page_of(candidate_client, **chosen)
    assert "by 10 new answers" in page
    assert f"{claim}?interview={interview.public_id}" in page
    behind = candidate_client.get(claim, chosen).content.decode()
    assert behind.count("#result-") == 10
    results = candidate_client.get(reverse("interviews:results", args=[interview.public_id])).content.decode()
    assert f"?interview={interview.public_id}#changes" in results


@pytest.mark.parametrize("asked", [{"earlier": "nonsense"}, {"interview": "nonsense"}, {"earlier": ""}])
def test_another_moment_that_is_none_is_that_of_the_report_itself(candidate, candidate_client, asked):
    two_reports(candidate)
    assert "by 20 new answers" in page_of(candidate_client, **asked)


def test_somebody_else_s_report_and_interview_cannot_be_chosen(candidate, candidate_client):
    theirs, _ = two_reports(make_candidate())
    other = theirs.candidate.interviews.first()
    two_reports(candidate)
    plain = page_of(candidate_client).split('id="changes"')[1].split('id="practice"')[0]
    for asked in ({"earlier": str(theirs.public_id)}, {"interview": str(other.public_id)}):
        page = page_of(candidate_client, **asked).split('id="changes"')[1].split('id="practice"')[0]
        assert "by 20 new answers" in page
        assert page.replace(f"?{'&'.join(f'{k}={v}' for k, v in asked.items())}", "") == plain


def test_while_the_report_is_compiled_the_panel_asks_for_the_same_change(candidate, candidate_client):
    earlier, _ = two_reports(candidate)  # interviews were finished: a newer report is asked for
    page = page_of(candidate_client, earlier=str(earlier.public_id))
    assert f'{reverse("interviews:report_panel")}?earlier={earlier.public_id}"' in page


def test_a_shared_page_says_what_changed_and_leads_nowhere(candidate):
    _, newest = two_reports(candidate)
    page = ReportPage(newest, candidate, topics_by_slug(), is_shared=True)
    assert page.changes.topics[0].claim.text.startswith("Evaluation: clearly up from")
    assert not page.changes.topics[0].claim.has_answers


@pytest.mark.parametrize("count", [1, 3])
def test_a_chosen_moment_takes_a_constant_number_of_queries(
    candidate, candidate_client, django_assert_num_queries, count
):
    earlier, _ = two_reports(candidate)
    for _ in range(count):
        sit(candidate, days_ago=0.1, scores=(1, 0))
    compiled(candidate)
    page_of(candidate_client)
    # Those of the page (14), the chosen report, the history; the snapshot and the bank as they were then.
    with django_assert_num_queries(16):
        page_of(candidate_client, earlier=str(earlier.public_id))
