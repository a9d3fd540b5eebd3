"""Markdown → safe HTML, rendered when a text is saved.

Three locks: markdown-it with raw HTML off, nh3 with an allow-list of just the tags that our Markdown makes,
and the site's content security policy. Maths stays as its source (`<span class="math">$x$</span>`,
`<div class="math math-display">$$x$$</div>`), so that it reads without JavaScript;
static/js/questions/maths.js typesets it.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

import nh3
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from questions.dollars import hug_a_formula

MATHS = 'class="math'
MAX_BYTES = 50_000  # markdown-it needs half a second for 50 000 brackets
PAGE_HEADINGS = 2  # h1 and h2 belong to the page

TAGS = {
    "p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s",
    "a", "img", "span", "div", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "target"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
}
PYGMENTS_CLASSES = {name for name in STANDARD_TYPES.values() if name}
CLASSES = {
    "span": {"math", "math-display"} | PYGMENTS_CLASSES,
    "div": {"math", "math-display"},
    "pre": {"highlight"},
}
NOT_LANGUAGE = re.compile(r'<(?=(?:pre|code)\b|(?:span|div) class="math)(\w+)')
RELATIVE_PATH = re.compile(r"/?\w[\w./-]*")
FIGURE = "figure:"
FIGURE_ADDRESS = re.compile(r"/questions/figures/([0-9a-f]{64})/")
LINKED_FIGURE = re.compile(r'<a href="/questions/figures/[^>]*>(<img [^>]*>)</a>')


class Drawn(Protocol):
    """An image that a text shows."""

    digest: str
    width: int
    height: int


class Reference(NamedTuple):
    """`![alt](figure:name)`"""

    name: str
    alt: str


def render(source: str, figures: Mapping[str, Drawn] | None = None) -> str:
    """`figures`: what `figure:name` stands for; a name that is not among them shows its text. Raises ValidationError
    beyond 50 kB.
    """
    validate_size(source)
    return _sanitised(_markdown.render(source, {"figures": figures or {}}))


def figures_named(*sources: str) -> list[Reference]:
    """The images that the texts refer to, in their order."""
    return [
        Reference(name, _alternative(token))
        for source in sources
        if FIGURE in source
        for block in _markdown.parse(source)
        for token in block.children or ()
        if token.type == "image" and (name := _figure_name(token)) is not None
    ]


def figures_shown(html: Iterable[str]) -> set[str]:
    """The digests of the images in what `render` has made."""
    return {digest for text in html for digest in FIGURE_ADDRESS.findall(text)}


def with_figure_files(html: str, files: Mapping[str, str], *, keep_links: bool = True) -> str:
    """For where no site answers: each image by the file that holds it."""
    html = html if keep_links else LINKED_FIGURE.sub(r"\1", html)
    return FIGURE_ADDRESS.sub(lambda match: files.get(match[1], match[0]), html)


@lru_cache(maxsize=2000)
def render_inline(source: str) -> str:
    """Without paragraphs, for the text of a label or a list item. Raises ValidationError beyond 50 kB.

    Remembered: the rubric points of a long results page or report cost more than all the rest of it.
    """
    validate_size(source)
    return _sanitised(_markdown.renderInline(source))


def kept_from_translators(html: str) -> str:
    """The same with code and formulas marked: a browser that translates a page would change them, too.

    Done when shown, not when rendered: the HTML of published versions never changes.
    """
    return NOT_LANGUAGE.sub(r'<\1 translate="no"', html)


def has_maths(html: str) -> bool:
    return MATHS in html


def validate_size(source: str) -> None:
    if len(source.encode()) > MAX_BYTES:
        raise ValidationError("Text can be at most 50 kB.")


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=_only_own_images,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _only_own_images(tag: str, attribute: str, value: str) -> str | None:
    """An image from elsewhere would tell its server who is sitting which question."""
    if (tag, attribute) == ("img", "src") and not RELATIVE_PATH.fullmatch(value):
        return None
    return value


def _figure_name(token) -> str | None:
    source = str(token.attrGet("src"))
    return source.removeprefix(FIGURE) if source.startswith(FIGURE) else None


def _alternative(token) -> str:
    """The text in place of an image, formulas included, which markdown-it leaves out."""
    marks = {"math_inline": "$", "math_inline_double": "$$"}
    parts = []
    for child in token.children or ():
        mark = marks.get(child.type, "")
        parts.append(" " if child.type in ("softbreak", "hardbreak") else f"{mark}{child.content}{mark}")
    return " ".join("".join(parts).split())


def _image(tokens, i, options, env) -> str:
    """One of the version's opens large in a tab of its own, so that an interview stays where it is."""
    name, alt = _figure_name(tokens[i]), escape(_alternative(tokens[i]))
    if name is None:
        return _any_image(tokens, i, options, env)
    drawn = env.get("figures", {}).get(name)
    if drawn is None:
        return f"[{alt or escape(name)}]"
    address = reverse("questions:figure", args=[drawn.digest])
    image = f'<img src="{address}" alt="{alt}" width="{drawn.width}" height="{drawn.height}">'
    return f'<a href="{address}" target="_blank" title="Open full size">{image}</a>'


def _highlighted(code: str, language: str, attributes: str) -> str:
    try:
        inner = highlight(code, get_lexer_by_name(language, stripnl=False), HtmlFormatter(nowrap=True))
    except ClassNotFound:
        inner = escape(code)
    return f'<pre class="highlight"><code>{inner}</code></pre>'


def _lower_headings(state) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + PAGE_HEADINGS, 6)}"


def _inline_maths(state, silent: bool) -> bool:
    """`$…$` where the dollars hug what is between them and nothing else; `$$…$$` always.

    The plugin's own `allow_digits=False` looks at the last character of a text that begins with a formula.
    """
    start = state.pos
    if state.src[start] != "$" or not _in_dollars(state, True):
        return False
    end, state.pos = state.pos, start
    is_formula = state.src.startswith("$$", start) or hug_a_formula(state.src, start, end)
    return is_formula and _in_dollars(state, silent)


_any_image = RendererHTML().image
_in_dollars = math_inline_dollar(allow_space=False, allow_digits=True, allow_double=True)


def _maths(before: str, after: str):
    return lambda tokens, i, options, env: f"{before}{escape(tokens[i].content.strip())}{after}"


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted})
    markdown.enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, allow_labels=False)
    markdown.inline.ruler.at("math_inline", _inline_maths)
    markdown.core.ruler.push("lower_headings", _lower_headings)
    rules = markdown.renderer.rules
    rules["image"] = _image
    rules["math_inline"] = _maths('<span class="math">$', "$</span>")
    rules["math_inline_double"] = _maths('<span class="math math-display">$$', "$$</span>")
    rules["math_block"] = _maths('<div class="math math-display">$$', "$$</div>\n")
    return markdown


_markdown = _build()
