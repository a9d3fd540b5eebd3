"""Where a source can be read: the address that a reference itself names. None is made up for those that name none."""

import re

DOI = re.compile(r"\bdoi:\s*(10\.\d{4,9}/[^\s,;\]]*[\w)])", re.IGNORECASE)
ARXIV = re.compile(r"\barXiv:\s*(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", re.IGNORECASE)
MEANT = re.compile(r"\b(doi|arxiv)\b", re.IGNORECASE)
URL = re.compile(r"\bhttps?://[^\s,;<>\"]*[\w/]")


def address(reference: dict) -> str:
    """`reference`: {"title", "where"} of a version. Empty where it names neither a DOI, an arXiv paper nor a page."""
    text = f"{reference.get('where', '')} {reference.get('title', '')}"
    if found := URL.search(text):
        return found[0]
    if found := DOI.search(text):
        return f"https://doi.org/{found[1]}"
    if found := ARXIV.search(text):
        return f"https://arxiv.org/abs/{found[1]}"
    return ""


def warning(reference: dict) -> str:
    """Of a reference that means to name a DOI or an arXiv paper, and has no link all the same; else empty."""
    if address(reference) or not (meant := MEANT.search(reference.get("where", ""))):
        return ""
    form = "doi:10.1145/2939672.2939785" if meant[1].lower() == "doi" else "arXiv:1710.10345"
    return f"names no paper that can be linked: write {form}"
