"""What was parsed → catalog entries, and what is wrong, left out or lost, line by line."""

import base64
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.utils.text import slugify

from questions import catalog_files, figure_files, formats, pictures, strict_yaml
from questions.exchange import identity, moodle_xml
from questions.exchange.items import Incoming, Item, Parsed, Reading, Remark
from questions.exchange.parsing import parse
from questions.models import Category, Figure, Level, Question, Status, Topic, VersionFigure

UNSUPPORTED = {
    "shortanswer": "a short answer is compared letter by letter; ask for a number or a choice",
    "matching": "there is no format for matching pairs",
    "cloze": "there is no format for gaps in a text",
}
LONGEST_TITLE = 200
MOST_FAULTS = 20  # named of one question


@dataclass
class Defaults:
    """What a question gets where its file does not say."""

    topic: str
    level: str
    category: str
    subtopics: dict[str, set[str]] = field(default_factory=catalog_files.stored_subtopics)


def read(name: str, source: bytes, defaults: Defaults) -> Reading:
    """At once and in this process; what people upload goes through uploads.py. Never raises."""
    return Reader(parse(name, source), defaults).read()


class Reader:
    """Takes a parsed file through the questions of one bank, one by one: some formats run what an entry holds."""

    def __init__(self, parsed: Parsed, defaults: Defaults):
        self.parsed, self.defaults = parsed, defaults
        self.reading = Reading(faults=list(parsed.faults))
        self.first_lines: dict[str, int] = {}  # of slugs and ids
        self.topics = _topic_slugs()

    @property
    def count(self) -> int:
        return len(self.parsed.items) if self.parsed.entries is None else len(self.parsed.entries)

    def read(self) -> Reading:
        for _ in self.steps():
            pass
        return self.finished()

    def steps(self) -> Iterator[None]:
        """One step a question."""
        for item in self.parsed.items:
            self._take_item(item)
            yield
        for place, entry in enumerate(self.parsed.entries or [], start=1):
            self._take_entry(place, entry)
            yield

    def finished(self) -> Reading:
        reading = self.reading
        reading.faults += self._companion_faults()
        reading.faults.sort(key=lambda fault: fault.line)
        if not (reading.incoming or reading.faults):
            reading.faults.append(Remark(0, "", self._why_nothing()))
        return reading

    def _why_nothing(self) -> str:
        descriptions = sum(item.type == "description" for item in self.parsed.items)
        found = [
            (descriptions, "description", "descriptions"),
            (self.count - descriptions, "question of another type", "questions of other types"),
            (self.parsed.categories, "category", "categories"),
        ]
        listed = ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in found if number)
        text = f"There is nothing to load: {listed}." if listed else "There is no question in the file."
        return " ".join(filter(None, [text, self.parsed.hint]))

    def _add(self, incoming: Incoming) -> None:
        faults = sorted(set(_unkeepable(incoming.entry)))
        for why in faults:
            self.reading.faults.append(Remark(incoming.line, incoming.entry["slug"], why))
        if not faults:
            self.reading.incoming.append(incoming)

    # Our own YAML

    def _take_entry(self, place: int, entry) -> None:
        """Held to all that `check_catalog` asks for, except that one file may hold questions of several topics."""
        lines, path = self.parsed.lines, f"[{place}]"
        slug = str(entry.get("slug", ""))[:100] if isinstance(entry, dict) else ""
        figures = _figures_in_bank(entry) if isinstance(entry, dict) else {}
        faults = self._faults(entry, figures)
        if not faults and not catalog_files.SLUG.fullmatch(slug):
            faults = [("slug", "is not kebab-case (a-z, 0-9 and single hyphens)")]
        if slug in self.first_lines:
            faults.append(("slug", f"appears twice, first in line {self.first_lines[slug]}"))
        for field_path, why in faults:
            about = ", ".join(filter(None, [slug or f"entry {place}", field_path]))
            self.reading.faults.append(Remark(strict_yaml.line_of(lines, f"{path}.{field_path}"), about, why))
        line = strict_yaml.line_of(lines, path)
        self.first_lines.setdefault(slug, line)
        if not faults:
            entry = catalog_files.stripped(entry) | ({"figures": figures} if figures else {})
            self._add(Incoming(line, entry, f"id:{slug}", is_own=True))

    def _companion_faults(self) -> Iterator[Remark]:
        """Takes out what opens a question that is neither in the bank nor loaded beside it, until nothing does."""
        opened = {question.entry.get("companion_of") for question in self.reading.incoming} - {None}
        stored = set(Question.objects.filter(slug__in=opened).values_list("slug", flat=True))
        while True:
            known = stored | {question.entry["slug"] for question in self.reading.incoming}
            lost = [q for q in self.reading.incoming if q.entry.get("companion_of", q.entry["slug"]) not in known]
            if not lost:
                return
            self.reading.incoming = [question for question in self.reading.incoming if question not in lost]
            for question in lost:
                about = f"{question.entry['slug']}, companion_of"
                yield Remark(question.line, about, f"there is no “{question.entry['companion_of']}”")

    # Moodle's files

    def _take_item(self, item: Item) -> None:
        """A draft that may still want an explanation, a reference or a rubric."""
        item.name = item.name or " ".join(item.text.split()[:12]) or "Question"
        format = _format_of(item)
        if format is None:
            why = UNSUPPORTED.get(item.type, f"there is no format for Moodle's “{item.type}”")
            about = "a description, not a question" if item.type == "description" else f"not supported: {why}"
            self.reading.skipped.append(Remark(item.line, item.name, about))
            return
        try:
            entry = _entry(item, format, self.defaults, self.topics)
            key = self._key(item)
        except ValueError as error:
            self.reading.faults.append(Remark(item.line, item.name, str(error)))
            return
        entry["slug"] = identity.slug_of(key)
        figures = _kept_figures(item, entry)
        needs = [f"{path}: {why}" for path, why in self._faults(entry, figures)]
        entry |= {"figures": figures} if figures else {}
        self._add(Incoming(item.line, entry, key, bool(item.extras), needs, item.lacks))
        self.reading.notes += [Remark(item.line, item.name, note) for note in item.notes]

    def _key(self, item: Item) -> str:
        """Raises ValueError for an id that stands there twice."""
        key = identity.key_of(item)
        if item.id_number and key in self.first_lines:
            line = self.first_lines[key]
            raise ValueError(f"the id “{item.id_number[:60]}” appears twice, first in line {line}")
        key = identity.unlike(key, self.first_lines)
        self.first_lines[key] = item.line
        return key

    def _faults(self, entry, figures: dict[str, str]) -> list[formats.base.Fault]:
        faults = catalog_files.entry_faults(entry, self.defaults.subtopics, figures=figures)
        return list(islice(faults, MOST_FAULTS))


