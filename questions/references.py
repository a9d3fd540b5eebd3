"""References as a page shows them: an arXiv number or a DOI leads to its paper."""

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

PLACES = {"arXiv:": "https://arxiv.org/abs/", "doi:": "https://doi.org/"}
NUMBER = re.compile(r"(arXiv:)(\d{4}\.\d{4,5}(?:v\d+)?)|(doi:)(10\.\d{4,9}/[^\s,;]+)")


def linked(text: str) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for found in NUMBER.finditer(text):
        place, number = (part for part in found.groups() if part)
        yield text[end : found.start()]
        yield format_html('<a href="{}" rel="noreferrer">{}</a>', PLACES[place] + number, found[0])
        end = found.end()
    yield text[end:]
