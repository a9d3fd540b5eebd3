"""Names of time zones."""

import functools
import zoneinfo

from django.core.exceptions import ValidationError


@functools.cache
def known_time_zones() -> tuple[str, ...]:
    """By name. To list them, some six hundred files are opened: once in a process."""
    return tuple(sorted(zoneinfo.available_timezones()))


def known_or_utc(time_zone: str) -> str:
    """What a browser says of itself is taken where we know it, and never worth an error."""
    return time_zone if time_zone in known_time_zones() else "UTC"


def validate_time_zone(name: str) -> None:
    if name not in known_time_zones():
        raise ValidationError("We don't know this time zone: %(name)s", params={"name": name})
