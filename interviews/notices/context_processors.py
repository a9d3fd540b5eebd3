from functools import cache

from django.db.models import Count
from django.http import HttpRequest

from accounts.composed import composed
from interviews.notices.models import Notice


@composed
def unread_count(person):
    return Notice.objects.unread().filter(recipient=person).order_by().values("recipient").values_list(Count("pk"))


def notices(request: HttpRequest) -> dict:
    """`unread_notices`: how many; asked of the database only where a page shows it, so not while one answers."""
    user = getattr(request, "user", None)
    is_known = bool(user and user.is_authenticated)
    return {"unread_notices": cache(lambda: sum(count for (count,) in unread_count(user.pk)) if is_known else 0)}
