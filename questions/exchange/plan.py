"""What an upload would change, and changing just that: new questions and new versions, all of them drafts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.rights import acting
from questions import formats, version_diff
from questions.catalog_files import content_of
from questions.catalog_loading import add_versions, new_version
from questions.models import Category, Level, Question, QuestionUpload, QuestionVersion, Status, UploadedQuestion
from questions.version_diff import FieldChange

Choice = UploadedQuestion.Choice


class BankChanged(Exception):
    """What was looked at is not what would happen any more."""


@dataclass
class Step:
    """What becomes of one question of the file."""

    question: UploadedQuestion
    before: QuestionVersion | None  # the newest version of the question that it is a version of

    @property
    def kind(self) -> str:
        if self.question.choice == Choice.SKIP:
            return "skipped"
        if self.question.choice == Choice.NEW or self.question.target_id is None:  # its target was deleted meanwhile
            return "new"
        is_same = self.before is not None and self.before.content_hash == self.question.content_hash
        return "unchanged" if is_same else "new version"

    @property
    def about(self) -> str:
        """Level, category and format, in words."""
        entry = self.question.entry
        words = [Level(entry["level"]).label, Category(entry["category"]).label, formats.get(entry["format"]).label]
        return " · ".join([", ".join(entry["topics"]), *words])

    @property
    def changes(self) -> list[FieldChange]:
        return version_diff.content_changes(self.before.content(), content_of(self.question.entry))


def plan(questions: Iterable[UploadedQuestion], *, with_content: bool = False) -> list[Step]:
    """Writes nothing. `with_content` for whoever shows the changes."""
    questions = list(questions)
    targets = [question.target_id for question in questions if question.choice == Choice.VERSION]
    versions = QuestionVersion.objects.filter(question__in=targets).newest()
    newest = {version.question_id: version for version in (versions.with_content() if with_content else versions)}
    return [
        Step(question, newest.get(question.target_id) if question.choice == Choice.VERSION else None)
        for question in questions
    ]


def plan_of(upload: QuestionUpload) -> list[Step]:
    """Of all its questions, without their texts."""
    return plan(upload.questions.defer("entry", "needs", "lacks"))


def fingerprint(steps: list[Step]) -> str:
    """Equal as long as the steps would do the same."""
    seen = [(step.question.place, step.kind, step.question.target_id, step.before and step.before.pk) for step in steps]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def counted(steps: list[Step]) -> str:
    kinds = [step.kind for step in steps]
    new, versions, unchanged, skipped = map(kinds.count, ("new", "new version", "unchanged", "skipped"))
    parts = [_counted(new, "new question"), _counted(versions, "new version"), f"{unchanged} unchanged"]
    return ", ".join(parts + [f"{skipped} skipped"] * bool(skipped))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def orphans(upload: QuestionUpload) -> list[str]:
    """Slugs of questions to be loaded that check an open question which is neither stored nor loaded with them."""
    loaded = upload.questions.exclude(choice=Choice.SKIP)
    opened = dict(loaded.filter(entry__has_key="companion_of").values_list("entry__slug", "entry__companion_of"))
    stored = Question.objects.filter(slug__in=opened.values()).values_list("slug", flat=True)
    known = {*stored, *loaded.filter(entry__slug__in=opened.values()).values_list("entry__slug", flat=True)}
    return [slug for slug, companion in opened.items() if companion not in known]


def apply(upload: QuestionUpload, *, now: datetime) -> list[Step]:
    """In one transaction: all or nothing. The versions are drafts, whatever the file says, and written by its owner.

    A new question takes its `source` and `companion_of` from the file; an old one keeps its own.
    Raises BankChanged when the plan is no longer the one that was confirmed.
    """
    with acting(upload.user):
        targets = upload.questions.filter(choice=Choice.VERSION).values("target")
        list(Question.objects.select_for_update().filter(pk__in=targets).order_by("pk"))
        steps = plan(upload.questions.select_related("target"))
        if fingerprint(steps) != upload.fingerprint or orphans(upload):
            raise BankChanged
        loaded = [step for step in steps if step.kind != "skipped"]
        questions = _questions(upload, loaded)
        changed = [(step, content_of(step.question.entry)) for step in loaded if step.kind != "unchanged"]
        add_versions(
            [(_draft(questions[step.question.place], step, content, upload, now), content) for step, content in changed]
        )
    return steps


def _questions(upload: QuestionUpload, steps: list[Step]) -> dict[int, Question]:
    """By the place in the file; the new ones are made."""
    new = [step.question for step in steps if step.kind == "new"]
    slugs = _free_slugs([question.slug for question in new])
    made = Question.objects.bulk_create(
        Question(slug=slug, source=question.entry.get("source", "")) for slug, question in zip(slugs, new, strict=True)
    )
    questions = {question.place: row for question, row in zip(new, made, strict=True)}
    questions |= {step.question.place: step.question.target for step in steps if step.kind != "new"}
    for step in steps:
        if not step.question.is_own:
            question = questions[step.question.place]
            question.imported_from, question.imported_as = upload.name, step.question.key
    _link_companions(new, questions, {step.question.slug: questions[step.question.place] for step in steps})
    Question.objects.bulk_update(questions.values(), ["imported_from", "imported_as", "companion_of"])
    return questions


def _link_companions(new: list[UploadedQuestion], questions: dict[int, Question], in_file: dict[str, Question]) -> None:
    opened = {question.place: question.entry["companion_of"] for question in new if "companion_of" in question.entry}
    known = Question.objects.in_bulk(opened.values(), field_name="slug") | in_file
    for place, slug in opened.items():
        questions[place].companion_of = known[slug]


def _free_slugs(wanted: list[str]) -> list[str]:
    """Each as it is wanted, or with a number behind it where another question has it."""
    taken, given = set(Question.objects.filter(slug__in=wanted).values_list("slug", flat=True)), []
    for slug in wanted:
        if slug in taken:
            numbered = set(Question.objects.filter(slug__startswith=f"{slug[:90]}-").values_list("slug", flat=True))
            slug = next(
                other for number in range(2, 10_000) if (other := f"{slug[:90]}-{number}") not in numbered | taken
            )
        taken.add(slug)
        given.append(slug)
    return given


def _draft(question: Question, step: Step, content: dict, upload: QuestionUpload, now: datetime) -> QuestionVersion:
    number = step.before.number + 1 if step.before else 1
    return new_version(question, number, Status.DRAFT, content, now, by=upload.user)
