from functools import cache

from django.http import HttpRequest


def notices(request: HttpRequest) -> dict:
    """`unread_notices`: how many; asked of the database only where a page shows it, so not while one answers."""
    user = getattr(request, "user", None)
    return {"unread_notices": cache(lambda: user.notices.unread().count() if user and user.is_authenticated else 0)}
