"""Moodle XML (docs.moodle.org/en/Moodle_XML_format) read into questions; moodle_export.py writes it."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from questions import pictures
from questions.exchange import xml_tree
from questions.exchange.gift import MAX_ANSWERS, truth_answers
from questions.exchange.html_text import PLUGINFILE
from questions.exchange.items import Answer, Item, Parsed, number
from questions.exchange.xml_tree import Node

ALIASES = {"match": "matching", "multianswer": "cloze"}
# Fields of ours that Moodle has no place for; the prompt where more than it stands in the question's text.
KEPT = ("format", "topics", "limit_seconds", "rubric", "misconceptions", "follow_ups", "hint", "references", "prompt")
SUBSETS = {"RANDOM": "picked at random", "1": "picked at random", "CONTIGUOUS": "in a row", "2": "in a row"}
# What Moodle says by itself, whatever the question is.
USUAL_FEEDBACK = {"", "Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect."}


def read(source: bytes) -> Parsed:
    """The questions, those of types that we do not have among them, and what cannot be read.

    Raises ValidationError when the whole file is no such XML.
    """
    quiz = xml_tree.parse(source)
    if quiz.tag != "quiz":
        raise ValidationError(f"Line {quiz.line}: a Moodle file begins with <quiz>, not with <{quiz.tag[:60]}>.")
    parsed, folder = Parsed(), ""
    for node in quiz.children:
        item = Item(line=node.line, folder=folder, name=" ".join(node.text_at("name/text").split()))
        if node.tag != "question":
            parsed.add(item, ValueError(f"<{node.tag}> is not a field: a quiz holds questions"))
        elif node.attributes.get("type") == "category":
            folder = node.text_at("category/text")
            parsed.categories += 1
        else:
            try:
                _read_question(item, node)
            except ValueError as error:
                parsed.add(item, error)
            else:
                parsed.add(item)
    return parsed


def _read_question(item: Item, node: Node) -> None:
    """Raises ValueError with what is wrong."""
    item.type = node.attributes.get("type", "")
    item.type = ALIASES.get(item.type, item.type)
    item.id_number = node.text_at("idnumber")
    item.tags = [tag.text_at("text") for parent in node.all("tags") for tag in parent.all("tag")]
    item.is_single = node.text_at("single") not in ("false", "0")
    item.unit = node.text_at("units/unit/unit_name")
    item.extras = _extras(node.text_at("holdout"))
    default = (node.find("questiontext") or node).attributes.get("format", "html")
    item.text = _text(item, node.find("questiontext"), default, inline=False)
    item.feedback = _text(item, node.find("generalfeedback"), default, inline=False, is_asked=False)
    item.grader_info = _text(item, node.find("graderinfo"), default, inline=False, is_asked=False)
    if len(node.all("answer")) > MAX_ANSWERS:
        raise ValueError(f"too many answers: {len(node.all('answer')):,}")
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
    if not item.extras:
        _note_losses(item, node)


def _note_losses(item: Item, node: Node) -> None:
    """What stands in the file and has no place with us, texts aside."""
    if node.find("image"):
        item.lacks.append("image")
    if node.all("hint"):
        item.notes.append("the hints are not kept")
    if node.text_at("responsetemplate/text"):
        item.notes.append("the template of the answer is not kept")
    if len(node.all("units")[0].all("unit") if node.all("units") else []) > 1:
        item.notes.append(f"one unit is kept, {item.unit}")
    if any(node.text_at(f"{kind}feedback/text") not in USUAL_FEEDBACK for kind in ("correct", "incorrect")):
        item.notes.append("the overall feedback is not kept")
    if item.type == "multichoice" and node.text_at("shuffleanswers") in ("false", "0"):
        item.notes.append("the options are shown in a different order each time")
    count, steps = node.text_at("selectcount"), len(item.answers)
    how = SUBSETS.get(node.text_at("selecttype").upper())
    if item.type == "ordering" and how and count.isdecimal() and 0 < int(count[:9]) < steps:
        item.notes.append(f"Moodle shows {count} of the {steps} steps, {how}; here all {steps} are put in order")


def _answer(item: Item, node: Node, default: str) -> Answer:
    answer = Answer(
        text=_text(item, node, default),
        fraction=number(node.attributes.get("fraction", "0")),
        feedback=_text(item, node.find("feedback"), default, is_asked=False),
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


def _text(item: Item, node: Node | None, default: str, *, inline: bool = True, is_asked: bool = True) -> str:
    """The Markdown of the `text` inside the element, whose attribute says the format. Our own stay as they are."""
    if node is None:
        return ""
    source, format = node.text_at("text"), node.attributes.get("format", default)
    figures = {} if inline else dict(_figures(item, node))
    if item.extras:
        return source.replace(f"]({PLUGINFILE}", "](figure:")
    return item.markdown(source, format, inline=inline, is_asked=is_asked, figures=figures)


def _figures(item: Item, node: Node) -> Iterator[tuple[str, str]]:
    """(the file's name, ours) of the images that come with a text; they are kept with the question."""
    for file in node.all("file"):
        name = file.attributes.get("name", "")
        try:
            content = base64.b64decode(file.text)
            own, picture = pictures.name_of(name), pictures.encoded(content)
        except (ValidationError, binascii.Error) as error:
            why = error.message if isinstance(error, ValidationError) else pictures.NO_IMAGE
            item.notes.append(f"the file “{name[:100]}” is not kept: {why}")
            continue
        figure = [hashlib.sha256(content).hexdigest(), base64.b64encode(picture.content).decode()]
        own = _free_name(own, figure, item.figures)
        item.figures[own] = figure
        yield name, own


def _free_name(name: str, figure: list[str], taken: dict[str, list[str]]) -> str:
    """Prompt and answer may each have a plot.png of their own."""
    stem, _, ending = name.rpartition(".")
    names = [name, *(f"{stem}-{number}.{ending}" for number in range(2, 100))]
    return next(other for other in names if taken.get(other, figure) == figure)


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
