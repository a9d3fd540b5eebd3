"""Moodle XML (docs.moodle.org/en/Moodle_XML_format): read into questions, and written from versions.

Written texts are Markdown, which Moodle knows. What it has no place for (references, rubric, misconceptions,
our time limit) stands as JSON in an element `holdout`, which Moodle passes over: our own files come back whole.
"""

import json
import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.core.exceptions import ValidationError

from questions import catalog_files
from questions.exchange import xml_tree
from questions.exchange.gift import truth_answers
from questions.exchange.html_text import converted
from questions.exchange.items import Answer, Item, Remark, number
from questions.exchange.xml_tree import Node
from questions.models import QuestionVersion

ALIASES = {"match": "matching", "multianswer": "cloze"}
# Fields of ours that Moodle has no place for; the prompt where more than it stands in the question's text.
KEPT = ("format", "topics", "limit_seconds", "rubric", "misconceptions", "references", "prompt")
# What XML 1.0 cannot hold.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(text: str) -> tuple[list[Item], list[Remark]]:
    """The questions, those of types that we do not have among them, and what cannot be read.

    Raises ValidationError when the whole file is no such XML.
    """
    quiz = xml_tree.parse(text)
    if quiz.tag != "quiz":
        raise ValidationError(f"Line {quiz.line}: a Moodle file begins with <quiz>, not with <{quiz.tag}>.")
    items, faults, folder = [], [], ""
    for node in quiz.children:
        if node.tag != "question":
            faults.append(Remark(node.line, "", f"<{node.tag}> is not a field: a quiz holds questions"))
        elif node.attributes.get("type") == "category":
            folder = node.text_at("category/text")
        else:
            item = Item(line=node.line, folder=folder, name=" ".join(node.text_at("name/text").split()))
            try:
                _read_question(item, node)
            except ValueError as error:
                faults.append(Remark(node.line, item.name, str(error)))
            else:
                items.append(item)
    return items, faults


def _read_question(item: Item, node: Node) -> None:
    """Raises ValueError with what is wrong."""
    item.type = node.attributes.get("type", "")
    item.type = ALIASES.get(item.type, item.type)
    default = (node.find("questiontext") or node).attributes.get("format", "html")
    item.text = _text(item, node.find("questiontext"), default, inline=False)
    item.feedback = _text(item, node.find("generalfeedback"), default, inline=False)
    item.grader_info = _text(item, node.find("graderinfo"), default, inline=False)
    item.id_number = node.text_at("idnumber")
    item.tags = [tag.text_at("text") for parent in node.all("tags") for tag in parent.all("tag")]
    item.is_single = node.text_at("single") not in ("false", "0")
    item.unit = node.text_at("units/unit/unit_name")
    item.extras = _extras(node.text_at("holdout"))
    if node.find("image"):
        item.notes.append("an image is dropped")
    if node.all("hint"):
        item.notes.append("the hints are not kept")
    answers = [_answer(item, answer, default) for answer in node.all("answer")]
    if item.type == "truefalse":
        item.answers = _truth(answers)
    elif item.type == "numerical":
        # `*` stands for every other number, and only carries feedback.
        item.answers = [answer for answer in answers if answer.text not in ("*", "\\*")]
        for answer in item.answers:
            number(answer.text)
        if not item.answers:
            raise ValueError("there is no number among the answers")
        if len(item.answers) < len(answers):
            item.notes.append("the feedback to wrong numbers is not kept")
    else:
        item.answers = [answer for answer in answers if answer.text]


def _answer(item: Item, node: Node, default: str) -> Answer:
    feedback = node.find("feedback")
    answer = Answer(
        text=_text(item, node, default),
        fraction=number(node.attributes.get("fraction", "0")),
        feedback=_text(item, feedback, default),
        tolerance=number(node.text_at("tolerance") or "0"),
    )
    if answer.tolerance < 0:
        raise ValueError("a tolerance is below 0")
    return answer


def _truth(answers: list[Answer]) -> list[Answer]:
    by_text = {answer.text.lower(): answer for answer in answers}
    if set(by_text) != {"true", "false"}:
        raise ValueError("a true/false question has the answers “true” and “false”")
    is_true = by_text["true"].fraction > by_text["false"].fraction
    right, wrong = ("true", "false") if is_true else ("false", "true")
    return truth_answers(is_true=is_true, right=by_text[right].feedback, wrong=by_text[wrong].feedback)


def _text(item: Item, node: Node | None, default: str, inline: bool = True) -> str:
    """The Markdown of the `text` inside the element, whose attribute says the format."""
    if node is None:
        return ""
    format = node.attributes.get("format", default)
    text, notes = converted(node.text_at("text"), format, inline)
    item.notes += notes
    return text


def _extras(source: str) -> dict:
    """Raises ValueError for what our own export would not write."""
    try:
        extras = json.loads(source or "{}")
        json.dumps(extras, ensure_ascii=False).encode()  # half of a surrogate pair is JSON and no text
    except (ValueError, RecursionError):
        raise ValueError("<holdout> must hold JSON") from None
    if not isinstance(extras, dict):
        raise ValueError("<holdout> must hold named values")
    return extras


# Writing


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
        quiz.append(_question(entry, version.question_format))
    ElementTree.indent(quiz)
    return ElementTree.tostring(quiz, encoding="utf-8", xml_declaration=True)


def _folder(entry: dict) -> str:
    return "/".join(["$course$/top", *entry["topics"][:1], *filter(None, [entry.get("subtopic")])])


def _question(entry: dict, format) -> Element:
    question = Element("question", type=format.moodle_type)
    _add_text(question, "name", entry["title"])
    _add_text(question, "questiontext", _printed_stages(entry), "markdown")
    _add_text(question, "generalfeedback", entry["model_answer"], "markdown")
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


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = FORBIDDEN.sub("", text)
