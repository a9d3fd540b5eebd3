"""Interviews in the admin: records to read, without the candidates' texts, and three interventions with a reason."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from interviews.sitting.models import InterviewEvent
from tests.factories import make_admin, make_candidate, make_curator, make_interview, question_of, write
from tests.interviews.records.everything import make_everything_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client():
    client = Client()
    client.force_login(make_admin(email="first-admin@example.com"))
    return client


def address(interview, *parts: str) -> str:
    return "/".join(["/admin/interviews/interview", str(interview.pk), *parts]) + "/"


def test_records_are_read_only_and_hold_no_answers(admin_client):
    interview = make_interview(now=timezone.now())
    write(interview, 1, "a canary sang in the answer", now=timezone.now())
    assert admin_client.get("/admin/interviews/interview/").status_code == 200
    page = admin_client.get(address(interview, "change"))
    assert page.status_code == 200
    assert "canary" not in page.content.decode()
    assert admin_client.post(address(interview, "change"), {"state": "void"}).status_code == 403
    assert admin_client.get("/admin/interviews/interview/add/").status_code == 403
    assert admin_client.post(address(interview, "delete"), {"post": "yes"}).status_code == 403


def test_no_page_of_the_admin_holds_an_answer_or_what_a_coach_said_of_it(admin_client):
    """Whatever is registered: new models are in it by themselves."""
    person = make_candidate()
    make_everything_of(person, other=make_candidate())
    interview = make_interview(candidate=person, now=timezone.now())
    write(interview, 1, "a canary sang in the answer", now=timezone.now())
    looked_at = set()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        changelist = reverse(f"{name}_changelist")
        rows = model._base_manager.order_by("-pk").values_list("pk", flat=True)[:5]
        for page in (changelist, f"{changelist}?q=canary", *(reverse(f"{name}_change", args=[pk]) for pk in rows)):
            response = admin_client.get(page)
            assert response.status_code in (200, 403), page
            content = response.content.decode()
            assert "canary sang" not in content, page
            assert "Said to the" not in content, page
        if rows:
            looked_at.add(model._meta.label)
    assert {"interviews.Interview", "interviews.WeaknessReport", "accounts.User", "accounts.RightEvent"} <= looked_at


def test_an_admins_look_at_an_interview_is_a_row_that_the_candidate_reads(admin_client):
    interview = make_interview(now=timezone.now())
    admin_client.get("/admin/interviews/interview/")
    assert not AccessLog.objects.exists()
    admin_client.get(address(interview, "change"))
    look = AccessLog.objects.get()
    assert (look.actor.email, look.candidate) == ("first-admin@example.com", interview.candidate)


def test_time_added_by_an_admin_reaches_the_deadline_with_its_reason(admin_client):
    interview = make_interview(now=timezone.now())
    data = {"action": "add", "minutes": "5", "reason": "Fire alarm"}
    assert admin_client.post(address(interview, "intervene"), data).status_code == 302
    before = interview.deadline_at
    interview.refresh_from_db()
    assert interview.deadline_at == before + timedelta(minutes=5)
    assert InterviewEvent.objects.get(kind="adjusted").data["reason"] == "Fire alarm"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "add", "reason": "no minutes"},
        {"action": "reopen", "minutes": "5", "reason": "no question"},
        {"action": "reopen", "minutes": "5", "position": "1", "reason": "still running"},
        {"action": "add", "minutes": "5", "reason": ""},
        {"action": "dance", "reason": "x"},
    ],
)
def test_an_intervention_that_cannot_be_says_why_and_changes_nothing(admin_client, data):
    interview = make_interview(now=timezone.now())
    page = admin_client.post(address(interview, "intervene"), data)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not InterviewEvent.objects.filter(kind__in=["adjusted", "reopened", "voided"]).exists()


def test_reopening_and_voiding_from_the_admin(admin_client):
    interview = make_interview(formats=("free_text",), now=timezone.now())
    write(interview, 1, "text", now=timezone.now(), act="submit_answer")
    data = {"action": "reopen", "minutes": "5", "position": "1", "reason": "The line was cut"}
    admin_client.post(address(interview, "intervene"), data)
    assert question_of(interview, 1).is_open
    admin_client.post(address(interview, "intervene"), {"action": "void", "reason": "A test"})
    interview.refresh_from_db()
    assert interview.state == "void"


def test_a_curator_cannot_intervene():
    interview = make_interview()
    client = Client()
    client.force_login(make_curator())
    assert client.get(address(interview, "intervene")).status_code in (302, 403)
