"""Every screen about an account: log-in and its mails, second factor, devices, one's own data and its end."""

from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from interviews.notices.models import MutedNotice
from interviews.notices.notify import notify
from interviews.records.models import DataExport
from questions.models import QuestionFlag
from tests.browser.conftest import confirm_password
from tests.browser.looking import LONG_NAME, enter, look_at_each, looked_at
from tests.factories import make_candidate, make_coach, make_version
from tests.interviews.records.everything import make_export

pytestmark = pytest.mark.django_db(transaction=True)
LONG_ADDRESS = "a-very-long-address-without-any-space-in-it@a-very-long-domain-name.example.com"


def test_pages_before_the_log_in(visitor, person, home):
    unconfirmed = EmailAddress.objects.create(user=person, email=LONG_ADDRESS)
    look_at_each(
        visitor,
        home,
        ("interviews:landing",),
        ("account_login",),
        ("account_signup",),
        ("account_reset_password",),
        ("account_reset_password_done",),
        ("account_reset_password_from_key_done",),
        ("account_reset_password_from_key", user_pk_to_url_str(person), "no-such-key"),
        ("account_inactive",),
        ("account_email_verification_sent",),
        ("account_confirm_email", EmailConfirmationHMAC(unconfirmed).key),
        ("account_confirm_email", "no-such-key"),
    )
    key = default_token_generator.make_token(person)
    visitor.goto(home + reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key]))
    expect(visitor.get_by_label("New password").first).to_be_visible()
    assert looked_at(visitor) == [], "a new password"
    visitor.goto(home + reverse("account_signup"))
    visitor.get_by_label("Email").fill("grace@example.com")
    visitor.get_by_label("Password").fill("12345678")
    visitor.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(visitor.locator(".errorlist").first).to_be_visible()
    assert looked_at(visitor) == [], "a weak password"


def test_pages_of_an_account(candidate_page, person, home, settings):
    settings.LLM_URL, settings.LLM_MODEL = "https://models.example.com/v1/chat/completions", "a-model"
    page = candidate_page
    person.email, person.name = LONG_ADDRESS, LONG_NAME
    person.save()
    person.emailaddress_set.update(email=LONG_ADDRESS)
    look_at_each(page, home, ("mfa_index",), ("mfa_list_webauthn",))
    page.goto(home + reverse("mfa_add_webauthn"))
    confirm_password(page)
    page.wait_for_url("**/webauthn/add/")
    EmailAddress.objects.create(user=person, email="grace@example.com")
    look_at_each(page, home, ("account_email",))
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    passkey = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": LONG_NAME, "credential": {}}
    )
    look_at_each(
        page,
        home,
        ("accounts:settings_page",),
        ("interviews:language_model",),
        ("account_change_password",),
        ("account_logout",),
        ("account_reauthenticate",),
        ("usersessions_list",),
        ("mfa_index",),
        ("mfa_reauthenticate",),
        ("mfa_deactivate_totp",),
        ("mfa_view_recovery_codes",),
        ("mfa_generate_recovery_codes",),
        ("mfa_list_webauthn",),
        ("mfa_edit_webauthn", passkey.pk),
        ("mfa_remove_webauthn", passkey.pk),
    )


def test_pages_of_whoever_has_no_password_or_no_second_factor(visitor, home, settings):
    enter(visitor, home, make_candidate())
    look_at_each(visitor, home, ("account_set_password",))
    enter(visitor, home, make_coach())
    visitor.goto(home + reverse("interviews:coaching"))
    settings.SECOND_FACTOR_REQUIRED = True
    visitor.goto(home + reverse("interviews:notices"))
    visitor.wait_for_url("**/2fa/")
    assert looked_at(visitor) == [], "led to the second factor"


def test_pages_about_what_the_site_holds_of_a_person(candidate_page, person, home, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    page, now = candidate_page, timezone.now()
    data = ("interviews:your_data",)
    page.goto(home + reverse("interviews:delete_account"))
    confirm_password(page)
    page.wait_for_url("**/settings/data/delete/")
    look_at_each(page, home, data, ("interviews:delete_account",))
    export = make_export(person)
    exports = DataExport.objects.filter(pk=export.pk)
    exports.update(expires_at=now + timedelta(hours=5))
    look_at_each(page, home, data)
    exports.update(expires_at=now - timedelta(hours=1))
    look_at_each(page, home, data)
    page.goto(home + reverse("interviews:download_export", args=[export.public_id]))
    expect(page.get_by_role("heading", name="This export has been deleted")).to_be_visible()
    assert looked_at(page) == [], "expired"
    exports.update(ready_at=None, parts_done=0, held_until=now + timedelta(minutes=5))
    look_at_each(page, home, data)
    exports.update(parts=10, parts_done=4)
    look_at_each(page, home, data)
    exports.update(attempts=DataExport.MAX_ATTEMPTS, held_until=None)
    look_at_each(page, home, data)

    person.ask_for_erasure(at=now + timedelta(days=7))
    look_at_each(page, home, data, ("interviews:dashboard",), ("interviews:delete_now",))
    page.get_by_label("Type your email address").fill("wrong")
    page.get_by_role("button", name="Delete everything now").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    assert looked_at(page) == [], "wrong address"
    page.get_by_label("Type your email address").fill(person.email)
    page.get_by_role("button", name="Delete everything now").click()
    expect(page.get_by_role("heading", name="Your account is being deleted")).to_be_visible()
    assert looked_at(page) == [], "deleted"


def test_lists_with_a_second_page(candidate_page, person, home):
    page, now = candidate_page, timezone.now()
    version = make_version(format="single_choice")
    for number in range(21):
        notify(person, "assigned", key=str(number), path="/", subject=f"{LONG_NAME} {number}", now=now)
        flag = QuestionFlag.objects.report(
            version, by=person, reason="wrong", comment="word " * 60, now=now + timedelta(hours=number)
        )
        flag.respond("It is right. " + "x" * 200, by=person, now=now)
    MutedNotice.objects.create(person=person, kind="assigned", channel="mail")
    look_at_each(page, home, ("interviews:notices",), ("questions:flags",), ("interviews:notice_settings",))
