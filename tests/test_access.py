"""Every address × everybody: a stranger learns nothing, and nobody is let in by default."""

import re
from uuid import UUID, uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import AccessLog, CoachGrant, Cohort
from interviews.coaching.models import Appeal, Assignment, Review, Snippet
from interviews.notices.notify import notify
from interviews.plan.models import Debrief
from interviews.records.models import DataExport
from interviews.report.models import ReportShare, WeaknessReport
from interviews.speech.models import Recording
from tests.factories import (
    make_admin,
    make_candidate,
    make_coach,
    make_curator,
    make_finished_interview,
    make_interview,
    make_recording,
    make_track,
)
from tests.interviews.factories import assign_to, client_of, make_answered_interview, make_cohort, make_grant, send

pytestmark = pytest.mark.django_db

# Who is not logged in may see these and no others (allauth's own pages under accounts/ decide for themselves).
OPEN_TO_ALL = {
    *("learn", "learn_question"),
    *("healthz", "readyz", "landing", "manifest", "development_mail", "shared_report", "trial"),
    "calendar_feed",
    *("python_worker", "sql_worker"),
}


def addresses(patterns=None, prefix="") -> list[tuple[str, str]]:
    """(name, route) of every address of ours; the admin and allauth have their own log-in rules, tested below."""
    found = []
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route not in ("admin/", "accounts/"):
                found += addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.append((pattern.name, route))
    return found


def filled(route: str, interview) -> str:
    recording = interview.questions.first().recordings.first()
    route = route.replace("<uuid:public_id>", str(interview.public_id)).replace("<int:position>", "1")
    route = route.replace("<uuid:recording_id>", str(recording.public_id) if recording else str(uuid4()))
    route = re.sub("<uuid:.*?>", str(uuid4()), route)  # a live mock, whose addresses coaching/test_live.py walks
    return "/" + re.sub(r"<[^>]+>", "1", route)


def requests(client: Client, path: str):
    yield client.get(path)
    yield client.post(path, {"answer": "x", "rev": 1, "lease": 1, "position": 1, "confirmed": "yes"})


def what_happened(interview) -> list:
    recordings = Recording.objects.of_candidate(interview.candidate)
    return [
        *interview.events.values_list("pk", "kind"),
        *interview.questions.values_list("state", "rev"),
        *recordings.values_list("public_id", "size", "kind"),
    ]


def test_the_walk_finds_the_addresses():
    names = {name for name, _ in addresses()}
    assert {"dashboard", "interview", "save", "submit", "results", "report", "settings_page"} <= names


def test_whoever_is_not_logged_in_is_sent_to_the_log_in():
    interview = make_interview(now=timezone.now())
    for name, route in addresses():
        if name in OPEN_TO_ALL:
            continue
        for response in requests(Client(), filled(route, interview)):
            is_refused = response.status_code in (302, 405) and (
                response.status_code == 405 or response.url.startswith(reverse("account_login"))
            )
            assert is_refused, (name, response.status_code)


@pytest.mark.parametrize("make_person", [make_candidate, make_coach, make_curator, make_admin])
@pytest.mark.parametrize("make_subject", [make_interview, make_finished_interview])
def test_a_strangers_interview_does_not_exist(make_person, make_subject):
    owner = make_candidate()
    interview = make_subject(candidate=owner, now=timezone.now())
    make_recording(interview=interview)
    before = what_happened(interview)
    client = Client()
    client.force_login(make_person())
    walked = 0
    for name, route in addresses():
        if "<uuid:public_id>" not in route:
            continue
        for response in requests(client, filled(route, interview)):
            assert response.status_code in (404, 405), (name, response.status_code)
            walked += response.status_code == 404
    assert walked >= 12
    assert before == what_happened(interview)


