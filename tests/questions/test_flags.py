"""A candidate reports a bad question, a curator answers, the candidate reads it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from questions import flagging
from questions.models import QuestionFlag, TooManyFlags
from questions.models.flag import FLAGS_AN_HOUR
from tests.factories import (
    make_candidate,
    make_curator,
    make_finished_interview,
    make_interview,
)
from tests.questions.factories import make_version

pytestmark = pytest.mark.django_db
ABOUT = {"reason": "wrong", "comment": "B is right, too."}


def report(version, by, *, now=None, reason="wrong", comment=""):
    return QuestionFlag.objects.report(version, by=by, reason=reason, comment=comment, now=now or timezone.now())


def answered(flag, text="Thank you: it is changed."):
    flag.respond(text, by=make_curator(), now=timezone.now())
    return flag


# --- filing -----------------------------------------------------------------------------------------


def test_a_report_is_kept_with_the_version_that_was_seen(candidate, candidate_client):
    version = make_version()
    response = candidate_client.post(flagging.address(version, candidate), ABOUT)
    assert response.status_code == 302
    flag = candidate.question_flags.get()
    assert (flag.version, flag.reason, flag.comment, flag.is_open) == (version, "wrong", "B is right, too.", True)


def test_an_htmx_report_is_answered_with_the_region_alone(candidate, candidate_client):
    version = make_version()
    response = candidate_client.post(flagging.address(version, candidate), ABOUT, HTTP_HX_REQUEST="true")
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert f'id="flag-{version.pk}"' in page
    assert "Reported. Thank you" in page


def test_a_second_report_of_the_same_question_adds_to_the_open_one(candidate):
    version = make_version()
    report(version, candidate, comment="First.")
    report(version, candidate, comment="Second.")
    report(version, candidate, comment="Second.")
    assert candidate.question_flags.get().comment == "First.\n\nSecond."


def test_after_the_answer_one_may_report_it_again(candidate):
    version = make_version()
    answered(report(version, candidate))
    report(version, candidate, comment="Still wrong.")
    assert candidate.question_flags.open().count() == candidate.question_flags.answered().count() == 1


def test_the_database_holds_one_open_flag_per_person_and_question(candidate):
    version = make_version()
    flag = report(version, candidate)
    flag.pk = None
    with pytest.raises(IntegrityError, match="one_open_flag_per_person_and_question"), transaction.atomic():
        flag.save(force_insert=True)


def test_the_database_refuses_an_answered_flag_without_an_answer(candidate):
    flag = report(make_version(), candidate)
    with pytest.raises(IntegrityError, match="answered_flag_has_an_answer"), transaction.atomic():
        QuestionFlag.objects.filter(pk=flag.pk).update(answered_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_are_one_flag(candidate):
    version = make_version()

    def send(number):
        try:
            report(version, candidate, comment=f"From tab {number}.")
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        for future in [pool.submit(send, number) for number in range(4)]:
            future.result()
    assert candidate.question_flags.count() == 1


def test_a_person_may_file_so_many_in_an_hour_and_others_are_not_touched(candidate):
    now = timezone.now()
    for number in range(FLAGS_AN_HOUR):
        report(make_version(slug=f"question-{number}"), candidate, now=now - timedelta(minutes=50))
    last = make_version(slug="last")
    with pytest.raises(TooManyFlags):
        report(last, candidate, now=now)
    assert not last.question.flags.exists()
    report(last, make_candidate(), now=now)
    report(last, candidate, now=now + timedelta(minutes=11))


@pytest.mark.parametrize(("headers", "status"), [({}, 429), ({"HTTP_HX_REQUEST": "true"}, 422)])
def test_over_the_limit_the_text_stays_in_the_form(candidate, candidate_client, headers, status):
    for number in range(FLAGS_AN_HOUR):
        report(make_version(slug=f"question-{number}"), candidate)
    url = flagging.address(make_version(slug="last"), candidate)
    response = candidate_client.post(url, ABOUT | {"comment": "All my words."}, **headers)
    assert response.status_code == status
    assert "All my words." in response.content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"reason": "bored"}, {"reason": "other", "comment": " "}, {"reason": "wrong", "comment": "x" * 2001}]
)
def test_an_incomplete_report_is_refused_with_what_was_typed(candidate, candidate_client, data):
    response = candidate_client.post(flagging.address(make_version(), candidate), data)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not QuestionFlag.objects.exists()


# --- whose ------------------------------------------------------------------------------------------


def test_the_address_works_for_the_person_it_was_made_for_alone(candidate_client):
    url = flagging.address(make_version(), make_candidate())
    assert candidate_client.get(url).status_code == 404
    assert candidate_client.post(url, ABOUT).status_code == 404
    assert not QuestionFlag.objects.exists()


@pytest.mark.parametrize("reference", ["1", "x:y", "WzEsMV0:forged"])
def test_a_forged_address_does_not_exist(candidate_client, reference):
    assert candidate_client.get(reverse("questions:flag", args=[reference])).status_code == 404


def test_others_do_not_see_what_one_reported(candidate_client):
    report(make_version(), make_candidate(), comment="Not for others.")
    assert "Not for others." not in candidate_client.get(reverse("questions:flags")).content.decode()


# --- where ------------------------------------------------------------------------------------------


def test_the_form_is_offered_beside_the_open_question_and_leaves_it_alone(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now())
    page = candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    question = interview.questions.get(position=1)
    url = flagging.address(question.version, candidate)
    box = page.split('id="flag-box"')[1]
    assert f'hx-get="{url}"' in box
    assert f'href="{url}" target="_blank"' in box
    assert f'action="{url}"' in candidate_client.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert page.index("</form>", page.index('id="question-form"')) < page.index('id="flag-box"')  # no form in a form
    interview.refresh_from_db()
    before = (interview.lease, list(interview.questions.values_list("state", "rev")))
    candidate_client.post(url, ABOUT, HTTP_HX_REQUEST="true")
    interview.refresh_from_db()
    assert before == (interview.lease, list(interview.questions.values_list("state", "rev")))


def test_a_question_not_yet_shown_has_no_address_on_the_page(candidate, candidate_client):
    interview = make_interview(candidate=candidate, now=timezone.now())
    page = candidate_client.get(reverse("interviews:interview", args=[interview.public_id])).content.decode()
    for question in interview.questions.exclude(position=1):
        assert flagging.address(question.version, candidate) not in page


def test_the_results_show_the_form_and_then_the_answer(candidate, candidate_client):
    interview = make_finished_interview(candidate=candidate, scores=(1, 0))
    url = reverse("interviews:results", args=[interview.public_id])
    version = interview.questions.first().version
    assert flagging.address(version, candidate) in candidate_client.get(url).content.decode()
    flag = report(version, candidate, comment="Look again.")
    assert "A curator will read it" in candidate_client.get(url).content.decode()
    answered(flag, "Looked again: <you> are right.")
    page = candidate_client.get(url).content.decode()
    assert "Looked again: &lt;you&gt; are right." in page


@pytest.mark.parametrize("count", [1, 7])
def test_the_list_of_ones_reports_takes_a_constant_number_of_queries(
    candidate, candidate_client, django_assert_num_queries, count
):
    for number in range(count):
        answered(report(make_version(slug=f"question-{number}"), candidate), f"Answer {number}.")
    candidate_client.get(reverse("questions:flags"))
    with django_assert_num_queries(5):  # session, user, unread notices, count, flags with their versions
        page = candidate_client.get(reverse("questions:flags")).content.decode()
    assert f"Answer {count - 1}." in page


def test_an_empty_list_says_where_reports_are_made(candidate_client):
    assert "Report a problem with this question" in candidate_client.get(reverse("questions:flags")).content.decode()


# --- the queue --------------------------------------------------------------------------------------


@pytest.fixture
def desk():
    client = Client()
    client.force_login(make_curator(email="curator@example.com"))
    return client


def queue(desk, query=""):
    return desk.get(reverse("admin:questions_questionflag_changelist") + query)


def test_the_queue_shows_what_is_open_oldest_first(desk):
    now = timezone.now()
    young = report(make_version(slug="young"), make_candidate(), now=now)
    old = report(make_version(slug="old"), make_candidate(), now=now - timedelta(days=2))
    answered(report(make_version(slug="done"), make_candidate(), now=now - timedelta(days=3)))
    assert list(queue(desk).context["cl"].result_list) == [old, young]
    assert queue(desk, "?state=answered").context["cl"].result_count == 1
    assert queue(desk, "?state=all").context["cl"].result_count == 3
    assert queue(desk, "?reason__exact=time").context["cl"].result_count == 0
    assert list(queue(desk, "?q=young").context["cl"].result_list) == [young]


def test_a_curator_answers_and_the_flag_is_closed(desk, candidate):
    flag = report(make_version(), candidate, comment="B is right, too.")
    url = reverse("admin:questions_questionflag_change", args=[flag.pk])
    assert "B is right, too." in desk.get(url).content.decode()
    assert desk.post(url, {"answer": "It was.\r\nNow it is not."}).status_code == 302
    flag.refresh_from_db()
    assert (flag.answer, flag.answered_by.email, flag.is_open) == (
        "It was.\nNow it is not.",
        "curator@example.com",
        False,
    )


def test_an_empty_answer_closes_nothing(desk):
    flag = report(make_version(), make_candidate())
    url = reverse("admin:questions_questionflag_change", args=[flag.pk])
    assert desk.post(url, {"answer": " "}).status_code == 200
    flag.refresh_from_db()
    assert flag.is_open


def test_curators_do_not_learn_who_reported(desk):
    reporter = make_candidate(email="canary@example.com", name="Canary")
    flag = report(make_version(), reporter)
    for page in (queue(desk), desk.get(reverse("admin:questions_questionflag_change", args=[flag.pk]))):
        assert "canary" not in page.content.decode().lower()
    for asked in (f"reporter={reporter.pk}", f"reporter__exact={reporter.pk}", "reporter__email__startswith=c"):
        assert queue(desk, f"?{asked}").status_code == 400, asked


def test_a_flag_is_neither_made_nor_deleted_in_the_admin(desk):
    flag = report(make_version(), make_candidate())
    assert desk.get(reverse("admin:questions_questionflag_add")).status_code == 403
    assert desk.post(reverse("admin:questions_questionflag_delete", args=[flag.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("count", [1, 6])
def test_the_queue_takes_a_constant_number_of_queries(desk, django_assert_num_queries, count):
    for number in range(count):
        report(make_version(slug=f"question-{number}"), make_candidate())
    queue(desk)
    with django_assert_num_queries(6):  # session, user, 2 of permissions, count, flags with their versions
        queue(desk)
