"""Who was given which role or grant, when and by whom: the database writes it down, whoever does it, and keeps it."""

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.backends import with_rights
from accounts.models import COACHES, CoachGrant, User
from accounts.rights import RightEvent
from interviews.records import erasure
from tests.factories import NOON, make_admin, make_candidate, make_coach, make_curator
from tests.interviews.factories import client_of, make_grant

pytestmark = pytest.mark.django_db


def history(person: User) -> list[tuple]:
    """(given or taken, right, who did it), the oldest first."""
    return [
        ("given" if event.is_given else "taken", event.right, event.actor)
        for event in RightEvent.objects.filter(person=person).order_by("pk")
    ]


def change_in_admin(client, person: User, **changes) -> None:
    url = reverse("admin:accounts_user_change", args=[person.pk])
    initial = client.get(url).context["adminform"].form.initial
    initial["groups"] = [group.pk for group in initial["groups"]]
    fields = {name: value for name, value in (initial | changes).items() if value}
    assert client.post(url, fields).status_code == 302


def test_what_an_administrator_changes_on_the_admins_pages_is_written_down_with_their_name():
    admin, person = make_admin(), make_candidate(name="Ada")
    desk = client_of(admin)
    coaches = Group.objects.get_or_create(name=COACHES)[0]
    change_in_admin(desk, person, groups=[coaches.pk], is_staff="on")
    change_in_admin(desk, person, name="Ada L.")
    change_in_admin(desk, person, groups=[], is_staff="", is_active="")
    assert sorted(history(person)[:2]) == [("given", COACHES, admin), ("given", "staff", admin)]
    assert sorted(history(person)[2:]) == [
        ("taken", COACHES, admin), ("taken", "log-in", admin), ("taken", "staff", admin),
    ]  # fmt: skip


def test_a_group_that_is_deleted_takes_its_role_from_everybody_and_that_is_written_down():
    admin, coach = make_admin(), make_coach()
    group = Group.objects.get(name=COACHES)
    client_of(admin).post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    assert history(coach) == [("given", COACHES, None), ("taken", COACHES, admin)]