@pytest.mark.parametrize(
    "make_person",
    [
        make_candidate,
        make_coach,
        make_curator,
        make_admin,
        "former coach",
        "former coach of the cohort",
        "other member",
    ],
)
def test_what_belongs_to_others_does_not_exist_by_its_number_either(make_person):
    owner, coach, now = make_candidate(), make_coach(), timezone.now()
    make_finished_interview(candidate=owner, now=now)
    grant = make_grant(owner, coach)
    track = make_track()
    assignment = Assignment.objects.assign(coach=coach, candidate=owner, track=track, pace="strict", now=now)
    person = make_coach() if isinstance(make_person, str) else make_person()
    if make_person == "former coach":
        make_grant(owner, person).revoke(now=now)
    report = WeaknessReport.objects.create(candidate=owner, compiled_at=now, data={})
    share, _ = ReportShare.objects.share(report, days=7, shows_name=False, now=now)
    notify(owner, "assigned", key="1", path="/", now=now)
    cohort = make_cohort(owner=coach, now=now)
    place = cohort.join(owner, shares="cohort", now=now)
    given = assign_to(cohort, track=track, now=now)
    if make_person == "other member":
        cohort.join(person, shares="from_now_on", now=now)
    if make_person == "former coach of the cohort":
        seat = cohort.invite_coach(person.email, now=now)
        seat.take(person, now=now)
        seat.remove(by=coach, now=now)
    members_before = [*cohort.members.values(), *cohort.seats.values(), *Cohort.objects.values()]
    session = UserSession.objects.create(user=owner, ip="192.0.2.1", session_key="theirs", user_agent="A browser")
    theirs = {
        "assignments/": assignment.pk,
        "coaching/assignments/": assignment.pk,
        "coaching/candidates/": owner.pk,
        "coaching/cohorts/": cohort.pk,
        "cohorts/": cohort.pk,
        "coaching/snippets/": Snippet.objects.keep("Mine.", coach=coach, now=now).pk,
        "coaches/": grant.pk,
        "plan/debriefs/": Debrief.objects.create(candidate=owner, held_on=now.date(), written_at=now).pk,
        "notices/": owner.notices.get().pk,
        "report/share/": share.pk,
        "settings/sessions/": session.pk,
    }
    client = Client()
    client.force_login(person)
    for name, route in addresses():
        if "<int:pk>" not in route or "<uuid:" in route:  # those are walked above
            continue
        if name == "leave_cohort" and make_person == "other member":  # their own
            continue
        path = "/" + route.replace("<int:pk>", str(theirs[route.split("<")[0]]))  # a new address needs a line above
        path = path.replace("<slug:claim>", "trend").replace("<int:place>", str(place.pk))
        path = re.sub("<int:.*?>", str(given.pk), path)
        for response in requests(client, path):
            assert response.status_code in (404, 405), (name, response.status_code)
    assert CoachGrant.objects.live().filter(pk=grant.pk).exists()
    assert ReportShare.objects.live(now).exists()
    assert UserSession.objects.filter(pk=session.pk).exists()
    assert Assignment.objects.open().count() == 2
    assert [*cohort.members.values(), *cohort.seats.values(), *Cohort.objects.values()] == members_before
    assert owner.notices.unread().count() == 1


def reviewed_and_appealed(candidate, coach) -> Appeal:
    """A sent review with an appeal that waits for the same coach."""
    interview = make_answered_interview(candidate=candidate)
    make_grant(candidate, coach)
    review = send(client_of(coach), Review.objects.ask(interview, coach=coach, now=timezone.now()))
    question = interview.questions.get(position=1)
    with Review.objects.of_candidate(candidate).under_lock(interview.public_id) as locked:
        point = question.version.rubric_points.first()
        return Appeal.objects.ask(locked, question, point, coach=coach, reason="Look again.", now=review.sent_at)


def coach_of_another_interview(candidate):
    coach = make_coach()
    make_grant(candidate, coach, scope="interview", interview=make_finished_interview(candidate=candidate))
    return coach


OTHERS = {
    "stranger": lambda candidate: make_candidate(),
    "other coach": lambda candidate: make_coach(),
    "coach of another interview": coach_of_another_interview,
    "curator": lambda candidate: make_curator(),
    "admin": lambda candidate: make_admin(),
    "former coach": None,  # who wrote the review and was asked to answer the appeal
}


@pytest.mark.parametrize("who", OTHERS)
def test_an_appealed_review_does_not_exist_for_others(who):
    candidate, coach = make_candidate(), make_coach()
    appeal = reviewed_and_appealed(candidate, coach)
    interview = appeal.review.interview
    person = OTHERS[who](candidate) if OTHERS[who] else coach
    if person == coach:
        CoachGrant.objects.get(coach=coach).revoke(now=timezone.now())
    numbers = {"appeals": appeal.pk, "reviews": appeal.review_id, "points": appeal.point_id}
    before = [*what_happened(interview), *Appeal.objects.values_list(), *Review.objects.values_list()]
    looks = AccessLog.objects.count()
    walked = 0
    for name, route in addresses():
        if "<uuid:public_id>" not in route:
            continue
        kind = route.split("/<int:pk>")[0].split("/")[-1]
        path = filled(route.replace("<int:pk>", str(numbers.get(kind, 1))), interview)
        for response in requests(client_of(person), path):
            assert response.status_code in (404, 405), (name, response.status_code)
            walked += 1
    assert walked >= 70
    assert AccessLog.objects.count() == looks
    assert [*what_happened(interview), *Appeal.objects.values_list(), *Review.objects.values_list()] == before


