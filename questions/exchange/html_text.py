"""HTML of a Moodle question → our Markdown: text, emphasis, lists, code and maths. The rest leaves a note."""

import re
from html.parser import HTMLParser

MATHS = re.compile(r"\\\((?P<inline>.+?)\\\)|\\\[(?P<display>.+?)\\\]|\$\$(?P<dollars>.+?)\$\$", re.DOTALL)
# What Markdown would take for markup: a backslash only before punctuation, an underscore only at a word's edge.
MARKUP = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|[`*$]|(?<!\w)_{1,2}(?=[^\s_])|(?<=[^\s_])_{1,2}(?!\w)|(?<=\])\(|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)"
)
LINE_START = re.compile(r"^(\s*)(#{1,6}(?:\s|$)|>|[-+](?:\s|$)|\d+(?=[.)](?:\s|$))|[-=]{3,}\s*$|\|)", re.MULTILINE)

WRAPPED = {"b": "**", "strong": "**", "i": "*", "em": "*"}
BLOCKS = {
    "p", "div", "ul", "ol", "table", "tr", "blockquote", "section", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "dl",
    "dt", "dd",
}  # fmt: skip
DROPPED = {
    "img": "an image", "audio": "a sound", "video": "a video", "iframe": "an embedded page", "object": "an object",
    "embed": "an object", "svg": "a drawing", "canvas": "a drawing", "form": "a form", "script": "a script",
}  # fmt: skip
VOID = {"img", "embed", "br", "hr"}
SILENT = {"script", "style", "svg", "audio", "video", "iframe", "object", "canvas"}  # their text is not for readers
AT_START = re.compile(r"(?:^|\n)[ \d.-]*$")
LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|b|i|em|strong|code|pre|ul|ol|li|div|span|img|a|table|sub|sup|h[1-6])(?:\s+[\w-]+=[^>]*|\s*/?)>"
)


def from_html(source: str, inline: bool = False) -> tuple[str, list[str]]:
    """The Markdown, and what was dropped. `inline` gives one paragraph, for an option or a step."""
    converter = _Converter(inline)
    converter.feed(source)
    converter.close()
    return converter.markdown(), converter.notes


def from_plain(source: str, inline: bool = False) -> str:
    """Every character as it stands, maths excepted; blank lines part paragraphs."""
    text = _escaped(source.strip())
    return " ".join(text.split()) if inline else re.sub(r"\n{3,}", "\n\n", text)


def converted(source: str, format: str, inline: bool = False) -> tuple[str, list[str]]:
    """`format` as Moodle names it: html, markdown, plain_text or plain, moodle_auto_format or moodle."""
    if format == "markdown":
        return source.strip(), []
    if format == "html" or (format.startswith("moodle") and LOOKS_LIKE_HTML.search(source)):
        return from_html(source if format == "html" else source.replace("\n", "<br>"), inline)
    return from_plain(source, inline), []


class _Converter(HTMLParser):
    def __init__(self, inline: bool):
        super().__init__(convert_charrefs=True)
        self.inline = inline
        self.out: list[str] = []
        self.notes: list[str] = []
        self.lists: list[int | None] = []  # the next number of each open list; None for bullets
        self.text = ""  # since the last tag: a `<` that opens no tag cuts it in pieces
        self.silent = 0
        self.code = ""  # "pre" or "code" while inside
        self.target = ""  # of the open link

    def handle_starttag(self, tag, attributes):
        self._write_text()
        if tag in DROPPED:
            self._drop(tag, dict(attributes))
        if tag in SILENT:
            self.silent += 1
        elif tag == "br":
            self.out.append(" " if self.inline else "\n" if self.code else "\\\n")
        elif tag == "li":
            number = self.lists[-1] if self.lists else None
            self._break("\n" + "   " * (len(self.lists) - 1) + (f"{number}. " if number else "- "))
            if number:
                self.lists[-1] += 1
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else None)
            self._break("" if len(self.lists) > 1 else "\n\n")
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag == "pre":
            self._break("\n\n```\n", "`")
            self.code = "pre"
        elif tag == "code" and not self.code:
            self.out.append("`")
            self.code = "code"
        elif tag == "a":
            target = dict(attributes).get("href") or ""
            self.target = target if re.fullmatch(r"https?://[^\s()<>]+", target) else ""
            self.out.append("[" if self.target else "")
        elif tag in BLOCKS and not (self.lists and tag in ("p", "div")):
            self._break("\n\n")
        if tag in WRAPPED:
            self.out.append(WRAPPED[tag])

    def handle_endtag(self, tag):
        self._write_text()
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("ul", "ol"):
            self.lists = self.lists[:-1]
            self._break("" if self.lists else "\n\n")
        elif tag == "pre" and self.code == "pre":
            self._break("\n```\n\n", "`")
            self.code = ""
        elif tag == "code" and self.code == "code":
            self.out.append("`")
            self.code = ""
        elif tag == "a" and self.target:
            self.out.append(f"]({self.target})")
            self.target = ""
        elif tag in BLOCKS and not (self.lists and tag in ("p", "div")):
            self._break("\n\n")
        elif tag in WRAPPED:
            # `**word **` is no emphasis in Markdown: the space goes behind.
            space = " " if self.out and self.out[-1].endswith(" ") else ""
            self.out[-1:] = [self.out[-1].rstrip(" ")] if self.out else []
            self.out.append(WRAPPED[tag] + space)

    def handle_data(self, data):
        self.text += data

    def _write_text(self):
        data, self.text = self.text, ""
        if self.silent or not data:
            return
        if self.code == "pre" and not self.inline:
            self.out.append(data.strip("\n") if self.out[-1].endswith("```\n") else data.rstrip("\n"))
        elif self.code:
            self.out.append(" ".join(data.split()))
        else:
            is_start = bool(AT_START.search("".join(self.out[-3:])))
            self.out.append(_escaped(re.sub(r"[ \t\r\n\xa0]+", " ", data), is_start))

    def markdown(self) -> str:
        self._write_text()
        text = "".join(self.out)
        if self.inline:
            return " ".join(text.split())
        pieces = re.split(r"(```.*?```)", text, flags=re.DOTALL)
        for place in range(0, len(pieces), 2):
            tidy = re.sub(r"(?<![\n ]) +(?=\n)|(?<=\n) (?=\S)", "", pieces[place])
            pieces[place] = re.sub(r"(?:\\\n)*\n(?:\s*\n)+", "\n\n", tidy)
        return re.sub(r"^(?:\\?\s)+|(?:\\?\s)+$|\\$", "", "".join(pieces))

    def _break(self, block: str, inline: str = " ") -> None:
        self.out.append(inline if self.inline else block)

    def _drop(self, tag: str, attributes: dict) -> None:
        alt = f" (“{attributes['alt']}”)" if attributes.get("alt") else ""
        self.notes.append(f"{DROPPED[tag]}{alt} is dropped")


def _escaped(text: str, is_start: bool = True) -> str:
    """As Markdown that shows just this; `\\(…\\)`, `\\[…\\]` and `$$…$$` become our maths."""
    parts, end = [], 0
    for maths in MATHS.finditer(text):
        parts.append(_literal(text[end : maths.start()]))
        inline, display = maths["inline"], maths["display"] or maths["dollars"]
        parts.append(f"${inline.strip()}$" if inline else f"$${display.strip()}$$")
        end = maths.end()
    escaped = "".join([*parts, _literal(text[end:])])
    return LINE_START.sub(_marked, escaped) if is_start else escaped


def _marked(start: re.Match) -> str:
    """`1.` gets its backslash before the dot, everything else before the mark."""
    indent, mark = start[1], start[2]
    return f"{indent}{mark}\\" if mark.isdigit() else f"{indent}\\{mark}"


def _literal(text: str) -> str:
    return MARKUP.sub(lambda match: "".join(f"\\{character}" for character in match[0]), text)
