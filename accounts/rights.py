"""What people may do here, and the record of who gave it and who took it.

The database writes the record (migration 0006_history_of_rights), so no program can forget to: pages, the admin and
commands alike, bulk updates and plain SQL included.
"""

from contextlib import contextmanager

from django.conf import settings
from django.db import connection, models, transaction

COACHES = "coaches"
CURATORS = "curators"


@contextmanager
def acting(user):
    """One transaction whose changes go down in the histories of rights and of questions as this person's.

    None, or no `acting` at all: a command, the catalog's files.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('holdout.actor', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('holdout.actor', %s, true)", [str(user.pk) if user else before])
        yield
        cursor.execute("SELECT set_config('holdout.actor', %s, true)", [before])


class RightEvent(models.Model):
    """Somebody was given a role, a permission or a look at a candidate's interviews, or lost it.

    Append-only: a trigger refuses UPDATE and DELETE. It goes with its person, and with the grant's candidate; who gave
    it is emptied.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="right_events")
    right = models.CharField(
        max_length=150,
        help_text="A group, “staff”, “administrator”, “log-in”, a single permission, or what a grant opens.",
    )
    grant = models.ForeignKey(
        "accounts.CoachGrant", models.CASCADE, null=True, blank=True, related_name="events", help_text="Empty: a role."
    )
    is_given = models.BooleanField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: a command, or somebody who has been deleted.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "change of a role or grant"
        verbose_name_plural = "roles and grants, given and taken"

    def __str__(self) -> str:
        return f"{self.right} {'given' if self.is_given else 'taken'}, {self.at:%Y-%m-%d %H:%M}"
