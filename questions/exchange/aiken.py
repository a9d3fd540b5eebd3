"""Moodle's Aiken format (docs.moodle.org/en/Aiken_format): a question, its choices, and which of them is right.

Which loss suits classification?
A. squared error
B) cross-entropy
ANSWER: B
"""

import re

from questions.exchange.items import Answer, Item, Parsed

CHOICE = re.compile(r"([A-Z])[.)][ \t]+(.*)")
ANSWER = re.compile(r"ANSWER:[ \t]*([A-Z])?")


def looks_like_aiken(text: str) -> bool:
    return bool(re.search(r"^ANSWER:", text, re.MULTILINE) and re.search(r"^[A-Z][.)][ \t]", text, re.MULTILINE))


def read(text: str) -> Parsed:
    """A question ends with its ANSWER line; blank lines mean nothing."""
    parsed = Parsed()
    item, asked, choices = None, [], []
    lines = text.split("\n")
    for place, line in enumerate([*map(str.strip, lines), ""], start=1):
        choice, right, is_last = CHOICE.fullmatch(line), ANSWER.match(line), place > len(lines)
        if item and (right or is_last or (choices and line and not choice)):
            _add(parsed, item, asked, choices, right)
            item, asked, choices = None, [], []
        if not line or right:
            continue
        item = item or Item(line=place, type="multichoice")
        if choice:
            choices.append(choice.groups())
        else:
            asked.append(line)
    return parsed


def _add(parsed: Parsed, item: Item, asked: list[str], choices: list[tuple[str, str]], right: re.Match | None) -> None:
    letters = [letter for letter, _ in choices]
    try:
        item.text = item.markdown("\n".join(asked), "plain", inline=False)
        if not asked:
            raise ValueError("there is no question above the choices")
        if len(letters) < 2 or len(set(letters)) < len(letters):
            raise ValueError("a choice needs two answers, each with a letter of its own")
        if right is None or right[1] not in letters:
            raise ValueError("it needs a line “ANSWER: ” with the letter of one of its choices")
        item.answers = [Answer(item.markdown(text, "plain"), 100.0 * (letter == right[1])) for letter, text in choices]
    except ValueError as error:
        parsed.add(item, error)
    else:
        parsed.add(item)
