"""XML from people we do not know: a plain tree with line numbers. A document type, and so any entity, is refused."""

from dataclasses import dataclass, field
from typing import Self
from xml.parsers import expat

from django.core.exceptions import ValidationError

MAX_DEPTH = 20


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Self] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> list[Self]:
        return [child for child in self.children if child.tag == tag]

    def find(self, path: str) -> Self | None:
        """The first child of that name; `a/b` looks for b in the first a."""
        node = self
        for tag in path.split("/"):
            node = next(iter(node.all(tag)), None)
            if node is None:
                return None
        return node

    def text_at(self, path: str) -> str:
        node = self.find(path)
        return node.text.strip() if node else ""


def parse(source: str) -> Node:
    """The root. Raises ValidationError with the line and what is wrong there."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    root = Node("", {}, 0)
    opened = [root]

    def start(tag, attributes):
        if len(opened) > MAX_DEPTH:
            raise ValidationError(f"Line {parser.CurrentLineNumber}: nested more than {MAX_DEPTH} deep.")
        node = Node(tag, attributes, parser.CurrentLineNumber)
        opened[-1].children.append(node)
        opened.append(node)

    def end(tag):
        opened.pop()

    def text(data):
        opened[-1].text += data

    def refuse(*args):
        raise ValidationError(
            f"Line {parser.CurrentLineNumber}: document types (DOCTYPE) and entities are not allowed."
        )

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(source.encode(), True)
    except expat.ExpatError as error:
        why = expat.errors.messages[error.code]
        raise ValidationError(f"Line {error.lineno}: not well-formed XML ({why}).") from None
    return root.children[0]
