"""The catalog files: read and checked as a whole, loaded in one transaction. docs/catalog.md says how to write them."""

import os
import re
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from django.core.exceptions import ValidationError

from questions import figure_files, follow_ups, formats, strict_yaml
from questions.models import Category, Level, QuestionVersion, Status, Topic, Track, TrackSection
from questions.pictures import Picture
from questions.running.parts import EngineFault

CATALOG = Path(__file__).parent / "catalog"
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

TOPIC = {"slug": str, "name": str, "subtopics": [{"slug": str, "name": str}]}
FILTERS = ("levels", "categories", "topics", "subtopics", "formats")
TRACK = {
    "slug": str,
    "name": str,
    "company?": str,
    "role?": str,
    "summary?": str,
    "limit_minutes": int,
    "reported?": str,
    "sections": [{"name": str, "count": int} | {f"{name}?": [str] for name in FILTERS}],
}
QUESTION = {
    "slug": str,
    "title": str,
    "source?": str,
    "companion_of?": str,
    "level": str,
    "category": str,
    "topics": [str],
    "subtopic?": str,
    "format": str,
    "limit_seconds": int,
    "status": str,
    "prompt": str,
    "rubric?": [{"point": str, "weight?": int, "says?": [str]}],
    "misconceptions?": [{"statement": str, "correction": str}],
    "follow_ups?": follow_ups.SHAPE,
    "hint?": str,
    "model_answer": str,
    "references": [{"title": str, "where?": str}],
}


@dataclass(frozen=True)
class Fault:
    file: str
    slug: str
    field: str
    why: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.slug, self.field, self.why) if part)


@dataclass
class Catalog:
    """The entries as they stand in the files, texts stripped; `faults` is empty when they may be loaded.

    `warnings` keep nothing from being loaded.
    """

    topics: list[dict] = field(default_factory=list)
    tracks: list[dict] = field(default_factory=list)
    questions: list[dict] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # each question's, by its slug
    figures: dict[str, Picture] = field(default_factory=dict)  # by their names


def read(folder: Path = CATALOG) -> Catalog:
    """Everything in the folder with all its faults at once. A faulty entry is left out of the lists."""
    catalog = Catalog()
    catalog.topics = _entries(catalog, folder / "topics.yaml", TOPIC)
    subtopics = {topic["slug"]: {sub["slug"] for sub in topic["subtopics"]} for topic in catalog.topics}
    places = catalog.files
    catalog.figures, faults = figure_files.read(folder)
    catalog.faults += [Fault(f"{figure_files.FOLDER}/{name}", "", "", why) for name, why in faults]
    for path in sorted(folder.glob("*.yaml")):
        if path.stem in ("topics", "tracks"):
            continue
        for entry in _entries(catalog, path, question_shape()):
            faults = [
                Fault(path.name, entry["slug"], *fault)
                for fault in question_faults(
                    entry, path.name.partition(".")[0], subtopics, places, figures=catalog.figures
                )
            ]
            places.setdefault(entry["slug"], path.name)
            catalog.faults += faults
            if not faults:
                entry |= figure_files.of_entry(entry, catalog.figures)
                catalog.questions.append(entry)
                warnings = formats.get(entry["format"]).warnings(entry)
                catalog.warnings += [Fault(path.name, entry["slug"], *warning) for warning in warnings]
    catalog.faults += _companion_faults(catalog.questions, places)
    for entry in _entries(catalog, folder / "tracks.yaml", TRACK):
        faults = [
            Fault("tracks.yaml", entry["slug"], *fault) for fault in _track_faults(entry, subtopics, catalog.questions)
        ]
        catalog.faults += faults
        if not faults:
            catalog.tracks.append(entry)
    return catalog


def fits(question: dict, section: dict) -> bool:
    """Whether a section of a track may draw this question (the same rule as QuerySet.in_section)."""
    values = {
        "levels": question["level"],
        "categories": question["category"],
        "topics": question["topics"][0],
        "subtopics": question.get("subtopic"),
        "formats": question["format"],
    }
    return all(value in section[name] for name, value in values.items() if section.get(name))


def content_of(entry: dict) -> dict:
    """The entry as `QuestionVersion.content()` gives it."""
    content = {
        "subtopic": None,
        "answer": None,
        "stages": [],
        "options": [],
        "misconceptions": [],
        "follow_ups": [],
        "hint": "",
        "figures": entry.get("figures", {}),
        "rubric": [{"weight": 1, "says": []} | point for point in entry.get("rubric", [])],
    }
    named = (*QuestionVersion.PLAIN_CONTENT, "topics", "subtopic", "misconceptions")
    content |= {name: entry[name] for name in named if name in entry}
    return content | formats.get(entry["format"]).content_from(entry)


