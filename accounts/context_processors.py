from django.conf import settings
from django.http import HttpRequest


def people(request: HttpRequest) -> dict:
    """`shows_coaching`: is this a coach; `shows_development_mail`: is there a page with this site's mails;
    `second_factor_is_missing`: must this person still set one up."""
    user = getattr(request, "user", None)
    is_known = bool(user and user.is_authenticated)
    return {
        "shows_coaching": lambda: is_known and user.is_coach,
        "second_factor_is_missing": lambda: settings.SECOND_FACTOR_REQUIRED and is_known and user.lacks_second_factor,
        "shows_development_mail": settings.DEBUG and hasattr(settings, "EMAIL_FILE_PATH"),
    }
