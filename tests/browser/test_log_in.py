"""What only a browser can do about logging in: a QR code under the policy, passkeys, the device's time zone."""

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import axe_violations, confirm_password
from tests.browser.looking import looked_at
from tests.factories import PASSWORD, make_track, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def localhost(home) -> str:
    """Passkeys belong to a name, never to a number."""
    return re.sub("//[^:/]+", "//localhost", home)


@pytest.fixture
def security_key(visitor):
    """A device that holds passkeys and says yes to everything."""
    devtools = visitor.context.new_cdp_session(visitor)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def give_password(page, home: str, person) -> None:
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()


def log_out(page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda url: "/interviews/" not in url)


def code_of(secret: str, *, later: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + later))


def test_an_authenticator_app_is_set_up_and_logs_in(visitor, person, localhost):
    page = visitor
    give_password(page, localhost, person)
    page.wait_for_url("**/interviews/")
    page.goto(f"{localhost}/accounts/2fa/totp/activate/")
    confirm_password(page)
    code = page.get_by_role("img", name="QR code")
    expect(code).to_be_visible()
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert looked_at(page) == []
    secret = page.locator("#totp-key").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator(".secret-codes li")).to_have_count(10)
    assert looked_at(page) == []
    log_out(page)
    give_password(page, localhost, person)
    page.wait_for_url("**/authenticate/")
    assert looked_at(page) == []
    page.get_by_label("Code").fill(code_of(secret, later=1))  # within the tolerance, and not the one that was used
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/interviews/")


def test_a_passkey_is_added_and_logs_in_with_and_without_the_password(visitor, person, localhost, security_key):
    page = visitor
    give_password(page, localhost, person)
    page.wait_for_url("**/interviews/")
    page.goto(f"{localhost}/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.get_by_label("Name").fill("laptop")
    assert looked_at(page) == []
    page.get_by_label("Name").press("Enter")
    page.wait_for_url("**/recovery-codes/")
    assert person.second_factors == ["1 passkey"]
    page.goto(f"{localhost}/accounts/2fa/webauthn/reauthenticate/")
    assert looked_at(page) == []
    log_out(page)
    page.goto(f"{localhost}/accounts/login/")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/interviews/")
    log_out(page)
    give_password(page, localhost, person)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/interviews/")


def test_a_passkey_that_is_not_there_is_said_in_words(visitor, localhost, security_key):
    visitor.goto(f"{localhost}/accounts/login/")
    visitor.get_by_role("button", name="Use a passkey instead").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Nothing was confirmed")


def test_the_devices_time_zone_is_taken_at_the_start_or_later_with_one_click(browser, person, home):
    make_version(format="free_text")
    make_track(slug="trial", count=1)
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    for path in ("/accounts/signup/", "/trial/"):
        page.goto(f"{home}{path}")
        expect(page.locator("input[name=time_zone]")).to_have_value("Asia/Tokyo")
    give_password(page, home, person)
    page.wait_for_url("**/interviews/")
    page.goto(f"{home}/settings/")
    offer = page.get_by_role("button", name="Use Asia/Tokyo")
    assert axe_violations(page) == []
    offer.click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    person.refresh_from_db()
    assert person.time_zone == "Asia/Tokyo"
    expect(offer).to_be_hidden()
    context.close()
