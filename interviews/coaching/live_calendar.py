"""A live mock as an iCalendar file, the same for both: a time that is moved replaces the entry that it had."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from interviews.coaching.models import LiveMock


def calendar(mock: LiveMock, *, page: str, now: datetime) -> bytes:
    """`mock` has a time. `page`: the address of its page. It names nobody."""
    event = Event()
    event.add("uid", f"live-{mock.public_id}@holdout")
    event.add("dtstamp", now)
    event.add("last-modified", mock.changed_at)
    event.add("sequence", int((mock.changed_at - mock.made_at).total_seconds()))
    event.add("dtstart", mock.starts_at)
    event.add("dtend", mock.starts_at + timedelta(seconds=mock.track.limit_seconds))
    event.add("summary", f"Live mock interview: {mock.track}")
    event.add("description", "\n".join(filter(None, [page, mock.call_url])))
    event.add("url", page)
    event.add("status", "CANCELLED" if mock.cancelled_at else "CONFIRMED" if mock.agreed_at else "TENTATIVE")
    found = Calendar()
    found.add("prodid", "-//Holdout//Live//EN")
    found.add("version", "2.0")
    found.add_component(event)
    return found.to_ical()
