"""A visitor sits the trial as a guest, and keeps it by signing up: the same row, so that nothing moves."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import guests
from accounts.models import GUESTS_KEPT, User
from interviews.records import retention
from interviews.sitting.models import AnswerRevision, Interview
from tests.accounts.conftest import START
from tests.factories import PASSWORD, load_shipped_catalog, make_candidate, write
from tests.test_access import addresses, filled, requests

pytestmark = pytest.mark.django_db


def make_person(email: str) -> User:
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def guest() -> User:
    return User.objects.get(is_guest=True)


def sign_up(client: Client, email: str):
    return client.post(reverse("account_signup"), {"email": email, "password1": "a long enough password"}, follow=True)


def link_of_newest_mail() -> str:
    return re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[-1].body)[1]


def start_trial(browser: Client):
    """Without a session, as before the answer to the first click has come."""
    client = Client()
    client.cookies["csrftoken"] = browser.cookies["csrftoken"].value
    response = client.post(reverse("interviews:trial"), START)
    return response.url, client


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_start_makes_one_guest_and_a_later_trial_another(trial_track):
    browser = Client()
    browser.get(reverse("interviews:trial"))

    def click(_) -> tuple:
        try:
            return start_trial(browser)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        (first, client), (second, other_client) = pool.map(click, range(2))
    assert first == second == reverse("interviews:interview", args=[Interview.objects.get().public_id])
    assert guest().interviews.count() == 1
    for each in (client, other_client):
        assert each.get(first).status_code == 200
    client.post(reverse("account_logout"))
    client.get(reverse("interviews:trial"))
    client.post(reverse("interviews:trial"), START)
    assert User.objects.filter(is_guest=True).count() == 2


@pytest.mark.parametrize(("said", "taken"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), (None, "UTC")])
def test_a_new_account_and_a_guest_take_the_browsers_time_zone_where_we_know_it(client, trial_track, said, taken):
    says = {"time_zone": said} if said else {}
    client.post(reverse("interviews:trial"), START | says)
    assert guest().time_zone == taken
    Client().post(reverse("account_signup"), {"email": "ada@example.com", "password1": "a long enough password"} | says)
    assert User.objects.get(email="ada@example.com").time_zone == taken


def test_a_visitor_sits_the_trial_and_keeps_it_by_signing_up(guest_client):
    interview = Interview.objects.get()
    before = guest()
    assert interview.candidate == before
    write(interview, 1, "Kept words.", now=timezone.now(), act="submit_answer")
    assert b"Kept words." in guest_client.get(reverse("interviews:results", args=[interview.public_id])).content
    assert b"You're using Holdout as a guest." in guest_client.get(reverse("interviews:dashboard")).content

    sign_up(guest_client, "Ada@example.com")
    assert guest() == before, "a guest until the address is confirmed"
    guest_client.post(link_of_newest_mail())
    person = User.objects.get()
    assert (person.pk, person.email, person.is_guest) == (before.pk, "ada@example.com", False)
    page = guest_client.get(reverse("interviews:dashboard"))
    assert b"You're using Holdout as a guest." not in page.content
    assert b"Trial" in page.content

    # The password is theirs, and another device finds the same.
    other = Client()
    other.post(reverse("account_login"), {"login": "ada@example.com", "password": "a long enough password"})
    assert b"Kept words." in other.get(reverse("interviews:results", args=[interview.public_id])).content


def test_the_link_in_the_mail_works_in_another_browser(guest_client):
    sign_up(guest_client, "ada@example.com")
    Client().post(link_of_newest_mail())
    assert not User.objects.get().is_guest


def test_a_typing_error_in_the_address_is_mended_by_signing_up_again(guest_client):
    sign_up(guest_client, "adda@example.com")
    wrong_link = link_of_newest_mail()
    sign_up(guest_client, "ada@example.com")
    Client().post(wrong_link)
    assert guest().email == "ada@example.com", "the first link is void"
    guest_client.post(link_of_newest_mail())
    assert User.objects.get().email == "ada@example.com"
    assert EmailAddress.objects.get().email == "ada@example.com"


def test_an_address_confirmed_while_another_is_given_ends_nothing(guest_client, rf):
    sign_up(guest_client, "ada@example.com")
    own = EmailAddress.objects.get()
    sign_up(guest_client, "grace@example.com")
    email_confirmed.send(sender=EmailAddress, request=rf.get("/"), email_address=own)  # read before it was deleted
    assert guest().email == "grace@example.com"


def test_signing_up_does_not_tell_whether_an_address_has_an_account(trial_track):
    known = make_person("grace@example.com")
    pages = []
    for email in ("grace@example.com", "ada@example.com"):
        client = Client()
        client.post(reverse("interviews:trial"), START)
        page = sign_up(client, email)
        pages += [page, client.get(reverse("interviews:dashboard")), client.get(reverse("accounts:settings_page"))]
    of_this_visit = r'value="[^"]{64}"|/interviews/[0-9a-f-]{36}/|(grace|ada)@example.com|[0-9]{2}:[0-9]{2}'
    texts = [re.sub(of_this_visit, "", page.content.decode()) for page in pages]
    assert texts[:3] == texts[3:]
    assert "already" in mail.outbox[0].body
    assert known.interviews.count() == 0


def test_logging_in_leaves_the_trial_behind(guest_client):
    known = make_person("grace@example.com")
    assert b"lose your trial" in guest_client.get(reverse("account_login")).content
    guest_client.post(reverse("account_login"), {"login": known.email, "password": PASSWORD})
    assert guest_client.get(reverse("interviews:dashboard")).context["user"] == known
    assert guest().interviews.count() == 1


def test_a_guest_reaches_nobody_and_takes_nothing_out(guest_client):
    interview = Interview.objects.get()
    for name, route in addresses():
        if name not in {"coaches", "report_share", "report_csv", "report_json", "missed_questions", "ask_review"}:
            continue
        for response in requests(guest_client, filled(route, interview)):
            assert response.status_code == 302, name
            assert response.url == reverse("account_signup"), name
    assert guest_client.get(reverse("account_email")).url == reverse("account_signup")
    assert b"You need an account for this." in guest_client.get(reverse("account_signup")).content
    assert guest().grants_given.count() == 0


def test_what_is_open_to_guests_exists():
    def names(patterns, prefix=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                space = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from names(pattern.url_patterns, prefix + space)
            else:
                yield f"{prefix}{pattern.name}"

    assert set(names(get_resolver().url_patterns)) >= guests.OPEN | guests.ENTRANCE


def test_somebody_with_an_account_gets_no_guest(trial_track, candidate_client):
    assert candidate_client.post(reverse("interviews:trial"), START).url == reverse("interviews:dashboard")
    assert not User.objects.filter(is_guest=True).exists()


@pytest.mark.parametrize("changes", [{"pace": "soon"}, {"time_multiplier": "NaN"}, {"plan": "google-mle"}])
def test_a_damaged_start_is_refused_and_makes_nobody(trial_track, changes):
    assert Client().post(reverse("interviews:trial"), START | changes).status_code == 422
    assert not User.objects.exists()


def test_one_address_starts_only_so_many_trials(trial_track, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"trial": "2/h/ip"}
    codes = [Client().post(reverse("interviews:trial"), START).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    assert User.objects.count() == 2


def test_forgotten_guests_go_with_all_they_wrote_and_nobody_else_does(guest_client, trial_track):
    now = timezone.now()
    write(Interview.objects.get(), 1, "Forgotten words.", now=now)
    old = now - GUESTS_KEPT - timedelta(hours=1)
    User.objects.update(date_joined=old)
    person = make_candidate(date_joined=old)
    Client().post(reverse("interviews:trial"), START)
    assert retention.remove_forgotten_guests(now=now) == 1
    assert retention.remove_forgotten_guests(now=now) == 0
    assert User.objects.filter(pk=person.pk).exists()
    assert guest().interviews.count() == 1, "today's guest stays"
    assert not AnswerRevision.objects.exists()


def test_a_guest_gets_no_powers():
    with pytest.raises(IntegrityError, match="guest_has_no_powers"), transaction.atomic():
        make_candidate(is_guest=True, is_staff=True)


def test_without_a_trial_the_landing_page_leads_to_the_sign_up():
    assert Client().get(reverse("interviews:trial")).url == reverse("account_signup")


def test_the_catalogs_trial_fits_its_ten_minutes():
    load_shipped_catalog()
    Client().post(reverse("interviews:trial"), START)
    interview = Interview.objects.get()
    assert interview.limit_seconds == 600
    assert sum(question.limit_seconds for question in interview.questions.all()) <= 600
