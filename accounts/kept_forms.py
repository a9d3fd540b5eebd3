"""A form that was sent after its sender's log-in had ended: kept until they are back, and then given to them.

It lies in this browser's session, which a log-in takes over, whatever it takes (a second factor, a mistyped
password); only its owner's log-in does, anybody else's throws it away. Nothing is done with it but what the page it
is given back to does: an answer is saved as a draft and handed in by another press, never by itself.

Only a view that says whose its forms are (`kept_until_logged_in`) keeps them, so that no stranger can fill our tables,
and only a form from a page of ours: with its token, or with this site as its Origin, which no other site can claim.
"""

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, QueryDict

from accounts import pages

LARGEST = 200_000  # characters: no answer of ours may be longer
KEY = "kept_form"


def keep(request: HttpRequest) -> bool:
    """Is it kept? The newest takes the place of an older one."""
    owner = _owner(request)
    if request.user.is_authenticated and request.user.pk != owner:
        return False  # somebody else has logged in meanwhile
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    size = sum(len(text) for name, values in fields.items() for text in (name, *values))
    if owner is None or size > LARGEST or not ratelimit.consume(request, action="keep", key=str(owner)):
        return False
    request.session[KEY] = {"owner": owner, "page": pages.page_of(request), "fields": fields}
    return True


def _owner(request: HttpRequest) -> int | None:
    match = request.resolver_match
    owner_of = getattr(match.func, "kept_for", None)
    return owner_of(**match.captured_kwargs) if owner_of and request.method == "POST" else None


def take(request: HttpRequest) -> QueryDict | None:
    """The form that was kept for this page and this person; it is then theirs, and no longer kept."""
    kept = request.session.get(KEY)
    if not kept or (kept["owner"], kept["page"]) != (request.user.pk, request.path_info):
        return None
    del request.session[KEY]
    form = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        form.setlist(name, values)
    return form


def forget_anothers(request: HttpRequest, user) -> None:
    """At a log-in: what somebody else left in this browser goes."""
    if request.session.get(KEY, {}).get("owner") not in (None, user.pk):
        del request.session[KEY]


def is_from_our_page(request: HttpRequest) -> bool:
    """By the Origin that browsers send with every POST; without one nothing is believed."""
    own = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") in {own, *settings.CSRF_TRUSTED_ORIGINS}


def prose(request: HttpRequest) -> list[str]:
    """What was written by hand in a form that cannot be taken, to be shown and copied; of our own pages only.

    Recognised by its blanks: tokens, numbers and choices have none. Passwords may, and are not shown: they go to
    addresses under /accounts/.
    """
    if request.path.startswith("/accounts/") or not is_from_our_page(request):
        return []
    texts = [text for _, values in request.POST.lists() for text in values]
    return [text for text in texts if " " in text.strip() or "\n" in text.strip()][:20]
