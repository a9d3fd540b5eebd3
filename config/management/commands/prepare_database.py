import time

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.health import postgres_version

# Any number, the same in every version: whoever holds it prepares, everybody else waits.
ADVISORY_LOCK = 711_206_001


def lock(cursor) -> bool:
    """Asks, and does not wait in a statement: an index that is built concurrently would wait for that in its turn."""
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
    return cursor.fetchone()[0]


class Command(BaseCommand):
    help = (
        "Migrate, make the cache's table, load the catalog. Safe to repeat, and at once from several machines. "
        "Connect to PostgreSQL itself, not through a transaction pooler: the lock belongs to the session."
    )

    def handle(self, **options):
        if (postgres := postgres_version()).state == "failed":  # it would leave constraints out without a word
            raise CommandError(f"This is PostgreSQL {postgres.value}. {postgres.mend}")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            while not lock(cursor):
                time.sleep(1)
            # A migration that cannot get a table's lock gives up, or everybody would queue behind it.
            cursor.execute("SET lock_timeout = '3s'")
        try:
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
            call_command("createcachetable")
            call_command("load_catalog")
        finally:
            connection.close()  # gives the lock back, and forgets the settings
