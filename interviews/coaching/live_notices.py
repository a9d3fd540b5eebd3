"""Who is told what of a live mock: a time that was proposed or moved, that it is agreed, that it was called off."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from interviews.coaching.models import LiveMock
from interviews.notices.notify import notify


def proposed(mock: LiveMock, *, by: User, now: datetime) -> None:
    tell(mock, "live_proposed", by=by, now=now)


def agreed(mock: LiveMock, *, by: User, now: datetime) -> None:
    tell(mock, "live_agreed", by=by, now=now)


def cancelled(mock: LiveMock, *, by: User, now: datetime) -> None:
    tell(mock, "live_cancelled", by=by, now=now)


def tell(mock: LiveMock, kind: str, *, by: User, now: datetime) -> None:
    """The other of the two, where there is one; once for each time that was said."""
    other = mock.other(by)
    if other is None:
        return
    with timezone.override(other.time_zone):
        when = f"{timezone.localtime(mock.starts_at):%-d %b, %H:%M}" if mock.starts_at else "right away"
    notify(
        other,
        kind,
        key=f"live-{mock.pk}-{mock.changed_at.isoformat()}",
        path=reverse("interviews:live_mock", args=[mock.public_id]),
        subject=f"{mock.track}, {when}",
        actor=by,
        now=now,
    )