def _kept_figures(item: Item, entry: dict) -> dict[str, str]:
    """The digests of the images that the entry shows, by their names, after they were kept. One that we once gave away
    is that one, though it was drawn anew on its way in.
    """
    shown = {name: item.figures[name] for name in sorted(figure_files.names_in(entry)) if name in item.figures}
    known = Figure.objects.measures(source for source, _ in shown.values())
    drawn = {name: pictures.looked_at(base64.b64decode(image)) for name, (_, image) in shown.items()}
    Figure.objects.keep(drawn[name] for name, (source, _) in shown.items() if source not in known)
    return {name: source if source in known else drawn[name].digest for name, (source, _) in shown.items()}


def _figures_in_bank(entry: dict) -> dict[str, str]:
    """The same for a catalog file, which brings no images: those of the question as it is here."""
    names = figure_files.names_in(entry)
    if not names:
        return {}
    rows = VersionFigure.objects.filter(version__question__slug=str(entry.get("slug")), name__in=names)
    return {row.name: row.figure_id for row in rows.order_by("version__number")}


def _unkeepable(value) -> Iterator[str]:
    """Texts and numbers that the database cannot hold, or nobody can read."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _unkeepable(inner)
    elif isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            yield "a text holds a character that is none (NUL or half of a pair)"
        elif len(value.encode()) > strict_yaml.MAX_TEXT_BYTES:
            yield "a text is longer than 50 kB"
    elif isinstance(value, float) and not math.isfinite(value):
        yield "a value is no number (NaN or infinite)"


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
