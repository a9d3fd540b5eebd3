"""No screen is forgotten: whatever address answers with a page is named in a browser test that looks at it."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import make_admin

pytestmark = pytest.mark.django_db
LOOKING = "".join(path.read_text() for path in (Path(__file__).parent / "browser").glob("test_screens*.py"))
# Looked at where a test of the browser arrives at them.
ON_THE_WAY = {
    *("interviews:again", "interviews:interview", "interviews:trial", "accounts:development_mail"),
    "admin:questions_questionversion_uploaded",
    *("account_login_turn", "mfa_activate_totp", "mfa_authenticate", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"),
}
FILES = {
    *(
        "interviews:manifest",
        "interviews:recording",
        "interviews:sketch",
        "questions:sql_worker",
        "questions:python_worker",
        "mfa_download_recovery_codes",
    ),
    *("interviews:report_json", "interviews:report_csv", "interviews:missed_questions"),
    *("interviews:calendar_feed", "interviews:live_calendar_file", "questions:figure"),
    *("interviews:cohort_csv", "interviews:cohort_roster_csv"),
}
PARTS_OF_A_PAGE = {
    *("interviews:clock", "interviews:setup_panel", "interviews:interview_panel", "interviews:result_panel"),
    *("interviews:changed_panel", "interviews:hint_panel", "interviews:live_state", "interviews:live_look"),
    *("interviews:report_panel", "interviews:export_panel", "interviews:transcript_panel"),
    *("interviews:report_evidence_panel", "interviews:candidate_evidence_panel", "interviews:cohort_roster_panel"),
    "admin:questions_questionversion_uploaded_panel",
}
ONLY_LEADS_ON = {
    *("mfa_login_webauthn", "account_confirm_login_code", "interviews:missed_questions_text"),
    *("interviews:mark_question", "interviews:next_review"),
}
OF_DJANGO_ITSELF = re.compile(
    "admin:(None|index|log(in|out)|jsi18n|view_on_site|app_list|autocomplete"
    "|.*(password_change|password_change_done|changelist|add|history|delete|change))"
)


def addresses(patterns=None, prefix: str = "", namespace: str = ""):
    """(name with its namespace, path) of every address, the parts to fill in filled with something."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(
                pattern.url_patterns, route, f"{pattern.namespace}:" if pattern.namespace else namespace
            )
        elif isinstance(pattern, URLPattern):
            path = re.sub(r"<uuid:\w+>", "12345678-1234-5678-1234-567812345678", route)
            yield f"{namespace}{pattern.name}", "/" + re.sub(r"\(.*\)|<[^>]+>|[\^$]", "1", path)


def test_every_address_with_a_page_is_looked_at_by_a_browser_test():
    client = Client(raise_request_exception=False)
    client.force_login(make_admin())
    known = ON_THE_WAY | FILES | PARTS_OF_A_PAGE | ONLY_LEADS_ON
    all_addresses = dict(addresses())
    assert known <= all_addresses.keys(), "no exception outlives its address"
    forgotten = [
        name
        for name, path in all_addresses.items()
        if name not in known
        and not OF_DJANGO_ITSELF.fullmatch(name)
        and f'"{name}"' not in LOOKING
        and client.get(path).status_code != 405
    ]
    assert forgotten == [], "\n".join(forgotten)
