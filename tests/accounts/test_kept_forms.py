"""Without JavaScript: what was sent after the log-in had ended is back in its field, saved, and not submitted."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import kept_forms
from interviews.models import AnswerRevision, Interview
from tests.factories import PASSWORD, make_coach, make_interview, make_member, write

pytestmark = pytest.mark.django_db
TEXT = "Bias falls,\nvariance grows & <b>stays</b>: ü."
HERE = {"origin": "http://testserver"}


@pytest.fixture
def person():
    return make_member(email="ada@example.com")


@pytest.fixture
def interview(person):
    return make_interview(candidate=person, now=timezone.now(), limit_seconds=3600, question_seconds=1800)


@pytest.fixture
def browser(person) -> Client:
    """As a browser: cookies, and tokens that are checked."""
    client = Client(enforce_csrf_checks=True)
    log_in(client, person.email)
    return client


def log_in(client: Client, email: str, password: str = PASSWORD, **fields):
    client.get(reverse("account_login"))
    return client.post(reverse("account_login"), fields | token(client) | {"login": email, "password": password})


def token(client: Client) -> dict:
    return {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}


def page_of(interview) -> str:
    return reverse("interviews:interview", args=[interview.public_id])


def opened(client: Client, interview) -> dict:
    """What the question's form would send, with TEXT typed into it."""
    current = client.get(page_of(interview)).context["interview"]
    question = current.current_question()
    return token(client) | {
        "answer": TEXT,
        "rev": question.rev + 1,
        "lease": current.lease,
        "position": question.position,
    }


def address(act: str, interview) -> str:
    return reverse(f"interviews:{act}", args=[interview.public_id] + ([1] if act in ("save", "submit", "skip") else []))


def end_session(client: Client) -> None:
    Session.objects.filter(pk=client.session.session_key).delete()


def answer_of(interview) -> list[str]:
    return interview.questions.get(position=1).answer


def states(interview) -> list[str]:
    return list(interview.questions.values_list("state", flat=True))


@pytest.mark.parametrize("act", ["submit", "save", "skip", "finish", "pause"])
@pytest.mark.parametrize("ended", ["the row is gone", "logged out in another tab", "no cookie"])
def test_the_text_is_back_in_the_field_and_saved_and_nothing_is_handed_in(browser, interview, person, act, ended):
    form = opened(browser, interview)
    if ended == "the row is gone":
        end_session(browser)
    elif ended == "no cookie":
        del browser.cookies["sessionid"]
    else:
        browser.post(reverse("account_logout"), token(browser))
    before = states(interview)
    answer = browser.post(address(act, interview), form)
    assert answer.status_code == 302
    wanted = parse_qs(urlsplit(answer.url).query)["next"][0]
    assert wanted == page_of(interview)
    assert "not correct" in log_in(browser, person.email, "a mistyped password", next=wanted).content.decode()
    assert log_in(browser, person.email, next=wanted).url == wanted
    page = browser.get(wanted).content.decode()
    assert "Bias falls,\nvariance grows &amp; &lt;b&gt;stays&lt;/b&gt;: ü.</textarea>" in page
    assert "but not submitted yet." in page
    assert answer_of(interview) == [TEXT]
    assert states(interview) == before
    assert kept_forms.KEY not in browser.session
    assert AnswerRevision.objects.count() == 1
    browser.get(wanted)
    assert AnswerRevision.objects.count() == 1, "once"


def test_in_again_in_another_tab_the_old_page_loses_nothing(browser, interview, person):
    """The log-in has changed the token that the old page holds."""
    form = opened(browser, interview)
    browser.post(reverse("account_logout"), token(browser))
    log_in(browser, person.email)
    answer = browser.post(address("submit", interview), form, headers=HERE)
    assert (answer.status_code, answer.url) == (302, page_of(interview))
    assert TEXT.split("\n")[0] in browser.get(answer.url).content.decode()
    assert answer_of(interview) == [TEXT]


def test_where_another_tab_has_taken_over_the_text_is_kept_beside(browser, interview, person):
    form = opened(browser, interview)
    browser.post(reverse("account_logout"), token(browser))
    log_in(browser, person.email)
    browser.get(page_of(interview))
    write(interview, 1, "Newer words.", now=timezone.now(), lease=Interview.objects.get().lease)
    answer = browser.post(address("submit", interview), form, headers=HERE)
    page = browser.get(answer.url).content.decode()
    assert "Newer words." in page
    assert "kept beside your answer" in page
    assert answer_of(interview) == ["Newer words."]
    assert AnswerRevision.objects.filter(answer=[TEXT], kind="side").exists()


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example.org"}, {"origin": "null"}])
def test_a_forged_form_is_neither_kept_nor_shown(browser, interview, headers):
    form = opened(browser, interview) | {"csrfmiddlewaretoken": "x" * 64}
    answer = browser.post(address("submit", interview), form, headers=headers)
    assert answer.status_code == 403
    assert "Bias falls" not in answer.content.decode()
    assert kept_forms.KEY not in browser.session
    stranger = Client(enforce_csrf_checks=True)  # SameSite: the forged one comes without cookies
    answer = stranger.post(address("submit", interview), form, headers=headers)
    assert answer.status_code == 403
    assert "sessionid" not in answer.cookies, "nobody is logged out by it either"


