import os

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def bound_transactions(connection, **kwargs) -> None:
    """No request holds locks for longer than 15 s, however many statements it makes. Commands and workers may."""
    if connection.pg_version >= 170000:  # before, there was no such limit
        with connection.cursor() as cursor:
            cursor.execute("SET transaction_timeout = '15s'")


application = get_wsgi_application()
connection_created.connect(bound_transactions)
