"""Texts of a Moodle question → our Markdown. What does not carry over leaves a note; what cannot be shown, a gap."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

from questions.dollars import hug_a_formula
from questions.strict_yaml import MAX_TEXT_BYTES

MATHS = re.compile(
    r"\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.+?)\\\]|\$\$(?P<dollars>.+?)\$\$|(?P<hugged>\$[^$\n]+\$)", re.DOTALL
)
# An empty formula is how other programs make Moodle load its typesetter, and then write $…$ (moodlexport does).
SWITCH = re.compile(r"\\\(\s*\\\)")
# What may be a formula without being said to be one; nothing at all is one as well.
LOOKS_LIKE_TEX = re.compile(r"\$+.*[\\^_{].*\$+|\$[A-Za-z]\$|", re.DOTALL)
# What Markdown would take for markup: a backslash only before punctuation, an underscore only at a word's edge.
MARKUP = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|[`*$]|(?<!\w)_{1,2}(?=[^\s_])|(?<=[^\s_])_{1,2}(?!\w)|(?<=\])\(|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)"
)
LINE_START = re.compile(r"^(\s*)(#{1,6}(?:\s|$)|>|[-+](?:\s|$)|\d+(?=[.)](?:\s|$))|[-=]{3,}\s*$|\|)", re.MULTILINE)

WRAPPED = {
    "b": "**", "strong": "**", "mark": "**", "i": "*", "em": "*", "u": "*", "s": "~~", "del": "~~", "strike": "~~",
}  # fmt: skip
BLOCKS = {
    "p", "div", "ul", "ol", "table", "tr", "blockquote", "section", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "dl",
    "dt", "dd",
}  # fmt: skip
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
UNSEEN = {
    "img": "image", "audio": "sound", "video": "video", "iframe": "embedded page", "object": "object",
    "embed": "object", "svg": "drawing", "canvas": "drawing",
}  # fmt: skip
DROPPED = {"form": "a form", "script": "a script", "input": "a form field", "select": "a form field"}
SILENT = {  # their text is not for readers
    "script", "style", "svg", "audio", "video", "iframe", "object", "canvas", "select",
}  # fmt: skip
SCRIPTS = {
    "sup": ("^", str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")),
    "sub": ("_", str.maketrans("0123456789+-=()aeijkmnoprstux", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤₓ")),
}
STYLED = re.compile(r"\b(?:color|background)", re.IGNORECASE)
AT_START = re.compile(r"(?:^|\n)[ \d.-]*$")
LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|b|i|em|strong|code|pre|ul|ol|li|div|span|img|a|table|sub|sup|h[1-6])(?:\s+[\w-]+=[^>]*|\s*/?)>"
)
CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# Moodle's typesetter sees what its Markdown leaves of a backslash: two are written for maths, one by mistake, or to
# keep brackets from being Markdown.
IN_MARKDOWN = re.compile(
    r"(?P<slashes>\\{1,2})(?:\((?P<inline>.*?)(?P=slashes)\)|\[(?P<display>.+?)(?P=slashes)\])"
    r"|!\[(?P<alt>[^\]\n]*)\]\((?P<file>@@PLUGINFILE@@/[^)\s]*|https?://[^)\s]*)[^)\n]*\)",
    re.DOTALL,
)
ONE_LINE = "several lines became one"


class Converted(NamedTuple):
    text: str
    notes: list[str]  # what is lost
    lacks: list[str]  # what is not there and was to be looked at, such as “image “roc.png””


PLUGINFILE = "@@PLUGINFILE@@/"


def converted(source: str, format: str, inline: bool = False, figures: Mapping[str, str] | None = None) -> Converted:
    """`format` as Moodle names it: html, markdown, plain_text or plain, moodle_auto_format or moodle.

    `inline` gives one paragraph without images, for an option or a step. `figures`: our names of the images that came
    with the text, by its own. Raises ValueError beyond 50 kB.
    """
    figures = figures if figures and not inline else {}
    if len(source.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise ValueError("a text is longer than 50 kB")
    if format == "markdown":
        return from_markdown(source, inline, figures)
    if format == "html" or (format.startswith("moodle") and LOOKS_LIKE_HTML.search(source)):
        return from_html(source if format == "html" else source.replace("\n", "<br>"), inline, figures)
    return from_plain(source, inline)


def from_html(source: str, inline: bool = False, figures: Mapping[str, str] | None = None) -> Converted:
    converter = _Converter(inline, has_switch=bool(SWITCH.search(source)), figures=figures or {})
    converter.feed(source)
    converter.close()
    return Converted(converter.markdown(), list(dict.fromkeys(converter.notes)), converter.lacks)


def from_plain(source: str, inline: bool = False) -> Converted:
    """Every character as it stands, maths excepted; blank lines part paragraphs."""
    notes: list[str] = []
    text = _escaped(source.strip(), notes, has_switch=bool(SWITCH.search(source)))
    if not inline:
        return Converted(re.sub(r"\n{3,}", "\n\n", text), notes, [])
    return Converted(" ".join(text.split()), notes + [ONE_LINE] * ("\n" in text.strip()), [])


def from_markdown(source: str, inline: bool = False, figures: Mapping[str, str] | None = None) -> Converted:
    """Our Markdown is Moodle's, but for its maths, its files and its HTML."""
    notes, lacks, parts, end = [], [], [], 0

    def replaced(match: re.Match) -> str:
        if name := _own_name(match["file"] or "", figures or {}):
            return f"![{match['alt']}](figure:{name})"
        if match["file"] is not None:
            lacks.append(f"image “{match['alt'] or match['file'].rpartition('/')[2]}”")
            return f"[{lacks[-1]}]"
        formula = _in_dollars(match["inline"], match["display"])
        return formula if len(match["slashes"]) == 2 or LOOKS_LIKE_TEX.fullmatch(formula) else match[0]

    for code in CODE.finditer(source):
        parts += [IN_MARKDOWN.sub(replaced, source[end : code.start()]), code[0]]
        end = code.end()
    text = "".join([*parts, IN_MARKDOWN.sub(replaced, source[end:])]).strip()
    if LOOKS_LIKE_HTML.search(CODE.sub("", text)):
        notes.append("HTML inside Markdown stays as it is written")
    if inline and "\n" in text:
        notes.append(ONE_LINE)
    return Converted(text, notes, lacks)


