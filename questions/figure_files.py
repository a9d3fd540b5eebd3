"""The images of catalog entries: files in the folder `figures`; a prompt or a model answer calls them `figure:name`."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from django.core.exceptions import ValidationError

from questions import markup, pictures
from questions.formats.base import Fault
from questions.pictures import Picture

FOLDER = "figures"
SHOWN_IN = ("prompt", "model_answer")
# Texts that are shown in places without room for an image.
ANYWHERE = re.compile(r"!\[[^\]]*\]\(figure:")


def read(folder: Path) -> tuple[dict[str, Picture], list[tuple[str, str]]]:
    """The images of a catalog by their names; (name, why) of those that cannot be."""
    found, faults = {}, []
    for path in sorted((folder / FOLDER).glob("*")):
        if path.suffix == ".py" or path.is_dir():  # what draws them
            continue
        try:
            if not pictures.NAME.fullmatch(path.name):
                raise ValidationError("An image is named like roc-curve.png: a-z, 0-9 and hyphens, .png, .jpg or .webp")
            found[path.name] = pictures.looked_at(path.read_bytes())
        except ValidationError as error:
            faults.append((path.name, error.message))
    return found, faults


def of_entry(entry: dict, figures: Mapping[str, Picture]) -> dict:
    """{"figures": {name: digest}} of those that it shows; nothing where it shows none."""
    named = names_in(entry)
    return {"figures": {name: figures[name].digest for name in sorted(named)}} if named else {}


def names_in(entry: dict) -> set[str]:
    """Of an entry that may not even have the right shape."""
    texts = (text for field in SHOWN_IN if isinstance(text := entry.get(field), str))
    return {reference.name for reference in markup.figures_named(*texts)}


def faults(entry: dict, figures: Collection[str]) -> Iterator[Fault]:
    for field in SHOWN_IN:
        for reference in markup.figures_named(entry[field]):
            if reference.name not in figures:
                yield field, f"the image “{reference.name}” is not there"
            if not reference.alt:
                yield field, f"the image “{reference.name}” needs a text that says what it shows: ![…](figure:…)"
    if (count := len(names_in(entry))) > pictures.MOST:
        yield "prompt", f"{count} images; a question has {pictures.MOST} at most"
    for field, value in entry.items():
        if field not in SHOWN_IN and ANYWHERE.search(str(value)):
            yield field, "shows no images: they go into the prompt or the model answer"
