import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def send(client, **changes):
    chosen = {"name": "Ada", "time_zone": "Europe/Berlin", "target_level": "advanced", "time_multiplier": "1.5"}
    return client.post(reverse("accounts:settings_page"), chosen | {"hides_timers": "on"} | changes, follow=True)


def test_saved_settings_are_kept_and_the_page_says_so(candidate, candidate_client):
    page = send(candidate_client)
    assert "Your settings are saved." in page.content.decode()
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
    assert "Nothing is saved yet" in page.content.decode()
    candidate.refresh_from_db()
    assert (candidate.name, candidate.time_zone) == ("", "UTC")