def test_only_its_owner_gets_it_and_another_log_in_throws_it_away(browser, interview, person):
    form = opened(browser, interview)
    end_session(browser)
    browser.post(address("submit", interview), form)
    log_in(browser, make_member(email="grace@example.com").email)
    assert browser.get(page_of(interview)).status_code == 404
    assert kept_forms.KEY not in browser.session
    browser.post(reverse("account_logout"), token(browser))
    log_in(browser, person.email)
    browser.get(page_of(interview))
    assert answer_of(interview) == []


def test_who_sends_anothers_open_page_is_shown_its_text_and_changes_nothing(browser, interview):
    """Somebody else has logged in, in another tab: the text is on the screen already, and must not get lost."""
    form = opened(browser, interview)
    browser.post(reverse("account_logout"), token(browser))
    log_in(browser, make_member(email="grace@example.com").email)
    answer = browser.post(address("submit", interview), form, headers=HERE)
    assert answer.status_code == 403
    assert "Bias falls,\nvariance grows &amp;" in answer.content.decode()
    assert kept_forms.KEY not in browser.session
    assert answer_of(interview) == []


def test_it_waits_for_its_own_page(browser, interview, person):
    form = opened(browser, interview)
    end_session(browser)
    browser.post(address("submit", interview), form)
    log_in(browser, person.email)
    for path in (reverse("interviews:dashboard"), reverse("accounts:settings_page")):
        assert "Bias falls" not in browser.get(path).content.decode()
    browser.head(page_of(interview))
    browser.get(page_of(interview), headers={"sec-purpose": "prefetch"})
    assert answer_of(interview) == [], "looking ahead gives nothing back"
    browser.get(page_of(interview))
    assert answer_of(interview) == [TEXT]


def test_strangers_and_sizes_fill_no_table(interview):
    def send(path: str, text: str):
        client = Client()
        assert client.post(path, {"answer": text, "rev": 1, "lease": 1, "position": 1}).status_code == 302
        return client

    nobodys = address("submit", interview).replace(str(interview.public_id), "6f0f7c9e-0000-4000-8000-000000000000")
    for path, text in (
        (nobodys, "x"),
        (address("submit", interview), "x" * (kept_forms.LARGEST + 1)),
        (reverse("accounts:timers"), "x"),
    ):
        send(path, text)
    assert not Session.objects.exists()
    for _ in range(70):
        send(address("submit", interview), "x")
    assert Session.objects.count() == 60


@pytest.mark.parametrize(
    "changes", [{"rev": "NaN"}, {"lease": ""}, {"position": "99"}, {"position": "x"}, {"answer": "x" * 60_000}]
)
def test_a_damaged_form_breaks_nothing_and_its_text_is_still_shown(browser, interview, person, changes):
    form = opened(browser, interview) | changes
    end_session(browser)
    browser.post(address("submit", interview), form)
    log_in(browser, person.email)
    page = browser.get(page_of(interview))
    assert page.status_code == 200
    assert form["answer"][:10] in page.content.decode()
    assert answer_of(interview) == []


def test_what_comes_back_after_the_end_is_kept_as_late_text(browser, interview, person):
    form = opened(browser, interview)
    end_session(browser)
    browser.post(address("submit", interview), form)
    over = timezone.now() - timedelta(hours=2)
    Interview.objects.update(
        started_at=over, deadline_at=over + timedelta(hours=1), expires_at=over + timedelta(hours=1)
    )
    interview.questions.filter(position=1).update(opened_at=over, deadline_at=over + timedelta(minutes=30))
    log_in(browser, person.email)
    page = browser.get(page_of(interview), follow=True)
    assert page.status_code == 200
    assert "kept as late text" in page.content.decode()
    assert AnswerRevision.objects.filter(answer=[TEXT], kind="late").exists()


def test_what_a_coach_wrote_without_a_log_in_is_shown_to_be_copied():
    """Other forms are not kept, and still nothing that was written is lost."""
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("account_login"))
    fields = {"note": "Read about calibration first.", "choice": "yes"}
    path = reverse("interviews:assign", args=[make_coach().pk])
    answer = client.post(path, fields | token(client), headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Read about calibration first.</textarea>" in page
    assert ">yes</textarea>" not in page
    assert f"next={reverse('interviews:candidates')}" in page
    answer = client.post(path, fields | {"csrfmiddlewaretoken": "x" * 64}, headers=HERE)
    assert "Read about calibration first.</textarea>" in answer.content.decode()


def test_no_password_is_ever_shown_again(person):
    client = Client(enforce_csrf_checks=True)
    fields = {"login": person.email, "password": "a password with blanks", "csrfmiddlewaretoken": "x" * 64}
    answer = client.post(reverse("account_login"), fields, headers=HERE)
    assert answer.status_code == 403
    assert "a password with blanks" not in answer.content.decode()