def entry_of(version: QuestionVersion) -> dict:
    """The way back, in the order in which the files are written; its images are files beside it."""
    content, question = version.content(), version.question
    entry = {
        "slug": question.slug,
        "title": content["title"],
        "source": question.source,
        "companion_of": question.companion_of and question.companion_of.slug,
        **{name: content[name] for name in ("level", "category", "topics", "subtopic", "format", "limit_seconds")},
        "status": version.status,
        "prompt": content["prompt"],
        **version.question_format.fields_from(content),
        "rubric": [{name: value for name, value in point.items() if value} for point in content["rubric"]],
        "misconceptions": content["misconceptions"],
        "follow_ups": content["follow_ups"],
        "hint": content["hint"],
        "model_answer": content["model_answer"],
    }
    optional = ("source", "companion_of", "subtopic", "rubric", "misconceptions", "follow_ups", "hint")
    entry = {name: value for name, value in entry.items() if value or name not in optional}
    return entry | {"references": content["references"]}


def trial_faults(questions: list[dict], files: dict[str, str]) -> list[Fault]:
    """What running these shows, which takes seconds: never inside a transaction. `files`: as in Catalog.

    Raises EngineFault where this machine runs nothing.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda entry: list(formats.get(entry["format"]).trial_faults(entry)), questions)
        return [
            Fault(files[entry["slug"]], entry["slug"], *fault)
            for entry, faults in zip(questions, found, strict=True)
            for fault in faults
        ]


def faults_of(version: QuestionVersion) -> list[str]:
    """What `check_catalog` would say of it."""
    entry = entry_of(version)
    figures = {row.name for row in version.figures_used()}
    faults = list(entry_faults(entry, stored_subtopics(), figures=figures))
    try:
        faults = faults or list(version.question_format.trial_faults(entry))
    except EngineFault as fault:
        faults = [("solution", f"could not be run here: {fault}")]
    return [f"{field}: {why}" for field, why in faults]


def warnings_of(version: QuestionVersion) -> list[str]:
    return [f"{field}: {why}" for field, why in version.question_format.warnings(entry_of(version))]


def entry_faults(
    entry: dict, subtopics: dict[str, set[str]], *, figures: Collection[str] = ()
) -> Iterator[formats.base.Fault]:
    """What is wrong with an entry by itself, whatever file it is from. `figures`: the images that are there."""
    shape_faults = strict_yaml.shape_faults(entry, question_shape())
    if (first := next(shape_faults, None)) is not None:
        yield first
        yield from shape_faults
    else:
        yield from question_faults(entry, next(iter(entry["topics"]), ""), subtopics, {}, figures=figures)


def stored_subtopics() -> dict[str, set[str]]:
    """The slugs of the topics in the database, each with its subtopics'."""
    subtopics = {topic.slug: set() for topic in Topic.objects.top_level()}
    for topic in Topic.objects.subtopics().select_related("parent"):
        subtopics[topic.parent.slug].add(topic.slug)
    return subtopics


def question_shape() -> dict:
    shape = dict(QUESTION)
    for format in formats.all():
        shape |= {f"{name.removesuffix('?')}?": inner for name, inner in format.catalog_fields.items()}
    return shape


def _entries(catalog: Catalog, path: Path, shape: dict) -> list[dict]:
    """The file's entries that have the right shape; the faults of the others go to the catalog."""
    try:
        entries = strict_yaml.read(path)
    except FileNotFoundError:
        entries, fault = None, "is missing"
    except ValidationError as error:
        entries, fault = None, error.message
    else:
        fault = "must be a list of entries"
    if not isinstance(entries, list):
        catalog.faults.append(Fault(path.name, "", "", fault))
        return []
    good = []
    for place, entry in enumerate(entries, start=1):
        slug = entry.get("slug") if isinstance(entry, dict) else None
        faults = [
            Fault(path.name, str(slug or f"entry {place}"), *fault) for fault in strict_yaml.shape_faults(entry, shape)
        ]
        if not faults and not SLUG.fullmatch(slug):
            faults = [Fault(path.name, slug, "slug", "is not kebab-case (a-z, 0-9 and single hyphens)")]
        catalog.faults += faults
        if not faults:
            good.append(stripped(entry))
    return good


