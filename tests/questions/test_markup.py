import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from questions import markup

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<math href="javascript:alert(1)">x</math>',
    '<a xlink:href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    '![x](x "onerror=alert(1)")',
    '![" onerror="alert(1)](x)',
    '<div hx-get="/x" data-hx-post="/y" onclick="alert(1)" style="position:fixed" id="main" class="choice">x</div>',
    "`</code><script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```" onmouseover="alert(1)\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "$</span><script>alert(1)</script>$",
    "$$\n</div><img src=x onerror=alert(1)>\n$$",
    "[x]: javascript:alert(1)\n\n[x]",
    "|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
]
ALLOWED_TAG = re.compile(r"</?([a-z0-9]+)((?: [a-z-]+=\"[^\"<>]*\")*) ?/?>")
ALLOWED_ATTRIBUTES = {"href", "src", "alt", "title", "start", "class", "rel"}


def assert_harmless(html: str) -> None:
    """Every `<` opens a tag that we allow, with attributes that we allow and addresses that run nothing."""
    for opening in re.finditer("<", html):
        tag = ALLOWED_TAG.match(html, opening.start())
        assert tag, html
        assert tag[1] in markup.TAGS, html
        for name, value in re.findall(r"([a-z-]+)=\"([^\"]*)\"", tag[2]):
            assert name in ALLOWED_ATTRIBUTES, html
            if name in ("href", "src"):
                assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE), html
            if name == "src":
                assert markup.RELATIVE_PATH.fullmatch(value), html


@pytest.mark.parametrize("render", [markup.render, markup.render_inline])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_attack_comes_out_inert(payload, render):
    assert_harmless(render(payload))


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/pixel", "//evil.example/pixel", "/\\evil.example/pixel", "\\\\evil.example", "data:x"],
)
def test_image_from_elsewhere_loses_its_address(address):
    assert "src=" not in markup.render(f"![pixel]({address})")


def test_own_image_keeps_its_address():
    assert 'src="/static/img/tree.png"' in markup.render("![tree](/static/img/tree.png)")


@given(st.text(alphabet="<>\"'`$*_[]()!#|-\\ \nabc/=:&;", max_size=200))
def test_no_text_makes_a_tag_of_its_own(source):
    assert_harmless(markup.render(source))
    assert_harmless(markup.render_inline(source))


def test_headings_start_below_those_of_the_page():
    assert markup.render("# A\n\n#### B\n\nC\n=\n") == "<h3>A</h3>\n<h6>B</h6>\n<h3>C</h3>\n"


def test_maths_keeps_its_source():
    assert markup.render_inline("a $x_1 < y_2$ b") == 'a <span class="math">$x_1 &lt; y_2$</span> b'
    assert markup.render("$$\n\\frac{a}{b}\n$$") == '<div class="math math-display">$$\\frac{a}{b}$$</div>\n'


def test_escaped_dollar_is_money():
    assert markup.render_inline(r"from \$5 to \$6") == "from $5 to $6"
    assert not markup.has_maths(markup.render(r"from \$5 to \$6"))


@pytest.mark.parametrize(
    "text",
    [
        "$5–$10",
        "US$5 and US$10",
        "$5 to $6",
        "$5/$6 a month",
        "A$5–A$10, 5$ or 10$",
        "^a$|^b$",
        "^[a-z]+$|^[0-9]+$",
        "(foo)$|(bar)$",
        "$HOME/$USER",
        "${HOME}/${USER}",
        "$PATH:$HOME",
        "$(pwd)/$(date)",
        "$ x$ and $x $",
        "f($a, $b)",
        "one $ alone",
        "$",
    ],
)
def test_dollar_of_money_patterns_and_variables_is_text(text):
    for html in (markup.render(text), markup.render_inline(text)):
        assert not markup.has_maths(html)
        assert text in html


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x$", ["$x$"]),
        ("$x$ = 5", ["$x$"]),
        ("the $n$th of the $x$s, the $k$-means", ["$n$", "$x$", "$k$"]),
        ("O($n$), “$x$”, **$y$**, ($|z|$)", ["$n$", "$x$", "$y$", "$|z|$"]),
        ("$x$/$y$, $x$–$y$, $x$,$y$", ["$x$", "$y$"] * 3),
        ("it costs $5 for ($x$) items", ["$x$"]),
        ("between $5 and $x$", ["$x$"]),
        ("$.05$ and $5$", ["$.05$", "$5$"]),
        ("a $$x$$ b $$ y $$ c", ["$$x$$", "$$y$$"]),
    ],
)
def test_dollars_that_hug_a_formula_are_maths(text, formulas):
    assert re.findall(r'<span class="math[^"]*">(.*?)</span>', markup.render_inline(text)) == formulas


def test_code_is_coloured_by_classes_alone():
    html = markup.render("```python\nreturn 1\n```")
    assert '<span class="k">return</span>' in html
    assert "style=" not in html


def test_code_in_an_unknown_language_stays_plain():
    assert markup.render("```klingon\na < b\n```") == '<pre class="highlight"><code>a &lt; b\n</code></pre>\n'


def test_link_says_nothing_of_where_it_was_opened():
    assert 'rel="noopener noreferrer"' in markup.render("[x](https://example.org)")


def test_option_text_has_no_paragraph():
    assert markup.render_inline("`a` or *b*") == "<code>a</code> or <em>b</em>"


def test_text_over_50_kb_is_refused():
    assert markup.render("é" * 25_000)
    with pytest.raises(ValidationError, match="50 kB"):
        markup.render("é" * 25_001)


def test_code_and_formulas_are_kept_from_translators_and_nothing_else():
    html = markup.render("Is `a` or $b$?\n\n$$\nc\n$$\n\n```python\nd = 1\n```\n\n    e\n\n- *f* <pre>")
    kept = markup.kept_from_translators(html)
    for opened in (
        '<code translate="no">a',
        '<span translate="no" class="math">$b$',
        '<div translate="no" class="math math-display">$$c',
        '<pre translate="no" class="highlight"><code translate="no">',
        '<pre translate="no"><code translate="no">e',
    ):
        assert opened in kept, opened
    assert kept.replace(' translate="no"', "") == html
    assert kept.count("translate") == 7
