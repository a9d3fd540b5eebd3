"""A log-in that comes while too many are being checked waits on a page that asks again, and types nothing twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import backends, turns
from tests.accounts.test_attempts import log_in
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db


@contextmanager
def full_queue():
    for _ in range(backends.MOST_AT_ONCE):
        backends._queue.acquire()
    try:
        yield
    finally:
        for _ in range(backends.MOST_AT_ONCE):
            backends._queue.release()


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


def ask_again(client: Client, page):
    """What a browser does that is told to refresh, with or without JavaScript."""
    seconds, url = page["Refresh"].split("; url=")
    assert int(seconds) >= 1
    return client.get(url)


def is_in(client: Client) -> bool:
    return client.get(reverse("interviews:dashboard")).status_code == 200


def test_the_page_asks_again_until_the_person_is_in(person):
    client = Client()
    with full_queue():
        page = log_in(person.email, client=client)
        assert page.status_code == 202
        page = ask_again(client, page)
        assert page.status_code == 202
        assert "This page continues by itself" in page.content.decode()
        assert not is_in(client)
    answer = ask_again(client, page)
    assert (answer.status_code, answer.url) == (302, reverse("interviews:dashboard"))
    assert is_in(client)
    assert client.cookies[turns.COOKIE].value == "", "what was typed is forgotten"


def test_it_leads_to_where_the_person_wanted_to_go(person):
    client = Client()
    address = f"{reverse('account_login')}?next={quote('/settings/')}"
    with full_queue():
        page = client.post(address, {"login": person.email, "password": PASSWORD})
    assert ask_again(client, page).url == "/settings/"


def test_a_wrong_password_is_told_after_the_wait(person):
    client = Client()
    with full_queue():
        page = log_in(person.email, "not the password", client=client)
    answer = ask_again(client, page)
    assert answer.status_code == 200
    assert "not correct" in answer.content.decode()
    assert f'action="{reverse("account_login")}"' in answer.content.decode()


def test_what_was_typed_stands_in_no_page_and_in_no_cookie_that_anybody_can_read(person):
    with full_queue():
        page = log_in(person.email)
    assert PASSWORD not in page.content.decode() + str(page.cookies)
    assert person.email not in page.content.decode() + str(page.cookies)
    cookie = page.cookies[turns.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/accounts/login/turn/")
    assert cookie["max-age"] == 60
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("sealed", ["", "gAAAA", "é", "old"])
def test_a_turn_that_is_forged_or_over_leads_to_the_log_in(person, sealed, monkeypatch):
    client = Client()
    with full_queue():
        log_in(person.email, client=client)
    if sealed == "old":
        monkeypatch.setattr(turns, "GOOD_FOR_SECONDS", -1)
    else:
        client.cookies[turns.COOKIE] = sealed
    answer = client.get(reverse("account_login_turn"))
    assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    assert not is_in(client)


def test_what_does_not_fit_into_a_cookie_is_told_to_come_again(person):
    with full_queue():
        answer = log_in(person.email, "x" * 4000)
    assert answer.status_code == 503
    assert "Retry-After" in answer


def test_whatever_else_asks_for_a_password_is_answered_503_and_counts_nothing(person):
    client = Client()
    log_in(person.email, client=client)
    with full_queue():
        answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 503
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def test_turns_are_given_one_after_the_other(monkeypatch):
    """Not all come back at the same moment, of whom most would have to wait again."""
    clock = SimpleNamespace(now=time.monotonic() + 1000, monotonic=lambda: clock.now)
    monkeypatch.setattr(turns, "time", clock)
    waits = [turns._seconds_to_turn() for _ in range(60)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1, 60 / turns.TURNS_A_SECOND + 1)
    assert max(waits.count(seconds) for seconds in waits) <= turns.TURNS_A_SECOND
    assert max(turns._seconds_to_turn() for _ in range(5000)) == turns.LONGEST_WAIT_SECONDS, "however many come"
    clock.now += turns.LONGEST_WAIT_SECONDS
    assert turns._seconds_to_turn() == 1, "a crowd that has gone is forgotten"


def test_whoever_comes_for_their_turn_waits_for_a_place_and_a_newcomer_does_not(person):
    client = Client()
    with full_queue():
        page = log_in(person.email, client=client)
        leaving = threading.Timer(0.1, backends._queue.release)
        leaving.start()
        assert ask_again(client, page).status_code == 302
        leaving.join()
        backends._queue.acquire()


@pytest.mark.django_db(transaction=True)
def test_a_class_room_at_the_same_moment_is_in_and_nobody_is_called_an_attacker():
    people = [make_member(email=f"pupil{number}@example.com") for number in range(40)]

    def come(person) -> tuple[bool, str]:
        try:
            client = Client()
            answer = log_in(person.email, client=client)
            words = answer.content.decode()
            while answer.status_code == 202:
                answer = ask_again(client, answer)
                words += answer.content.decode()
            return is_in(client), words
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(come, people))
    assert all(got_in for got_in, _ in answers)
    assert not any("Too many" in words for _, words in answers)
