"""An uploaded file → catalog entries, or all that is wrong with it, line by line."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from questions import catalog_files, formats, strict_yaml
from questions.exchange import gift, moodle_xml
from questions.exchange.items import Incoming, Item, Reading, Remark
from questions.models import Category, Level, Question, Status, Topic

UNSUPPORTED = {
    "shortanswer": "a short answer is compared letter by letter; ask for a number or a choice",
    "matching": "there is no format for matching pairs",
    "cloze": "there is no format for gaps in a text",
}
MOODLE_READERS = {".xml": moodle_xml.read, ".gift": gift.read, ".txt": gift.read}
MAX_QUESTIONS = 1000
LONGEST_TITLE = 200
LONGEST_DERIVED_SLUG = 80


@dataclass
class Defaults:
    """What a question gets where its file does not say."""

    topic: str
    level: str
    category: str
    subtopics: dict[str, set[str]] = field(default_factory=catalog_files.stored_subtopics)


def read(name: str, source: bytes, defaults: Defaults) -> Reading:
    """The name's ending and the content decide together what the file is. Never raises."""
    ending = PurePath(name).suffix.lower()
    try:
        if len(source) > strict_yaml.MAX_BYTES:
            raise ValidationError("The file is larger than 5 MB.")
        if ending in (".yaml", ".yml"):
            reading = _read_catalog(source, defaults)
        elif ending in MOODLE_READERS:
            reading = _read_moodle(MOODLE_READERS[ending], source, defaults)
        else:
            raise ValidationError("Only .yaml, .xml (Moodle XML), .gift and .txt (GIFT) files are read.")
    except ValidationError as error:
        return Reading(faults=[Remark(0, "", error.message)])
    if not (reading.incoming or reading.faults or reading.skipped):
        reading.faults.append(Remark(0, "", "There is no question in the file."))
    if len(reading.incoming) > MAX_QUESTIONS:
        reading.faults.append(Remark(0, "", f"More than {MAX_QUESTIONS:,} questions: cut the file in two."))
    for question in reading.incoming:
        faults = sorted(set(_text_faults(question.entry)))
        reading.faults += [Remark(question.line, question.entry["slug"], why) for why in faults]
    reading.faults.sort(key=lambda fault: fault.line)
    return reading


