"""A name shows something and stays within its line, wherever somebody types one."""

import unicodedata

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.names import BLANKS, MOST_MARKS, ValidationError, tidy
from questions.models import Topic, Track
from tests.accounts.test_settings import send
from tests.factories import PASSWORD, make_admin, make_candidate, make_member, make_topic, make_track

NOTHING = {
    "a zero-width space": "\u200b",
    "a Hangul filler": "\u3164",
    "a sign that is not assigned and ignored": "\U000e0fff",
    "80 acute accents": "\u0301" * 80,
    "an accent on a blank": "\u00a0\u0301",
    "a braille blank": "\u2800",
    "direction marks": "\u202e\u2066\u200f",
    "joiners": "\u200d\u200c\u200d",
    "a soft hyphen": "\u00ad",
    "variation selectors": "\ufe0f\ufe0f",
    "tags": "\U000e0041\U000e0042",
    "a combining grapheme joiner": "\u034f",
    "a half-width filler between blanks": "  \uffa0 ",
}


@pytest.mark.parametrize("name", NOTHING.values(), ids=NOTHING)
@pytest.mark.django_db
def test_a_name_that_shows_nothing_is_refused_and_changes_nothing(candidate, candidate_client, name):
    send(candidate_client, name="Ada")
    page = send(candidate_client, name=name)
    assert page.status_code == 422
    assert "This name is invisible" in page.content.decode()
    candidate.refresh_from_db()
    assert candidate.name == "Ada"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("   ", ""),
        ("A" + "\u0301" * 80, "Á" + "\u0301" * MOST_MARKS),
        ("\u202eadA\u202c", "adA"),
        ("Ada\u200b\u3164  Lovelace\n", "Ada Lovelace"),
        ("Ngu\u031b\u0303", "Ngữ"),
        ("علی‌رضا", "علی‌رضا"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("👩‍💻", "👩‍💻"),
        ("ก็ี้", "ก็ี้"),
        ("李 小龙", "李 小龙"),
    ],
)
@pytest.mark.django_db
def test_a_name_is_kept_as_it_is_read(candidate, candidate_client, typed, kept):
    assert send(candidate_client, name=typed).status_code == 200
    candidate.refresh_from_db()
    assert candidate.name == unicodedata.normalize("NFC", kept)


@settings(max_examples=500)
@given(st.text(max_size=40) | st.text("A\u0301\u200d\u3164 \u202e\ufe0f", max_size=40))
def test_whatever_is_typed_a_kept_name_shows_and_stays_as_it_is(text):
    try:
        name = tidy(text)
    except ValidationError:
        return
    assert tidy(name) == name
    if not name:
        assert not text.strip()
        return
    seen = [sign for sign in name if unicodedata.category(sign)[0] in "LNPSC" and sign not in BLANKS]
    assert seen
    run = 0
    for sign in name:
        is_mark = unicodedata.category(sign)[0] == "M"
        run = run + 1 if is_mark else run if sign in "\u200c\u200d" else 0
        assert run <= MOST_MARKS


@pytest.mark.django_db
def test_the_admins_forms_hold_people_topics_tracks_and_groups_to_the_same_rule():
    client, person = Client(), make_candidate(name="Ada")
    client.force_login(make_admin())
    group, topic, track = Group.objects.create(name="Room 4"), make_topic(), make_track()
    for model, row in (
        ("accounts_user", person),
        ("auth_group", group),
        ("questions_topic", topic),
        ("questions_track", track),
    ):
        address = reverse(f"admin:{model}_change", args=[row.pk])
        page = client.get(address)
        initial = page.context["adminform"].form.initial
        for formset in page.context["inline_admin_formsets"]:
            initial |= {f"{formset.formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        fields = {name: value for name, value in initial.items() if value not in (None, [], "")}
        refused = client.post(address, fields | {"name": "\u3164\u200b"})
        assert "This name is invisible" in refused.content.decode(), model
    assert (User.objects.get(pk=person.pk).name, Group.objects.get(pk=group.pk).name) == ("Ada", "Room 4")
    assert (Topic.objects.get().name, Track.objects.get().name) == (topic.name, track.name)


@pytest.mark.django_db
def test_a_passkeys_name_is_held_to_it_too():
    person, client = make_member(email="ada@example.com"), Client()
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Laptop", "credential": {}})
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    address = reverse("mfa_edit_webauthn", args=[key.pk])
    assert "This name is invisible" in client.post(address, {"name": "\u200b"}).content.decode()
    assert client.post(address, {"name": "Desk\u200b"}).status_code == 302
    key.refresh_from_db()
    assert key.data["name"] == "Desk"


@pytest.mark.django_db(transaction=True)
def test_names_from_before_are_tidied_and_one_that_shows_nothing_is_none():
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0008_one_spelling_of_addresses")])
    old = executor.loader.project_state([("accounts", "0008_one_spelling_of_addresses")]).apps.get_model(
        "accounts", "User"
    )
    names = ["\u3164", "Ada", "B" + "\u0301" * 80]
    people = [old.objects.create(email=f"p{number}@example.com", name=name) for number, name in enumerate(names)]
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        assert [User.objects.get(pk=person.pk).name for person in people] == ["", "Ada", "B" + "\u0301" * MOST_MARKS]
        assert str(User.objects.get(pk=people[0].pk)) == f"Person {people[0].pk}"
    finally:
        User.objects.all().delete()
