from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts import sessions
from tests.factories import PASSWORD, make_admin, make_candidate, make_interview, make_member

pytestmark = pytest.mark.django_db
DASHBOARD = "/interviews/"


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


def logged_in(person, **headers) -> Client:
    client = Client(**headers)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get(DASHBOARD).status_code == 200


def age(client: Client, **changes) -> None:
    """Moves moments of the session into the past, in hours."""
    session = client.session
    for name, hours in changes.items():
        session[name] = session[name] - hours * 3600
    session.save()


# --- one's devices --------------------------------------------------------------------------------


def test_one_device_is_logged_out_and_the_others_stay(person):
    here, there, elsewhere = (logged_in(person) for _ in range(3))
    session = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(reverse("accounts:end_session", args=[session.pk])).status_code == 302
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)


def test_logging_out_everywhere_else_leaves_this_device(person):
    here, there = logged_in(person), logged_in(person)
    here.post(reverse("usersessions_list"))
    assert (is_in(here), is_in(there)) == (True, False)


def test_logging_out_everywhere_includes_this_device(person):
    here, there = logged_in(person), logged_in(person)
    response = here.post(reverse("accounts:end_all_sessions"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert (is_in(here), is_in(there)) == (False, False)
    assert not Session.objects.exists() or "_auth_user_id" not in Session.objects.get().get_decoded()


def test_a_strangers_device_does_not_exist(person):
    logged_in(person)
    stranger = logged_in(make_member(email="grace@example.com"))
    session = UserSession.objects.get(user=person)
    assert stranger.post(reverse("accounts:end_session", args=[session.pk])).status_code == 404
    assert UserSession.objects.filter(user=person).exists()


def test_the_list_names_the_devices_and_marks_this_one(person):
    logged_in(person, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    here = logged_in(person, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537")
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Firefox on Windows" in page
    assert page.count("this device") == 1
    assert page.index("Chrome on Linux") < page.index("this device")


# --- what ends a session --------------------------------------------------------------------------


def test_a_changed_password_ends_the_other_sessions(person):
    here, there = logged_in(person), logged_in(person)
    new = "another-battery-staple"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_closed_account_is_logged_out_at_once(person):
    client = logged_in(person)
    person.is_active = False
    person.save()
    assert not is_in(client)


def test_a_log_in_changes_the_sessions_id_and_a_log_out_ends_it_and_clears_the_browser(person):
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})  # begins a session
    anonymous = client.session.session_key
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    key = client.session.session_key
    assert key != anonymous
    response = client.post(reverse("account_logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key__in=[key, anonymous]).exists()


def test_a_link_that_somebody_is_led_to_logs_nobody_out(person):
    client = logged_in(person)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_in(client)


def test_the_address_of_an_ended_session_is_forgotten(person):
    logged_in(person)
    ended = logged_in(person)
    Session.objects.filter(pk=ended.session.session_key).delete()
    sessions.forget_ended_devices()
    assert UserSession.objects.get().session_key != ended.session.session_key


# --- how long it lasts ----------------------------------------------------------------------------


def test_a_session_ends_fourteen_days_after_the_last_visit_and_not_before(person):
    client = logged_in(person)
    age(client, began_at=24 * 30, seen_at=2)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert is_in(client)
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=13, hours=23)
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(client)


def test_a_visit_within_the_hour_writes_nothing(person, django_assert_num_queries):
    client = logged_in(person)
    with django_assert_num_queries(2):  # session, user
        client.get(reverse("accounts:timers"))  # refused: a form's address


def test_the_longest_interview_fits_into_a_session(person):
    client = logged_in(person)
    interview = make_interview(candidate=person, now=timezone.now(), limit_seconds=3600, time_multiplier=10)
    assert interview.deadline_at + timedelta(hours=2) < timezone.now() + client.session.get_expiry_age() * timedelta(
        seconds=1
    )


def test_staff_log_in_again_after_eight_hours_however_busy():
    admin = make_admin()
    client = Client()
    client.force_login(admin)
    age(client, began_at=7.9)
    assert client.get("/admin/").status_code == 200
    age(client, began_at=0.2)
    response = client.get("/admin/")
    assert response.url.startswith(reverse("account_login")) or "/admin/login/" in response.url
    assert client.get("/admin/accounts/user/").status_code == 302
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200


def test_candidates_stay_logged_in_longer_than_eight_hours(candidate_client):
    age(candidate_client, began_at=200)
    assert is_in(candidate_client)


def test_after_eight_hours_staff_still_save_in_their_own_interview_and_nothing_else():
    admin = make_admin()
    client = Client()
    client.force_login(admin)
    interview = make_interview(candidate=admin, now=timezone.now())
    page = client.get(reverse("interviews:interview", args=[interview.public_id]))
    age(client, began_at=9)
    assert not is_in(client)  # another tab: the session is not ended by it
    fields = {"answer": "my words", "rev": 1, "lease": page.context["interview"].lease, "position": 1}
    saved = client.post(reverse("interviews:save", args=[interview.public_id, 1]), fields)
    assert saved.url == reverse("interviews:interview", args=[interview.public_id])
    assert interview.questions.get(position=1).answer == ["my words"]
    others = make_interview(candidate=make_candidate(), now=timezone.now())
    assert client.get(reverse("interviews:interview", args=[others.public_id])).status_code == 404


def test_everything_that_saves_in_an_interview_is_never_interrupted():
    """So that whoever adds a way to answer thinks of it. What is only read may ask for a new log-in."""
    wings = get_resolver("interviews.urls").url_patterns
    parts = [part for wing in wings for part in wing.url_patterns]
    patterns = [pattern for part in parts for pattern in getattr(part, "url_patterns", [part])]
    room = "coaching/interviews/<uuid:public_id>/room/"
    is_read_or_afterwards = {"recording", "feedback", "transcript_panel", "correct_transcript"}
    names = ["interview", "interview_panel", "clock", "pause", "resume", "finish", "write_instead", "end_seat"]
    names += ["live_mock", "live_state", "save_again"]
    names += [
        pattern.name
        for pattern in patterns
        if str(pattern.pattern).startswith(("interviews/<uuid:public_id>/questions/", room))
        and pattern.name not in is_read_or_afterwards
    ]
    assert len(names) >= 10
    for pattern in patterns:
        assert hasattr(pattern.callback, "is_never_interrupted") == (pattern.name in names), pattern.name


def test_the_next_log_in_after_eight_hours_proves_everything_anew():
    client = Client()
    client.force_login(make_admin())
    session = client.session
    session[sessions.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "webauthn", "passwordless": True}]
    session.save()
    age(client, began_at=9)
    client.get(DASHBOARD)
    assert sessions.AUTHENTICATION_METHODS_SESSION_KEY not in client.session


def test_logging_out_after_eight_hours_ends_the_session():
    client = Client()
    client.force_login(make_admin())
    age(client, began_at=9)
    client.post(reverse("account_logout"))
    assert not Session.objects.filter(session_key=client.session.session_key or "").exists()
    assert "_auth_user_id" not in client.session
