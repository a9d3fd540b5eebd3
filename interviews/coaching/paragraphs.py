"""An answer as paragraphs, so that a comment can hang on one. No Django."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    key: str  # "0-2": the third paragraph of the first part; an answer never changes once it is reviewed
    number: int  # from 1, through the whole answer
    heading: str  # the stage's name, at its first paragraph
    text: str


def paragraphs(answer: Sequence[str], stages: Sequence[Mapping] = ()) -> Iterator[Paragraph]:
    """Split at blank lines; a staged answer has one part a stage. Parts left out have no paragraph."""
    number = 0
    for part, text in enumerate(answer):
        heading = stages[part]["name"] if part < len(stages) else ""
        for place, paragraph in enumerate(re.split(r"\n\s*\n", text.strip()) if text.strip() else []):
            number += 1
            yield Paragraph(f"{part}-{place}", number, heading if place == 0 else "", paragraph)


def answer_paragraphs(question) -> list[Paragraph]:
    """Of an open answer; what was picked or typed in closed formats is no prose."""
    if question.format.is_closed:
        return []
    texts = [text for _, text in question.format.parts(question.version, question.answer)]
    return list(paragraphs(texts, () if question.is_own_structure else question.version.stages))
