import logging
import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.hashers import Argon2
from accounts.models import User
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
SECURITY = "holdout.security"


def log_in(email: str, password: str = PASSWORD):
    return Client().post(reverse("account_login"), {"login": email, "password": password})


@pytest.fixture
def person() -> User:
    return make_member(email="Ada@Example.com")


def test_an_address_is_the_same_in_any_case(person):
    assert log_in("ADA@example.COM").status_code == 302


def test_wrong_password_and_unknown_address_are_told_alike(person):
    wrong = log_in(person.email, "not the password")
    unknown = log_in("nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 200
    assert "not correct" in wrong.content.decode()
    assert "not correct" in unknown.content.decode()


def test_an_unknown_address_costs_as_many_hashes_as_a_wrong_password(person, monkeypatch):
    hashed = counted_hashes(monkeypatch)
    counts = []
    for email in (person.email, "nobody@example.com"):
        hashed.clear()
        log_in(email, "not the password")
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_a_password_is_hashed_by_argon2id_and_one_from_before_at_its_next_log_in(person):
    assert person.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert log_in(person.email, "not the password").status_code == 200
    assert User.objects.get().password.startswith("pbkdf2_sha256$")
    assert log_in(person.email).status_code == 302
    assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert log_in(person.email).status_code == 302


def counted_hashes(monkeypatch) -> list:
    """Gets a line for each password that is hashed, to be kept or to be compared."""
    hashed = []
    for method in ("encode", "verify"):
        original = getattr(Argon2, method)
        monkeypatch.setattr(
            Argon2, method, lambda self, *args, original=original: hashed.append(1) or original(self, *args)
        )
    return hashed


def sign_up(email: str, password: str):
    return Client().post(reverse("account_signup"), {"email": email, "password1": password})


def test_signing_up_and_resetting_tell_nobody_who_has_an_account(person):
    answers = [sign_up(email, "a quite long sentence") for email in (person.email, "grace@example.com")]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, reverse("account_email_verification_sent"))
    ] * 2
    answers = [
        Client().post(reverse("account_reset_password"), {"email": email}) for email in (person.email, "no@example.com")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2
    assert [message.to for message in mail.outbox] == [
        [person.email],
        ["grace@example.com"],
        [person.email],
        ["no@example.com"],
    ]


@pytest.mark.parametrize(
    "password", ["nine-char", "password123", "qwertyuiop", "grace.hopper@example.com", "1029384756"]
)
def test_a_short_common_similar_or_numeric_password_is_refused(password):
    page = sign_up("grace.hopper@example.com", password)
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["ten-chars!", "only small letters and spaces", "é" * 20 + "x" * 108, "p" * 10 + "q" * 54]
)
def test_a_password_of_ten_to_128_characters_of_any_kind_is_taken(password):
    assert sign_up("grace@example.com", password).status_code == 302
    assert User.objects.get().check_password(password)


def test_six_resets_within_an_hour_for_one_account_send_five_mails(person):
    for _ in range(6):
        Client().post(reverse("account_reset_password"), {"email": person.email})
    assert len(mail.outbox) == 5


def test_sign_ups_are_limited_by_address(settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/h/ip"}
    for number, status in ((1, 302), (2, 302), (3, 429)):
        fields = {"email": f"person{number}@example.com", "password1": PASSWORD}
        assert Client().post(reverse("account_signup"), fields).status_code == status
    assert User.objects.count() == 2
    assert Client().post(reverse("account_signup"), fields, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_what_is_refused_for_one_account_costs_its_address_nothing(person):
    """One pupil asks for the same reset again and again; the others still get theirs."""
    for _ in range(210):
        Client().post(reverse("account_reset_password"), {"email": person.email})
    assert len(mail.outbox) == 5
    other = Client().post(reverse("account_reset_password"), {"email": "grace@example.com"})
    assert other.status_code == 302
    assert len(mail.outbox) == 6


def test_the_admin_has_no_log_in_of_its_own(person):
    response = Client().post("/admin/login/", {"username": person.email, "password": PASSWORD})
    assert response.status_code == 302
    assert re.match(reverse("account_login"), response.url)


# --- what the log says of it ------------------------------------------------------------------------


def test_getting_in_or_not_is_in_the_log_by_number_and_without_a_name(person, caplog):
    caplog.set_level(logging.INFO, logger="holdout.security")
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    change = {"oldpassword": PASSWORD, "password1": "another-long-phrase", "password2": "another-long-phrase"}
    assert client.post(reverse("account_change_password"), change).status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": "not the password"})
    client.post(reverse("account_logout"))
    for _ in range(9):
        log_in(person.email, "not the password")
    lines = [(record.getMessage(), record.fields["user"]) for record in caplog.records if record.name == SECURITY]
    assert lines[:4] == [
        ("Logged in", person.pk), ("Password changed", person.pk), ("Log-in failed", None),
        ("Logged out", person.pk),
    ]  # fmt: skip
    assert set(lines[4:]) == {("Log-in failed", None), ("Log-in refused: too many tries", None)}
    assert "example" not in caplog.text.lower()
    assert "not the password" not in caplog.text
