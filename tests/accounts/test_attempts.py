"""Wrong passwords cost the account they were tried on, and nobody else behind the same address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import attempts, backends
from accounts.attempts import PasswordAttempt
from interviews.records import retention
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
WRONG = "not the password"


def log_in(email: str, password: str = PASSWORD, *, client: Client | None = None, **extra):
    fields = {"login": email, "password": password}
    return (client or Client()).post(reverse("account_login"), fields, **extra)


def is_refused(response) -> bool:
    return response.status_code == 200 and "Too many wrong passwords" in response.content.decode()


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_130_wrong_passwords_on_one_account_lock_that_account_and_nobody_behind_the_address(person, email):
    answers = [log_in(email, WRONG) for _ in range(130)]
    assert [is_refused(answer) for answer in answers] == [False] * 8 + [True] * 122
    assert PasswordAttempt.objects.count() == 8, "what is refused costs nothing"
    assert log_in(make_member(email="grace@example.com").email).status_code == 302


def test_610_log_ins_a_minute_from_one_address_keep_nobody_out(person):
    for _ in range(610):
        log_in("nobody@example.com", WRONG)
    assert log_in(person.email).status_code == 302


def test_a_locked_account_is_free_again_after_five_minutes(person):
    for _ in range(8):
        log_in(person.email, WRONG)
    assert is_refused(log_in(person.email))
    PasswordAttempt.objects.update(at=timezone.now() - timedelta(minutes=4, seconds=50))
    assert is_refused(log_in(person.email))
    PasswordAttempt.objects.update(at=timezone.now() - timedelta(minutes=5, seconds=1))
    assert log_in(person.email).status_code == 302


def test_an_account_is_one_however_its_address_is_spelled(person):
    for spelling in ("ada@example.com", "ADA@example.com", " ada@EXAMPLE.com", "ada@ｅｘａｍｐｌｅ.com") * 2:
        assert not is_refused(log_in(spelling, WRONG))
    assert is_refused(log_in(person.email))


def test_right_passwords_are_not_counted_however_many(person):
    for _ in range(20):
        assert log_in(person.email).status_code == 302
    assert not PasswordAttempt.objects.exists()


def test_a_right_password_does_not_wipe_the_wrong_ones(person):
    """Else whoever has an account of their own could guess on for ever."""
    for _ in range(7):
        log_in(person.email, WRONG)
    log_in(person.email)
    log_in(person.email, WRONG)
    assert is_refused(log_in(person.email, WRONG))


@pytest.mark.parametrize("queue", ["full", "stuck"])
def test_a_password_that_was_not_checked_is_not_counted(person, queue, monkeypatch):
    monkeypatch.setattr(backends, "WAIT_SECONDS", 0.01)
    held = [backends._queue] * backends.MOST_AT_ONCE if queue == "full" else [backends._hashing]
    for semaphore in held:
        semaphore.acquire()
    try:
        for _ in range(30):
            assert log_in(person.email).status_code == 202
    finally:
        for semaphore in held:
            semaphore.release()
    assert not PasswordAttempt.objects.exists()
    assert log_in(person.email).status_code == 302


def test_one_address_tries_a_hundred_accounts_a_minute_and_then_no_other(person):
    for number in range(100):
        assert not is_refused(log_in(f"nobody{number}@example.com", WRONG))
    assert is_refused(log_in(person.email))
    assert log_in(person.email, REMOTE_ADDR="192.0.2.7").status_code == 302
    PasswordAttempt.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert log_in(person.email).status_code == 302


def test_the_same_accounts_again_cost_the_address_nothing_more(person):
    for _ in range(8):
        for number in range(14):
            log_in(f"nobody{number}@example.com", WRONG)
    assert PasswordAttempt.objects.count() == 112
    assert log_in(person.email).status_code == 302


def test_a_device_that_was_logged_in_before_gets_through_both_limits(person):
    device = Client()
    log_in(person.email, client=device)
    device.post(reverse("account_logout"))
    for number in range(100):
        log_in(f"nobody{number}@example.com", WRONG)
    for _ in range(8):
        log_in(person.email, WRONG, REMOTE_ADDR="192.0.2.7")
    assert is_refused(log_in(person.email, REMOTE_ADDR="192.0.2.7")), "the account is locked"
    assert is_refused(log_in("grace@example.com", client=Client())), "and so is the address"
    assert log_in(person.email, client=device).status_code == 302


def test_a_known_device_has_eight_tries_of_its_own_and_for_its_own_people_only(person):
    grace = make_member(email="grace@example.com")
    device = Client()
    log_in(person.email, client=device)
    device.post(reverse("account_logout"))
    answers = [log_in(person.email, WRONG, client=device) for _ in range(9)]
    assert [is_refused(answer) for answer in answers] == [False] * 8 + [True]
    assert not is_refused(log_in(person.email, WRONG)), "another device is not counted with it"
    for _ in range(8):
        log_in(grace.email, WRONG)
    assert is_refused(log_in(grace.email, client=device)), "it is no device of hers"


def test_a_shared_device_knows_all_who_logged_in_on_it(person):
    grace = make_member(email="grace@example.com")
    device = Client()
    for someone in (person, grace):
        log_in(someone.email, client=device)
        device.post(reverse("account_logout"))
    for number in range(100):
        log_in(f"nobody{number}@example.com", WRONG)
    for someone in (person, grace):
        assert log_in(someone.email, client=device).status_code == 302
        device.post(reverse("account_logout"))


@pytest.mark.parametrize("cookie", ["", "x", "W10:1:2", "é" * 3000])
def test_a_device_that_lies_is_no_known_device(person, cookie):
    device = Client()
    log_in(person.email, client=device)
    device.post(reverse("account_logout"))
    device.cookies[attempts.DEVICE_COOKIE] = cookie
    for _ in range(8):
        log_in(person.email, WRONG)
    assert is_refused(log_in(person.email, client=device))


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_no_way_round(person):
    def guess(_) -> bool:
        try:
            return is_refused(log_in(person.email, WRONG))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:  # as many as are checked in one process
        refused = list(pool.map(guess, range(24)))
    assert refused.count(False) <= 8
    assert PasswordAttempt.objects.count() == refused.count(False)


def test_a_new_password_frees_the_account(person):
    for _ in range(8):
        log_in(person.email, WRONG)
    PasswordAttempt.objects.forget("ADA@example.com")
    assert log_in(person.email).status_code == 302


def test_attempts_name_nobody_and_are_deleted_at_night(person):
    log_in(person.email, WRONG, REMOTE_ADDR="192.0.2.7")
    row = str(PasswordAttempt.objects.values().get())
    assert "ada" not in row
    assert "192.0.2" not in row
    retention.tidy(now=timezone.now())
    assert PasswordAttempt.objects.exists()
    retention.tidy(now=timezone.now() + timedelta(minutes=6))
    assert not PasswordAttempt.objects.exists()


def test_a_full_table_of_counts_sets_no_account_free(person):
    """Where counts stood in a cache, many others threw them away."""
    call_command("createcachetable", verbosity=0)
    for _ in range(8):
        log_in(person.email, WRONG)
    for number in range(400):
        log_in(f"nobody{number}@example.com", WRONG, REMOTE_ADDR=f"198.51.100.{number % 250}")
    assert is_refused(log_in(person.email))