def _text_faults(value) -> Iterator[str]:
    """Texts that the database cannot hold, or nobody can read."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _text_faults(inner)
    elif isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            yield "a text holds a character that is none (NUL or half of a pair)"
        elif len(value.encode()) > strict_yaml.MAX_TEXT_BYTES:
            yield "a text is longer than 50 kB"


# Our own YAML


def _read_catalog(source: bytes, defaults: Defaults) -> Reading:
    """Held to all that `check_catalog` asks for, except that one file may hold questions of several topics."""
    entries, reading = strict_yaml.parse(source), Reading()
    if not isinstance(entries, list):
        raise ValidationError("A catalog file is a list of questions.")
    line_of = strict_yaml.line_finder(source)
    first_lines: dict[str, int] = {}
    for place, entry in enumerate(entries, start=1):
        slug = str(entry.get("slug", "")) if isinstance(entry, dict) else ""
        faults = catalog_files.entry_faults(entry, defaults.subtopics)
        if not faults and not catalog_files.SLUG.fullmatch(slug):
            faults = [("slug", "is not kebab-case (a-z, 0-9 and single hyphens)")]
        if slug in first_lines:
            faults.append(("slug", f"stands there twice, first in line {first_lines[slug]}"))
        for path, why in faults:
            about = ", ".join(filter(None, [slug or f"entry {place}", path]))
            reading.faults.append(Remark(line_of(f"[{place}].{path}"), about, why))
        first_lines.setdefault(slug, line_of(f"[{place}]"))
        if not faults:
            reading.incoming.append(Incoming(first_lines[slug], catalog_files.stripped(entry)))
    reading.faults += _companion_faults(reading.incoming, set(first_lines))
    return reading


def _companion_faults(incoming: list[Incoming], slugs: set[str]) -> Iterator[Remark]:
    opened = {question.entry["companion_of"] for question in incoming if "companion_of" in question.entry}
    missing = opened - slugs - set(Question.objects.filter(slug__in=opened).values_list("slug", flat=True))
    for question in incoming:
        if (slug := question.entry.get("companion_of")) in missing:
            yield Remark(question.line, f"{question.entry['slug']}, companion_of", f"there is no “{slug}”")


# Moodle's files


def _read_moodle(reader: Callable, source: bytes, defaults: Defaults) -> Reading:
    """Questions come as drafts that may still want an explanation, a reference or a rubric."""
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(f"Not UTF-8 (byte {error.start}).") from None
    items, faults = reader(text.replace("\r\n", "\n").replace("\r", "\n"))
    reading, topics, taken = Reading(faults=faults), _topic_slugs(), {}
    for item in items:
        item.name = item.name or " ".join(item.text.split()[:12]) or "Question"
        format = _format_of(item)
        if format is None:
            why = UNSUPPORTED.get(item.type, f"there is no format for Moodle's “{item.type}”")
            about = "a description is no question" if item.type == "description" else f"not supported: {why}"
            reading.skipped.append(Remark(item.line, item.name, about))
            continue
        try:
            entry = _entry(item, format, defaults, topics)
            entry["slug"] = _slug(item, taken)
        except ValueError as error:
            reading.faults.append(Remark(item.line, item.name, str(error)))
            continue
        needs = [f"{path}: {why}" for path, why in catalog_files.entry_faults(entry, defaults.subtopics)]
        reading.incoming.append(Incoming(item.line, entry, needs))
        reading.notes += [Remark(item.line, item.name, note) for note in item.notes]
    return reading


def _format_of(item: Item) -> formats.Format | None:
    """Of our own exports the format is known; otherwise the first that reads such a question."""
    known = {format.name: format for format in formats.all()}
    own = known.get(str(item.extras.get("format")))
    if own and own.moodle_type == item.type and (own.reads_moodle(item) or item.type == "essay"):
        return own
    return next((format for format in known.values() if format.reads_moodle(item)), None)


def _entry(item: Item, format: formats.Format, defaults: Defaults, topics: dict[str, str]) -> dict:
    """Raises ValueError for fields of our own that are not as we write them."""
    _refuse_wrong_extras(item.extras)
    tags = {tag.lower() for tag in item.tags}
    topic, subtopic = _place(item.folder, topics, defaults)
    entry = {
        "slug": "",
        "title": item.name[:LONGEST_TITLE],
        "level": next((level for level in Level.values if level in tags), defaults.level),
        "category": next((category for category in Category.values if category in tags), defaults.category),
        "topics": [topic],
        "subtopic": subtopic,
        "format": format.name,
        "limit_seconds": 2 * format.limits[0],
        "status": Status.DRAFT,
        "prompt": item.text,
        "model_answer": item.feedback or ("" if item.extras else item.grader_info),
        "references": [],
    }
    entry |= item.extras | {"format": format.name}
    # Its first topic is the category that the file puts it in; a topic that we do not have, has gone.
    others = [name for name in entry["topics"] if name in defaults.subtopics and name != topic]
    entry |= {"topics": [topic, *others][:3]} | format.fields_from_moodle(item)
    if missing := [name for name in format.required_fields if name not in entry]:
        raise ValueError(f"<holdout> {', '.join(missing)}: is missing")
    return {name: value for name, value in entry.items() if name != "subtopic" or value}


def _refuse_wrong_extras(extras: dict) -> None:
    """Raises ValueError for what the database would not take, or our export would not write."""
    shapes = {name.removesuffix("?"): inner for name, inner in catalog_files.question_shape().items()}
    own = {name for format in formats.all() for name in format.field_names} | set(moodle_xml.KEPT)
    wrong = list(strict_yaml.shape_faults(extras, {f"{name}?": shapes[name] for name in own}))
    if not wrong and not 0 < extras.get("limit_seconds", 1) <= 86_400:
        wrong = [("limit_seconds", "is no time that an interview has")]
    if not wrong and not all(1 <= point.get("weight", 1) <= 3 for point in extras.get("rubric", [])):
        wrong = [("rubric", "weights are 1 to 3")]
    if wrong:
        raise ValueError("; ".join(f"<holdout> {path}: {why}" for path, why in wrong))


def _topic_slugs() -> dict[str, str]:
    """Slugs and names (as slugs) of the topics → the slug."""
    topics = list(Topic.objects.top_level())
    return {slugify(topic.name): topic.slug for topic in topics} | {topic.slug: topic.slug for topic in topics}


def _place(folder: str, topics: dict[str, str], defaults: Defaults) -> tuple[str, str | None]:
    """The topic and subtopic that a Moodle category such as `$course$/top/evaluation/ranking` names."""
    parts = [slugify(part) for part in folder.split("/")]
    topic = next((topics[part] for part in parts if part in topics), defaults.topic)
    return topic, next((part for part in parts if part in defaults.subtopics.get(topic, ())), None)


def _slug(item: Item, taken: dict[str, int]) -> str:
    """Its id number, or a slug made of its name. Raises ValueError for an id that stands there twice."""
    slug = item.id_number.lower()
    if catalog_files.SLUG.fullmatch(slug) and len(slug) <= 100:
        if slug in taken:
            raise ValueError(f"the id “{slug}” stands there twice, first in line {taken[slug]}")
    else:
        # A name without a Latin letter gets a slug that no other name gets.
        name = slugify(item.name) or f"question {hashlib.sha256(item.name.encode()).hexdigest()[:8]}"
        base = slugify(name.replace("_", " "))[:LONGEST_DERIVED_SLUG].strip("-")
        slug = next(slug for place in count(1) if (slug := f"{base}-{place}" if place > 1 else base) not in taken)
    taken[slug] = item.line
    return slug
