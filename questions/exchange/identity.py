"""Which question of the bank an uploaded one is. Never by its title alone: half the world names its questions Q1.

A question has a key in its file: `id:…` where it has an id there, else `name:…` with a place where a name comes again.
"""

import hashlib
import re
from itertools import count

from django.utils.text import slugify

from questions.catalog_files import content_of
from questions.exchange.items import Incoming, Item
from questions.models import Question, QuestionVersion, UploadedQuestion

Choice = UploadedQuestion.Choice
LONGEST_DERIVED_SLUG = 80
ALIKE = 0.5  # of the different words of two questions, how many both have


def key_of(item: Item) -> str:
    if item.id_number:
        return f"id:{item.id_number[:100].lower()}"
    # A name without a Latin letter gets a key that no other name gets.
    name = slugify(item.name.replace("_", " ")) or f"question-{hashlib.sha256(item.name.encode()).hexdigest()[:8]}"
    return f"name:{name[:LONGEST_DERIVED_SLUG].strip('-')}"


def unlike(key: str, taken: dict[str, int]) -> str:
    """The key, with a number behind it where it is taken."""
    return next(other for place in count(1) if (other := f"{key}-{place}" if place > 1 else key) not in taken)


def slug_of(key: str) -> str:
    """A slug that such a question may have, if no other has it."""
    text = key.partition(":")[2].replace("_", " ")
    return slugify(text)[:100].strip("-") or f"question-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def suggested(incoming: list[Incoming], file_name: str) -> list[tuple[str, Question | None]]:
    """(new, version or skip; the question it is, or may be) for each of a file's questions.

    Our own slug is a question's identity. An id is, where the format or the words agree; so is a name in a file of
    the same name. A name in another file is only where both agree. What lacks an image is left out.
    """
    slugs = {question.entry["slug"] for question in incoming}
    by_slug = {question.slug: question for question in Question.objects.filter(slug__in=slugs)}
    by_key: dict[str, list[Question]] = {}
    for question in Question.objects.filter(imported_as__in=[question.key for question in incoming]).order_by("pk"):
        by_key.setdefault(question.imported_as, []).append(question)
    targets = [_candidate(question, file_name, by_slug, by_key) for question in incoming]
    versions = QuestionVersion.objects.filter(question__in=filter(None, targets)).newest().with_content()
    newest = {version.question_id: version for version in versions}
    choices, taken = [], set()
    for question, target in zip(incoming, targets, strict=True):
        choice = _choice(question, target, newest.get(target.pk) if target else None, file_name)
        if choice == Choice.VERSION and target.pk in taken:
            choice = Choice.NEW
        if choice == Choice.VERSION:
            taken.add(target.pk)
        choices.append((choice, target))
    return choices


def _candidate(incoming: Incoming, file_name: str, by_slug: dict, by_key: dict) -> Question | None:
    if not incoming.is_own and (same := by_key.get(incoming.key)):
        return next((question for question in same if question.imported_from == file_name), same[-1])
    return by_slug.get(incoming.entry["slug"])


def _choice(incoming: Incoming, target: Question | None, newest: QuestionVersion | None, file_name: str) -> str:
    if incoming.lacks:
        return Choice.SKIP
    if target is None:
        return Choice.NEW
    is_alike = newest is not None and _is_alike(content_of(incoming.entry), newest.content())
    has_format = newest is not None and newest.format == incoming.entry["format"]
    if incoming.is_own:
        is_same = True
    elif incoming.key.startswith("id:") or target.imported_from == file_name:
        is_same = is_alike or has_format
    else:
        is_same = is_alike and has_format
    return Choice.VERSION if is_same else Choice.NEW


def _is_alike(content: dict, other: dict) -> bool:
    words, others = _words(content), _words(other)
    return len(words & others) >= ALIKE * len(words | others)


def _words(content: dict) -> set[str]:
    texts = [content["prompt"], *(option["text"] for option in content["options"])]
    return set(re.findall(r"\w+", " ".join(texts).lower()))
