"""A file's bytes → what its own format has in it. Knows nothing of the item bank, and needs no Django but its errors.

So it can run where nothing but the file is (process.py).
"""

import codecs
from pathlib import PurePath

from django.core.exceptions import ValidationError

from questions import strict_yaml
from questions.exchange import aiken, gift, moodle_xml
from questions.exchange.items import MAX_QUESTIONS, Parsed, Remark

ENDINGS = (".yaml", ".yml", ".xml", ".gift", ".txt")
MAX_BYTES = strict_yaml.MAX_BYTES
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse(name: str, source: bytes) -> Parsed:
    """The name's ending and the content decide together what the file is.

    Never raises: what is wrong with the whole file is one fault without a line.
    """
    ending = PurePath(name).suffix.lower()
    try:
        if len(source) > MAX_BYTES:
            raise ValidationError("The file is larger than 5 MB.")
        if ending in (".yaml", ".yml"):
            return _catalog(source)
        if ending == ".xml":
            return moodle_xml.read(source)
        if ending in ENDINGS:
            text = _text(source)
            return aiken.read(text) if aiken.looks_like_aiken(text) else gift.read(text)
        raise ValidationError("Only .yaml, .xml (Moodle XML), .gift and .txt (GIFT or Aiken) files are read.")
    except ValidationError as error:
        return Parsed(faults=[Remark(0, "", error.message)])


def _catalog(source: bytes) -> Parsed:
    entries = strict_yaml.parse(source)
    if not isinstance(entries, list):
        raise ValidationError("A catalog file is a list of questions.")
    if len(entries) > MAX_QUESTIONS:
        raise ValidationError(f"More than {MAX_QUESTIONS:,} questions: split the file.")
    return Parsed(entries=entries, lines=strict_yaml.lines(source))


def _text(source: bytes) -> str:
    """UTF-8, or UTF-16 that says so, as Windows saves "Unicode"; lines end in \\n, however they ended."""
    try:
        text = source.decode("utf-16" if source.startswith(UTF_16) else "utf-8")
    except UnicodeDecodeError as error:
        raise ValidationError(f"Not UTF-8 (byte {error.start}).") from None
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
