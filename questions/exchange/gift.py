"""Moodle's GIFT format, as docs.moodle.org/en/GIFT_format describes it and Moodle's own importer reads it.

// a comment
$CATEGORY: $course$/top/evaluation

::name:: [markdown]Question text {
    =right answer #feedback
    ~%50%half right
    ####what everybody sees afterwards
}
"""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from questions.exchange.items import Answer, Item, Parsed, number

# While a block is taken apart, each escaped character is one that no text may hold (Unicode noncharacters).
ESCAPED = {character: chr(0xFDD0 + place) for place, character in enumerate("\\:#={}~n")}
STANDS_FOR = {stand_in: "\n" if character == "n" else character for character, stand_in in ESCAPED.items()}
ESCAPE = re.compile(r"\\([\\:#={}~n])")
STAND_IN = re.compile("[\ufdd0-\ufdd7]")
WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d*)?)%")
FORMAT = re.compile(r"\[(html|markdown|plain|moodle)\]")
GAP = re.compile(r"\{\d*:[A-Z_]+:")  # of Moodle's embedded answers, which GIFT has no other sign for
WRITTEN_TWICE = re.compile(r"~\s*(?==)|(?<==)~")  # `~=right`, which Moodle takes for `=right`, and `=~right`
MAX_ANSWERS = 100
IN_COMMENT = re.compile(r"\[(id|tag):([^\]]*)\]")
TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}


