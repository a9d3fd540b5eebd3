"""Nobody is led to an address that only takes a form: not by a log-in, not by a reload."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from accounts import pages
from tests.accounts.test_attempts import log_in
from tests.factories import PASSWORD, make_admin, make_interview, make_member
from tests.test_access import addresses, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


@pytest.fixture
def interview(person):
    return make_interview(candidate=person, now=timezone.now())


@pytest.fixture
def client(person):
    client = Client()
    client.force_login(person)
    return client


def every_path(interview) -> list[str]:
    """Ours, allauth's and the admin's."""
    ours = [filled(route, interview) for _, route in addresses()]
    theirs = [reverse(name) for name in ("account_logout", "account_email", "mfa_index", "admin:logout", "admin:index")]
    return [path.replace("<", "").replace(">", "") for path in ours + theirs]


def only_takes_forms(client: Client, path: str) -> bool:
    return client.get(path).status_code == 405


def test_the_closure_is_right_about_every_view(client, interview):
    """What `is_page` reads from Django's decorators, against what the address does."""
    told = {path: pages.is_page(resolve(path).func) for path in every_path(interview)}
    done = {path: not only_takes_forms(client, path) for path in told}
    assert told == done
    assert sum(not is_page for is_page in told.values()) > 25


def test_every_view_there_is_can_be_asked():
    def views(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from views(pattern.url_patterns)
            else:
                yield pattern.callback

    asked = [pages.is_page(view) for view in views(get_resolver().url_patterns)]
    assert len(asked) > 150
    assert 0.5 < sum(asked) / len(asked) < 1


def test_no_next_leads_to_an_address_that_only_takes_forms(client, interview):
    walked = 0
    for path in every_path(interview):
        for send in (Client().get, Client().post):
            response = send(path)
            if response.status_code != 302 or "next=" not in response.url:
                continue
            wanted = parse_qs(urlsplit(response.url).query)["next"][0]
            assert not only_takes_forms(client, wanted), path
            walked += 1
    assert walked > 100


def test_whatever_next_says_a_log_in_ends_on_a_page(client, interview, person):
    walked = 0
    for path in every_path(interview):
        if not only_takes_forms(client, path):
            continue
        answer = Client().post(
            reverse("account_login"), {"login": person.email, "password": PASSWORD, "next": f"{path}?x=1"}
        )
        assert answer.status_code == 302
        assert not only_takes_forms(client, answer.url), path
        assert path.startswith(answer.url), "it is the page above"
        walked += 1
    assert walked > 25


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/interviews/{id}/questions/1/submit/", "/interviews/{id}/"),
        ("/interviews/{id}/finish/", "/interviews/{id}/"),
        ("/settings/sessions/1/end/", "/settings/"),
        ("/settings/timers/", "/settings/"),
        ("/coaches/1/revoke/", "/coaches/"),
        ("/notices/read/", "/notices/"),
    ],
)
def test_the_page_of_a_form_is_the_one_above_it(interview, path, page):
    assert pages.page_above(path.format(id=interview.public_id)) == page.format(id=interview.public_id)


def test_an_address_keeps_its_question_and_an_unknown_one_stays_as_it_is():
    assert pages.page_at("/settings/?a=1") == "/settings/?a=1"
    assert pages.page_at("https://example.com/not/here/") == "https://example.com/not/here/"
    with pytest.raises(Resolver404):
        resolve("/not/here/")
    assert Client().get("/settings/?a=1").url.endswith("?next=/settings/%3Fa%3D1")


def test_a_form_address_that_is_opened_goes_on_to_its_page(client, interview):
    path = reverse("interviews:submit", args=[interview.public_id, 1])
    page = reverse("interviews:interview", args=[interview.public_id])
    answer = client.get(path)
    assert (answer.status_code, answer["Allow"], answer["Refresh"]) == (405, "POST", f"0; url={page}")
    assert f'href="{page}"' in answer.content.decode()
    assert client.get(path, headers={"hx-request": "true"}).content == b""


def test_a_second_factor_and_a_reload_of_the_log_in_do_not_change_where_it_leads(person):
    answer = log_in(person.email, client=Client())
    assert answer.url == reverse("interviews:dashboard")
    admin = make_admin()
    client = Client()
    client.force_login(admin)
    assert client.get(reverse("admin:index")).status_code == 200
