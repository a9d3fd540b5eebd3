import json
import logging
import os
import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    PASSWORD,
    make_admin,
    make_candidate,
    make_coach,
    make_curator,
    make_interview,
    make_member,
)
from tests.interviews.factories import make_grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))


def give_app(person) -> str:
    """Sets up an authenticator app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret


def log_in(person) -> Client:
    """As far as the second step."""
    client = Client()
    response = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert response.url == reverse("mfa_authenticate")
    return client


# --- logging in with it ---------------------------------------------------------------------------


def test_the_password_alone_lets_nobody_in_and_a_code_works_once():
    person = make_member(email="ada@example.com")
    code = code_of(give_app(person))
    for status in (302, 200):
        client = log_in(person)
        assert client.get(reverse("interviews:dashboard")).url.startswith(reverse("account_login"))
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == status
    assert client.get(reverse("interviews:dashboard")).status_code == 302


def test_a_recovery_code_works_once():
    person = make_member(email="ada@example.com")
    give_app(person)
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    assert [log_in(person).post(reverse("mfa_authenticate"), {"code": code}).status_code for _ in range(2)] == [
        302,
        200,
    ]


def test_eight_wrong_codes_lock_the_second_step_of_that_account():
    person = make_member(email="ada@example.com")
    secret = give_app(person)
    client = log_in(person)
    for _ in range(8):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "Too many" in page.content.decode()


def test_a_refused_code_and_a_changed_factor_are_in_the_log(caplog):
    caplog.set_level(logging.INFO, logger="holdout.security")
    person = make_member(email="ada@example.com")
    secret = give_app(person)
    client = log_in(person)
    for code in ("000000", code_of(secret)):
        client.post(reverse("mfa_authenticate"), {"code": code})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    response = client.post(reverse("mfa_deactivate_totp"))
    assert (response.status_code, response.url) == (302, reverse("mfa_index"))
    said = [(record.getMessage(), record.fields["user"]) for record in caplog.records if "security" in record.name]
    assert ("Second factor refused", None) in said
    assert ("Logged in", person.pk) in said
    assert ("Second factor removed", person.pk) in said
    assert secret not in caplog.text


PARTS = {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ", "attestationObject": "YQ"}
MADE_UP = [
    *("", "x", "null", "[]", "{}", '"x"', "1e999", '{"id": 1}', '{"response": []}', '{"id": "YQ", "response": {}}'),
    *(json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": PARTS | {"userHandle": handle}})
      for handle in ("MQ", "", "////", 5, None)),
]  # fmt: skip


@pytest.mark.parametrize("credential", MADE_UP)
def test_a_made_up_passkey_lets_nobody_in_and_breaks_nothing(credential):
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert client.get(reverse("interviews:dashboard")).status_code == 302
    person = make_member(email="ada@example.com")
    Authenticator.objects.create(user=person, type="totp", data={"secret": generate_totp_secret()})
    assert log_in(person).post(reverse("mfa_authenticate"), {"credential": credential}).status_code == 200


@pytest.mark.parametrize("credential", MADE_UP)
def test_a_made_up_passkey_is_not_added(candidate, candidate_client, credential):
    candidate_client.get(reverse("mfa_add_webauthn"))
    page = candidate_client.post(reverse("mfa_add_webauthn"), {"credential": credential, "name": "x"})
    assert page.status_code == 200
    assert "We couldn't add the passkey" in page.content.decode()
    assert candidate.second_factors == []


# --- setting it up --------------------------------------------------------------------------------

CHANGES = ["mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_second_factor_asks_for_the_password_again(name):
    person = make_member(email="ada@example.com")
    if name != "mfa_activate_totp":
        give_app(person)
    response = client_of(person).get(reverse(name))
    assert response.url.startswith(reverse("account_reauthenticate"))


def test_changing_the_address_asks_for_the_password_and_then_goes_on_with_what_was_sent():
    person = make_member(email="ada@example.com")
    client = client_of(person)
    asked = client.post(reverse("account_email"), {"email": "new@example.com", "action_add": ""})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not person.emailaddress_set.filter(email="new@example.com").exists()
    client.post(asked.url, {"password": PASSWORD, "next": reverse("account_email")})
    assert person.emailaddress_set.filter(email="new@example.com").exists()


@pytest.mark.django_db(transaction=True)
def test_a_set_up_app_is_told_to_its_owner_by_mail():
    person = make_member(email="ada@example.com")
    client = client_of(person)
    client.post(client.get(reverse("mfa_activate_totp")).url, {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert person.second_factors == ["authenticator app"]
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert secret not in mail.outbox[0].body


def test_a_mail_server_that_is_away_undoes_no_change(settings):
    person = make_member(email="ada@example.com")
    give_app(person)
    client = client_of(person)
    client.post(client.get(reverse("mfa_deactivate_totp")).url, {"password": PASSWORD})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    response = client.post(reverse("mfa_deactivate_totp"))
    assert (response.status_code, response.url) == (302, reverse("mfa_index"))
    assert person.second_factors == []


def test_the_admin_shows_no_secret_of_a_second_factor_and_can_take_it_away():
    person = make_candidate()
    secret = give_app(person)
    factor = person.authenticator_set.get()
    client = client_of(make_admin())
    for path in ("/admin/mfa/authenticator/", f"/admin/mfa/authenticator/{factor.pk}/change/"):
        page = client.get(path)
        assert page.status_code == 200
        assert secret not in page.content.decode()
    client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert person.second_factors == []


# --- where it is required -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make_person", "path"),
    [
        (make_coach, "/coaching/"),
        (make_coach, "/report/"),
        (make_curator, "/admin/"),
        (make_admin, "/admin/accounts/user/"),
    ],
)
def test_staff_and_coaches_without_one_are_led_to_set_it_up_and_then_back(required, make_person, path):
    person = make_person()
    client = client_of(person)
    page = client.get(path, follow=True)
    assert page.redirect_chain == [(reverse("mfa_index"), 302)]
    assert "Set up a second factor to continue" in page.content.decode()
    give_app(person)
    way_back = f'<a class="button is-primary" href="{path}">Back to where you were'
    assert way_back in client.get(reverse("mfa_index")).content.decode()
    assert client.get(path).status_code == 200
    assert way_back not in client.get(reverse("mfa_index")).content.decode()


def test_recovery_codes_alone_are_no_second_factor(required):
    coach = make_coach()
    RecoveryCodes.activate(coach)
    assert client_of(coach).get("/coaching/").url == reverse("mfa_index")


def test_candidates_are_not_asked_for_one(required, candidate_client):
    assert candidate_client.get(reverse("interviews:report")).status_code == 200


@pytest.mark.parametrize("make_person", [make_coach, make_admin])
def test_ones_own_interview_goes_on_without_one(required, make_person):
    person = make_person()
    interview = make_interview(candidate=person, now=timezone.now())
    client = client_of(person)
    assert client.get(reverse("interviews:dashboard")).status_code == 200
    page = client.get(reverse("interviews:interview", args=[interview.public_id]))
    assert page.status_code == 200
    fields = {"answer": "my words", "rev": 1, "lease": page.context["interview"].lease, "position": 1}
    saved = client.post(reverse("interviews:save", args=[interview.public_id, 1]), fields)
    assert saved.status_code == 302
    assert saved.url == reverse("interviews:interview", args=[interview.public_id])
    assert interview.questions.get(position=1).answer == ["my words"]


def test_what_was_sent_without_one_is_neither_saved_nor_lost(required):
    client = client_of(make_coach())
    response = client.post("/settings/timers/", {"hidden": "yes"})
    assert response.status_code == 403
    assert "reload" in response.content.decode()
    response = client.post("/settings/timers/", {"hidden": "yes"}, headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Reswap"]) == (403, "none")
    assert "second factor" in json.loads(response["HX-Trigger"])["holdout:say"]["text"]


def test_it_is_required_unless_developing():
    program = "import config.settings as s; print(s.SECOND_FACTOR_REQUIRED)"
    environment = os.environ | {"DEBUG": "false", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "example.com"}
    environment.pop("SECOND_FACTOR_REQUIRED")
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "True"


def test_who_still_holds_a_grant_needs_one_also_when_taken_out_of_the_group(required):
    coach = make_coach()
    make_grant(make_candidate(), coach)
    coach.groups.clear()
    assert client_of(coach).get(reverse("interviews:coaching")).url == reverse("mfa_index")
