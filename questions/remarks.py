"""What an author is told of a version while it is written, without running anything."""

from collections.abc import Iterator

from questions import catalog_files, sources
from questions.formats.base import Fault
from questions.formats.free_text import length_warning
from questions.models import QuestionVersion


def remarks_on(version: QuestionVersion) -> list[str]:
    """What is wrong with it, and what should be looked at again; without running anything."""
    entry = catalog_files.entry_of(version)
    figures = {row.name for row in version.figures_used()}
    faults = list(catalog_files.entry_faults(entry, catalog_files.stored_subtopics(), figures=figures))
    if not faults:
        faults = [*version.question_format.warnings(entry), *author_warnings(entry)]
    return [f"{field}: {why}" for field, why in faults]


def author_warnings(entry: dict) -> Iterator[Fault]:
    """What no question is refused for, but its author should look at: answers too long for their limit, nothing to ask
    back, references that look like links and are none.
    """
    if entry["format"] == "free_text" and (why := length_warning(entry["model_answer"], entry["limit_seconds"])):
        yield "model_answer", why
    for place, follow_up in enumerate(entry.get("follow_ups", []), start=1):
        if why := length_warning(follow_up["model_answer"], follow_up["limit_seconds"]):
            yield f"follow_ups[{place}].model_answer", why
    if entry.get("rubric") and not entry.get("follow_ups"):
        yield "follow_ups", "none"
    for place, reference in enumerate(entry["references"], start=1):
        if why := sources.warning(reference):
            yield f"references[{place}]", why
