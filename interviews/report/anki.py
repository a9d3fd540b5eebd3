"""Questions as an Anki package: one card a question, which a later import updates instead of adding another."""

import io
import random
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import genanki
from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from interviews.sitting.models import InterviewQuestion
from questions import markup
from questions.models import Figure, QuestionVersion

MISSED_BELOW = 0.5
# Anki knows the deck and the kind of note by these numbers, and a note by its guid: none of them ever changes.
MISSED = (1_764_580_002, "Holdout: missed questions")
LIBRARY = (1_764_580_003, "Holdout: library")
MODEL = genanki.Model(
    1_764_580_001,
    "Holdout question",
    fields=[{"name": "Question"}, {"name": "Answer"}],
    templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}],
    css=".card { font-family: sans-serif; font-size: 18px; text-align: left; } "
    "pre { white-space: pre-wrap; } table { border-collapse: collapse; } "
    "th, td { border: 1px solid; padding: 2px 6px; } "
    "img { max-width: 100%; height: auto; background: white; }",
)
MATHS = re.compile(r'<(span|div) class="math(?P<display> math-display)?">(\$\$?)(?P<source>.*?)\3</\1>', re.DOTALL)
CODE = re.compile(r"(<pre.*?</pre>)", re.DOTALL)


def missed_questions(candidate: User, *, now: datetime) -> bytes:
    """An .apkg of the questions whose newest graded answer got less than half of the points.

    Only those whose model answer the candidate may see by now.
    """
    newest = InterviewQuestion.objects.newest_graded(candidate).filter(score__lt=MISSED_BELOW)
    versions = QuestionVersion.objects.with_content().in_bulk(newest.values_list("version", flat=True))
    revealed = []
    for answer in newest:
        answer.version = versions[answer.version_id]
        if answer.is_revealed:
            revealed.append(answer.version)
    return package(revealed, MISSED, now=now)


def package(versions: Iterable[QuestionVersion], deck: tuple[int, str], *, now: datetime) -> bytes:
    """The versions come with their content; `deck`: MISSED or LIBRARY."""
    deck, versions = genanki.Deck(*deck), list(versions)
    texts = (html for version in versions for html in (version.prompt_html, version.model_answer_html))
    files = Figure.objects.file_names(markup.figures_shown(texts))
    for version in versions:
        deck.add_note(note(version, files))
    file = io.BytesIO()
    with TemporaryDirectory() as folder:
        media = [figure_file(Path(folder), digest, name) for digest, name in files.items()]
        genanki.Package(deck, media).write_to_file(file, timestamp=now.timestamp())
    return file.getvalue()


def figure_file(folder: Path, digest: str, name: str) -> Path:
    path = folder / name
    path.write_bytes(Figure.objects.get(pk=digest).content)
    return path


def note(version: QuestionVersion, figures: dict[str, str]) -> genanki.Note:
    """`figures`: the names of the package's images, by their digests."""
    options = list(version.options.all())
    is_order = version.format == "ordering"
    shown = shuffled(options, version.question.slug) if is_order else options
    context = {"version": version, "options": shown, "right": options, "is_order": is_order}
    return genanki.Note(
        model=MODEL,
        fields=[for_anki(render_to_string(f"report/anki/{side}.html", context), figures) for side in ("front", "back")],
        sort_field=version.title,
        tags=["holdout", *(topic.slug for topic in version.ordered_topics), version.level],
        guid=genanki.guid_for("holdout", version.question.slug),
    )


def shuffled(steps: list, key: str) -> list:
    """The same order for the same question, and never the right one."""
    mixed = steps.copy()
    random.Random(key).shuffle(mixed)  # noqa: S311 (not a secret: repeatable is the point)
    return mixed if mixed != steps else steps[1:] + steps[:1]


def for_anki(html: str, figures: dict[str, str]) -> str:
    """Maths as Anki typesets it, line ends as blanks but in code, images from the package or by their whole address."""
    html = MATHS.sub(_in_brackets, markup.with_figure_files(html, figures, keep_links=False))
    html = html.replace(' src="/', f' src="{settings.SITE_URL}/')
    pieces = CODE.split(html)
    pieces[::2] = [re.sub(r"\s*\n\s*", " ", piece) for piece in pieces[::2]]
    pieces[1::2] = [piece.replace("\n", "<br>") for piece in pieces[1::2]]
    return "".join(pieces).strip()


def _in_brackets(maths: re.Match) -> str:
    return rf"\[{maths['source']}\]" if maths["display"] else rf"\({maths['source']}\)"
