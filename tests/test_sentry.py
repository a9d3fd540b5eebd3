"""What leaves for Sentry when something breaks: enough to find the place, and nothing that people wrote."""

import json
import logging
from smtplib import SMTPRecipientsRefused

import pytest
import sentry_sdk
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path
from sentry_sdk.transport import Transport

from config import sentry
from config.urls import urlpatterns as real_urlpatterns

pytestmark = pytest.mark.django_db
CANARY = "a canary of an answer"


@login_not_required
def breaks(request: HttpRequest, token: str):
    written = request.POST["answer"]
    raise ValueError(f"{written} by {request.user.email}")


urlpatterns = [path("breaks/<str:token>/", breaks, name="breaks"), *real_urlpatterns]


@pytest.fixture
def sent():
    """Sentry's client as in production, but what it sends stays here, as the text that would travel."""
    texts: list[str] = []

    class Kept(Transport):
        def capture_envelope(self, envelope):
            texts.append(envelope.serialize().decode())

    sentry.start("https://key@sentry.example.com/1", transport=Kept)
    yield texts
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


def event(text: str) -> dict:
    return json.loads(text.splitlines()[2])


@override_settings(ROOT_URLCONF=__name__)
def test_an_error_is_told_with_its_place_and_without_a_word_of_an_answer(sent, candidate):
    client = Client(raise_request_exception=False)
    client.force_login(candidate)
    client.cookies["flavour"] = "a-secret-cookie"
    page = client.post("/breaks/a-secret-token/?q=typed", {"answer": CANARY}, headers={"x-typed": "a-secret-header"})
    assert page.status_code == 500
    (text,) = sent
    for secret in (CANARY, "canary", "ada@example.com", "a-secret", "typed", client.cookies["sessionid"].value):
        assert secret not in text, secret
    told = event(text)
    (error,) = told["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "breaks"
    assert told["transaction"].endswith("breaks")
    assert told["tags"]["request_id"] == page["X-Request-Id"]


def test_only_errors_of_machines_are_told_with_their_words(sent):
    try:
        raise OperationalError("the connection was refused") from ValueError(CANARY)
    except OperationalError:
        logging.getLogger("interviews.tasks").exception("The sweep failed.")
    (text,) = sent
    assert "the connection was refused" in text
    assert CANARY not in text


def test_a_mail_server_that_refuses_somebody_is_told_without_the_address(sent):
    try:
        raise SMTPRecipientsRefused({"ada@example.com": (550, b"<ada@example.com>: no such mailbox")})
    except OSError:
        logging.getLogger("accounts.adapters").exception("A notification could not be sent")
    (text,) = sent
    assert "no such mailbox" in text
    assert "ada@example" not in text


def test_an_error_in_the_log_is_told_without_what_was_filled_in(sent):
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("interviews.tasks").exception("The sweep could not %s %s; it goes on.", "score", CANARY)
    (text,) = sent
    assert CANARY not in text
    assert event(text)["logentry"]["message"] == "The sweep could not %s %s; it goes on."


def switched_on(collected: dict) -> list[str]:
    """Whatever the SDK knows to collect, by name: also what a later version adds, which is on unless it is named."""
    found = []
    for name, value in collected.items():
        if isinstance(value, dict):
            found += [f"{name}.{inner}" for inner in ([] if value.get("mode") == "off" else switched_on(value))]
        elif value:
            found.append(name)
    return found


def test_the_library_collects_nothing_of_people_to_begin_with(sent):
    collected = dict(sentry_sdk.get_client().options["data_collection"])
    assert collected.pop("provided_by_user")
    assert switched_on(collected) == []


def test_what_the_library_collected_is_dropped_all_the_same(sent):
    """As if a later version, or an integration, did not ask."""
    everything = {key: {"any": CANARY} for key in ("request", "user", "extra", "contexts", "breadcrumbs", "modules")}
    frame = {"function": "breaks", "vars": {"written": CANARY}, "context_line": CANARY, "pre_context": [CANARY]}
    error = {"type": "ValueError", "value": CANARY, "stacktrace": {"frames": [frame]}, "mechanism": {"data": CANARY}}
    sentry_sdk.capture_event(everything | {"exception": {"values": [error]}, "tags": {"typed": CANARY}})
    (text,) = sent
    assert "breaks" in text
    assert CANARY not in text


def test_nothing_is_sent_where_no_address_is_set(settings):
    assert settings.SENTRY_DSN == ""
    assert not sentry_sdk.get_client().is_active()
