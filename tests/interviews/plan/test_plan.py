"""The plan's page, its calendar, and what is remembered of real interviews."""

from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from interviews.plan.models import Debrief, Preparation
from interviews.report import compiling
from tests.factories import make_finished_interview, make_topic
from tests.interviews.sitting.test_budget import at_most

pytestmark = pytest.mark.django_db
PLAN = reverse("interviews:plan")


def sent(**fields) -> dict:
    return {"interview_on": "", "interview_time": "", "minutes_a_day": "40", "level": "intermediate"} | fields


@pytest.fixture
def reported(candidate) -> None:
    now = timezone.now()
    make_finished_interview(candidate=candidate, now=now - timedelta(days=1), scores=(0,) * 8)
    compiling.compile_report(candidate, now=now)


@pytest.mark.usefixtures("reported")
def test_a_date_and_minutes_make_a_plan_that_ends_the_day_before(candidate_client, candidate):
    interview_on = timezone.localdate() + timedelta(days=6)
    assert candidate_client.post(PLAN, sent(interview_on=interview_on.isoformat(), days_off=["6"])).status_code == 302
    with at_most(12):
        page = candidate_client.get(PLAN)
    made = page.context["planned"].plan
    assert len(made.days) == 6
    assert made.days[-1].date == interview_on - timedelta(days=1)
    assert all(day.planned <= 40 for day in made.days)
    assert "6 days to your interview" in page.content.decode()
    assert "What doesn’t fit" not in page.content.decode() or made.left_out


def test_what_makes_no_sense_is_said_and_changes_nothing(candidate_client, candidate):
    for wrong in ({"interview_on": "1999-01-01"}, {"minutes_a_day": "0"}, {"days_off": ["9"]}, {"tracks": ["no-such"]}):
        assert candidate_client.post(PLAN, sent(**wrong)).status_code == 422
    assert not Preparation.objects.exists()


@pytest.mark.usefixtures("reported")
def test_the_calendar_is_read_by_its_address_alone_until_that_is_revoked(candidate_client, candidate):
    candidate_client.post(PLAN, sent(interview_on=(timezone.localdate() + timedelta(days=4)).isoformat()))
    link = candidate_client.post(reverse("interviews:make_feed")).context["link"]
    stranger = Client()
    found = Calendar.from_ical(stranger.get(link).content)
    titles = [str(event["summary"]) for event in found.walk("VEVENT")]
    assert titles[-1] == "Interview"
    assert titles[0].startswith("Practise for ")
    text = stranger.get(link).content.decode()
    assert "target" not in text  # nothing of what the report found
    assert link.rsplit("/", 1)[1].removesuffix(".ics") not in str(Preparation.objects.values_list().get())
    candidate_client.post(reverse("interviews:make_feed"))
    assert stranger.get(link).status_code == 404
    candidate_client.post(reverse("interviews:revoke_feed"))
    assert Preparation.objects.get().feed_hash is None


def test_the_hour_of_the_interview_is_in_the_candidates_own_zone(candidate_client, candidate):
    candidate.time_zone = "Asia/Tokyo"
    candidate.save()
    day = timezone.localdate() + timedelta(days=9)
    Preparation.objects.create(candidate=candidate, interview_on=day, interview_time=time(10, 30))
    link = candidate_client.post(reverse("interviews:make_feed")).context["link"]
    events = Calendar.from_ical(Client().get(link).content).walk("VEVENT")
    (event,) = (one for one in events if one["summary"] == "Interview")
    assert event.decoded("dtstart").utcoffset() == timedelta(hours=9)


def test_a_debrief_is_kept_flags_its_topics_and_goes_when_it_is_deleted(candidate_client, candidate):
    make_topic(slug="nlp")
    path = reverse("interviews:debriefs")
    today = timezone.localdate()
    empty = {"held_on": today.isoformat(), "asked": "", "went": "", "surprised": ""}
    assert candidate_client.post(path, empty).status_code == 422
    assert candidate_client.post(path, empty | {"asked": "Why log loss?", "topics": ["nlp"]}).status_code == 302
    assert Preparation.objects.with_debriefs(candidate, today)[1:] == ({"nlp"}, today)
    assert Preparation.objects.with_debriefs(candidate, date(2100, 1, 1))[1] == set()
    assert "Why log loss?" in candidate_client.get(path).content.decode()
    candidate_client.post(reverse("interviews:delete_debrief", args=[candidate.debriefs.get().pk]))
    assert not candidate.debriefs.exists()


def test_after_the_interview_home_asks_for_a_debrief_until_there_is_one(candidate_client, candidate):
    yesterday = timezone.localdate() - timedelta(days=1)
    Preparation.objects.create(candidate=candidate, interview_on=yesterday)
    home = reverse("interviews:dashboard")
    assert "How was the interview?" in candidate_client.get(home).content.decode()
    Debrief.objects.create(candidate=candidate, held_on=yesterday, asked="SQL", written_at=timezone.now())
    assert "How was the interview?" not in candidate_client.get(home).content.decode()
