"""Signing up says and does the same, whether the address has an account or not."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.accounts.conftest import START
from tests.accounts.test_log_in import counted_hashes
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "a long enough password"


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


def sign_up(email: str, password: str = NEW_PASSWORD, *, client: Client | None = None, **options):
    fields = {"email": email, "password1": password}
    return (client or Client()).post(reverse("account_signup"), fields, **options)


def statements(queries) -> list[str]:
    """Which verb on which table, in order; what keeps the two kinds apart (a transaction more) left out."""
    found = []
    for query in queries:
        match = re.match(r'(SELECT|INSERT|UPDATE|DELETE)\b.*?"(\w+)"', query["sql"], re.DOTALL)
        if match:
            found.append(f"{match[1]} {match[2]}")
    return found


def test_an_address_that_has_an_account_costs_the_same_hashes_and_writes(person, monkeypatch):
    sign_up("first@example.com")  # so that all counts exist
    hashed = counted_hashes(monkeypatch)
    done = {}
    for email in ("grace@example.com", person.email):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            assert sign_up(email).status_code == 302
        done[email] = (len(hashed), [one for one in statements(queries) if one.startswith("INSERT")])
    assert done[person.email] == done["grace@example.com"]
    assert done[person.email][0] == 1
    assert {"INSERT accounts_user", "INSERT account_emailaddress"} <= {*done[person.email][1]}
    assert User.objects.count() == EmailAddress.objects.count() == 3, "what was done for nobody is taken back"
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


@pytest.mark.parametrize("password", [NEW_PASSWORD, "short", "password123"])
def test_the_answer_is_the_same_to_the_byte(person, password):
    answers = [sign_up(email, password) for email in (person.email, "eve@example.com")]
    first, second = (
        (answer.status_code, sorted(answer.headers), sorted(answer.cookies), re.sub(
            rb'value="[^"]{64}"|(ada|eve)@example.com', b"", answer.content
        ))
        for answer in answers
    )  # fmt: skip
    assert first == second
    assert len(mail.outbox) == (2 if password == NEW_PASSWORD else 0)


def test_a_guests_cookie_does_not_tell_it_either(person, trial_track):
    for email in (person.email, "grace@example.com"):
        client = Client()
        client.post(reverse("interviews:trial"), START)
        before = client.session.session_key
        sign_up(email, client=client)
        assert client.session.session_key != before
        assert Session.objects.filter(pk=client.session.session_key).exists()
        assert b"You're using Holdout as a guest." in client.get(reverse("interviews:dashboard")).content


def test_who_has_just_signed_up_is_not_asked_to_keep_the_trial(person, trial_track):
    for email in (person.email, "grace@example.com"):
        client = Client()
        client.post(reverse("interviews:trial"), START)
        dashboard, offer = reverse("interviews:dashboard"), b"Keep this trial"
        assert offer in client.get(dashboard).content
        sent = sign_up(email, client=client, follow=True)
        assert b"Check your email" in sent.content
        for page in (sent, client.get(dashboard), client.get(reverse("interviews:report"))):
            assert offer not in page.content
        assert b"Open the link in the email" in client.get(dashboard).content


@pytest.mark.django_db(transaction=True)
def test_a_double_press_makes_one_account_and_no_error():
    def press(_):
        try:
            return sign_up("ada@example.com").status_code
        finally:
            connection.close()

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(press, range(4))) == {302}
        assert User.objects.count() == 1
        User.objects.all().delete()


# --- one mailbox, one account ---------------------------------------------------------------------

SPELLINGS = [
    "user@münchen.de",
    "user@xn--mnchen-3ya.de",
    "USER@MÜNCHEN.DE",
    "user@mu\u0308nchen.de",
    "user@XN--MNCHEN-3YA.de",
]


@pytest.mark.parametrize("second", SPELLINGS)
@pytest.mark.parametrize("first", SPELLINGS[:2])
def test_one_mailbox_is_one_account_however_its_domain_is_spelled(first, second):
    sign_up(first)
    sign_up(second)
    assert User.objects.get().email == "user@xn--mnchen-3ya.de"
    assert EmailAddress.objects.get().email == "user@xn--mnchen-3ya.de"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_either_spelling_logs_in_and_resets(spelling):
    person = make_member(email="user@münchen.de")
    assert person.email == "user@xn--mnchen-3ya.de"
    fields = {"login": spelling, "password": PASSWORD}
    assert Client().post(reverse("account_login"), fields).url == reverse("interviews:dashboard")
    assert EmailAddress.objects.count() == 1
    Client().post(reverse("account_reset_password"), {"email": spelling})
    assert mail.outbox[-1].to == [person.email]
    assert "Choose a new password" in mail.outbox[-1].subject


def test_a_second_address_is_found_by_either_spelling_too():
    person = make_member(email="user@münchen.de")
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for spelling in SPELLINGS:
        client.post(reverse("account_email"), {"email": spelling, "action_add": ""})
    assert EmailAddress.objects.count() == 1


def test_two_accounts_of_one_mailbox_from_before_keep_their_own_log_ins():
    kept = make_member(email="user@xn--mnchen-3ya.de")
    older = make_member(email="other@example.com", password="another long password")
    User.objects.filter(pk=older.pk).update(email="user@münchen.de")
    EmailAddress.objects.filter(user=older).update(email="user@münchen.de")
    for spelling, password, person in (
        ("user@münchen.de", "another long password", older),
        ("USER@xn--mnchen-3ya.de", PASSWORD, kept),
    ):
        client = Client()
        client.post(reverse("account_login"), {"login": spelling, "password": password})
        assert client.get(reverse("interviews:dashboard")).context["user"] == person
    for spelling in SPELLINGS:
        sign_up(spelling)
    assert User.objects.count() == EmailAddress.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_migration_gives_every_mailbox_one_spelling_and_fails_on_no_duplicate():
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0007_password_attempts")])
    old = executor.loader.project_state(
        [("accounts", "0007_password_attempts"), ("account", "0009_emailaddress_unique_primary_email")]
    ).apps
    Before, Address = old.get_model("accounts", "User"), old.get_model("account", "EmailAddress")
    now = timezone.now()
    rows = {
        "alone@münchen.de": None,
        "both@xn--mnchen-3ya.de": now,
        "both@münchen.de": None,
        "twice@münchen.de": now,
        "twice@mu\u0308nchen.de": None,
        "plain@example.com": None,
    }
    for email, last_login in rows.items():
        user = Before.objects.create(email=email, last_login=last_login)
        Address.objects.create(user=user, email=email, verified=True, primary=True)
    more = Before.objects.create(email="two@münchen.de")
    Address.objects.create(user=more, email="two@münchen.de", verified=True, primary=True)
    Address.objects.create(user=more, email="two@xn--mnchen-3ya.de", verified=False, primary=False)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        expected = {
            "alone@xn--mnchen-3ya.de",
            "both@xn--mnchen-3ya.de",
            "both@münchen.de",
            "twice@xn--mnchen-3ya.de",
            "twice@mu\u0308nchen.de",
            "plain@example.com",
            "two@xn--mnchen-3ya.de",
        }
        assert {user.email for user in User.objects.all()} == expected
        addresses = set(EmailAddress.objects.values_list("user__email", "email"))
        assert addresses == {(email, email) for email in expected}
        assert EmailAddress.objects.get(email="two@xn--mnchen-3ya.de").primary
    finally:
        User.objects.all().delete()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("u@faß.de", "u@xn--fa-hia.de"),  # not fass.de: that is another's
        ("u@☃.de", "u@xn--n3h.de"),
        ("u@ｅｘａｍｐｌｅ.com", "u@example.com"),
        ("u@пример.рф", "u@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_siblings_of_the_umlaut(typed, kept):
    sign_up(typed)
    sign_up(kept)
    assert [user.email for user in User.objects.all()] == [kept]
    Client().post(reverse("account_reset_password"), {"email": typed})
    assert {address for message in mail.outbox for address in message.to} == {kept}


def test_people_read_their_address_as_they_write_it():
    person = make_member(email="user@münchen.de")
    client = Client()
    client.force_login(person)
    assert "user@münchen.de" in client.get(reverse("accounts:settings_page")).content.decode()


# --- a kept trial's session -----------------------------------------------------------------------


def confirm(client: Client) -> None:
    client.post(re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[-1].body)[1])


def test_a_kept_trial_is_listed_and_another_device_can_end_it(guest_client):
    sign_up("ada@example.com", client=guest_client)
    confirm(guest_client)
    assert guest_client.get(reverse("interviews:dashboard")).status_code == 200
    other = Client()
    other.post(reverse("account_login"), {"login": "ada@example.com", "password": NEW_PASSWORD})
    page = other.get(reverse("usersessions_list"))
    assert [one.session_key for one in page.context["sessions"]] == [
        guest_client.session.session_key, other.session.session_key
    ]  # fmt: skip
    kept = UserSession.objects.get(session_key=guest_client.session.session_key)
    assert b"this device" in guest_client.get(reverse("usersessions_list")).content
    other.post(reverse("accounts:end_session", args=[kept.pk]))
    assert guest_client.get(reverse("interviews:dashboard")).status_code == 302


def test_a_guests_session_is_listed_from_its_first_page(trial_track):
    client = Client()
    client.post(reverse("interviews:trial"), START)
    assert UserSession.objects.get().session_key == client.session.session_key


def test_whatever_gives_a_session_another_key_it_stays_listed(person):
    """Also one that lost its line before sessions noted the key they are listed under."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    session = client.session
    session.cycle_key()
    client.cookies["sessionid"] = session.session_key
    page = client.get(reverse("usersessions_list"))
    assert [one.session_key for one in page.context["sessions"]] == [session.session_key]
    UserSession.objects.all().delete()
    session = client.session
    del session["listed_as"]
    session.save()
    assert len(client.get(reverse("usersessions_list")).context["sessions"]) == 1
