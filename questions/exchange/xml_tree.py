"""XML from people we do not know: a plain tree with line numbers. A document type, and so any entity, is refused."""

import codecs
from dataclasses import dataclass, field
from typing import Self
from xml.parsers import expat

from django.core.exceptions import ValidationError

MAX_DEPTH = 20
MAX_NODES = 100_000  # elements and attributes; a thousand questions of Moodle's have 60,000


@dataclass(slots=True)
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


def parse(source: bytes) -> Node:
    """The root, in whatever encoding the file says. Raises ValidationError with the line and what is wrong there.

    A mark of UTF-8 in front says more than the declaration: an editor has saved the file anew and left that as it was.
    """
    parser = expat.ParserCreate("utf-8" if source.startswith(codecs.BOM_UTF8) else None)
    parser.buffer_text = True
    root = Node("", {}, 0)
    opened = [root]
    texts: list[list[str]] = [[]]  # of those that are open, in pieces
    count = 0

    def start(tag, attributes):
        nonlocal count
        count += 1 + len(attributes)
        if count > MAX_NODES:
            raise ValidationError(f"Line {parser.CurrentLineNumber}: more than {MAX_NODES:,} elements: split the file.")
        if len(opened) > MAX_DEPTH:
            raise ValidationError(f"Line {parser.CurrentLineNumber}: nested more than {MAX_DEPTH} deep.")
        node = Node(tag, attributes, parser.CurrentLineNumber)
        opened[-1].children.append(node)
        opened.append(node)
        texts.append([])

    def end(tag):
        opened.pop().text = "".join(texts.pop())

    def text(data):
        texts[-1].append(data)

    def refuse(*args):
        raise ValidationError(
            f"Line {parser.CurrentLineNumber}: document types (DOCTYPE) and entities are not allowed."
        )

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        why = expat.errors.messages[error.code]
        if why == expat.errors.XML_ERROR_NO_MEMORY:
            raise MemoryError from None
        raise ValidationError(f"Line {error.lineno}: not well-formed XML ({why}).") from None
    except (LookupError, ValueError):
        raise ValidationError("This encoding can't be read. Save the file as UTF-8.") from None
    return root.children[0]