class _Table:
    """A table while it is read: what stands around it, and its cells."""

    def __init__(self, outer: list[str]):
        self.outer = outer
        self.rows: list[list[str]] = []
        self.has_head = False


class _Converter(HTMLParser):
    def __init__(self, inline: bool, has_switch: bool, figures: Mapping[str, str]):
        super().__init__(convert_charrefs=True)
        self.figures = figures
        self.inline = inline
        self.has_switch = has_switch
        self.out: list[str] = []
        self.notes: list[str] = []
        self.lacks: list[str] = []
        self.lists: list[int | None] = []  # the next number of each open list; None for bullets
        self.text = ""  # since the last tag: a `<` that opens no tag cuts it in pieces
        self.silent = 0
        self.code = ""  # "pre" or "code" while inside
        self.target = ""  # of the open link
        self.scripts: list[tuple[str, int]] = []  # open sub and sup, and where in `out` they begin
        self.table: _Table | None = None
        self.is_in_cell = False

    @property
    def is_inline(self) -> bool:
        return self.inline or self.is_in_cell

    def handle_starttag(self, tag, attributes):
        self._write_text()
        attributes = dict(attributes)
        self._note(tag, attributes)
        if tag in SILENT:
            self.silent += 1
        elif tag == "br":
            self.out.append("\n" if self.is_inline or self.code else "\\\n")
        elif tag == "li":
            self._open_item()
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else None)
            self._break("" if len(self.lists) > 1 else "\n\n")
        elif tag == "table":
            self._open_table()
        elif tag in ("tr", "td", "th") and self.table:
            self._open_cell(tag, attributes)
        elif tag == "pre":
            self._break("\n\n```\n", "`")
            self.code = "pre"
        elif tag == "code" and not self.code:
            self.out.append("`")
            self.code = "code"
        elif tag == "a":
            self._open_link(attributes.get("href") or "")
        elif tag in SCRIPTS:
            self.scripts.append((tag, len(self.out)))
        elif tag in HEADINGS and not self.is_inline:
            self._break(f"\n\n{HEADINGS[tag]}")
        elif tag in BLOCKS and not (self.lists and tag in ("p", "div")):
            self._break("\n\n")
        if tag in WRAPPED and not self.code:
            self.out.append(WRAPPED[tag])

    def handle_endtag(self, tag):
        self._write_text()
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("ul", "ol"):
            self.lists = self.lists[:-1]
            self._break("" if self.lists else "\n\n")
        elif tag in ("td", "th", "tr", "table") and self.table:
            self._close_cell()
            if tag == "table":
                self._close_table()
        elif tag == "pre" and self.code == "pre":
            self._break("\n```\n\n", "`")
            self.code = ""
        elif tag == "code" and self.code == "code":
            self.out.append("`")
            self.code = ""
        elif tag == "a" and self.target:
            self.out.append(f"]({self.target})")
            self.target = ""
        elif tag in SCRIPTS and self.scripts:
            self._close_script(*self.scripts.pop())
        elif tag in BLOCKS and not (self.lists and tag in ("p", "div")):
            self._break("\n\n")
        elif tag in WRAPPED and not self.code:
            # `**word **` is no emphasis in Markdown: the space goes behind.
            space = " " if self.out and self.out[-1].endswith(" ") else ""
            self.out[-1:] = [self.out[-1].rstrip(" ")] if self.out else []
            self.out.append(WRAPPED[tag] + space)

    def handle_data(self, data):
        self.text += data

    def markdown(self) -> str:
        self._write_text()
        while self.table:
            self._close_cell()
            self._close_table()
        text = "".join(self.out)
        if self.inline:
            if sum(bool(line.strip()) for line in text.split("\n")) > 1:
                self.notes.append(ONE_LINE)
            return " ".join(text.split())
        pieces = re.split(r"(```.*?```)", text, flags=re.DOTALL)
        for place in range(0, len(pieces), 2):
            tidy = re.sub(r"(?<![\n ]) +(?=\n)|(?<=\n) (?=\S)", "", pieces[place])
            pieces[place] = re.sub(r"(?:\\\n)*\n(?:\s*\n)+", "\n\n", tidy)
        return re.sub(r"^(?:\\?\s)+|(?:\\?\s)+$|\\$", "", "".join(pieces))

    def _note(self, tag: str, attributes: dict) -> None:
        name = _own_name(attributes.get("src") or "", self.figures) if tag == "img" else ""
        if name:
            self.out.append(f"![{_literal_label(attributes.get('alt') or '')}](figure:{name})")
        elif tag in UNSEEN:
            source = (attributes.get("src") or attributes.get("data") or "").partition("?")[0]
            file = "" if source.startswith("data:") else source.rpartition("/")[2]
            name = " ".join((attributes.get("alt") or file).split())[:100]
            self.lacks.append(f"{UNSEEN[tag]} “{name}”" if name else UNSEEN[tag])
            self.out.append(_literal(f"[{self.lacks[-1]}]"))
        if tag in DROPPED:
            self.notes.append(f"{DROPPED[tag]} is dropped")
        if tag == "math":
            self.notes.append("a formula in MathML became plain text")
        if STYLED.search(attributes.get("style") or ""):
            self.notes.append("colours are dropped")

    def _write_text(self):
        data, self.text = self.text, ""
        if self.silent or not data:
            return
        if self.code == "pre" and not self.is_inline:
            self.out.append(data.strip("\n") if self.out[-1].endswith("```\n") else data.rstrip("\n"))
        elif self.code:
            lines = data.strip("\n").split("\n") if self.code == "pre" else [data]
            self.out.append("\n".join(" ".join(line.split()) for line in lines))
        else:
            is_start = bool(AT_START.search("".join(self.out[-3:])))
            text = re.sub(r"[ \t\r\n\xa0]+", " ", data)
            self.out.append(_escaped(text, self.notes, is_start, self.has_switch))

    def _open_item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "   " * (len(self.lists) - 1)
        self._break(f"\n{indent}{number}. " if number else f"\n{indent}- ", f"\n{number}. " if number else "\n• ")
        if number:
            self.lists[-1] += 1

    def _open_link(self, target: str) -> None:
        self.target = target if re.fullmatch(r"https?://[^\s()<>]+", target) else ""
        self.out.append("[" if self.target else "")
        if target and not self.target:
            self.notes.append(f"a link to “{target[:100]}” is dropped")

    def _close_script(self, tag: str, place: int) -> None:
        mark, small = SCRIPTS[tag]
        text = "".join(self.out[place:])
        raised = text.translate(small)
        is_whole = text and all(ord(character) in small for character in text)
        self.out[place:] = [raised if is_whole else f"{mark}({text})" if text else ""]

    # Tables. In a cell everything is one line.

    def _open_table(self) -> None:
        if self.table:
            self.notes.append("a table inside a table became text")
        else:
            self.table, self.out = _Table(self.out), []

    def _open_cell(self, tag: str, attributes: dict) -> None:
        self._close_cell()
        if tag == "tr" or not self.table.rows:
            self.table.rows.append([])
        if tag == "tr":
            return
        if {"colspan", "rowspan"} & {name for name in attributes if attributes[name] not in ("1", "")}:
            self.notes.append("merged cells of a table are taken apart")
        self.table.has_head |= tag == "th" and len(self.table.rows) == 1
        self.table.outer += [text for text in self.out if text.strip()]  # a caption, or what stands where it may not
        self.out, self.is_in_cell = [], True

    def _close_cell(self) -> None:
        if self.is_in_cell:
            self.table.rows[-1].append(" ".join("".join(self.out).split()))
            self.out, self.is_in_cell, self.scripts = [], False, []

    def _close_table(self) -> None:
        table, self.table = self.table, None
        self.out = table.outer + self.out
        rows = [row for row in table.rows if row]
        if self.inline and rows:
            self.notes.append("a table became one line")
            self.out.append(" " + "; ".join(", ".join(row) for row in rows) + " ")
        elif rows:
            self._break("\n\n" + _markdown_table(rows, table.has_head) + "\n\n")

    def _break(self, block: str, inline: str = "\n") -> None:
        self.out.append(inline if self.is_inline else block)


