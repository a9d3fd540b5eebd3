"""Moodle XML (docs.moodle.org/en/Moodle_XML_format) written from versions; moodle_xml.py reads it.

Texts are Markdown, which Moodle knows. What it has no place for (references, rubric, misconceptions, follow-ups, our
time limit) stands as JSON in an element `holdout`, which Moodle passes over: our own files come back whole.
"""

import base64
import json
import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from questions import catalog_files, markup
from questions.exchange import figure_export
from questions.exchange.html_text import PLUGINFILE
from questions.exchange.moodle_xml import KEPT
from questions.models import QuestionVersion

# What XML 1.0 cannot hold.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(versions: Iterable[QuestionVersion]) -> bytes:
    """The versions, with their content, as one file; each topic with its subtopic is a category.

    Of several versions of one question the newest is written: its slug is Moodle's id number.
    """
    newest = {version.question_id: version for version in sorted(versions, key=lambda version: version.number)}
    entries = [(catalog_files.entry_of(version), version) for version in newest.values()]
    quiz, folder = Element("quiz"), None
    for entry, version in sorted(entries, key=lambda pair: (_folder(pair[0]), pair[0]["slug"])):
        path = _folder(entry)
        if path != folder:
            folder = path
            category = SubElement(SubElement(quiz, "question", type="category"), "category")
            SubElement(category, "text").text = path
        quiz.append(_question(entry, version.question_format, figure_export.contents(version)))
    ElementTree.indent(quiz)
    return ElementTree.tostring(quiz, encoding="utf-8", xml_declaration=True)


def _folder(entry: dict) -> str:
    return "/".join(["$course$/top", *entry["topics"][:1], *filter(None, [entry.get("subtopic")])])


def _question(entry: dict, format, figures: dict[str, bytes]) -> Element:
    question = Element("question", type=format.moodle_type)
    _add_text(question, "name", entry["title"])
    _add_illustrated(question, "questiontext", _printed_stages(entry), figures)
    _add_illustrated(question, "generalfeedback", entry["model_answer"], figures)
    _add(question, "idnumber", entry["slug"])
    own = {name: entry[name] for name in format.field_names if name in entry}
    answers = format.moodle_answers(own)
    right = sum(answer.fraction > 0 for answer in answers)
    if format.moodle_type == "multichoice":
        _add(question, "single", "true" if right == 1 else "false")
        _add(question, "shuffleanswers", "1")
    elif format.moodle_type == "essay":
        _add(question, "responseformat", "editor")
        _add_text(question, "graderinfo", _printed_rubric(entry), "markdown")
    for answer in answers:
        element = SubElement(question, "answer", fraction=f"{answer.fraction:.7g}", format="markdown")
        _add(element, "text", answer.text)
        _add_text(element, "feedback", answer.feedback, "markdown")
        if format.moodle_type == "numerical":
            _add(element, "tolerance", repr(answer.tolerance))
    if unit := entry.get("answer", {}).get("unit"):
        element = SubElement(SubElement(question, "units"), "unit")
        _add(element, "multiplier", "1")
        _add(element, "unit_name", unit)
    tags = SubElement(question, "tags")
    for tag in (entry["level"], entry["category"]):
        _add_text(tags, "tag", tag)
    extras = {name: entry[name] for name in KEPT if name in entry} | format.moodle_extras(own)
    if "stages" not in entry:
        del extras["prompt"]
    extras = {name: value for name, value in extras.items() if value is not None}
    _add(question, "holdout", json.dumps(extras, ensure_ascii=False))
    return question


def _printed_stages(entry: dict) -> str:
    stages = entry.get("stages", [])
    lines = [
        f"{place}. {stage['name']} ({stage['minutes']} min): {stage['asks']}" for place, stage in enumerate(stages, 1)
    ]
    return "\n\n".join([entry["prompt"], *(["\n".join(lines)] if lines else [])])


def _printed_rubric(entry: dict) -> str:
    points = [f"- {point['point']} ({point.get('weight', 1)})" for point in entry.get("rubric", [])]
    wrongs = [f"- “{wrong['statement']}” {wrong['correction']}" for wrong in entry.get("misconceptions", [])]
    return "\n".join([*points, *wrongs])


def _add_text(parent: Element, tag: str, text: str, format: str = "") -> None:
    _add(SubElement(parent, tag, **({"format": format} if format else {})), "text", text)


def _add_illustrated(parent: Element, tag: str, text: str, figures: dict[str, bytes]) -> None:
    """Markdown with the files of its images beside it, as Moodle keeps them."""
    _add_text(parent, tag, text.replace("](figure:", f"]({PLUGINFILE}"), "markdown")
    for name in {reference.name: None for reference in markup.figures_named(text)}:
        if name in figures:
            file = SubElement(parent.find(tag), "file", name=name, path="/", encoding="base64")
            file.text = base64.b64encode(figures[name]).decode()


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = FORBIDDEN.sub("", text)
