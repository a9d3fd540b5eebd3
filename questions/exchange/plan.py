"""What an upload would change, and changing just that: new questions and new versions, all of them drafts."""

from dataclasses import dataclass
from datetime import datetime

from accounts.rights import acting
from questions import formats, version_diff
from questions.catalog_files import content_of
from questions.catalog_loading import add_versions, new_version
from questions.exchange.items import Incoming
from questions.models import Category, Level, Question, QuestionVersion, Status, Topic
from questions.models.question import content_hash
from questions.version_diff import FieldChange


class BankChanged(Exception):
    """What was looked at is not what would happen any more."""


@dataclass
class Step:
    """What becomes of one question of the file."""

    incoming: Incoming
    content: dict
    before: QuestionVersion | None  # the newest version of the question
    topics: list[str]  # their names

    @property
    def slug(self) -> str:
        return self.incoming.entry["slug"]

    @property
    def kind(self) -> str:
        if self.before is None:
            return "new"
        return "unchanged" if self.before.content_hash == content_hash(self.content) else "new version"

    @property
    def about(self) -> str:
        """Topics, level, category and format, in words."""
        entry = self.incoming.entry
        kind = [Level(entry["level"]).label, Category(entry["category"]).label, formats.get(entry["format"]).label]
        return " · ".join([", ".join(self.topics), *kind])

    @property
    def changes(self) -> list[FieldChange]:
        return version_diff.content_changes(self.before.content(), self.content)


def plan(incoming: list[Incoming]) -> list[Step]:
    """Writes nothing."""
    slugs = [question.entry["slug"] for question in incoming]
    versions = QuestionVersion.objects.filter(question__slug__in=slugs).newest().with_content()
    newest = {version.question.slug: version for version in versions}
    names = dict(Topic.objects.values_list("slug", "name"))
    return [
        Step(
            question,
            content_of(question.entry),
            newest.get(question.entry["slug"]),
            [names[slug] for slug in question.entry["topics"]],
        )
        for question in incoming
    ]


def fingerprint(steps: list[Step]) -> list:
    """Equal as long as the steps would do the same."""
    return [[step.slug, step.kind, step.before and step.before.pk] for step in steps]


def apply(incoming: list[Incoming], seen: list, *, by, now: datetime) -> list[Step]:
    """In one transaction: all or nothing. The versions are drafts, whatever the file says, and written by `by`.

    A new question takes its `source` and `companion_of` from the file; an old one keeps its own.
    Raises BankChanged when the plan's fingerprint is no longer the one that was `seen`.
    """
    with acting(by):
        slugs = [question.entry["slug"] for question in incoming]
        list(Question.objects.select_for_update().filter(slug__in=slugs).order_by("pk"))
        steps = plan(incoming)
        if fingerprint(steps) != seen:
            raise BankChanged
        changed = [step for step in steps if step.kind != "unchanged"]
        questions = _questions(changed)
        add_versions([(_draft(questions[step.slug], step, by, now), step.content) for step in changed])
    return steps


def _questions(steps: list[Step]) -> dict[str, Question]:
    """By slug; the new ones are made."""
    slugs = [step.slug for step in steps]
    known = set(Question.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    new = [step.incoming.entry for step in steps if step.slug not in known]
    Question.objects.bulk_create(Question(slug=entry["slug"], source=entry.get("source", "")) for entry in new)
    companions = {entry["slug"]: entry["companion_of"] for entry in new if "companion_of" in entry}
    questions = Question.objects.filter(slug__in=[*slugs, *companions.values()]).in_bulk(field_name="slug")
    for slug, opened in companions.items():
        questions[slug].companion_of = questions[opened]
    Question.objects.bulk_update([questions[slug] for slug in companions], ["companion_of"])
    return questions


def _draft(question: Question, step: Step, by, now: datetime) -> QuestionVersion:
    number = step.before.number + 1 if step.before else 1
    return new_version(question, number, Status.DRAFT, step.content, now, by=by)
