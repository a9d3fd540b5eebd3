from django.conf import settings
from django.http import HttpRequest


def people(request: HttpRequest) -> dict:
    """`shows_coaching`: is this a coach; `shows_development_mail`: is there a page with this site's mails."""
    user = getattr(request, "user", None)
    return {
        "shows_coaching": lambda: bool(user and user.is_authenticated and user.is_coach),
        "shows_development_mail": settings.DEBUG and hasattr(settings, "EMAIL_FILE_PATH"),
    }