def stripped(value):
    """Without blanks around its texts, but for the cases of code: there a blank may be what is expected."""
    if isinstance(value, dict):
        return {name: inner if name == "cases" else stripped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [stripped(inner) for inner in value]
    return value.strip() if isinstance(value, str) else value


def question_faults(
    entry: dict, topic: str, subtopics: dict, places: dict, *, figures: Collection[str]
) -> Iterator[formats.base.Fault]:
    if entry["slug"] in places:
        yield "slug", f"appears twice, first in {places[entry['slug']]}"
    for name, longest in (("slug", 100), ("title", 200), ("source", 10)):
        if len(entry.get(name, "")) > longest:
            yield name, f"is longer than {longest} characters"
    for name, known in (("level", Level.values), ("category", Category.values), ("status", Status.values)):
        if entry[name] not in known:
            yield name, f"“{entry[name]}” is none of {', '.join(known)}"
    if entry["topics"][:1] != [topic]:
        yield "topics", f"the first topic must be the file's own, {topic}"
    if not 1 <= len(set(entry["topics"])) == len(entry["topics"]) <= 3:
        yield "topics", "one to three different topics"
    for name in entry["topics"]:
        if name not in subtopics:
            yield "topics", f"“{name}” is not in topics.yaml"
    if "subtopic" in entry and entry["subtopic"] not in subtopics.get(topic, ()):
        yield "subtopic", f"“{entry['subtopic']}” is not a subtopic of {topic}"
    if not entry["references"]:
        yield "references", "at least one"
    if len(entry.get("misconceptions", [])) > 3:
        yield "misconceptions", "three at most"
    yield from figure_files.faults(entry, figures)
    yield from _format_faults(entry)


def _format_faults(entry: dict) -> Iterator[formats.base.Fault]:
    known = {format.name: format for format in formats.all()}
    if entry["format"] not in known:
        yield "format", f"“{entry['format']}” is none of {', '.join(known)}"
        return
    format = known[entry["format"]]
    least, most = format.limits
    if not least <= entry["limit_seconds"] <= most:
        yield "limit_seconds", f"{entry['limit_seconds']} s; {format.name} has {least} to {most} s"
    points = entry.get("rubric", [])
    if format.is_closed and points:
        yield "rubric", f"{format.name} is scored by the machine: no rubric"
    elif not format.is_closed and not format.least_points <= len(points) <= format.most_points:
        yield "rubric", f"has {len(points)}; {format.name} has {format.least_points} to {format.most_points} points"
    for place, point in enumerate(points, start=1):
        if not 1 <= point.get("weight", 1) <= 3:
            yield f"rubric[{place}].weight", "is 1 to 3"
    yield from follow_ups.faults(entry, is_closed=format.is_closed)
    added = {name for other in known.values() for name in other.field_names}
    for name in sorted(added & set(entry) - set(format.field_names)):
        yield name, f"is not a field of {format.name}"
    missing = [name for name in format.required_fields if name not in entry]
    for name in missing:
        yield name, "is missing"
    if not missing:
        yield from format.faults(entry)


def _companion_faults(questions: list[dict], places: dict[str, str]) -> Iterator[Fault]:
    formats_by_slug = {entry["slug"]: formats.get(entry["format"]) for entry in questions}
    for entry in questions:
        opened = entry.get("companion_of")
        if opened and opened not in places:
            yield Fault(places[entry["slug"]], entry["slug"], "companion_of", f"there is no “{opened}”")
        elif opened in formats_by_slug and formats_by_slug[opened].is_closed:
            yield Fault(places[entry["slug"]], entry["slug"], "companion_of", f"“{opened}” is not open")
    sourced = sorted((entry["source"], entry["slug"]) for entry in questions if "source" in entry)
    for source, entries in groupby(sourced, key=lambda pair: pair[0]):
        for _, slug in list(entries)[1:]:
            yield Fault(places[slug], slug, "source", f"another question is {source} already")


def _track_faults(entry: dict, subtopics: dict, questions: list[dict]) -> Iterator[formats.base.Fault]:
    known = {
        "levels": Level.values,
        "categories": Category.values,
        "topics": list(subtopics),
        "subtopics": [slug for slugs in subtopics.values() for slug in slugs],
        "formats": [format.name for format in formats.all()],
    }
    if entry["limit_minutes"] <= 0:
        yield "limit_minutes", "must be above 0"
    if not entry["sections"]:
        yield "sections", "at least one"
    published = [question for question in questions if question["status"] == Status.PUBLISHED]
    longest = 0
    for place, section in enumerate(entry["sections"], start=1):
        for name in FILTERS:
            for value in section.get(name, []):
                if value not in known[name]:
                    yield f"sections[{place}].{name}", f"there is no “{value}”"
        limits = sorted(_seconds(question) for question in published if fits(question, section))
        if not 1 <= section["count"] <= len(limits):
            yield f"sections[{place}].count", f"draws {section['count']} of {len(limits)} published questions"
        else:
            longest += sum(limits[-section["count"] :])
    if longest > 60 * entry["limit_minutes"]:
        yield "limit_minutes", f"the longest questions that it can draw take {longest / 60:.1f}"


def _seconds(question: dict) -> int:
    """What a track has to keep for it: a design round has time for its follow-ups, others have them as it comes."""
    asked = follow_ups.longest_limits(question) if question["format"] == "staged" else []
    return question["limit_seconds"] + sum(asked)


def topic_entries() -> list[dict]:
    """topics.yaml as it stands in the database."""
    return [
        {"slug": topic.slug, "name": topic.name}
        | {"subtopics": [{"slug": part.slug, "name": part.name} for part in topic.subtopics.all()]}
        for topic in Topic.objects.top_level().prefetch_related("subtopics")
    ]


def track_entries() -> list[dict]:
    """tracks.yaml as it stands in the database."""
    return [
        {"slug": track.slug, "name": track.name}
        | {name: text for name in ("company", "role", "summary") if (text := getattr(track, name))}
        | {"limit_minutes": track.limit_seconds // 60}
        | ({"reported": track.reported} if track.reported else {})
        | {"sections": [_section_entry(section) for section in track.sections.all()]}
        for track in Track.objects.with_sections()
    ]


def _section_entry(section: TrackSection) -> dict:
    filters = {name: values for name in FILTERS if (values := getattr(section, name))}
    return {"name": section.name, "count": section.count} | filters
