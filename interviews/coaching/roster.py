"""A roster as CSV: read line by line, with an error for each line that cannot be taken; and written with its states."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.addresses import canonical
from accounts.cohorts import MOST_MEMBERS
from accounts.models import Cohort, CohortMember
from accounts.names import tidy

COLUMNS = ("email", "name", "group")
LONGEST = {"email": 254, "name": 100, "group": 60}
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class RosterLine:
    number: int
    email: str
    name: str
    group: str


@dataclass(slots=True)
class Roster:
    """`errors`: (line, what is wrong), in the file's order."""

    lines: list[RosterLine] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Loaded:
    added: list[int]  # primary keys of the new places
    changed: int
    unchanged: int


def read(text: str) -> Roster:
    """Columns `email, name, group`, in the order that the first line names, or in this one where it names none."""
    rows = text.lstrip("\ufeff").splitlines()
    first = next((row for row in rows if row.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    roster, seen = Roster(), {}
    order = None
    for number, cells in enumerate(csv.reader(rows, delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if order is None:
            order = heading(cells)
            if order is not None:
                continue
            order = list(COLUMNS)
        try:
            line = checked(number, dict(zip(order, cells, strict=False)))
            if line.email in seen:
                raise ValidationError(f"{line.email} is already on line {seen[line.email]}.")
        except ValidationError as error:
            roster.errors.append((number, " ".join(error.messages)))
        else:
            seen[line.email] = number
            roster.lines.append(line)
    return roster


def heading(cells: list[str]) -> list[str] | None:
    """The columns in their order; None: the first line is a person."""
    names = [cell.lower().replace("e-mail", "email").removesuffix(" address") for cell in cells]
    return names if "email" in names else None


def checked(number: int, cells: dict[str, str]) -> RosterLine:
    """Raises ValidationError with what is wrong, in words."""
    email = canonical(cells.get("email", ""))
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError(f"“{cells.get('email', '')[:60]}” is not an email address.") from error
    values = {"email": email, "name": tidy(cells.get("name", "")), "group": tidy(cells.get("group", ""))}
    for name, value in values.items():
        if len(value) > LONGEST[name]:
            raise ValidationError(f"The {name} is longer than {LONGEST[name]} characters.")
    return RosterLine(number, **values)


@transaction.atomic
def load(cohort: Cohort, roster: Roster, *, invites: bool, now: datetime) -> Loaded:
    """New places for new addresses; of those there are, name and group follow the file. A repeat changes nothing.

    What finds no room is added to the roster's errors.
    """
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    places = places_by_address(cohort)
    new, changed = [], []
    room = MOST_MEMBERS - cohort.members.count()
    for line in roster.lines:
        place = places.get(line.email)
        if place is None:
            if len(new) >= room:
                roster.errors.append((line.number, f"No room: a cohort can have at most {MOST_MEMBERS} members."))
                continue
            mail_at = now if invites else None
            new.append(
                CohortMember(
                    cohort=cohort, email=line.email, name=line.name, group=line.group, added_at=now, mail_at=mail_at
                )
            )
        elif (place.email, place.name, place.group) != (line.email, line.name, line.group):
            place.email, place.name, place.group = line.email, line.name, line.group
            changed.append(place)
    CohortMember.objects.bulk_update(changed, ["email", "name", "group"])
    added = [place.pk for place in CohortMember.objects.bulk_create(new)]
    return Loaded(added, len(changed), len(roster.lines) - len(new) - len(changed))


def places_by_address(cohort: Cohort) -> dict[str, CohortMember]:
    """By the roster's address, and by the one that a member logs in with: nobody gets a second place."""
    members = list(cohort.members.select_related("user"))
    own = {canonical(member.user.email): member for member in members if member.user}
    return own | {member.email: member for member in members if member.email}


def state_rows(members: Iterable[CohortMember]) -> Iterable[list]:
    """For the CSV of a roster: what the coach gave, and what became of it. No address that was not on the roster."""
    for member in members:
        yield [
            member.email,
            str(member),
            member.group,
            member.state,
            member.get_shares_display() if member.is_member else "",
            str(member.time_multiplier.normalize()) if member.time_multiplier else "",
        ]
