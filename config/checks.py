"""What `manage.py check --deploy` knows of this site, besides Django's own checks."""

from django.conf import settings
from django.core.checks import Warning as CheckWarning


def mails_reach_people(app_configs, **kwargs) -> list[CheckWarning]:
    if settings.EMAIL_BACKEND.startswith("django.core.mail.backends.smtp"):
        return []
    return [
        CheckWarning(
            "No mail leaves this site: nobody can confirm an address or reset a password.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587",
            id="holdout.W001",
        )
    ]


def proxy_is_known(app_configs, **kwargs) -> list[CheckWarning]:
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or not settings.SECURE_SSL_REDIRECT:
        return []
    return [
        CheckWarning(
            "No proxy is trusted: every request counts as plain http and is redirected for ever.",
            hint="Set TRUSTED_PROXY_COUNT to the number of your own proxies before gunicorn; 1 with the compose file.",
            id="holdout.W002",
        )
    ]
