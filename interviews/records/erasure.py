"""Deleting a person for good: every row and file of theirs, and their name where what they wrote stays.

What belongs to a person hangs on `User` by CASCADE and goes with it. What they did for others (reviews, grades,
questions, answers to reported problems) hangs on it by SET_NULL: it stays and loses the person. Only what names
somebody without a foreign key has to be looked for, in `scrub`.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.deletion import Collector
from django.db.models.fields.files import FieldFile

from accounts.addresses import canonical
from accounts.models import CoachGrant, CohortCoach, CohortMember, User
from interviews.report import calibration

log = logging.getLogger(__name__)

# For whoever changes their mind, or did not ask for it themselves.
WAIT = timedelta(days=7)
# An erasing that was cut off is taken up again then, and for ever: nobody's wish is given up.
TRY_AGAIN = timedelta(hours=1)


def erase(user_id: int, *, now: datetime) -> bool:
    """Erases a person who is due. Safe to repeat and to cut off anywhere; False where nothing was due."""
    if not close_account(user_id, now=now):
        return False
    end_sessions(user_id)
    delete_everything(User.objects.get(pk=user_id), now=now)
    log.info("Account %s was erased.", user_id)
    return True


def delete_everything(user: User, *, now: datetime) -> None:
    """Files first, since rows name them; the rows all at once. Item statistics keep their counts, linked to nobody."""
    for file in files_of(user):
        file.storage.delete(file.name)
    with transaction.atomic(), connection.cursor() as cursor:
        # The only way past the append-only triggers; and long histories take longer than a request may.
        cursor.execute("SET LOCAL holdout.erasing = 'on'; SET LOCAL statement_timeout = '10min'")
        # Interviews before their questions, like everybody else: who works on one at the moment is waited for.
        list(user.interviews.order_by("pk").select_for_update().values_list("pk"))
        calibration.keep_first_attempts(user.pk, now=now)
        scrub(user, now=now)
        user.delete()


def close_account(user_id: int, *, now: datetime) -> bool:
    """From here on nobody is logged in as this person or takes the wish back, and nobody else erases them."""
    with transaction.atomic():
        user = User.objects.due_for_erasure(now).select_for_update().filter(pk=user_id).first()
        if user is None:
            return False
        user.is_active, user.erase_at = False, now + TRY_AGAIN
        user.save(update_fields=["is_active", "erase_at"])
    return True


def end_sessions(user_id: int) -> None:
    """A session's row does not say whose it is; it has to be opened."""
    own = [
        session.pk for session in Session.objects.iterator() if session.get_decoded().get(SESSION_KEY) == str(user_id)
    ]
    Session.objects.filter(pk__in=own).delete()


def files_of(user: User) -> Iterator[FieldFile]:
    """Every file that a row names which goes with this person, whatever the model."""
    collector = Collector(using="default", origin=user)
    collector.collect([user])
    leaving = [model._base_manager.filter(pk__in=[row.pk for row in rows]) for model, rows in collector.data.items()]
    for rows in [*leaving, *collector.fast_deletes]:
        fields = [field.name for field in rows.model._meta.concrete_fields if isinstance(field, models.FileField)]
        for row in rows.iterator() if fields else ():
            yield from (file for name in fields if (file := getattr(row, name)))


def scrub(user: User, *, now: datetime) -> None:
    """What names the person in rows of others, and in the admin's log."""
    known = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    addresses = {spelled for address in (user.email, *known) for spelled in (address.lower(), canonical(address))}
    invitations = CoachGrant.objects.filter(email__in=addresses)
    invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    invitations.update(email="")
    CohortMember.objects.invited().filter(email__in=addresses).delete()
    CohortCoach.objects.filter(email__in=addresses, coach=None).delete()
    named = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    for address in addresses:
        named |= Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    LogEntry.objects.filter(named).delete()
