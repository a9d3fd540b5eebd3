"""Catalog files → database: an idempotent upsert by slug."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from questions import formats
from questions.catalog_files import FILTERS, Catalog, content_of
from questions.models import (
    Figure,
    Misconception,
    Option,
    Question,
    QuestionVersion,
    RubricPoint,
    Status,
    Topic,
    Track,
    TrackSection,
    VersionFigure,
    VersionTopic,
)
from questions.models.question import content_hash


@dataclass
class Loaded:
    topics: int = 0
    tracks: int = 0
    questions: int = 0  # new
    versions: int = 0  # new, those of new questions included
    statuses: int = 0  # changed without a new version


@transaction.atomic
def load(catalog: Catalog, now: datetime) -> Loaded:
    """Only entries that changed since they were last loaded are written: a repeat writes nothing.

    A changed question gets one new version, which retires the published one if the file says `published`.
    What has left the files stays as it is.
    """
    loaded = Loaded()
    loaded.topics = _load_topics(catalog.topics)
    loaded.tracks = _load_tracks(catalog.tracks)
    _load_figures(catalog)
    _load_questions(catalog.questions, now, loaded)
    return loaded


def to_try(catalog: Catalog) -> list[dict]:
    """Of the changed questions those that every load runs."""
    changed = [entry for entry, _ in _changed(catalog.questions, Question)]
    return [entry for entry in changed if formats.get(entry["format"]).is_tried_at_load]


def _changed(entries: list[dict], model) -> list[tuple[dict, str]]:
    """The entries, each with its hash, that are not what was loaded last."""
    stored = dict(model.objects.exclude(catalog_hash="").values_list("slug", "catalog_hash"))
    hashed = [(entry, content_hash(entry)) for entry in entries]
    return [(entry, hash) for entry, hash in hashed if stored.get(entry["slug"]) != hash]


def _load_topics(entries: list[dict]) -> int:
    entries = [entry | {"position": position} for position, entry in enumerate(entries)]
    changed = _changed(entries, Topic)
    for entry, hash in changed:
        topic, _ = Topic.objects.update_or_create(
            parent=None,
            slug=entry["slug"],
            defaults={"name": entry["name"], "position": entry["position"], "catalog_hash": hash},
        )
        for position, subtopic in enumerate(entry["subtopics"]):
            Topic.objects.update_or_create(
                parent=topic,
                slug=subtopic["slug"],
                defaults={"name": subtopic["name"], "position": position},
            )
    return len(changed)


def _load_tracks(entries: list[dict]) -> int:
    entries = [entry | {"position": position} for position, entry in enumerate(entries)]
    changed = _changed(entries, Track)
    for entry, hash in changed:
        texts = {name: entry.get(name, "") for name in ("name", "company", "role", "summary", "reported")}
        track, _ = Track.objects.update_or_create(
            slug=entry["slug"],
            defaults=texts
            | {
                "limit_seconds": 60 * entry["limit_minutes"],
                "position": entry["position"],
                "catalog_hash": hash,
            },
        )
        for position, section in enumerate(entry["sections"]):
            filters = {name: section.get(name, []) for name in FILTERS}
            TrackSection.objects.update_or_create(
                track=track,
                position=position,
                defaults={"name": section["name"], "count": section["count"]} | filters,
            )
        track.sections.filter(position__gte=len(entry["sections"])).delete()
    return len(changed)


def _load_figures(catalog: Catalog) -> None:
    """Those of the entries that changed."""
    changed = [name for entry, _ in _changed(catalog.questions, Question) for name in entry.get("figures", {})]
    if changed:
        Figure.objects.keep(catalog.figures[name] for name in set(changed))


def _load_questions(entries: list[dict], now: datetime, loaded: Loaded) -> None:
    changed = _changed(entries, Question)
    if not changed:
        return
    questions = _upsert_questions(changed, loaded)
    newest = {
        version.question_id: version
        for version in QuestionVersion.objects.filter(question__in=questions.values()).newest()
    }
    versions = []
    for entry, _ in changed:
        question, content = questions[entry["slug"]], content_of(entry)
        previous = newest.get(question.pk)
        if previous is None or previous.content_hash != content_hash(content):
            number = previous.number + 1 if previous else 1
            versions.append((new_version(question, number, entry["status"], content, now), content))
        elif previous.status != entry["status"]:
            _change_status(previous, entry["status"], now)
            loaded.statuses += 1
    add_versions(versions)
    loaded.versions = len(versions)


def _upsert_questions(changed: list[tuple[dict, str]], loaded: Loaded) -> dict[str, Question]:
    slugs = [entry["slug"] for entry, _ in changed]
    known = set(Question.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    Question.objects.bulk_create([Question(slug=slug) for slug in slugs if slug not in known])
    loaded.questions = len(slugs) - len(known)
    questions = Question.objects.in_bulk(field_name="slug")
    for entry, hash in changed:
        question = questions[entry["slug"]]
        question.source = entry.get("source", "")
        question.companion_of = questions.get(entry.get("companion_of"))
        question.catalog_hash = hash
    questions = {slug: questions[slug] for slug in slugs}
    Question.objects.bulk_update(questions.values(), ["source", "companion_of", "catalog_hash"])
    return questions


def new_version(question: Question, number: int, status: str, content: dict, now: datetime, by=None) -> QuestionVersion:
    """Neither rendered nor saved: `add_versions` does that, with its parts."""
    own = {name: content[name] for name in QuestionVersion.PLAIN_CONTENT}
    version = QuestionVersion(
        question=question, number=number, status=status, content_hash=content_hash(content), created_by=by, **own
    )
    if status == Status.PUBLISHED:
        version.published_at = now
    return version


def _change_status(version: QuestionVersion, status: str, now: datetime) -> None:
    if status == Status.PUBLISHED:
        version.publish(now=now)
    elif version.is_fixed:
        version.retire()  # what candidates have seen is no draft again
    else:
        version.status = status
        version.save(update_fields=["status"])


def add_versions(versions: list[tuple[QuestionVersion, dict]]) -> None:
    topics = {topic.slug: topic for topic in Topic.objects.top_level()}
    subtopics = {(topic.parent_id, topic.slug): topic for topic in Topic.objects.subtopics()}
    figures = Figure.objects.measures(digest for _, content in versions for digest in content["figures"].values())
    for version, content in versions:
        version.render({name: figures[digest] for name, digest in content["figures"].items()})
        version.subtopic = subtopics.get((topics[content["topics"][0]].pk, content["subtopic"]))
    published = [version.question_id for version, _ in versions if version.status == Status.PUBLISHED]
    QuestionVersion.objects.published().filter(question__in=published).update(status=Status.RETIRED)
    QuestionVersion.objects.bulk_create(version for version, _ in versions)

    parts = [part for version, content in versions for part in _parts(version, content, topics)]
    for model in (VersionTopic, Option, RubricPoint, Misconception, VersionFigure):
        model.objects.bulk_create(part for part in parts if isinstance(part, model))


def _parts(version: QuestionVersion, content: dict, topics: dict[str, Topic]):
    for position, slug in enumerate(content["topics"]):
        yield VersionTopic(version=version, position=position, topic=topics[slug])
    for position, option in enumerate(content["options"]):
        row = Option(
            version=version,
            position=position,
            text=option["text"],
            is_right=option["right"],
            why=option["why"],
        )
        row.render()
        yield row
    for position, point in enumerate(content["rubric"]):
        yield RubricPoint(
            version=version,
            position=position,
            text=point["point"],
            weight=point["weight"],
            says=point["says"],
        )
    for position, wrong in enumerate(content["misconceptions"]):
        yield Misconception(version=version, position=position, **wrong)
    for position, (name, digest) in enumerate(content["figures"].items()):
        yield VersionFigure(version=version, position=position, name=name, figure_id=digest)
