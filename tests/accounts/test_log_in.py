import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts import backends
from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(email: str, password: str = PASSWORD):
    return Client().post(reverse("account_login"), {"login": email, "password": password})


@pytest.fixture
def person() -> User:
    user = User.objects.create_user("Ada@Example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_an_address_is_the_same_in_any_case(person):
    assert log_in("ADA@example.COM").status_code == 302


def test_a_full_queue_of_log_ins_answers_503_and_empties_again(person):
    for _ in range(backends.MOST_AT_ONCE):
        backends._queue.acquire()
    try:
        response = log_in(person.email)
        assert response.status_code == 503
        assert "Retry-After" in response
    finally:
        for _ in range(backends.MOST_AT_ONCE):
            backends._queue.release()
    assert log_in(person.email).status_code == 302


def test_a_password_check_that_takes_too_long_answers_503(person, monkeypatch):
    monkeypatch.setattr(backends, "WAIT_SECONDS", 0.05)
    with backends._hashing:
        assert log_in(person.email).status_code == 503
    assert log_in(person.email).status_code == 302


def test_wrong_password_and_unknown_address_are_told_alike(person):
    wrong = log_in(person.email, "not the password")
    unknown = log_in("nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 200
    assert "not correct" in wrong.content.decode()
    assert "not correct" in unknown.content.decode()


def test_eight_wrong_passwords_lock_the_account_and_not_the_address(person):
    for _ in range(8):
        log_in(person.email, "not the password")
    assert "Too many" in log_in(person.email).content.decode()
    other = User.objects.create_user("grace@example.com", PASSWORD)
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    assert log_in(other.email).status_code == 302
