"""Which addresses are pages: where somebody can be led, at a log-in or after it.

An address that only takes a form is none; the page it belongs to stands above it: `/interviews/…/questions/4/submit/`
belongs to `/interviews/…/`.
"""

from inspect import getclosurevars, unwrap
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve


def is_page(view) -> bool:
    """Does it answer GET? Django's method decorators say so nowhere but in their closure."""
    allowed = []

    def note(decorated) -> bool:
        allowed.append(getclosurevars(decorated).nonlocals.get("request_method_list"))
        return False

    if hasattr(view, "view_class"):
        return hasattr(view.view_class, "get")
    unwrap(view, stop=note)
    return all("GET" in methods for methods in allowed if methods is not None)


def page_of(request: HttpRequest) -> str:
    """Where whoever sent this request is led back to."""
    return request.get_full_path() if is_page(request.resolver_match.func) else page_above(request.path_info)


def page_at(url: str) -> str:
    """The address itself, or the page above it where a form alone goes there."""
    path = urlsplit(url).path
    try:
        return url if is_page(resolve(path).func) else page_above(path)
    except Resolver404:
        return url


def page_above(path: str) -> str:
    parts = path.strip("/").split("/")
    while parts:
        parts.pop()
        above = f"/{'/'.join(parts)}/" if parts else "/"
        try:
            if is_page(resolve(above).func):
                return above
        except Resolver404:
            continue
    return "/"