def _own_name(address: str, figures: Mapping[str, str]) -> str:
    """Our name of the image at this address of the file; empty for any other."""
    if not address.startswith(PLUGINFILE):
        return ""
    return figures.get(unquote(address.removeprefix(PLUGINFILE).partition("?")[0]), "")


def _literal_label(text: str) -> str:
    return re.sub(r"([\\\[\]`*_$<&])", r"\\\1", " ".join(text.split()))


def _markdown_table(rows: list[list[str]], has_head: bool) -> str:
    width = max(map(len, rows))
    head = [rows[0]] if has_head else [[""] * width]
    lines = [*head, ["---"] * width, *rows[has_head:]]
    cells = [[cell.replace("|", "\\|") for cell in row + [""] * (width - len(row))] for row in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _escaped(text: str, notes: list[str], is_start: bool = True, has_switch: bool = False) -> str:
    """As Markdown that shows just this; `\\(…\\)`, `\\[…\\]`, `$$…$$` and what else is maths become our maths."""
    parts, end, place = [], 0, 0
    while maths := MATHS.search(text, place):
        formula = _formula(text, maths, notes, has_switch)
        if formula is None:
            place = maths.start() + 1
            continue
        parts += [_literal(text[end : maths.start()]), formula]
        end = place = maths.end()
    escaped = "".join([*parts, _literal(text[end:])])
    return LINE_START.sub(_marked, escaped) if is_start else escaped


def _formula(text: str, maths: re.Match, notes: list[str], has_switch: bool) -> str | None:
    """Our maths, or None for dollars that are dollars."""
    hugged = maths["hugged"]
    if hugged is None:
        return _in_dollars(maths["inline"], maths["display"] or maths["dollars"])
    if not hug_a_formula(text, maths.start(), maths.end()):
        return None
    if has_switch:
        return hugged
    if LOOKS_LIKE_TEX.fullmatch(hugged):
        notes.append(f"{hugged[:60]} was read as maths")
        return hugged
    notes.append(f"{hugged[:60]} keeps its dollars: write maths as \\(…\\)")
    return None


def _in_dollars(inline: str | None, display: str | None) -> str:
    if inline is not None:
        return f"${inline.strip()}$" if inline.strip() else ""
    return f"$${display.strip()}$$"


def _marked(start: re.Match) -> str:
    """`1.` gets its backslash before the dot, everything else before the mark."""
    indent, mark = start[1], start[2]
    return f"{indent}{mark}\\" if mark.isdigit() else f"{indent}\\{mark}"


def _literal(text: str) -> str:
    return MARKUP.sub(lambda match: "".join(f"\\{character}" for character in match[0]), text)
