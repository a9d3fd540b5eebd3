"""The plan as an iCalendar file: an all-day entry for each day with something in it, and the interview itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from interviews.plan.home import block_title
from interviews.plan.reading import Planned
from interviews.plan.scheduling import Day
from interviews.sitting.clock_text import duration

REFRESHED_EVERY = timedelta(hours=6)
INTERVIEW_LASTS = timedelta(hours=1)


def calendar(planned: Planned, *, time_zone: str, home: str, now: datetime) -> bytes:
    """`home`: the address of the plan's page. Nothing in it says what the report found."""
    found = Calendar()
    found.add("prodid", "-//Holdout//Plan//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", "Holdout plan")
    found.add("refresh-interval", REFRESHED_EVERY, parameters={"value": "DURATION"})
    for day in planned.plan.days:
        if day.planned:
            found.add_component(day_event(day, planned, home=home, now=now))
    if planned.preparation.interview_on and planned.preparation.interview_on >= planned.today:
        found.add_component(interview_event(planned, time_zone=time_zone, home=home, now=now))
    return found.to_ical()


def day_event(day: Day, planned: Planned, *, home: str, now: datetime) -> Event:
    titles = [block_title(block, str(planned.track)) for block in day.blocks]
    event = Event()
    event.add("uid", f"{day.date:%Y%m%d}-{planned.preparation.candidate_id}@holdout")
    event.add("dtstamp", now)
    event.add("dtstart", day.date)
    event.add("dtend", day.date + timedelta(days=1))
    event.add("summary", f"Practise for {duration(60 * day.planned)}")
    event.add("description", "\n".join([*titles, home]))
    event.add("transp", "TRANSPARENT")
    return event


def interview_event(planned: Planned, *, time_zone: str, home: str, now: datetime) -> Event:
    when, at = planned.preparation.interview_on, planned.preparation.interview_time
    event = Event()
    event.add("uid", f"interview-{planned.preparation.candidate_id}@holdout")
    event.add("dtstamp", now)
    if at:
        begins = datetime.combine(when, at, tzinfo=ZoneInfo(time_zone))
        event.add("dtstart", begins)
        event.add("dtend", begins + INTERVIEW_LASTS)
    else:
        event.add("dtstart", when)
        event.add("dtend", when + timedelta(days=1))
    event.add("summary", "Interview")
    event.add("description", home)
    return event