def test_what_commands_shells_and_plain_sql_do_is_written_down_without_a_name(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct-horse-battery")
    call_command("createsuperuser", "--no-input", email="root@example.com", verbosity=0)
    root = User.objects.get(email="root@example.com")
    assert history(root) == [("given", "staff", None), ("given", "administrator", None)]
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = false WHERE id = %s", [root.pk])
    root.user_permissions.add(Permission.objects.get(codename="view_interview"))
    root.user_permissions.clear()
    assert history(root)[2:] == [
        ("taken", "administrator", None),
        ("taken", "log-in", None),
        ("given", "view_interview", None),
        ("taken", "view_interview", None),
    ]


def test_signing_up_and_logging_in_give_no_right():
    person = make_candidate()
    person.last_login = NOON
    person.save()
    assert not RightEvent.objects.exists()


def test_a_grant_is_written_down_when_it_opens_something_and_when_it_ends(candidate):
    coach = make_candidate()
    grant, token = CoachGrant.objects.invite(candidate, scope="all", now=NOON)
    assert not RightEvent.objects.exists()
    CoachGrant.objects.accept(token, by=coach, now=NOON)
    CoachGrant.objects.accept(token, by=coach, now=NOON)  # a repeat
    interview = uuid4()
    for _ in range(2):
        CoachGrant.objects.share_interview(candidate, coach, interview_public_id=interview, now=NOON)
    client_of(candidate).post(reverse("interviews:revoke_grant", args=[grant.pk]))
    assert history(coach) == [
        ("given", "grant: all", candidate),
        ("given", COACHES, candidate),
        ("given", f"grant: interview {interview}", candidate),
        ("taken", "grant: all", candidate),
    ]
    assert {event.grant.candidate for event in RightEvent.objects.exclude(grant=None)} == {candidate}


def test_a_grant_that_is_widened_or_handed_on_behind_everybodys_back_is_written_down(candidate):
    coach, other = make_candidate(), make_candidate()
    grant = make_grant(candidate, coach, scope="from_now_on")
    before = RightEvent.objects.count()
    CoachGrant.objects.filter(pk=grant.pk).update(scope="all")
    CoachGrant.objects.filter(pk=grant.pk).update(coach=other)
    assert RightEvent.objects.count() == before + 4
    assert history(coach)[-2:] == [("given", "grant: all", None), ("taken", "grant: all", None)]
    assert history(other) == [("given", "grant: all", None)]


def test_the_record_cannot_be_changed_and_a_right_not_be_given_unseen():
    coach = make_coach()
    for change in (
        lambda: RightEvent.objects.update(right="nothing"),
        RightEvent.objects.all().delete,
        coach.delete,  # only the erasing does that
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert history(coach) == [("given", COACHES, None)]


def test_the_record_goes_with_its_person_and_loses_who_acted(candidate):
    coach, admin = make_candidate(), make_admin()
    make_grant(candidate, coach)
    change_in_admin(client_of(admin), coach, is_staff="on")
    erasure.delete_everything(admin, now=NOON)
    assert history(coach)[-1] == ("given", "staff", None)
    erasure.delete_everything(candidate, now=NOON)
    assert history(coach) == [("given", COACHES, None), ("given", "staff", None)]  # the grant has gone with its giver
    erasure.delete_everything(coach, now=NOON)
    assert not RightEvent.objects.exists()


def test_administrators_read_the_record_and_nobody_writes_in_it(candidate):
    make_grant(candidate, make_candidate(email="grace@example.com"))
    event = RightEvent.objects.filter(right="grant: all").get()
    pages = {name: reverse(f"admin:accounts_rightevent_{name}") for name in ("changelist", "add")}
    pages |= {name: reverse(f"admin:accounts_rightevent_{name}", args=[event.pk]) for name in ("change", "delete")}
    desk = client_of(make_admin())
    page = desk.get(pages["changelist"], {"q": "grace@"}).content.decode()
    assert "grant: all" in page
    assert page.count(candidate.email) >= 2  # whose interviews, and by whom
    assert "grace@example.com" in page
    assert "grant: all" in desk.get(pages["change"]).content.decode()
    for name in ("add", "delete", "change"):
        assert desk.post(pages[name], {"post": "yes", "right": "x"}).status_code == 403, name
    for person in (make_curator(), candidate):
        assert client_of(person).get(pages["changelist"]).status_code in (302, 403)


def test_the_list_costs_the_same_whoever_and_however_many_are_in_it(django_assert_num_queries, candidate):
    desk = client_of(make_admin())
    changelist = reverse("admin:accounts_rightevent_changelist")
    desk.get(changelist)
    for _ in range(2):
        for _ in range(3):
            make_grant(candidate, make_candidate(), now=NOON + timedelta(hours=1))
        with django_assert_num_queries(6):
            desk.get(changelist)


@pytest.mark.django_db(transaction=True)
def test_the_record_begins_with_what_stands_when_it_is_introduced(candidate):
    """The migration on a site with people: back, something of each kind, and forward again."""
    coach, admin = make_coach(), make_admin()
    grant = make_grant(candidate, coach, now=NOON)
    grant.revoke(now=NOON + timedelta(days=1))
    migration = import_module("accounts.migrations.0006_history_of_rights")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(migration.BACKWARD)
        cursor.execute("TRUNCATE accounts_rightevent")
        cursor.execute(migration.FORWARD)
    assert history(admin) == [("given", "staff", None), ("given", "administrator", None)]
    assert history(coach) == [
        ("given", COACHES, None), ("given", "grant: all", candidate), ("taken", "grant: all", candidate),
    ]  # fmt: skip
    moments = RightEvent.objects.exclude(grant=None).order_by("pk").values_list("at", flat=True)
    assert list(moments) == [NOON, NOON + timedelta(days=1)]
    coach.groups.clear()
    assert history(coach)[-1] == ("taken", COACHES, None)


def test_a_query_that_was_composed_once_answers_for_whoever_it_is_asked_about(candidate):
    coach, holder, former = make_coach(), make_candidate(), make_candidate()
    make_grant(candidate, coach=holder)
    make_grant(candidate, coach=former).revoke(now=NOON)
    holder.groups.clear()
    former.groups.clear()
    people = (candidate, coach, holder, former, coach)
    assert [[(found.pk, found.is_coach) for found in with_rights(one.pk)] for one in people] == [
        [(one.pk, one in (coach, holder))] for one in people
    ]
    assert with_rights(0) == []