def test_no_page_names_the_other_by_an_address_that_they_did_not_give():
    candidate, coach, now = make_candidate(), make_coach(), timezone.now()
    appeal = reviewed_and_appealed(candidate, coach)
    interview = appeal.review.interview
    track = make_track()
    assignment = Assignment.objects.assign(coach=coach, candidate=candidate, track=track, pace="strict", now=now)
    notify(candidate, "assigned", key="1", path="/", actor=coach, now=now)
    numbers = {
        "appeals": appeal.pk,
        "points": appeal.point_id,
        "candidates": candidate.pk,
        "assignments": assignment.pk,
    }
    seen = set()
    for person, other in ((candidate, coach), (coach, candidate)):
        client = client_of(person)
        for name, route in addresses():
            kind = route.split("/<int:pk>")[0].split("/")[-1]
            page = client.get(filled(route.replace("<int:pk>", str(numbers.get(kind, 1))), interview))
            assert other.email not in b"".join(page).decode(errors="replace"), name
            if page.status_code == 200:
                seen.add(name)
    assert {"coaches", "access_log", "notices", "results", "assignment", "candidate", "review", "coach_appeal"} <= seen


def test_no_form_is_taken_without_its_token(candidate):
    """Neither from another site nor, of an htmx request, without the header that the page's script sets."""
    interview = make_interview(candidate=candidate, now=timezone.now())
    client = Client(enforce_csrf_checks=True)
    client.force_login(candidate)
    before = what_happened(interview)
    refused = []
    for name, route in addresses():
        path = filled(route, interview)
        for headers in ({}, {"hx-request": "true"}, {"origin": "https://evil.example.org"}):
            response = client.post(path, {"answer": "x", "confirmed": "yes", "lease": 1}, headers=headers)
            assert response.status_code in (403, 405), (name, response.status_code)
            refused += [name] * (response.status_code == 403)
    assert {"save", "submit", "finish", "revoke_grant", "delete_account", "settings_page"} <= {*refused}
    assert before == what_happened(interview)


def test_no_address_takes_any_other_verb(candidate_client, candidate):
    interview = make_interview(candidate=candidate, now=timezone.now())
    for name, route in addresses():
        path = filled(route, interview)
        for method in ("put", "patch", "delete"):
            assert getattr(candidate_client, method)(path).status_code == 405, (name, method)


def test_addresses_tell_neither_how_many_there_are_nor_when(candidate):
    interview = make_interview(candidate=candidate, now=timezone.now())
    report = WeaknessReport.objects.create(candidate=candidate, compiled_at=timezone.now(), data={})
    recording = make_recording(interview=interview)
    for public_id in (interview.public_id, report.public_id, recording.public_id, DataExport().public_id):
        assert UUID(str(public_id)).version == 4  # random; 1 and 7 hold the time


def test_an_unknown_interview_and_a_malformed_one_do_not_exist(candidate_client):
    assert candidate_client.get(f"/interviews/{uuid4()}/").status_code == 404
    assert candidate_client.get("/interviews/not-an-id/").status_code == 404


def test_an_htmx_request_without_a_log_in_gets_401_and_not_the_log_in_page():
    interview = make_interview(now=timezone.now())
    path = reverse("interviews:save", args=[interview.public_id, 1])
    response = Client().post(path, {"answer": "x"}, HTTP_HX_REQUEST="true")
    assert response.status_code == 401
    assert response["HX-Trigger"] == "holdout:signed-out"


def test_candidates_and_coaches_do_not_enter_the_admin():
    for person in (make_candidate(), make_coach()):
        client = Client()
        client.force_login(person)
        assert client.get("/admin/").status_code in (302, 403)


def test_an_administrator_cannot_make_themselves_somebody_else():
    """By a password or an address of their own choice: so they would read answers without a trace."""
    candidate = make_candidate(email="ada@example.com", name="Ada")
    before = (candidate.email, candidate.password)
    client = Client()
    client.force_login(make_admin())
    password = reverse("admin:auth_user_password_change", args=[candidate.pk])
    chosen = {"password1": "a long enough password", "password2": "a long enough password", "usable_password": "true"}
    assert client.get(password).status_code == 403
    assert client.post(password, chosen).status_code == 403
    change = reverse("admin:accounts_user_change", args=[candidate.pk])
    initial = client.get(change).context["adminform"].form.initial
    fields = initial | {"email": "grace@example.com", "name": "Ada L."}
    assert client.post(change, {name: value for name, value in fields.items() if value}).status_code == 302
    candidate.refresh_from_db()
    assert candidate.name == "Ada L."
    assert (candidate.email, candidate.password) == before


def test_a_curator_reaches_questions_and_no_person_and_no_answer():
    client = Client()
    client.force_login(make_curator())
    assert client.get("/admin/questions/question/").status_code == 200
    page = client.get("/admin/").content.decode()
    assert "/admin/accounts/" not in page
    assert set(re.findall(r"/admin/interviews/(\w+)", page)) == {"pointexample"}  # sentences without a name
    assert client.get("/admin/accounts/user/").status_code == 403
