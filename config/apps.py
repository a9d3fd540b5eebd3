from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created

from config.checks import mails_reach_people, proxy_is_known
from config.logs import watch_queries


class SiteConfig(AppConfig):
    """An app only for what concerns the whole site: its commands, its deployment checks, its slow queries."""

    name = "config"

    def ready(self):
        connection_created.connect(watch_queries)
        register(mails_reach_people, Tags.security, deploy=True)
        register(proxy_is_known, Tags.security, deploy=True)
        if settings.SENTRY_DSN:
            from config import sentry  # costs a quarter of a second: only where it is used

            sentry.start(settings.SENTRY_DSN)
