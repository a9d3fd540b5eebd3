import pytest
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


def send(client, **changes):
    chosen = {"name": "Ada", "time_zone": "Europe/Berlin", "target_level": "advanced", "time_multiplier": "1.5"}
    return client.post(reverse("accounts:settings_page"), chosen | {"hides_timers": "on"} | changes, follow=True)


def test_saved_settings_are_kept_and_the_page_says_so(candidate, candidate_client):
    page = send(candidate_client)
    assert "Settings saved." in page.content.decode()
    candidate.refresh_from_db()
    assert (candidate.name, candidate.time_zone, candidate.target_level) == ("Ada", "Europe/Berlin", "advanced")
    assert (candidate.time_multiplier, candidate.hides_timers, candidate.uses_shortcuts) == (1.5, True, False)


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Mars/Olympus"}, {"time_multiplier": "0.5"}, {"time_multiplier": "x"}, {"target_level": "wizard"}],
)
def test_a_wrong_setting_is_marked_and_changes_nothing(candidate, candidate_client, wrong):
    page = send(candidate_client, **wrong)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert "Not saved yet" in page.content.decode()
    candidate.refresh_from_db()
    assert (candidate.name, candidate.time_zone) == ("", "UTC")


def test_what_the_form_does_not_ask_for_cannot_be_set_by_sending_it(candidate, candidate_client):
    before = User.objects.values("email", "password", "is_guest", "erase_at", "date_joined").get(pk=candidate.pk)
    powers = {"is_staff": "on", "is_superuser": "on", "groups": "1", "user_permissions": "1", "is_guest": "on"}
    others = {"email": "eve@example.com", "password": "x", "erase_at": "2020-01-01", "id": "1", "pk": "1"}
    assert send(candidate_client, **powers, **others).status_code == 200
    assert User.objects.values(*before).get(pk=candidate.pk) == before
    candidate.refresh_from_db()
    assert (candidate.is_staff, candidate.is_superuser, candidate.groups.count()) == (False, False, 0)
    assert candidate.name == "Ada"