def read(text: str) -> Parsed:
    """The questions, those of types that we do not have among them, and what cannot be read.

    Raises ValidationError for a text that holds noncharacters.
    """
    if STAND_IN.search(text):
        raise ValidationError("The file has characters that are not text (U+FDD0 to U+FDD7).")
    parsed, folder = Parsed(), ""
    for line, block, comments in _blocks(text):
        if block.startswith("$CATEGORY:"):
            folder = block.removeprefix("$CATEGORY:").strip()
            parsed.categories += 1
            continue
        item = Item(line=line, folder=folder)
        for name, value in IN_COMMENT.findall(comments):
            if name == "id":
                item.id_number = value.strip()
            else:
                item.tags.append(value.strip())
        try:
            _read_block(item, ESCAPE.sub(lambda match: ESCAPED[match[1]], block))
        except ValueError as error:
            parsed.add(item, error)
        else:
            parsed.add(item)
    if parsed.items and "{" not in text:
        parsed.hint = "In GIFT, answers go in braces: Which is right? {=this one ~that one}"
    return parsed


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, block, its comments): blank lines part the blocks; a category is a block of one line."""
    lines: list[tuple[int, str]] = []
    comments: list[str] = []
    for place, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip().startswith("//"):
            comments.append(line)
        elif line.strip() and not line.startswith("$CATEGORY:"):
            lines.append((place, line))
        else:
            if lines:
                yield lines[0][0], "\n".join(line for _, line in lines).strip(), "\n".join(comments)
            lines, comments = [], []
            if line.strip():
                yield place, line, ""


def _read_block(item: Item, block: str) -> None:
    """Raises ValueError with what is wrong."""
    if block.startswith("::") and "::" in block[2:]:
        name, block = block[2:].split("::", 1)
        item.name = " ".join(_unescaped(name).split())
        block = block.strip()
    if GAP.search(block):
        item.type = "cloze"
        return
    before, body, after = _around_braces(block)
    text = f"{before} _____{'' if after[0] in '.,;:!?' else ' '}{after}" if after else before
    format = (FORMAT.match(text) or ["", "moodle"])[1]
    item.text = _text(item, text, format, inline=False)
    if body is None:
        item.type = "description"
        return
    body, *general = body.rsplit("####", 1)
    item.feedback = _text(item, general[0], format, inline=False, is_asked=False) if general else ""
    _read_answers(item, body.strip(), format)


def _around_braces(block: str) -> tuple[str, str | None, str]:
    """What stands before, inside and behind the braces; None inside when there are none."""
    before, opened, rest = block.partition("{")
    body, closed, after = rest.partition("}")
    if "}" in before or (opened and not closed):
        raise ValueError("a brace { or } has no partner: is there a blank line inside the question?")
    if not opened:
        return block, None, ""
    if "{" in body or "{" in after or "}" in after:
        raise ValueError("there is more than one pair of braces: write \\{ and \\} for braces in a text")
    return before.strip(), body, after.strip()


def _read_answers(item: Item, body: str, format: str) -> None:
    if not body:
        item.type = "essay"
    elif body.startswith("#"):
        item.type = "numerical"
        _read_numbers(item, body[1:], format)
    elif "~" in body:
        item.type = "multichoice"
        item.is_single = "=" in body
        parts = _parts(WRITTEN_TWICE.sub("", body), "~=")
        if len(parts) > MAX_ANSWERS:
            raise ValueError(f"too many answers: {len(parts):,}")
        item.answers = [_answer(item, part, format) for part in parts]
        if len(item.answers) < 2:
            raise ValueError("a choice needs two answers")
    elif "=" in body and "->" in body:
        item.type = "matching"
    elif (truth := body.split("#")[0].strip().upper()) in TRUTHS:
        item.type = "truefalse"
        texts = [*body.split("#", 2)[1:], "", ""]
        wrong, right, *_ = [_text(item, text, format, is_asked=False) for text in texts]
        item.answers = truth_answers(is_true=TRUTHS[truth], right=right, wrong=wrong)
    else:
        item.type = "shortanswer"


def truth_answers(*, is_true: bool, right: str, wrong: str) -> list[Answer]:
    return [
        Answer("True", 100.0 * is_true, right if is_true else wrong),
        Answer("False", 100.0 * (not is_true), wrong if is_true else right),
    ]


def _parts(body: str, marks: str) -> list[str]:
    """The body cut before each mark; without a mark in front it is one part."""
    return [part for piece in re.split(rf"(?=[{marks}])", body) if (part := piece.strip())]


def _weighed(part: str, default: float) -> tuple[float, str, str]:
    """(percent, text, feedback) of `~%50%text#feedback`, with or without its mark and weight."""
    part = part.lstrip("=~").strip()
    weight = WEIGHT.match(part)
    text, _, feedback = part[weight.end() if weight else 0 :].partition("#")
    if not text.strip():
        raise ValueError("an answer is empty")
    return float(weight[1]) if weight else default, text.strip(), feedback


def _answer(item: Item, part: str, format: str) -> Answer:
    fraction, text, feedback = _weighed(part, default=100.0 * part.startswith("="))
    return Answer(_text(item, text, format), fraction, _text(item, feedback, format, is_asked=False))


def _read_numbers(item: Item, body: str, format: str) -> None:
    numbers, _, wrong = body.partition("~")
    if wrong.strip(" #\n"):
        item.notes.append("the feedback to wrong numbers is not kept")
    parts = _parts(numbers, "=")
    if len(parts) > MAX_ANSWERS:
        raise ValueError(f"too many answers: {len(parts):,}")
    for part in parts:
        fraction, text, feedback = _weighed(part, default=100.0)
        value, tolerance = _number(text)
        item.answers.append(Answer(value, fraction, _text(item, feedback, format, is_asked=False), tolerance))
    if not item.answers:
        raise ValueError("there is no number behind {#")


def _number(text: str) -> tuple[str, float]:
    """The value as it is written, and its tolerance: `1822`, `3.14:0.01`, `3.141..3.142`."""
    try:
        if ".." in text:
            low, high = map(number, text.split("..", 1))
            value, tolerance = f"{(low + high) / 2:.12g}", number(f"{(high - low) / 2:.12g}")
        else:
            value, _, margin = text.partition(":")
            tolerance = number(margin or "0")
        number(value)
        if tolerance < 0:
            raise ValueError
    except ValueError:
        raise ValueError(f"“{_unescaped(text[:60])}” is no number: write 3.14, 3.14:0.01 or 3.1..3.2") from None
    return value.strip(), tolerance


def _text(item: Item, source: str, format: str, *, inline: bool = True, is_asked: bool = True) -> str:
    """Markdown. A format in front of the text, `[html]`, takes the place of the question's own."""
    source = source.strip()
    if own := FORMAT.match(source):
        format, source = own[1], source[own.end() :].strip()
    return item.markdown(_unescaped(source), format, inline=inline, is_asked=is_asked)


def _unescaped(text: str) -> str:
    return STAND_IN.sub(lambda match: STANDS_FOR[match[0]], text)
